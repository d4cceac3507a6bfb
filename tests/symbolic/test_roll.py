from __future__ import annotations

import numpy as np
import pytest

from octet.core import png
from octet.core.errors import InvalidInput
from octet.symbolic import roll
from octet.symbolic.score import Note, Score, Track

SCORE = Score(
    (Track(0, (Note(0, 60, 960, 127), Note(960, 67, 960, 64))), Track(0, (Note(0, 36, 120),), is_drum=True)),
)


def test_the_picture_shows_each_note_where_it_sounds():
    pixels = roll.picture(SCORE)
    height, width, _ = pixels.shape
    assert (height, width) == ((67 + 2 - 36 + 2 + 1) * 4, 2 * 60 + 1)
    rows = {pitch: (69 - pitch) * 4 + 1 for pitch in (60, 67, 36)}
    assert tuple(pixels[rows[60], 10]) == roll.COLOURS[0]
    assert tuple(pixels[rows[60], 100]) != roll.COLOURS[0]
    assert pixels[rows[67], 100].sum() > pixels[rows[60], 10].sum()  # softer is lighter
    assert tuple(pixels[rows[67], 10]) == (255, 255, 255)
    assert pixels[rows[36], 3, 0] > 200  # the second track's colour


def test_pictures_are_written_as_png(tmp_path):
    roll.write(tmp_path / "roll.png", SCORE)
    assert (tmp_path / "roll.png").read_bytes().startswith(png.SIGNATURE)


def test_nothing_and_too_much_is_not_drawn():
    for score in (Score(()), Score((Track(0, (Note(400_000, 60, 1),)),))):
        with pytest.raises(InvalidInput, match="a roll shows up to"):
            roll.picture(score)


def test_frames_and_chroma_say_what_sounds():
    frames = roll.frames(SCORE, 10)
    assert frames.shape == (128, 20)
    np.testing.assert_array_equal(np.flatnonzero(frames[:, 5]), [60])
    np.testing.assert_array_equal(np.flatnonzero(frames[:, 15]), [67])
    chroma = roll.chroma(SCORE, 10)
    np.testing.assert_array_equal(chroma.argmax(axis=0), [0] * 10 + [7] * 10)
    assert chroma[7, 15] == pytest.approx(64 / 127)


def test_a_score_without_end_is_not_unrolled():
    endless = Score((Track(0, (Note(4_999_999, 60, 1),)),))
    for unroll in (roll.frames, roll.chroma):
        with pytest.raises(InvalidInput, match="frames are too many"):
            unroll(endless, 1_000)
