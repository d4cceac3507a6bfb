"""From a request, what a text was understood to say and a beginning to what a piece shall be, and what it must be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from octet.core.errors import InvalidInput
from octet.symbolic.attributes import Attributes
from octet.symbolic.instruments import CLASSES, DRUM
from octet.symbolic.instruments import PROGRAMS as PROGRAMS_OF
from octet.systems.musecoco import wishes
from octet.systems.musecoco.figures import figures
from octet.systems.musecoco.grammar import DRUMS, METRES, PROGRAMS, TEMPOS, Rules, bpm, metre_number, tempo_numbers
from octet.systems.musecoco.request import MOST_BARS, ScoreRequest
from octet.systems.musecoco.text import Understood

_KEYS = {"bars": "B1s1", "bpm": "T1s1", "seconds": "TM1"}
_TAKEN_OVER = {"TS1s1": "metre", "T1s1": "bpm"}  # exactly, from a beginning
USUAL_BARS = 16  # the longest piece of training, and the most that are added where no length is asked for


@dataclass(frozen=True)
class Brief:
    """What a piece shall be. A request's own attributes count before the text, and both before the beginning."""

    told: dict[str, int]
    asked: dict[str, int]  # likewise, without what was taken from the beginning
    exact: Attributes
    contradictions: tuple[str, ...] = ()


def brief_of(request: ScoreRequest, understood: Sequence[Understood], beginning: Attributes | None = None) -> Brief:
    """A brief without contradictions: of what the text contradicts, the least certain is left out, and that is noted.

    Numbers that the text gives (see `figures`) count exactly, as long as the request allows them.

    Raises:
        InvalidInput: the request contradicts itself.
    """
    options = _options(request, request.attributes)
    for conflict in wishes.contradictions(options, _with_tempo(request.attributes)):
        raise InvalidInput(f"{conflict.reason}: change one of them or leave it out")
    wished = set(options) | ({"B1s1"} if request.bars is not None else set())
    notes = [_overruled(one) for one in understood if one.key in wished and options.get(one.key) != one.value]
    exact, doubts = _with_figures(request, wished)
    notes += doubts
    options = _options(request, exact)
    overruled = set(options) | ({"B1s1"} if exact.bars is not None else set())
    text = {one.key: one for one in understood if one.key not in overruled}
    while conflict := next(wishes.contradictions(_values(text) | options, exact), None):
        doubtful = min((text[key] for key in conflict.keys if key in text), key=lambda one: one.confidence)
        del text[doubtful.key]
        notes.append(f"{conflict.reason}; left out is {_phrase(doubtful)}")
    asked = _values(text) | options
    if beginning is None:
        return Brief(asked, asked, exact, tuple(notes))
    kept = {key: value for key, value in wishes.told_by(beginning).items() if key not in overruled}
    taken = {name: getattr(beginning, name) for key, name in _TAKEN_OVER.items() if key not in asked}
    return Brief(kept | asked, asked, exact.model_copy(update=taken), tuple(notes))


def rules_of(brief: Brief, *, enforce: bool, begun_bars: int = 0) -> Rules:
    """What the grammar is to hold: the length, and with `enforce` metre, tempo and instruments.

    Raises:
        InvalidInput: the beginning is as long as the whole piece is to be.
    """
    bars = _bars(brief, begun_bars)
    least, most = wishes.seconds_span(brief.told, brief.exact) or Rules.seconds
    if not enforce:
        return Rules(bars=bars, seconds=(least, most))
    span = wishes.bpm_span(brief.told, brief.exact)
    tempos = tuple(TEMPOS) if span is None else tempo_numbers(*span)
    # Seconds are counted in the dictionary's tempo, which the exact one replaces in the end.
    scale = 1.0 if brief.exact.bpm is None else brief.exact.bpm / bpm(tempos[0])
    programs = programs_without(_instruments(brief.told, wishes.ABSENT))
    required = tuple(programs_of(name) for name in _instruments(brief.told, wishes.PRESENT))
    return Rules(bars, (least * scale, most * scale), _metres(brief), tempos, programs, required)


def programs_without(classes: Collection[str]) -> tuple[int, ...]:
    """The numbers of i that are of none of these classes of instruments; all of them if there were none."""
    forbidden = {program for name in classes for program in programs_of(name)}
    return tuple(program for program in PROGRAMS if program not in forbidden) or PROGRAMS


def programs_of(name: str) -> tuple[int, ...]:
    """The numbers of i of a class of instruments, ascending."""
    return tuple(sorted((*PROGRAMS_OF[name], DRUMS) if name == DRUM else PROGRAMS_OF[name]))


def _options(request: ScoreRequest, exact: Attributes) -> dict[str, int]:
    return dict(request.classes) | wishes.told_by(_with_tempo(exact), without=request.without)


def _with_figures(request: ScoreRequest, wished: Collection[str]) -> tuple[Attributes, list[str]]:
    """The request's attributes and the numbers of its text, without those that contradict; and what was left out."""
    given = request.attributes
    found = figures(request.prompt)
    found = {name: value for name, value in found.items() if _KEYS[name] not in wished}
    notes = []
    while True:
        exact = _with_tempo(given.model_copy(update=found))
        conflict = next(wishes.contradictions(_options(request, exact), exact), None)
        if conflict is None or not found:
            return exact, notes
        name, value = found.popitem()
        notes.append(f"{conflict.reason}; left out is {name}: {value:g}")


def _with_tempo(exact: Attributes) -> Attributes:
    """With the tempo at which so many bars last so many seconds, where only the tempo is left open."""
    if exact.bpm is not None or exact.bars is None or exact.seconds is None or exact.metre is None:
        return exact
    bpm = exact.bars * wishes.quarters(exact.metre) * 60 / exact.seconds
    low, high = wishes.ANY_BPM
    return exact.model_copy(update={"bpm": min(max(bpm, low), high)})


def _instruments(told: wishes.Told, wish: int) -> list[str]:
    return [name for index, name in enumerate(CLASSES) if told.get(f"I1s2_{index}") == wish]


def _metres(brief: Brief) -> tuple[int, ...]:
    told = brief.told.get("TS1s1")
    name = brief.exact.metre or (None if told is None else wishes.METRES[told])
    number = None if name is None else metre_number(name) if "/" in name else None
    return tuple(METRES) if number is None else (number,)


def _bars(brief: Brief, begun: int) -> tuple[int, int]:
    span = wishes.bars_span(brief.told, brief.exact)
    if span is None:
        timed = wishes.seconds_span(brief.told, brief.exact) is not None
        return begun + 1, MOST_BARS if timed else begun + USUAL_BARS
    if span[1] <= begun:
        raise InvalidInput(f"continue_from has {begun} bars and the piece is to have {span[1]}: ask for more bars")
    return max(span[0], begun + 1), span[1]


def _values(text: dict[str, Understood]) -> dict[str, int]:
    return {key: one.value for key, one in text.items()}


def _overruled(one: Understood) -> str:
    return f"the text says {_phrase(one)}, the request something else, which counts"


def _phrase(one: Understood) -> str:
    return ": ".join(wishes.named(one.key, one.value))
