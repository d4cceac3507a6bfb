"""Resampling keeps tones, removes what would alias, and streams to the same samples."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.audio.resample import Resampler, resample
from octet.core.errors import InvalidInput

RATES = [8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000]


def sine(f0_hz: float, rate_hz: int, seconds: float = 0.4) -> np.ndarray:
    return np.sin(2 * np.pi * f0_hz * np.arange(round(seconds * rate_hz)) / rate_hz).astype(np.float32)


@pytest.mark.parametrize("from_hz", RATES)
@pytest.mark.parametrize("to_hz", RATES)
def test_a_tone_stays_a_tone(from_hz, to_hz):
    heard = resample(sine(440.0, from_hz), from_hz, to_hz)
    expected = sine(440.0, to_hz)
    inner = slice(len(expected) // 5, -len(expected) // 5)
    assert heard.shape == expected.shape
    assert np.abs(heard - expected)[inner].max() < 2e-5


def test_what_would_alias_is_removed():
    assert np.abs(resample(sine(11000.0, 48000), 48000, 16000)[500:-500]).max() < 1e-5


@given(
    rates=st.tuples(st.sampled_from(RATES), st.sampled_from(RATES)),
    sizes=st.lists(st.integers(0, 700), max_size=5),
    channels=st.integers(1, 3),
)
@settings(max_examples=50, deadline=None)
def test_a_stream_gives_the_same_samples(rates, sizes, channels):
    whole = np.random.default_rng(0).standard_normal((channels, sum(sizes))).astype(np.float32)
    stream, cuts = Resampler(*rates, channels), np.cumsum([0, *sizes])
    pieces = [stream.push(whole[:, start:end]) for start, end in pairwise(cuts)]
    streamed = np.concatenate([*pieces, stream.push(whole[:, :0], last=True)], axis=1)
    at_once = resample(whole, *rates)
    assert streamed.shape == at_once.shape
    np.testing.assert_allclose(streamed, at_once, atol=1e-5)


@given(shape=st.sampled_from([(0,), (1,), (2, 0), (1, 2), (3, 2, 100)]), rates=st.permutations(RATES))
@settings(max_examples=30)
def test_shapes(shape, rates):
    resampled = resample(np.zeros(shape, np.float32), rates[0], rates[1])
    assert resampled.dtype == np.float32
    assert resampled.shape[:-1] == shape[:-1]
    assert abs(resampled.shape[-1] - shape[-1] * rates[1] / rates[0]) <= 0.5


def test_rates_below_one_are_refused():
    for rates in ((0, 16000), (16000, -1)):
        with pytest.raises(InvalidInput, match="makes no sense"):
            resample(sine(440.0, 16000), *rates)
        with pytest.raises(InvalidInput, match="makes no sense"):
            Resampler(*rates)
