"""F0 on signals whose F0 is known: gross errors, cents, voicing, alignment with mel frames, speed."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.audio import pitch
from octet.core.errors import InvalidInput

METHODS = [pitch.pyin, pitch.world]
RATES_AND_HOPS = [(16000, 200), (22050, 256), (24000, 256)]


def voice(f0_hz: np.ndarray, rate_hz: int, noise: float = 0.0) -> np.ndarray:
    """Harmonics falling by 6 dB an octave below 0.45 of the rate, peak 0.4, and white noise."""
    phases = 2 * np.pi * np.cumsum(f0_hz) / rate_hz
    harmonics = [np.sin(k * phases) / k * (k * f0_hz < 0.45 * rate_hz) for k in range(1, 20)]
    tone = np.sum(harmonics, axis=0)
    random = np.random.default_rng(0).standard_normal(len(tone))
    return (0.4 * tone / np.abs(tone).max() + noise * random).astype(np.float32)


CONTOURS = {
    "70 Hz": lambda t: 70 + 0 * t,
    "221.3 Hz": lambda t: 221.3 + 0 * t,
    "570 Hz": lambda t: 570 + 0 * t,
    "glide up": lambda t: 80 * 5 ** (t / 2),
    "glide down": lambda t: 500 * 0.2 ** (t / 2),
    "vibrato": lambda t: 300 * 2 ** (0.5 / 12 * np.sin(2 * np.pi * 6 * t)),
}


def errors_in_cents(method, contour, rate_hz, hop_samples, noise=0.0) -> np.ndarray:
    """At frame centres, edges left out; unvoiced frames count as an octave."""
    f0_hz = contour(np.arange(2 * rate_hz) / rate_hz)
    measured = method(voice(f0_hz, rate_hz, noise), rate_hz, hop_samples)
    expected = f0_hz[np.arange(len(measured)) * hop_samples + hop_samples // 2]
    return (1200 * np.log2(np.where(measured > 0, measured, expected / 2) / expected))[4:-4]


@pytest.mark.parametrize("contour", CONTOURS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("rate_hz", "hop_samples"), RATES_AND_HOPS)
def test_clean_tones_are_measured_within_five_cents(method, contour, rate_hz, hop_samples):
    errors = errors_in_cents(method, CONTOURS[contour], rate_hz, hop_samples)
    assert (np.abs(errors) > 50).sum() == 0
    assert np.sqrt((errors**2).mean()) < 5


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("contour", ["glide up", "vibrato"])
def test_noise_ten_decibels_below_costs_cents_and_no_octaves(method, contour):
    errors = errors_in_cents(method, CONTOURS[contour], 16000, 200, noise=0.1)
    assert (np.abs(errors) > 100).mean() <= 0.01
    assert np.median(np.abs(errors)) < 10


@pytest.mark.parametrize("method", METHODS)
def test_frames_are_centred_half_a_hop_in(method):
    def bias_seconds(delay_samples):
        rate_hz, hop_samples = 16000, 200
        octaves_a_second = 2.0
        f0_hz = 100 * 2 ** (octaves_a_second * np.arange(rate_hz) / rate_hz)
        measured = method(voice(f0_hz, rate_hz), rate_hz, hop_samples)
        centres = (np.arange(len(measured)) + 0.5) * hop_samples + delay_samples
        expected = 100 * 2 ** (octaves_a_second * centres / rate_hz)
        return np.median(np.log2(measured / expected)[8:-8]) / octaves_a_second

    assert abs(bias_seconds(0)) < 0.0015
    assert abs(bias_seconds(100)) > 0.004  # and half a hop of misalignment would show


@pytest.mark.parametrize("method", METHODS)
def test_silence_noise_and_dither_are_unvoiced(method):
    random = np.random.default_rng(1)
    quiet = {
        "silence": np.zeros(32000),
        "noise": 0.1 * random.standard_normal(32000),
        "dither": np.rint(random.uniform(-0.7, 0.7, 32000)) / 32768,
        "offset": np.full(32000, 0.3),
    }
    for name, audio in quiet.items():
        assert (method(audio.astype(np.float32), 16000, 200) > 0).mean() < 0.03, name


@pytest.mark.parametrize("method", METHODS)
def test_voicing_starts_and_stops_with_the_voice(method):
    f0_hz = np.full(16000, 150.0)
    audio = np.concatenate([np.zeros(8000, np.float32), voice(f0_hz, 16000), np.zeros(8000, np.float32)])
    voiced = method(audio, 16000, 200) > 0
    assert voiced[42:118].all()
    assert not voiced[:37].any()
    assert not voiced[123:].any()


@pytest.mark.parametrize("method", METHODS)
@given(samples=st.integers(0, 3000), hop=st.sampled_from([80, 200, 255, 256]))
@settings(max_examples=25, deadline=None)
def test_there_is_a_value_for_every_whole_hop(method, samples, hop):
    f0_hz = method(voice(np.full(3000, 200.0), 16000)[:samples], 16000, hop)
    assert f0_hz.shape == (samples // hop,)
    assert f0_hz.dtype == np.float32
    assert ((f0_hz == 0) | ((f0_hz >= 50) & (f0_hz <= 620))).all()


@given(gain=st.floats(0.001, 2.0))
@settings(max_examples=10, deadline=None)
def test_loudness_does_not_change_pitch(gain):
    audio = voice(np.linspace(100, 300, 8000), 16000)
    np.testing.assert_allclose(
        pitch.pyin(audio * np.float32(gain), 16000, 200), pitch.pyin(audio, 16000, 200), rtol=1e-3
    )


@pytest.mark.parametrize("method", METHODS)
def test_limits_are_kept(method):
    audio = voice(np.full(16000, 300.0), 16000)
    measured = method(audio, 16000, 200, low_hz=200.0, high_hz=400.0)
    np.testing.assert_allclose(measured[4:-4], 300.0, rtol=0.003)
    below = method(audio, 16000, 200, low_hz=60.0, high_hz=200.0)
    assert (below <= 201).all()


@pytest.mark.parametrize("method", METHODS)
def test_unusable_input_is_refused(method):
    audio = voice(np.full(3000, 200.0), 16000)
    with pytest.raises(InvalidInput, match=r"mono audio \(samples,\); given an array of shape \(1, 3000\)"):
        method(audio[None], 16000, 200)
    for low_hz, high_hz in ((0.0, 600.0), (600.0, 60.0), (60.0, 5000.0)):
        with pytest.raises(InvalidInput, match="a quarter of the sample rate"):
            method(audio, 16000, 200, low_hz=low_hz, high_hz=high_hz)


def test_pyin_over_the_borders_of_its_blocks():
    f0_hz = np.linspace(100, 300, 18000)
    audio = voice(f0_hz, 16000)
    measured = pitch.pyin(audio, 16000, 8)  # 2250 frames, worked on in blocks of 2000
    np.testing.assert_allclose(measured[1900:2100], f0_hz[4 + 8 * np.arange(1900, 2100)], rtol=0.004)


@pytest.mark.slow
def test_pyin_is_thirty_times_faster_than_sound():
    audio = voice(np.linspace(80, 400, 20 * 16000), 16000, noise=0.01)
    started = time.process_time()
    pitch.pyin(audio, 16000, 200)
    assert time.process_time() - started < 20 / 30


def test_interpolation_fills_gaps_linearly_and_holds_the_ends():
    f0_hz = np.array([0, 0, 100, 0, 200, 220, 0], np.float32)
    np.testing.assert_array_equal(pitch.interpolate_unvoiced(f0_hz), [100, 100, 100, 150, 200, 220, 220])
    with pytest.raises(InvalidInput, match="none of 3 frames is voiced"):
        pitch.interpolate_unvoiced(np.zeros(3, np.float32))


def test_median_leaves_unvoiced_frames_out():
    assert pitch.median_f0_hz(np.array([0, 0, 0, 90, 100, 130], np.float32)) == 100.0
    assert pitch.median_f0_hz(np.zeros(4, np.float32)) == 0.0
