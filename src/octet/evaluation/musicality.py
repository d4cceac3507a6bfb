"""Musicality in figures: what music of one kind has in common, to be read next to the same figures of training music.

Conventions
    * A piece is a `Score`; drums are left out where pitches count, and counted where onsets do.
    * Time is on a grid of 12 positions a quarter note. Bars are those of the score, from the first that sounds.
    * What a piece has too little for (a pitch class, two bars) is nan and left out of means.
    * None of these is "the higher the better": distance from training music is what tells.

Metrics
    * `pitch_class_entropy`: of the histogram of pitch classes, in bits; 0 is one note, log2(12) = 3.58 all alike.
    * `scale_consistency`: the share of notes in the major or natural minor scale that holds most of them.
    * `groove_consistency`: 1 minus the share of positions at which an onset is in one bar of two neighbours alone.
    * `polyphony`: pitches that sound, on average over positions at which any does.
    * `repeated_bars`: the share of bars, from the second on, whose notes an earlier bar has too.

Citations
    * S.-L. Wu and Y.-H. Yang, "The Jazz Transformer on the Front Line", ISMIR 2020: entropy, grooving.
    * H.-W. Dong et al., "MusPy: A Toolkit for Symbolic Music Generation", ISMIR 2020: scale consistency, polyphony.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from math import isnan, log2

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import NOT_MEASURABLE, mean
from octet.symbolic.attributes import POSITIONS_PER_QUARTER, sounding_bars
from octet.symbolic.score import TICKS_PER_QUARTER, Note, Score

_TICKS = TICKS_PER_QUARTER // POSITIONS_PER_QUARTER
_SCALES = tuple(
    frozenset((tonic + step) % 12 for step in steps)
    for steps in ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))
    for tonic in range(12)
)


def pitch_class_entropy(score: Score) -> float:
    """Bits; nan without pitched notes."""
    counts = Counter(note.pitch % 12 for note in _pitched(score))
    total = counts.total()
    return -sum(n / total * log2(n / total) for n in counts.values()) + 0.0 if total else NOT_MEASURABLE


def scale_consistency(score: Score) -> float:
    """From 0.58 to 1; nan without pitched notes."""
    counts = Counter(note.pitch % 12 for note in _pitched(score))
    if not counts:
        return NOT_MEASURABLE
    return max(sum(counts[pitch] for pitch in scale) for scale in _SCALES) / counts.total()


def groove_consistency(score: Score) -> float:
    """At most 1; nan of a single bar. Neighbours of unequal length are compared over the longer one."""
    bars = [(frozenset(position for position, *_ in notes), length) for notes, length in _bars(score)]
    shares = [len(one ^ other) / max(length, following) for (one, length), (other, following) in pairwise(bars)]
    return 1 - sum(shares) / len(shares) if shares else NOT_MEASURABLE


def polyphony(score: Score) -> float:
    """At least 1; nan without pitched notes."""
    sounding: Counter[int] = Counter()
    pitches = {(step, note.pitch) for note in _pitched(score) for step in _steps(note)}
    sounding.update(step for step, _ in pitches)
    return sounding.total() / len(sounding) if sounding else NOT_MEASURABLE


def repeated_bars(score: Score) -> float:
    """From 0 to 1; nan of a single bar."""
    bars = [notes for notes, _ in _bars(score)]
    return repetitions(bars) / (len(bars) - 1) if len(bars) > 1 else NOT_MEASURABLE


def repetitions(bars: Sequence[Hashable]) -> int:
    """How many bars an earlier one equals.

    >>> repetitions(["a", "b", "a", "a"])
    2
    """
    return len(bars) - len(set(bars))


def evaluate(scores: Sequence[Score]) -> dict[str, float]:
    """The mean of each metric over pieces that it can be measured of.

    Raises:
        InvalidInput: no pieces, or one without notes.
    """
    if not scores:
        raise InvalidInput("musicality is of one piece at least; none was given")
    metrics = (pitch_class_entropy, scale_consistency, groove_consistency, polyphony, repeated_bars)
    found = {metric.__name__: [metric(score) for score in scores] for metric in metrics}
    return {name: mean([value for value in values if not isnan(value)]) for name, values in found.items()}


def _pitched(score: Score) -> list[Note]:
    return [note for track in score.tracks if not track.is_drum for note in track.notes]


def _steps(note: Note) -> range:
    start = round(note.start_ticks / _TICKS)
    return range(start, start + max(1, round(note.duration_ticks / _TICKS)))


def _bars(score: Score) -> Iterator[tuple[frozenset[tuple[int, int, bool, int]], int]]:
    """Of each bar the notes (position, program, whether drums, pitch), and its length in positions."""
    bars = sounding_bars(score)
    starts = [bar.start_ticks for bar in bars]
    notes: list[set[tuple[int, int, bool, int]]] = [set() for _ in bars]
    for track in score.tracks:
        for note in track.notes:
            index = bisect_right(starts, note.start_ticks) - 1
            position = round((note.start_ticks - starts[index]) / _TICKS)
            notes[index].add((position, track.program, track.is_drum, note.pitch))
    for bar, found in zip(bars, notes, strict=True):
        yield frozenset(found), bar.metre.bar_ticks // _TICKS
