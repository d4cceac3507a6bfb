"""Pitch bends and vibrato as the editors of UTAU's family draw them, as an F0 curve.

A note's points are joined by curves of four shapes and say how far the pitch is from the note; where they lie outside
it, they bend what sounds there. In rests F0 is that of the nearest note. Legend: T values of a curve.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from octet.core.errors import InvalidInput
from octet.symbolic.song import F0, Curve, Phrase, Song

Floats = NDArray[np.float64]
Shape = Literal["io", "l", "i", "o"]  # a sine's half, a line, a sine that starts or ends flat

STEP_SECONDS: Final = 0.005
SHAPES: Final[tuple[Shape, ...]] = ("io", "l", "i", "o")
REACH_SECONDS: Final = 10.0  # of a bend from its note, at most
_JOINED_SECONDS: Final = 1e-3


@dataclass(frozen=True)
class Point:
    """A point of a bend: seconds from the note's start, semitones from its pitch, the shape of the way to the next."""

    seconds: float
    semitones: float
    shape: Shape = "io"

    def __post_init__(self) -> None:
        if abs(self.seconds) > REACH_SECONDS or abs(self.semitones) > 127:
            raise InvalidInput(
                f"a bend {self.semitones:g} semitones, {self.seconds:g} s from its note; both are too far"
            )


@dataclass(frozen=True)
class Vibrato:
    """A vibrato at the end of a note; `share` is of the note's length, fades are shares of the vibrato's."""

    share: float
    period_seconds: float
    depth_semitones: float
    fade_in: float = 0.1
    fade_out: float = 0.1
    phase: float = 0.0  # in periods
    shift: float = 0.0  # of the pitch, in depths


@dataclass(frozen=True)
class BentNote:
    """A note with its marks. `snaps`: the first point is at the pitch of the note before, where that one is joined."""

    start_seconds: float
    end_seconds: float
    pitch: float
    points: tuple[Point, ...] = ()
    vibrato: Vibrato | None = None
    snaps: bool = True

    @property
    def is_drawn(self) -> bool:
        """Whether somebody drew more than the editor's own way from note to note."""
        plain = len(self.points) <= 2 and self.snaps and all(point.semitones == 0 for point in self.points[1:])
        return self.vibrato is not None or not plain


def semitones(notes: Sequence[BentNote], times: Floats) -> Floats:
    """The pitch (T,) at times (T,) in seconds, as MIDI numbers."""
    base = _steps(notes, times)
    pitch = base.copy()
    for before, note in zip((None, *notes), notes, strict=False):
        points = _snapped(before, note)
        if len(points) > 1:
            _bend(pitch, base, times, note, points)
        if note.vibrato is not None:
            _swing(pitch, times, note, note.vibrato)
    return pitch


def with_f0(song: Song, notes: Sequence[BentNote], added: Floats | None = None, step: float = STEP_SECONDS) -> Song:
    """The song with F0 curves.

    Args:
        added: semitones at equal steps of `step` from the song's start that are added.
    """
    starts = [note.start_seconds for note in notes]
    phrases = []
    for phrase in song.phrases:
        first = bisect_left(starts, phrase.start_seconds - REACH_SECONDS)
        last = bisect_right(starts, phrase.end_seconds + REACH_SECONDS)
        phrases.append(_phrase(phrase, notes[first:last], added, step))
    return replace(song, phrases=tuple(phrases))


def uncrossed(notes: Sequence[BentNote]) -> list[BentNote]:
    """In order of time, each cut where the next one starts."""
    ordered = sorted(notes, key=lambda note: note.start_seconds)
    following = [note.start_seconds for note in ordered[1:]]
    return [
        replace(note, end_seconds=min(note.end_seconds, start)) for note, start in zip(ordered, following, strict=False)
    ] + ordered[-1:]


def _phrase(phrase: Phrase, notes: Sequence[BentNote], added: Floats | None, step: float) -> Phrase:
    count = max(1, round(phrase.duration_seconds / step))
    times: Floats = phrase.start_seconds + np.arange(count, dtype=np.float64) * step
    pitch = semitones(notes, times)
    if added is not None:
        pitch = pitch + np.interp(times, np.arange(len(added)) * step, added)
    hertz = 440.0 * 2.0 ** ((pitch.clip(0, 127) - 69.0) / 12.0)
    return replace(phrase, curves=dict(phrase.curves) | {F0: Curve(step, tuple(hertz.tolist()))})


def _steps(notes: Sequence[BentNote], times: Floats) -> Floats:
    """The pitch of the note at each time, or of the nearest one."""
    middles = [(before.end_seconds + note.start_seconds) / 2 for before, note in pairwise(notes)]
    pitches = np.array([note.pitch for note in notes])
    return pitches[np.searchsorted(np.array(middles), times, side="right")].astype(np.float64)


def _snapped(before: BentNote | None, note: BentNote) -> tuple[Point, ...]:
    if not note.points or not note.snaps:
        return note.points
    joined = before is not None and abs(before.end_seconds - note.start_seconds) < _JOINED_SECONDS
    first = before.pitch - note.pitch if joined and before is not None else 0.0
    return (replace(note.points[0], semitones=first), *note.points[1:])


def _bend(pitch: Floats, base: Floats, times: Floats, note: BentNote, points: Sequence[Point]) -> None:
    for left, right in pairwise(points):
        start, end = (note.start_seconds + point.seconds for point in (left, right))
        first, last = np.searchsorted(times, [start, end])
        way = _way(left.shape, (times[first:last] - start) / max(end - start, 1e-9))
        drawn = left.semitones + way * (right.semitones - left.semitones)
        pitch[first:last] += note.pitch + drawn - base[first:last]


def _way(shape: Shape, part: Floats) -> Floats:
    """How much of the way has been gone at parts of the time."""
    match shape:
        case "l":
            return part
        case "i":
            return np.asarray(1.0 - np.cos(np.pi / 2 * part))
        case "o":
            return np.asarray(np.sin(np.pi / 2 * part))
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * part))


def _swing(pitch: Floats, times: Floats, note: BentNote, vibrato: Vibrato) -> None:
    length = (note.end_seconds - note.start_seconds) * min(vibrato.share, 1.0)
    start = note.end_seconds - length
    first, last = np.searchsorted(times, [start, note.end_seconds])
    since = times[first:last] - start
    rises = np.clip(since / max(length * vibrato.fade_in, 1e-6), 0.0, 1.0)
    falls = np.clip((length - since) / max(length * vibrato.fade_out, 1e-6), 0.0, 1.0)
    wave = np.sin(2 * np.pi * (since / vibrato.period_seconds + vibrato.phase)) + vibrato.shift
    pitch[first:last] += vibrato.depth_semitones * np.minimum(rises, falls) * wave
