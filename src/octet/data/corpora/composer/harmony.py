"""Chords: read from Roman numerals, and led from one to the next with the least movement.

Pitch classes are semitones above the tonic, so that a progression is the same in every key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_NUMERALS = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_WRITTEN = re.compile(r"([iv]+|[IV]+)(o?)(7?)")


@dataclass(frozen=True)
class Chord:
    """Pitch classes above the tonic, the root first: root, third, fifth and perhaps a seventh."""

    tones: tuple[int, ...]

    @property
    def root(self) -> int:
        """What the bass plays."""
        return self.tones[0]

    @property
    def fifth(self) -> int:
        """What the bass plays besides."""
        return self.tones[2]


def chord(numeral: str, mode: str) -> Chord:
    """The chord of a numeral.

    >>> chord("V7", "minor").tones
    (7, 11, 2, 5)
    """
    found = _WRITTEN.fullmatch(numeral)
    if found is None:
        raise ValueError(f"{numeral!r} is no Roman numeral")
    degree = _NUMERALS.index(found[1].lower())
    scale = SCALES[mode]
    root = scale[degree]
    third = 4 if found[1].isupper() else 3
    fifth = 6 if found[2] else 7
    seventh = ((scale[(degree + 6) % 7] - root) % 12,) if found[3] else ()
    return Chord(tuple((root + step) % 12 for step in (0, third, fifth, *seventh)))


def progression(numerals: str, mode: str) -> tuple[Chord, ...]:
    """The chords of numerals that spaces separate."""
    return tuple(chord(numeral, mode) for numeral in numerals.split())


def voiced(tones: Sequence[int], tonic: int, previous: Sequence[int], low: int, high: int) -> tuple[int, ...]:
    """Pitches for a chord's tones from `low` to `high`, as near as can be to the previous ones, no two the same.

    Without previous ones, as near as can be to the middle. A range of an octave or more holds every chord.
    """
    places = [range(low + (tonic + tone - low) % 12, high + 1, 12) for tone in tones]
    centre = (low + high) / 2
    wanted = sorted(previous) or [round(centre) + 4 * (index - 1) for index in range(len(tones))]

    def movement(pitches: tuple[int, ...]) -> float:
        led = sum(min(abs(pitch - other) for other in wanted) for pitch in pitches)
        return led + 0.3 * (max(pitches) - min(pitches)) + 0.1 * abs(sum(pitches) / len(pitches) - centre)

    return tuple(sorted(min(product(*places), key=movement)))
