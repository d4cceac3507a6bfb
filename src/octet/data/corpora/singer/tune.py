"""Melodies for given syllables: a motif of rhythm and steps a section, bent to a chord a bar, in lines that close.

The grid is of eighths. A line takes as many bars as its syllables need and ends on a long note and a rest.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from octet.data.corpora.composer.harmony import SCALES, Chord, progression
from octet.data.corpora.composer.melody import Motif, motif
from octet.data.corpora.singer.singers import Singer

SLOT_TICKS = 240
_PROGRESSIONS = {
    "major": ("I V vi IV", "I vi IV V", "I IV I V", "vi IV I V", "I iii IV V", "I ii V I"),
    "minor": ("i VI III VII", "i iv i V", "i VII VI V", "i iv VII III"),
}
_MELISMA = 0.12  # of the syllables
_MOTIF_OF_LINE = (0, 0, 1, 0, 1, 1, 0, 1)
_SPAN = 13  # semitones that a song moves in
_PULL = 0.12  # of a line's arc on its notes


class Note(NamedTuple):
    """A note on the grid of a line, and the number of the syllable that it is sung to."""

    start: int
    length: int
    pitch: int
    syllable: int


class Tune(NamedTuple):
    """The notes of a line and how many slots it takes, the rest at its end included."""

    notes: tuple[Note, ...]
    slots: int


@dataclass(frozen=True)
class Plan:
    """What is the same for all lines of a song. `density` are notes a bar, `low` and `high` MIDI pitches."""

    bpm: int
    bar_slots: int  # 8 in 4/4, 6 in 3/4
    tonic: int
    mode: str
    chords: tuple[Chord, ...]
    density: float
    low: int
    high: int
    motifs: tuple[Motif, Motif]


def plan(singer: Singer, rng: random.Random) -> Plan:
    """A song within a singer's range."""
    mode = rng.choice(("major", "major", "minor"))
    bar_slots = rng.choice((8, 8, 8, 6))
    low = rng.randint(singer.low, max(singer.low, singer.high - _SPAN))
    return Plan(
        bpm=rng.randint(72, 138),
        bar_slots=bar_slots,
        tonic=rng.randrange(12),
        mode=mode,
        chords=progression(rng.choice(_PROGRESSIONS[mode]), mode),
        density=rng.uniform(0.5, 0.85) * bar_slots,
        low=low,
        high=min(low + _SPAN, singer.high),
        motifs=(motif(rng), motif(rng)),
    )


def tune(song: Plan, line: int, clauses: Sequence[bool], rng: random.Random) -> Tune:
    """The melody of a line, whose syllables are given by whether a clause ends after each."""
    sizes = [_notes_of_syllable(rng) for _ in clauses]
    sizes[-1] = 1
    wanted = song.motifs[_MOTIF_OF_LINE[line % len(_MOTIF_OF_LINE)]]
    starts, end, slots = _rhythm(song, sum(sizes), wanted, rng)
    pitches = _pitches(song, line, starts, wanted)
    of = [syllable for syllable, size in enumerate(sizes) for _ in range(size)]
    notes = []
    for index, (start, pitch) in enumerate(zip(starts, pitches, strict=True)):
        following = starts[index + 1] if index + 1 < len(starts) else end
        closes = clauses[of[index]] and index + 1 < len(of) and of[index + 1] != of[index]
        length = following - start - (closes and following - start > 2)
        notes.append(Note(start, length, pitch, of[index]))
    return Tune(tuple(notes), slots)


def _notes_of_syllable(rng: random.Random) -> int:
    return 1 if rng.random() > _MELISMA else rng.choice((2, 2, 2, 3))


def _rhythm(song: Plan, notes: int, wanted: Motif, rng: random.Random) -> tuple[list[int], int, int]:
    """Where notes start, where the last one ends, and the slots of the line."""
    last, rest = rng.randint(2, song.bar_slots - 3), rng.randint(2, 3)
    bars = 1
    while (bars * song.bar_slots - last - rest) * song.density / song.bar_slots < notes - 1:
        bars += 1
    slots = bars * song.bar_slots
    final = slots - last - rest
    ranked = sorted(range(1, final), key=lambda slot: _rank(song, slot, wanted))
    return sorted({0, *ranked[: notes - 2], final}) if notes > 1 else [final], slots - rest, slots


def _rank(song: Plan, slot: int, wanted: Motif) -> float:
    place = slot % song.bar_slots
    return wanted.ranks[place % len(wanted.ranks)] - 0.3 * (place % 2 == 0) - 0.4 * (place == 0)


def _pitches(song: Plan, line: int, starts: Sequence[int], wanted: Motif) -> list[int]:
    """A step at a time along the scale, to the chord on strong slots, to the tonic at the end of every other line."""
    middle = (song.low + song.high) / 2
    pitches: list[int] = []
    last = middle + wanted.steps[0]
    for index, start in enumerate(starts):
        final = index == len(starts) - 1
        chord = song.chords[start // song.bar_slots % len(song.chords)]
        strong = final or start % song.bar_slots in (0, song.bar_slots // 2)
        classes = {0} if final and line % 2 else set(chord.tones) if strong else set(SCALES[song.mode])
        arc = middle + 3.0 * (1 - abs(2 * index / max(len(starts) - 1, 1) - 1)) - 1.5
        last = _nearest(song, classes, last + 1.8 * wanted.steps[index % len(wanted.steps)], arc)
        pitches.append(int(last))
    return pitches


def _nearest(song: Plan, classes: set[int], wished: float, arc: float) -> int:
    allowed = [pitch for pitch in range(song.low, song.high + 1) if (pitch - song.tonic) % 12 in classes]
    return min(allowed, key=lambda pitch: (abs(pitch - wished) + _PULL * abs(pitch - arc), pitch))
