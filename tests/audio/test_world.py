"""WORLD takes sound apart and puts it together again."""

import numpy as np
import pytest

from octet.audio import pitch, world
from octet.core import errors
from octet.core.errors import MissingExtra

RATE = 16000


def voice(f0_hz: float = 150.0, seconds: float = 1.0) -> np.ndarray:
    times = np.arange(round(seconds * RATE)) / RATE
    harmonics = [np.sin(2 * np.pi * k * f0_hz * times) / k for k in range(1, 30)]
    return (0.2 * np.sum(harmonics, axis=0)).astype(np.float32)


def spectrum_db(audio: np.ndarray) -> np.ndarray:
    """Levels in bands of 250 Hz of the middle half second."""
    power = np.abs(np.fft.rfft(audio[4000:12000] * np.hanning(8000))) ** 2
    return 10 * np.log10(power[: 16 * 125 * 2].reshape(-1, 125).sum(axis=1))


def test_analysis_has_a_row_every_five_milliseconds():
    analysis = world.analyse(voice(), RATE)
    frames = len(analysis.f0_hz)
    assert frames == 201
    assert analysis.envelope.shape == analysis.aperiodicity.shape == (frames, 513)
    np.testing.assert_allclose(analysis.times_seconds, 0.005 * np.arange(frames))
    assert (analysis.envelope > 0).all()
    assert ((analysis.aperiodicity >= 0) & (analysis.aperiodicity <= 1)).all()


@pytest.mark.parametrize("frame_seconds", [0.005, 0.01])
def test_synthesis_restores_pitch_spectrum_and_length(frame_seconds):
    analysis = world.analyse(voice(), RATE, frame_seconds=frame_seconds)
    f0_hz, envelope, aperiodicity, _ = analysis
    heard = world.synthesize(f0_hz, envelope, aperiodicity, RATE, frame_seconds=frame_seconds)
    assert heard.dtype == np.float32
    assert abs(len(heard) - RATE) <= 2 * frame_seconds * RATE
    assert np.abs(spectrum_db(heard) - spectrum_db(voice()))[:8].max() < 2.0
    assert pitch.median_f0_hz(pitch.pyin(heard, RATE, 200)) == pytest.approx(150.0, rel=0.003)


def test_pitch_changes_alone():
    f0_hz, envelope, aperiodicity, _ = world.analyse(voice(), RATE)
    heard = world.synthesize(1.5 * f0_hz, envelope, aperiodicity, RATE)
    assert pitch.median_f0_hz(pitch.pyin(heard, RATE, 200)) == pytest.approx(225.0, rel=0.003)
    assert np.abs(spectrum_db(heard) - spectrum_db(voice()))[:8].max() < 6.0  # harmonics move between the bands


def test_a_known_f0_is_taken_as_it_is():
    times_seconds = np.arange(100) * 0.01
    known = np.where(times_seconds < 0.5, 150.0, 0.0)
    analysis = world.analyse_at(voice(), RATE, known, times_seconds)
    np.testing.assert_array_equal(analysis.f0_hz, known)
    assert analysis.aperiodicity[20:40, :200].mean() < 0.1 < analysis.aperiodicity[60:90, :200].mean()


def test_limits_of_f0_are_kept():
    assert (world.analyse(voice(150.0), RATE, low_hz=60.0, high_hz=100.0).f0_hz < 110).all()


def test_without_pyworld_the_install_command_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyworld", None)
    with pytest.raises(MissingExtra, match=r"pip install 'octet\[corpus\]'"):
        world.analyse(voice(), RATE)
    assert issubclass(MissingExtra, errors.OctetError)
