"""Melodies: motifs of rhythm and steps that come again, bent to the chord of each bar, in phrases that close.

A phrase of four bars is motif, motif again, another motif, cadence; a section that returns returns with its tune.
Degrees are steps of the scale from the tonic that is a part's lowest.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from octet.data.corpora.composer.form import Measure
from octet.data.corpora.composer.harmony import SCALES, Chord
from octet.data.corpora.composer.plan import Part, Plan

_LONGEST_STEP = 2
_PLAN = (0, 0, 1, 0)  # which motif a phrase's bars take; the last of them closes


class Hit(NamedTuple):
    """A note to be: where it starts (positions from the beginning), how long, how high, and how strong (1 is even)."""

    start: int
    length: int
    pitch: int
    force: float = 1.0


@dataclass(frozen=True)
class Motif:
    """A bar of melody: which share of the slots it takes, in which order, and the steps from note to note."""

    ranks: tuple[float, ...]
    share: float
    steps: tuple[int, ...]


def motif(rng: random.Random) -> Motif:
    """A motif at random: mostly steps, some repetition, a leap now and then that is answered."""
    steps: list[int] = []
    for _ in range(16):
        leapt = steps and abs(steps[-1]) > _LONGEST_STEP
        steps.append(
            -1
            if leapt and steps[-1] > 0
            else 1
            if leapt
            else rng.choices((-3, -2, -1, 0, 1, 2, 4), (1, 2, 6, 2, 6, 2, 1))[0]
        )
    return Motif(tuple(rng.random() for _ in range(48)), rng.uniform(0.55, 0.95), tuple(steps))


def melody(measures: Sequence[Measure], part: Part, plan: Plan, rng: random.Random, rests: Sequence[str]) -> list[Hit]:
    """The tune of a piece, silent in the sections named in `rests`."""
    motifs: dict[str, tuple[Motif, Motif]] = {}
    voice = _Voice(part, plan)
    hits: list[Hit] = []
    for measure in measures:
        pair = motifs.setdefault(measure.section.replace("ending", "A"), (motif(rng), motif(rng)))
        if measure.section not in rests:
            hits += voice.bar(measure, pair[_PLAN[measure.index % 4]])
    return hits


class _Voice:
    """Where the tune is, and where it may go."""

    def __init__(self, part: Part, plan: Plan) -> None:
        self._mode = plan.attributes.mode or "major"
        self._tonic = plan.tonic
        self._legato = plan.mood.legato
        low = max(part.low, part.high - 22 + plan.mood.register)
        self._low, self._high = min(low, part.high - 11), part.high
        self._last = (self._low + self._high) // 2

    def bar(self, measure: Measure, wanted: Motif) -> list[Hit]:
        closing = measure.closes or measure.hold is not None
        starts = _rhythm(measure, wanted, closing)
        hits = []
        for index, position in enumerate(starts):
            final = closing and index == len(starts) - 1
            step = wanted.steps[index % len(wanted.steps)] if index else 0
            strong = position in measure.pulses or final
            self._last = self._next(step, measure.chord, strong, final and measure.hold is not None)
            room = measure.until_next(position, starts)
            length = room if final else max(2, round(room * self._legato))
            force = 1.08 if position == 0 else 1.0 if position in measure.pulses else 0.9
            hits.append(Hit(measure.start + position, min(length, room), self._last, force))
        return hits

    def _next(self, step: int, chord: Chord, strong: bool, home: bool) -> int:
        """A step along the scale, to the nearest note of the chord where it is strong, to the tonic at the end."""
        classes = {0} if home else set(chord.tones) if strong else self._scale(chord)
        allowed = [pitch for pitch in range(self._low, self._high + 1) if (pitch - self._tonic) % 12 in classes]
        wished = self._last + 1.8 * step
        if step:
            allowed = [pitch for pitch in allowed if pitch != self._last] or allowed
        middle = (self._low + self._high) / 2
        return min(allowed, key=lambda pitch: (abs(pitch - wished) + 0.08 * abs(pitch - middle), pitch))

    def _scale(self, chord: Chord) -> set[int]:
        """The scale, its seventh raised where the chord raises it."""
        scale = set(SCALES[self._mode])
        return scale - {10} | {11} if self._mode == "minor" and 11 in chord.tones else scale


def _rhythm(measure: Measure, wanted: Motif, closing: bool) -> list[int]:
    """The slots that a motif takes: pulses before the rest; in a closing bar the first half only, then a long note."""
    ranked = sorted(measure.slots, key=lambda slot: wanted.ranks[slot % 48] - 0.35 * (slot in measure.pulses))
    taken = set(ranked[: max(1, round(wanted.share * len(ranked)))])
    if measure.hold is not None:
        return sorted({slot for slot in taken if slot < measure.hold} | {measure.hold})
    if closing and len(measure.pulses) > 1:
        middle = measure.pulses[len(measure.pulses) // 2]
        return sorted({slot for slot in taken if slot < middle} | {middle})
    return sorted(taken)
