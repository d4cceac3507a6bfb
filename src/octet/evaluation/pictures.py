"""Pictures for reports: a spectrogram, and pitch contours one over the other, with the least of axes.

Conventions
    * Time runs to the right, one pixel column a frame (two for pitch), with a tick and a number each half second.
    * Spectrogram rows are mel bins, low ones at the bottom, two pixels each; the numbers at the left count bins.
    * Pitch is drawn on a logarithmic axis, where a semitone has one height everywhere; unvoiced frames (0) are blank.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from octet.core import png
from octet.core.errors import InvalidInput
from octet.evaluation.arrays import Floats, finite

Pixels = NDArray[np.uint8]

# Five colours of matplotlib's viridis, whose lightness rises evenly; the rest is drawn between them.
COLOURS = np.array([(68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37)], dtype=np.float64)
# Of Okabe and Ito's palette (2008), which colour-blind readers can tell apart too.
TRACKS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167))
INK = (40, 40, 40)
GRID = (225, 225, 225)
LEFT, TOP, RIGHT, BOTTOM = 34, 14, 20, 18  # margins in pixels: numbers, names, half a number, times
PIXELS_PER_BIN = 2
PITCH_HEIGHT = 200
PITCH_PIXELS_PER_FRAME = 2
TICK_SECONDS = 0.5

# A typeface 3 pixels wide and 5 high, a row an octal digit.
GLYPHS = dict(
    zip(
        "0123456789.-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *("75557", "26227", "71747", "71717", "55711", "74717", "74757", "71122", "75757", "75717"),
            *("00002", "00700"),
            *("25755", "65656", "34443", "65556", "74647", "74644", "34553", "55755", "72227", "11152"),
            *("55655", "44447", "57755", "65555", "25552", "65644", "25563", "65655", "34216", "72222"),
            *("55557", "55552", "55775", "55255", "55222", "71247"),
        ),
        strict=True,
    )
)


def spectrogram_png(mel: ArrayLike, path: Path, *, frame_rate_hz: float = 80.0) -> None:
    """Draw a log-mel spectrogram (M, T); the colours span its own least to greatest value.

    Raises:
        InvalidInput: no frames, values that are not finite, or a folder that cannot be written.
    """
    values = _not_empty(finite("a mel spectrogram", mel, 2))
    bins, frames = values.shape
    canvas = _canvas(bins * PIXELS_PER_BIN, frames)
    span = float(values.max() - values.min()) or 1.0
    shades = colour_map((values[::-1] - values.min()) / span)
    canvas[TOP : TOP + bins * PIXELS_PER_BIN, LEFT : LEFT + frames] = shades.repeat(PIXELS_PER_BIN, axis=0)
    _time_axis(canvas, frames, 1, frame_rate_hz)
    for bin_ in range(0, bins, 20):
        _row_label(canvas, TOP + (bins - bin_) * PIXELS_PER_BIN - 1, str(bin_))
    png.write(path, canvas)


def pitch_png(tracks: Mapping[str, ArrayLike], path: Path, *, frame_rate_hz: float = 80.0) -> None:
    """Draw F0 contours in Hz (T,) by name, up to four, in the order given.

    Raises:
        InvalidInput: no track or more than four, no frames, or a folder that cannot be written.
    """
    if not 1 <= len(tracks) <= len(TRACKS):
        raise InvalidInput(f"{len(tracks)} pitch tracks were given; a picture holds 1 to {len(TRACKS)}")
    contours = [_not_empty(finite(f"the pitch track {name!r}", values)) for name, values in tracks.items()]
    frames = max(len(contour) for contour in contours)
    canvas = _canvas(PITCH_HEIGHT, frames * PITCH_PIXELS_PER_FRAME)
    low_hz, high_hz = _pitch_range(contours)
    for hz in _pitch_ticks(low_hz, high_hz):
        row = int(_pitch_rows(np.array([hz]), low_hz, high_hz)[0])
        canvas[row, LEFT : canvas.shape[1] - RIGHT] = GRID
        _row_label(canvas, row, f"{hz:g}")
    for contour, colour in zip(contours, TRACKS, strict=False):
        _draw_contour(canvas, contour, (low_hz, high_hz), colour)
    _time_axis(canvas, frames, PITCH_PIXELS_PER_FRAME, frame_rate_hz)
    _legend(canvas, tuple(tracks))
    png.write(path, canvas)


def colour_map(shades: Floats) -> Pixels:
    """Colours (..., 3) of values from 0, dark, to 1, light."""
    stops = np.linspace(0.0, 1.0, len(COLOURS))
    channels = [np.interp(shades, stops, COLOURS[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def _not_empty(values: Floats) -> Floats:
    if not values.size:
        raise InvalidInput("there is nothing to draw: the array has no frames")
    return values


def _canvas(height: int, width: int) -> Pixels:
    """White paper with room for the axes; at least wide enough for a name."""
    return np.full((TOP + height + BOTTOM, LEFT + max(width, 60) + RIGHT, 3), 255, dtype=np.uint8)


def _time_axis(canvas: Pixels, frames: int, pixels_per_frame: int, frame_rate_hz: float) -> None:
    baseline = canvas.shape[0] - BOTTOM
    canvas[baseline, LEFT : LEFT + frames * pixels_per_frame] = INK
    for tick in range(int(frames / frame_rate_hz / TICK_SECONDS) + 1):
        column = LEFT + round(tick * TICK_SECONDS * frame_rate_hz * pixels_per_frame)
        canvas[baseline : baseline + 4, column] = INK
        _write(canvas, f"{tick * TICK_SECONDS:.1f}", baseline + 6, column - 5, INK)


def _row_label(canvas: Pixels, row: int, text: str) -> None:
    canvas[row, LEFT - 4 : LEFT] = INK
    _write(canvas, text, row - 5, LEFT - 6 - 8 * len(text), INK)


def _write(canvas: Pixels, text: str, top: int, left: int, colour: tuple[int, int, int]) -> None:
    """Write in capitals, two pixels a dot; what has no glyph is a space, what leaves the paper is cut."""
    for index, letter in enumerate(text.upper()):
        dots = [[int(row) >> shift & 1 for shift in (2, 1, 0)] for row in GLYPHS.get(letter, "00000")]
        for y, x in np.argwhere(np.kron(dots, np.ones((2, 2))) > 0):
            row, column = top + y, left + 8 * index + x
            if 0 <= row < canvas.shape[0] and 0 <= column < canvas.shape[1]:
                canvas[row, column] = colour


def _pitch_range(contours: list[Floats]) -> tuple[float, float]:
    """Bounds of the axis in Hz: the voiced frames and a twentieth more; 80 to 320 where nothing is voiced."""
    voiced = np.concatenate([contour[contour > 0] for contour in contours])
    return (float(voiced.min()) / 1.05, float(voiced.max()) * 1.05) if voiced.size else (80.0, 320.0)


def _pitch_ticks(low_hz: float, high_hz: float) -> list[float]:
    steps = [25.0 * 2 ** (octave / 2) for octave in range(14)]  # half octaves, rounded to be read
    return [rounded for step in steps if low_hz <= (rounded := float(round(step, -1))) <= high_hz]


def _pitch_rows(hz: Floats, low_hz: float, high_hz: float) -> Floats:
    return np.asarray(TOP + (PITCH_HEIGHT - 1) * (1.0 - np.log(hz / low_hz) / np.log(high_hz / low_hz)))


def _draw_contour(canvas: Pixels, contour: Floats, range_hz: tuple[float, float], colour: tuple[int, int, int]) -> None:
    frames = np.flatnonzero(contour > 0)
    rows = _pitch_rows(contour[frames], *range_hz).round().astype(int)
    for frame, row in zip(frames, rows, strict=True):
        left = LEFT + frame * PITCH_PIXELS_PER_FRAME
        canvas[max(row - 1, 0) : row + 1, left : left + PITCH_PIXELS_PER_FRAME] = colour


def _legend(canvas: Pixels, names: tuple[str, ...]) -> None:
    left = LEFT
    for name, colour in zip(names, TRACKS, strict=False):
        _write(canvas, name, 1, left, colour)
        left += 8 * (len(name) + 2)
