"""Which tokens may follow, so that whatever is drawn is music (REMIGEN2; see `octet.symbolic.remigen`).

    piece := bar+ </s>     bar := s-X t-Y onset* b-1        onset := o-k instrument+
    instrument := i-X note+                                 note := p d v

Onsets lie within their bar and follow each other, instruments ascend, pitches fall, drums play drums. Pure functions:
`Place` is what must be known of the tokens so far, `Rules` is what a piece is to keep to besides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import torch
from torch import Tensor

from octet.symbolic.attributes import POSITIONS_PER_QUARTER
from octet.symbolic.remigen import END, IDS, VOCABULARY, decode
from octet.symbolic.score import TICKS_PER_QUARTER, Metre

DRUMS = 128  # the number of i for drums, and what is added to their pitches
PROGRAMS = tuple(range(DRUMS + 1))
METRES, TEMPOS = range(254), range(49)
_POSITIONS, _PITCHES, _VELOCITIES = 128, 128, 32
_DURATIONS = range(1, 96)  # d-0 sounds like d-1 and is never written, d-96 and above mean nothing
_TICKS = TICKS_PER_QUARTER // POSITIONS_PER_QUARTER


@dataclass(frozen=True)
class Rules:
    """Numbers of tokens are those of the dictionary. A piece ends at the most; before the least it cannot."""

    bars: tuple[int, int] = (1, 16)
    seconds: tuple[float, float] = (0.0, math.inf)
    metres: tuple[int, ...] = tuple(METRES)
    tempos: tuple[int, ...] = tuple(TEMPOS)
    programs: tuple[int, ...] = PROGRAMS
    required: tuple[tuple[int, ...], ...] = ()  # of each of these, one program is to play, from the first onset on

    def missing(self, heard: frozenset[int]) -> list[tuple[int, ...]]:
        """Of what is required, what has not been heard."""
        return [programs for programs in self.required if heard.isdisjoint(programs)]


@dataclass(frozen=True)
class Place:
    """Where in a piece one is: the kind of the last token ("" before the first), and what stands open."""

    kind: str = ""
    bars: int = 0  # finished ones
    seconds: float = 0.0  # of those
    bar_seconds: float = 0.0  # of the last one
    sounds: bool = False  # whether the last bar has a note
    metre: int = 0
    position: int = -1
    program: int = -1
    pitch: int = 0
    heard: frozenset[int] = frozenset()  # all programs so far

    @property
    def finished(self) -> bool:
        """Whether the piece has ended."""
        return self.kind == END


def advance(place: Place, token: int) -> Place:
    """The place after a token, which is not checked."""
    if token == IDS[END]:
        return replace(place, kind=END)
    kind, _, number = VOCABULARY[token].partition("-")
    value = int(number)
    match kind:
        case "s":
            return replace(place, kind=kind, metre=value, position=-1, sounds=False)
        case "t":
            return replace(place, kind=kind, bar_seconds=bar_seconds(place.metre, value))
        case "o":
            return replace(place, kind=kind, position=value, program=-1)
        case "i":
            pitch = _PITCHES * (2 if value == DRUMS else 1)
            return replace(place, kind=kind, program=value, pitch=pitch, heard=place.heard | {value})
        case "p":
            return replace(place, kind=kind, pitch=value)
        case "v":
            return replace(place, kind=kind, sounds=True)
        case "b":
            return replace(place, kind=kind, bars=place.bars + 1, seconds=place.seconds + place.bar_seconds)
        case _:
            return replace(place, kind=kind)


def followers(place: Place, rules: Rules) -> Iterator[int]:
    """The numbers of all tokens that may follow; there is always one."""
    match place.kind:
        case "":
            yield from _numbers("s", rules.metres)
        case "s":
            yield from _numbers("t", rules.tempos)
        case "t":
            yield from _onsets(place)
            if 0 < place.bars != rules.bars[1] - 1:  # a piece neither begins nor ends with silence
                yield IDS["b-1"]
        case "o":
            yield from _instruments(place, rules)
        case "i":
            yield from _pitches(place)
        case "p":
            yield from _numbers("d", _DURATIONS)
        case "d":
            yield from _numbers("v", range(_VELOCITIES))
        case "v":
            yield from _pitches(place)
            yield from _instruments(place, rules)
            if not rules.missing(place.heard):
                yield from _onsets(place)
                yield IDS["b-1"]
        case "b":
            yield from _after_bar(place, rules)
        case _:
            yield IDS[END]


def mask(place: Place, rules: Rules) -> Tensor:
    """Which of the dictionary's tokens (V,) may follow."""
    allowed = torch.zeros(len(VOCABULARY), dtype=torch.bool)
    allowed[list(followers(place, rules))] = True
    return allowed


@cache
def metre(number: int) -> Metre:
    """What s-X means."""
    return decode([f"s-{number}"]).metres[0]


@cache
def bpm(number: int) -> float:
    """What t-Y means, in quarter notes a minute."""
    return decode(["s-9", f"t-{number}"]).tempos[0].bpm


@cache
def bar_seconds(metre_number: int, tempo_number: int) -> float:
    """How long a bar lasts."""
    return metre(metre_number).bar_ticks / TICKS_PER_QUARTER * 60 / bpm(tempo_number)


def metre_number(name: str) -> int | None:
    """The X of s-X for a metre's name, as 6/8; None where the dictionary has none."""
    return next((number for number in METRES if metre(number).name == name), None)


def tempo_numbers(least_bpm: float, most_bpm: float) -> tuple[int, ...]:
    """The tempos in a span, or the one nearest to its middle where there is none."""
    inside = tuple(number for number in TEMPOS if least_bpm <= bpm(number) <= most_bpm)
    middle = math.sqrt(least_bpm * most_bpm)
    return inside or (min(TEMPOS, key=lambda number: abs(math.log(bpm(number) / middle))),)


def _after_bar(place: Place, rules: Rules) -> Iterator[int]:
    """Another bar if there is room for one like the last; the end if there is not, or enough is there."""
    full = place.bars >= rules.bars[1] or place.seconds + place.bar_seconds > rules.seconds[1]
    enough = place.bars >= rules.bars[0] and place.seconds >= rules.seconds[0] and place.sounds
    if full or enough:
        yield IDS[END]
    if not full:
        yield from _numbers("s", rules.metres)


def _instruments(place: Place, rules: Rules) -> Iterator[int]:
    """Those above the last one of this onset, as far as nothing that is missing could not come any more after them."""
    missing = rules.missing(place.heard)
    ahead = (program for program in rules.programs if program > place.program)
    return _numbers("i", (one for one in ahead if all(one in needed or one < needed[-1] for needed in missing)))


def _onsets(place: Place) -> Iterator[int]:
    within = -(-metre(place.metre).bar_ticks // _TICKS)
    return _numbers("o", range(place.position + 1, min(within, _POSITIONS)))


def _pitches(place: Place) -> Iterator[int]:
    return _numbers("p", range(DRUMS if place.program == DRUMS else 0, place.pitch))


def _numbers(kind: str, values: Iterable[int]) -> Iterator[int]:
    first = IDS[f"{kind}-0"]
    return (first + value for value in values)
