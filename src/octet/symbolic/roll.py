"""Pictures of a score as a piano roll, and its chroma: what sounds when.

Legend: P 128 pitches, T frames.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octet.core import png
from octet.core.errors import InvalidInput
from octet.symbolic.score import Score, Track

Pixels = NDArray[np.uint8]

# Of Okabe and Ito's palette (2008), which colour-blind readers can tell apart too.
COLOURS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233), (90, 90, 90))
_PAPER, _OCTAVE, _BAR = (255, 255, 255), (228, 228, 228), (190, 190, 190)
_ROW_PIXELS = 4
_COLUMNS_PER_SECOND = 60
_MOST_COLUMNS = 16_000
_MOST_FRAMES = 1_000_000
_MARGIN = 2  # pitches above and below


def picture(score: Score) -> Pixels:
    """The notes of a score as an image (height, width, 3): time to the right, pitch up, a colour a track, drums lowest.

    Bar lines are grey, as is every C. Strong notes are dark.

    Raises:
        InvalidInput: no notes, or longer than four and a half minutes.
    """
    pitches = [note.pitch for track in score.tracks for note in track.notes]
    columns = round(score.duration_seconds * _COLUMNS_PER_SECOND)
    if not pitches or columns > _MOST_COLUMNS:
        raise InvalidInput(f"a roll shows up to {_MOST_COLUMNS // _COLUMNS_PER_SECOND} s of notes; cut the score")
    low, high = max(min(pitches) - _MARGIN, 0), min(max(pitches) + _MARGIN, 127)
    paper = np.full((high - low + 1, columns + 1, 3), _PAPER, dtype=np.uint8)
    paper[[pitch - low for pitch in range(low, high + 1) if pitch % 12 == 0]] = _OCTAVE
    paper[:, [_column(score, bar.start_ticks) for bar in score.bars()]] = _BAR
    for index, track in enumerate(score.tracks):
        _draw(paper, score, track, low, COLOURS[index % len(COLOURS)])
    return paper[::-1].repeat(_ROW_PIXELS, axis=0)


def write(path: Path, score: Score) -> None:
    """Write the picture of a score as PNG.

    Raises:
        InvalidInput: as `picture`; or the folder cannot be written.
    """
    png.write(path, picture(score))


def frames(score: Score, frame_rate_hz: float) -> NDArray[np.float32]:
    """How strongly each pitch sounds (P, T), 0 to 1, without drums; of two notes the stronger.

    Raises:
        InvalidInput: more than a million frames.
    """
    count = int(np.ceil(score.duration_seconds * frame_rate_hz))
    if count > _MOST_FRAMES:
        raise InvalidInput(f"{count} frames are too many, {_MOST_FRAMES} the most; cut the score or take a lower rate")
    roll = np.zeros((128, count), dtype=np.float32)
    for track in score.tracks:
        for note in () if track.is_drum else track.notes:
            start, end = (int(score.seconds(ticks) * frame_rate_hz) for ticks in (note.start_ticks, note.end_ticks))
            span = roll[note.pitch, start : max(end, start + 1)]
            np.maximum(span, note.velocity / 127, out=span)
    return roll


def chroma(score: Score, frame_rate_hz: float) -> NDArray[np.float32]:
    """How strongly each pitch class sounds (12, T), C first: the exact label of a rendered score.

    Raises:
        InvalidInput: more than a million frames.
    """
    padded = np.pad(frames(score, frame_rate_hz), ((0, 4), (0, 0)))
    classes: NDArray[np.float32] = padded.reshape(11, 12, -1).sum(axis=0)
    return classes


def _column(score: Score, ticks: int) -> int:
    return round(score.seconds(ticks) * _COLUMNS_PER_SECOND)


def _draw(paper: Pixels, score: Score, track: Track, low: int, colour: tuple[int, int, int]) -> None:
    for note in track.notes:
        start, end = _column(score, note.start_ticks), _column(score, note.end_ticks)
        strength = 0.35 + 0.65 * note.velocity / 127
        shade = [round(255 - (255 - channel) * strength) for channel in colour]
        paper[note.pitch - low, start : max(end - 1, start + 1)] = shade
