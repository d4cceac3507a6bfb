"""Losses of codec training against their equations, written out by hand."""

import math

import numpy as np
import pytest
import torch
from tests.codecs.examples import noise, tones

from octet.audio.spectrogram import mel_filters
from octet.codecs.losses import MEL_WINDOWS, _spec, multi_scale_mel, relative_feature_matching


def mel_power(audio, window, rate_hz):
    """Frames of unit-energy windows, hop a quarter, reflected at the ends, by a plain Fourier transform."""
    pad = (window - window // 4) // 2
    signal = np.pad(audio, pad, mode="reflect")
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    hann /= np.sqrt((hann**2).sum())
    frames = [signal[start : start + window] * hann for start in range(0, len(signal) - window + 1, window // 4)]
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    return np.maximum(power @ mel_filters(_spec(window, rate_hz)).numpy().T.astype(float), 1e-5)


def test_the_mel_loss_is_its_equation():
    fake, real = noise(1, 1, 3000, seed=1), tones(3000, 16_000, 200.0)
    expected = []
    for window in MEL_WINDOWS:
        x, y = (mel_power(audio[0, 0].double().numpy(), window, 16_000) for audio in (fake, real))
        expected += [np.abs(x - y).mean(), ((np.log10(x) - np.log10(y)) ** 2).mean()]
    assert float(multi_scale_mel(fake, real, 16_000)) == pytest.approx(np.mean(expected), rel=1e-4)


@pytest.mark.parametrize("rate_hz", [4000, 16_000, 24_000, 32_000, 48_000])
def test_no_bin_is_empty_at_any_rate(rate_hz):
    for window in MEL_WINDOWS:
        assert (mel_filters(_spec(window, rate_hz)).sum(dim=1) > 0).all()


def test_a_copy_has_no_loss_and_silence_a_finite_one_with_gradients():
    real, silence = tones(3000, 16_000, 200.0), torch.zeros(1, 1, 3000, requires_grad=True)
    assert multi_scale_mel(real, real, 16_000) == 0
    loss = multi_scale_mel(silence, real, 16_000)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(silence.grad).all()


def test_feature_matching_is_relative_and_averaged():
    real = [[torch.full((4,), 2.0), torch.full((2,), -5.0)], [torch.full((3,), 10.0)]]
    fake = [[torch.full((4,), 3.0), torch.full((2,), -4.0)], [torch.full((3,), 7.0)]]
    assert float(relative_feature_matching(fake, real)) == pytest.approx((1 / 2 + 1 / 5 + 3 / 10) / 3)
    louder = (
        [[1000 * layer for layer in layers] for layers in fake],
        [[1000 * layer for layer in layers] for layers in real],
    )
    assert math.isclose(float(relative_feature_matching(*louder)), (1 / 2 + 1 / 5 + 3 / 10) / 3, rel_tol=1e-6)
    nothing = [[torch.zeros(4)]]
    assert relative_feature_matching(nothing, nothing) == 0
