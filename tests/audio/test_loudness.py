"""Loudness against closed forms: ITU-R BS.1770-4 annex 1 and the gating signals of EBU Tech 3341."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.audio import loudness
from octet.audio.loudness import integrated_loudness, normalise, true_peak
from octet.core.errors import InvalidInput

RATE = 16000


def sine(level_db: float, seconds: float = 2.0, f0_hz: float = 997.0, rate_hz: int = RATE) -> np.ndarray:
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * f0_hz * times)).astype(np.float32)[None]


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 44100, 48000, 96000])
def test_full_scale_sine_at_997_hz_in_one_channel_is_minus_3_01(rate_hz):
    assert integrated_loudness(sine(0, rate_hz=rate_hz), rate_hz) == pytest.approx(-3.01, abs=0.005)
    stereo = np.repeat(sine(-20, rate_hz=rate_hz), 2, axis=0)
    assert integrated_loudness(stereo, rate_hz) == pytest.approx(-20.0, abs=0.005)


@pytest.mark.parametrize(("f0_hz", "gain_db"), [(100, -1.825), (997, 0.0), (3000, 3.117), (38.135, -6.7)])
def test_k_weighting(f0_hz, gain_db):
    difference = integrated_loudness(sine(-20, 5.0, f0_hz), RATE) - integrated_loudness(sine(-20, 5.0), RATE)
    assert difference == pytest.approx(gain_db, abs=0.05)


@pytest.mark.parametrize(
    "parts",
    [
        [(-23, 20)],
        [(-36, 10), (-23, 60), (-36, 10)],
        [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)],
        [(-26, 20), (-20, 20.1), (-26, 20)],
    ],
)
def test_gating_signals_of_the_ebu_measure_minus_23(parts):
    stereo = np.repeat(np.concatenate([sine(*part, f0_hz=1000.0) for part in parts], axis=1), 2, axis=0)
    assert integrated_loudness(stereo, RATE) == pytest.approx(-23.0, abs=0.1)


def test_long_sounds_are_weighted_in_segments_without_seams():
    noise = np.random.default_rng(0).standard_normal((1, 600_000))
    later = loudness._k_weighted(noise[:, 100_000:], RATE)  # its segments begin elsewhere
    inner = slice(RATE, -RATE)
    np.testing.assert_allclose(loudness._k_weighted(noise, RATE)[:, 100_000:][:, inner], later[:, inner], atol=1e-7)


@given(gain_db=st.floats(-30, 10), seconds=st.floats(0.05, 1.0))
@settings(max_examples=25, deadline=None)
def test_gain_moves_loudness_by_itself(gain_db, seconds):
    quiet = sine(-20, seconds)
    moved = integrated_loudness(quiet * np.float32(10 ** (gain_db / 20)), RATE)
    assert moved == pytest.approx(integrated_loudness(quiet, RATE) + gain_db, abs=1e-3)


def test_silence_is_infinitely_quiet_and_stays_silence():
    silence = np.zeros((1, RATE), np.float32)
    assert integrated_loudness(silence, RATE) == -math.inf
    np.testing.assert_array_equal(normalise(silence, RATE, -23.0), silence)


@pytest.mark.parametrize("shape", [(RATE,), (3, RATE), (1, 0)])
def test_what_has_no_loudness_is_refused(shape):
    with pytest.raises(InvalidInput, match="1 or 2 channels"):
        integrated_loudness(np.zeros(shape, np.float32), RATE)


def test_true_peak_is_found_between_samples():
    times = np.arange(4800)
    between = np.sin(2 * np.pi * times / 4 + np.pi / 4).astype(np.float32)[None]  # every sample at 0.707
    assert np.abs(between).max() < 0.7072
    assert true_peak(between[:, ::1], 48000) == pytest.approx(1.0, abs=0.02)


def test_normalised_sounds_have_the_target_loudness():
    for target in (-30.0, -16.0):
        assert integrated_loudness(normalise(sine(-40), RATE, target), RATE) == pytest.approx(target, abs=0.01)


def test_the_ceiling_wins_over_the_target():
    peaky = np.zeros((1, RATE), np.float32)
    peaky[0, ::1600] = 0.5
    for ceiling_db in (-1.0, -6.0):
        loud = normalise(peaky, RATE, 0.0, ceiling_db=ceiling_db)
        assert true_peak(loud, RATE) == pytest.approx(10 ** (ceiling_db / 20), abs=1e-4)
        assert integrated_loudness(loud, RATE) < -10
