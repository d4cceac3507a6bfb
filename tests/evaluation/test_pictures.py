"""Pictures read back: what is drawn where."""

import io

import numpy as np
import pytest
from PIL import Image

from octet.core.errors import InvalidInput
from octet.evaluation import pictures


def decode(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def test_colours_run_from_dark_to_light():
    colours = pictures.colour_map(np.linspace(0, 1, 50)).astype(float)
    assert tuple(colours[0]) == (68, 1, 84)
    assert tuple(colours[-1]) == (253, 231, 37)
    assert (np.diff(colours @ [0.2126, 0.7152, 0.0722]) > 0).all()


def test_spectrogram_has_low_bins_at_the_bottom(tmp_path):
    mel = np.zeros((20, 100))
    mel[3, 40:60] = 5.0
    pictures.spectrogram_png(mel, tmp_path / "mel.png")
    pixels = decode((tmp_path / "mel.png").read_bytes())
    rows, columns = np.nonzero((pixels == (253, 231, 37)).all(axis=-1))
    assert set(columns) == set(range(pictures.LEFT + 40, pictures.LEFT + 60))
    assert set(rows) == {pictures.TOP + 2 * (19 - 3), pictures.TOP + 2 * (19 - 3) + 1}


def test_a_constant_spectrogram_is_drawn(tmp_path):
    pictures.spectrogram_png(np.full((20, 3), -11.5), tmp_path / "silence.png")
    assert decode((tmp_path / "silence.png").read_bytes()).shape == (20 * 2 + 32, 60 + 54, 3)


def columns_of(pixels, colour):
    return set(np.nonzero((pixels[pictures.TOP :] == colour).all(axis=-1))[1])


def test_pitch_tracks_are_apart_and_break_where_unvoiced(tmp_path):
    low, high = np.full(50, 100.0), np.full(50, 200.0)
    low[10:20] = 0
    pictures.pitch_png({"low": low, "high": high}, tmp_path / "pitch.png")
    pixels = decode((tmp_path / "pitch.png").read_bytes())
    first, second = pictures.TRACKS[:2]
    drawn = set(range(pictures.LEFT, pictures.LEFT + 100))
    assert columns_of(pixels, second) == drawn
    assert columns_of(pixels, first) == drawn - set(range(pictures.LEFT + 20, pictures.LEFT + 40))
    rows = [np.nonzero((pixels[pictures.TOP :] == colour).all(axis=-1))[0].mean() for colour in (first, second)]
    assert rows[0] > rows[1] + 100


def test_names_and_numbers_are_written(tmp_path):
    pictures.pitch_png({"octet": np.full(100, 150.0)}, tmp_path / "pitch.png")
    pixels = decode((tmp_path / "pitch.png").read_bytes())
    assert (pixels[: pictures.TOP] == pictures.TRACKS[0]).all(axis=-1).any()
    assert (pixels[-12:] == pictures.INK).all(axis=-1).any()


def test_a_faster_frame_rate_has_fewer_ticks(tmp_path):
    counts = []
    for rate_hz in (50.0, 200.0):
        pictures.pitch_png({"a": np.full(400, 150.0)}, tmp_path / "p.png", frame_rate_hz=rate_hz)
        below_axis = decode((tmp_path / "p.png").read_bytes())[-pictures.BOTTOM + 2]
        counts.append((below_axis == pictures.INK).all(axis=-1).sum())
    assert counts == [17, 5]


def test_an_unvoiced_track_is_an_empty_plot(tmp_path):
    pictures.pitch_png({"whisper": np.zeros(30)}, tmp_path / "pitch.png")
    assert not columns_of(decode((tmp_path / "pitch.png").read_bytes()), pictures.TRACKS[0])


def test_nothing_to_draw_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no frames"):
        pictures.spectrogram_png(np.zeros((80, 0)), tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="no frames"):
        pictures.pitch_png({"a": []}, tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="1 to 4"):
        pictures.pitch_png({}, tmp_path / "a.png")
    with pytest.raises(InvalidInput, match="1 to 4"):
        pictures.pitch_png({str(i): [1.0] for i in range(5)}, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())
