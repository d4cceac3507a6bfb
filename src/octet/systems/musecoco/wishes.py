"""What stands between the two stages: the value of each key of the prefix that somebody has told (section 3.1).

A value is a number, as in the published dictionary; a key that is absent is not said. `None` never stands for one.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from octet.symbolic import conditions
from octet.symbolic.attributes import ARTISTS, EMOTIONS, GENRES, STRONG_BEATS, Attributes
from octet.symbolic.conditions import VALUES
from octet.symbolic.instruments import CLASSES, DRUM
from octet.symbolic.remigen import END, IDS, SEPARATOR
from octet.symbolic.score import TICKS_PER_QUARTER, TONICS, Metre
from octet.systems.musecoco.config import TONIC

Told = Mapping[str, int]
Span = tuple[float, float]

PREFIX_TOKENS = 65
PRESENT, ABSENT = 0, 1  # of an instrument or a genre
METRES = ("4/4", "2/4", "3/4", "1/4", "6/8", "3/8", "other")
BARS_A_CLASS = 4
SECONDS_A_CLASS = 15.0
_LAST_SECONDS_CLASS = 4
_SHORTEST_BAR, _LONGEST_BAR = 1.0, 8.0  # in quarters, of a metre that is not said
ANY_BPM: Span = (16, 256)  # what the dictionary has tempos for
_BPM: tuple[Span, ...] = ((16, 76), (76, 120), (120, 256))  # slow, moderate, fast
_SUBJECTIVE = ("S2s1", "S4", "EM1")
_DRUMS = f"I1s2_{CLASSES.index(DRUM)}"
_YES = ("yes", "no")
_NAMES: Mapping[str, tuple[str, Sequence[str]]] = {
    **{f"I1s2_{index}": (name, _YES) for index, name in enumerate(CLASSES)},
    **{f"S4_{index}": (name, _YES) for index, name in enumerate(GENRES)},
    "R1": ("danceable", _YES),
    "R3": ("intensity", ("low", "medium", "high")),
    "S2s1": ("artist", ARTISTS),
    "B1s1": ("bars", ("1-4", "5-8", "9-12", "13-16")),
    "TS1s1": ("metre", METRES),
    "K1": ("mode", ("major", "minor")),
    "T1s1": ("tempo", ("slow", "moderate", "fast")),
    "P4": ("octaves", tuple(map(str, range(12)))),
    "EM1": ("emotion", EMOTIONS),
    "TM1": ("seconds", ("up to 15", "15-30", "30-45", "45-60", "over 60")),
    TONIC: ("tonic", TONICS),
}


class Contradiction(NamedTuple):
    """Keys of which not all can be met, and why."""

    keys: tuple[str, ...]
    reason: str


def told_by(
    attributes: Attributes, *, without: Collection[str] = (), other_genres: Collection[str] = ()
) -> dict[str, int]:
    """What attributes tell, and which instruments and genres a piece is known not to be of.

    >>> told_by(Attributes(bars=8, tonic=2), without=["piano"])
    {'B1s1': 1, 'tonic': 2, 'I1s2_0': 1}
    """
    told = conditions.classes(attributes)
    told |= {} if attributes.tonic is None else {TONIC: attributes.tonic}
    told |= {f"I1s2_{CLASSES.index(name)}": ABSENT for name in without}
    return told | {f"S4_{GENRES.index(name)}": ABSENT for name in other_genres}


def prefix(told: Told) -> list[int]:
    """The 65 numbers after which music begins: `</s>`, a token of each of the 63 keys, `<sep>`."""
    tokens = (f"{key}_{told.get(key, unsaid)}" for key, unsaid in VALUES.items())
    return [IDS[END], *(IDS[token] for token in tokens), IDS[SEPARATOR]]


def named(key: str, value: int) -> tuple[str, str]:
    """A key and its value in words.

    >>> named("I1s2_0", 1), named("T1s1", 2)
    (('piano', 'no'), ('tempo', 'fast'))
    """
    name, values = _NAMES[key]
    return name, values[value]


def value_of(key: str, name: str) -> int:
    """The value of a key by its name; see `named`.

    Raises:
        ValueError: it has none of that name; those that it has are said.
    """
    values = _NAMES[key][1]
    if name not in values:
        raise ValueError(f"{_NAMES[key][0]} is one of {', '.join(values)}")
    return values.index(name)


def objective(told: Told) -> dict[str, int]:
    """What can be read off a score: not artist, genre or emotion, which no listener scores."""
    return {key: value for key, value in told.items() if not key.startswith(_SUBJECTIVE)}


def met(asked: Told, found: Told) -> dict[str, bool]:
    """Whether each objective attribute that was asked for is found; an instrument is absent if it is not found."""
    return {key: (found.get(key, ABSENT) if _is_class(key) else found.get(key)) == v for key, v in asked.items()}


def _is_class(key: str) -> bool:
    return key.startswith("I1s2_")


def contradictions(told: Told, exact: Attributes | None = None) -> Iterator[Contradiction]:
    """What of it cannot all be; `exact` narrows classes where numbers are known."""
    exact = exact or Attributes()
    yield from _length(told, exact)
    metre = exact.metre or (METRES[told["TS1s1"]] if "TS1s1" in told else None)
    if "R1" in told and told.get(_DRUMS) == ABSENT:
        yield Contradiction(("R1", _DRUMS), "danceability is one of drums, and there are to be no drums")
    if "R1" in told and metre is not None and metre not in STRONG_BEATS:
        yield Contradiction(("R1", "TS1s1"), f"danceability is defined in {', '.join(STRONG_BEATS)}, not in {metre}")


def bars_span(told: Told, exact: Attributes) -> tuple[int, int] | None:
    """The least and the most bars; None where nothing is said of them."""
    if exact.bars is not None:
        return exact.bars, exact.bars
    number = told.get("B1s1")
    return None if number is None else (BARS_A_CLASS * number + 1, BARS_A_CLASS * (number + 1))


def seconds_span(told: Told, exact: Attributes) -> Span | None:
    """The least and the most seconds; likewise."""
    if exact.seconds is not None:
        return exact.seconds, exact.seconds
    number = told.get("TM1")
    if number is None:
        return None
    most = math.inf if number == _LAST_SECONDS_CLASS else SECONDS_A_CLASS * (number + 1)
    return SECONDS_A_CLASS * number, most


def bpm_span(told: Told, exact: Attributes) -> Span | None:
    """The least and the most quarter notes a minute; likewise."""
    if exact.bpm is not None:
        return exact.bpm, exact.bpm
    return _BPM[told["T1s1"]] if "T1s1" in told else None


def _length(told: Told, exact: Attributes) -> Iterator[Contradiction]:
    """Bars, metre and tempo make a length, within a bar of which a wished one must lie."""
    bars, seconds = bars_span(told, exact), seconds_span(told, exact)
    bpm = bpm_span(told, exact) or ANY_BPM
    name = exact.metre or METRES[told.get("TS1s1", len(METRES) - 1)]
    if bars is None or seconds is None:
        return
    short, long = (_SHORTEST_BAR, _LONGEST_BAR) if name == METRES[-1] else (quarters(name), quarters(name))
    least, most = (bars[0] - 1) * short * 60 / bpm[1], (bars[1] + 1) * long * 60 / bpm[0]
    if seconds[1] <= least or seconds[0] >= most:
        kind = "" if name == METRES[-1] else f" of {name}"
        length = f"{_range(bars)} bars{kind} at {_range(bpm)} beats a minute last about {_range((least, most))} seconds"
        yield Contradiction(("TM1", "B1s1", "T1s1", "TS1s1"), f"{length}, not {_range(seconds)}")


def quarters(name: str) -> float:
    """Length of a bar of a metre, by its name, in quarter notes."""
    numerator, denominator = map(int, name.split("/"))
    return Metre(0, numerator, denominator).bar_ticks / TICKS_PER_QUARTER


def _range(span: Span) -> str:
    low, high = (f"{value:.4g}" for value in span)
    return low if low == high else f"over {low}" if high == "inf" else f"{low} to {high}"
