"""How notation says what a score holds as numbers: note values, spelled pitches, notes laid out in voices."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from octet.symbolic.score import TICKS_PER_QUARTER, Note

_TYPES = ("breve", "whole", "half", "quarter", "eighth", "16th", "32nd", "64th")
_LETTERS = "FCGDAEB"  # a fifth apart
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True)
class Value:
    """A printed note value: its type, dots, and whether three are played in the time of two."""

    type: str
    dots: int = 0
    is_triplet: bool = False


@dataclass(frozen=True)
class Chord:
    """Notes struck and released together; of one voice."""

    start_ticks: int
    end_ticks: int
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Piece:
    """What is printed of a chord (or a rest, without notes) in one measure, in one value; ties join the pieces."""

    start_ticks: int
    duration_ticks: int
    notes: tuple[Note, ...] = ()
    tied_from: bool = False
    tied_to: bool = False


@cache
def values() -> dict[int, Value]:
    """The note values by their length in ticks."""
    found: dict[int, Value] = {}
    for dots in (0, 1, 2):
        for power, name in enumerate(_TYPES):
            plain = 8 * TICKS_PER_QUARTER >> power
            dotted = plain * (2 ** (dots + 1) - 1)
            if dotted % 2**dots == 0:
                found.setdefault(dotted >> dots, Value(name, dots))
    for power, name in enumerate(_TYPES[3:7]):  # triplets of quarters to 32nds
        found.setdefault((TICKS_PER_QUARTER >> power) * 2 // 3, Value(name, is_triplet=True))
    return found


def pieces(chord: Chord, bar_lines: Sequence[int]) -> Iterator[Piece]:
    """A chord cut at bar lines and into note values; what no value fits is one piece without."""
    inside = bar_lines[bisect_right(bar_lines, chord.start_ticks) : bisect_left(bar_lines, chord.end_ticks)]
    edges = [chord.start_ticks, *inside, chord.end_ticks]
    lengths = [length for start, end in pairwise(edges) for length in _lengths(end - start)]
    start = chord.start_ticks
    for index, length in enumerate(lengths):
        yield Piece(start, length, chord.notes, tied_from=index > 0, tied_to=index < len(lengths) - 1)
        start += length


def rests(start_ticks: int, end_ticks: int) -> Iterator[Piece]:
    """Silence in note values, within one measure."""
    for length in _lengths(end_ticks - start_ticks) if end_ticks > start_ticks else ():
        yield Piece(start_ticks, length)
        start_ticks += length


def _lengths(ticks: int) -> list[int]:
    """Note values that add up to a length, the longest first; the whole of it where they do not."""
    found, left = [], ticks
    by_length = sorted(values(), reverse=True)
    while left in values() or left > by_length[-1]:
        fits = left if left in values() else next(length for length in by_length if length <= left)
        found.append(fits)
        left -= fits
        if not left:
            return found
    return [ticks]


def voices(notes: Iterable[Note]) -> list[list[Chord]]:
    """Notes as chords, in as few voices as hold them without overlap."""
    together: dict[tuple[int, int], list[Note]] = {}
    for note in notes:
        together.setdefault((note.start_ticks, note.end_ticks), []).append(note)
    laid: list[list[Chord]] = []
    for (start, end), chord in sorted(together.items()):
        voice = next((voice for voice in laid if voice[-1].end_ticks <= start), None)
        if voice is None:
            voice = []
            laid.append(voice)
        voice.append(Chord(start, end, tuple(chord)))
    return laid


def spelled(pitch: int, sharps: int) -> tuple[str, int, int]:
    """The step, alteration and octave of a pitch in a key of that many sharps.

    >>> spelled(61, 0), spelled(61, -5)
    (('C', 1, 4), ('D', -1, 4))
    """
    lowest = sharps - 4
    fifths = lowest + (pitch * 7 - lowest) % 12
    alter, letter = divmod(fifths + 1, 7)
    step = _LETTERS[letter]
    return step, alter, (pitch - alter - _SEMITONES[step]) // 12 - 1
