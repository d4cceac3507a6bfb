"""Attributes as MuseCoco's prefix has them (arXiv 2306.00110, section 3.1): 63 tokens, one of which is of each key.

A key has a number of values and, last, "not said". What nobody can extract from music (I4, C1, ST1) is never said.
Names and order are those of the published dictionary.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from math import ceil

from octet.symbolic.attributes import ARTISTS, EMOTIONS, GENRES, Attributes, tempo_class
from octet.symbolic.instruments import CLASSES

# Keys in the prefix's order, with the number of their values.
VALUES: Mapping[str, int] = {
    **{f"I1s2_{index}": 2 for index in range(len(CLASSES))},
    "I4": 28,
    "C1": 4,
    "R1": 2,
    "R3": 3,
    "S2s1": len(ARTISTS),
    **{f"S4_{index}": 2 for index in range(len(GENRES))},
    "B1s1": 4,
    "TS1s1": 7,
    "K1": 2,
    "T1s1": 3,
    "P4": 12,
    "ST1": 14,
    "EM1": len(EMOTIONS),
    "TM1": 5,
}
_METRES = ("4/4", "2/4", "3/4", "1/4", "6/8", "3/8")
_OTHER_METRE = 6
_INTENSITIES = ("low", "medium", "high")
_TEMPOS = ("slow", "moderate", "fast")
_MOST_BARS = 16
_BARS_A_CLASS = 4
_SECONDS_A_CLASS = 15


def names() -> Iterator[str]:
    """Every token of every key, in the dictionary's order: I1s2_0_0, I1s2_0_1, I1s2_0_2, ..."""
    for key, count in VALUES.items():
        yield from (f"{key}_{value}" for value in range(count + 1))


def prefix(
    attributes: Attributes, *, without: Collection[str] = (), other_genres: Collection[str] = ()
) -> tuple[str, ...]:
    """The 63 tokens of what is known or wished.

    >>> prefix(Attributes(mode="minor"))[-6:]
    ('K1_1', 'T1s1_3', 'P4_12', 'ST1_14', 'EM1_4', 'TM1_5')

    Args:
        without: instrument classes that are not in the piece; others that `attributes` does not name are not said.
        other_genres: likewise, genres that it is not of.
    """
    known = classes(attributes)
    known |= {f"I1s2_{CLASSES.index(name)}": 1 for name in without}
    known |= {f"S4_{GENRES.index(name)}": 1 for name in other_genres}
    return tuple(f"{key}_{known.get(key, count)}" for key, count in VALUES.items())


def classes(attributes: Attributes) -> dict[str, int]:
    """The values of those keys that are known; equal ones are what MuseCoco counts as a wish fulfilled."""
    given = {
        "R1": None if attributes.danceable is None else int(not attributes.danceable),
        "R3": _index(_INTENSITIES, attributes.intensity),
        "S2s1": _index(ARTISTS, attributes.artist),
        "B1s1": _bars(attributes.bars),
        "TS1s1": _metre(attributes.metre),
        "K1": _index(("major", "minor"), attributes.mode),
        "T1s1": None if attributes.bpm is None else _TEMPOS.index(tempo_class(attributes.bpm)),
        "P4": attributes.octaves,
        "EM1": _index(EMOTIONS, attributes.emotion),
        "TM1": _seconds(attributes.seconds),
        **{f"I1s2_{CLASSES.index(name)}": 0 for name in attributes.instruments or ()},
        **{f"S4_{GENRES.index(name)}": 0 for name in attributes.genres or ()},
    }
    return {key: value for key, value in given.items() if value is not None}


def _index(values: tuple[str, ...], given: str | None) -> int | None:
    return None if given is None else values.index(given)


def _bars(bars: int | None) -> int | None:
    """Fours of bars; there is no value for more than 16."""
    return None if bars is None or bars > _MOST_BARS else (bars - 1) // _BARS_A_CLASS


def _metre(metre: str | None) -> int | None:
    return None if metre is None else _METRES.index(metre) if metre in _METRES else _OTHER_METRE


def _seconds(seconds: float | None) -> int | None:
    """Quarters of a minute, each with its end; all above a minute are one."""
    return None if seconds is None else min(ceil(seconds / _SECONDS_A_CLASS) - 1, 4)
