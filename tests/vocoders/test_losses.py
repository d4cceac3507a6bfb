"""Vocoder losses against their equations, written out by hand, and their properties."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vocoders.examples import spec, voice

from octet.vocoders import losses
from octet.vocoders.losses import HINGE, LSGAN, PARALLEL_WAVEGAN, Resolution


def pair(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return (0.3 * torch.randn(2, 1, 3000, generator=generator) for _ in range(2))


def test_the_published_resolutions():
    assert PARALLEL_WAVEGAN == ((1024, 120, 600), (2048, 240, 1200), (512, 50, 240))


def test_magnitude_is_that_of_a_windowed_fourier_sum():
    audio, resolution = voice(20, spec()), Resolution(64, 16, 40)
    magnitude = losses.stft_magnitude(audio[None, None], resolution)[0, 0, :, 30].numpy()
    window = np.zeros(64)
    window[12:52] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(40) / 40)
    frame = audio.double().numpy()[30 * 16 - 32 : 30 * 16 + 32] * window
    expected = [abs(np.sum(frame * np.exp(-2j * np.pi * k * np.arange(64) / 64))) for k in range(33)]
    np.testing.assert_allclose(magnitude, np.maximum(expected, math.sqrt(losses.LEAST_POWER)), rtol=1e-4, atol=1e-5)


def test_stft_loss_is_its_equations():
    fake, real = pair()
    expected = 0.0
    for resolution in PARALLEL_WAVEGAN:
        x, y = (losses.stft_magnitude(audio, resolution).double().numpy() for audio in (real, fake))
        expected += np.sqrt(((x - y) ** 2).sum() / (x**2).sum()) + np.abs(np.log(x) - np.log(y)).mean()
    assert float(losses.multi_resolution_stft(fake, real)) == pytest.approx(expected / 3, rel=1e-5)


@settings(max_examples=10)
@given(st.floats(0.1, 10))
def test_spectral_convergence_of_a_louder_copy_is_the_excess(gain):
    _, real = pair()
    magnitude = losses.stft_magnitude(real, Resolution(256, 64, 256))
    assert float(losses.spectral_convergence(gain * magnitude, magnitude)) == pytest.approx(abs(gain - 1), abs=1e-5)
    assert float(losses.log_magnitude(gain * magnitude, magnitude)) == pytest.approx(abs(math.log(gain)), abs=1e-5)


def test_mel_loss_of_a_copy_is_zero_and_of_a_louder_one_the_logarithm():
    audio, _ = pair()  # noise, so that no bin lies at the floor
    assert losses.mel_l1(audio, audio, (spec(),)) == 0
    assert float(losses.mel_l1(2 * audio, audio, (spec(),))) == pytest.approx(math.log(2), abs=1e-5)


def test_mel_loss_averages_over_its_specs():
    fake, real = pair()
    specs = (spec(), spec("center"))
    single = [float(losses.mel_l1(fake, real, (one,))) for one in specs]
    assert float(losses.mel_l1(fake, real, specs)) == pytest.approx(sum(single) / 2)


@pytest.mark.parametrize("loss", [losses.multi_resolution_stft, lambda f, r: losses.mel_l1(f, r, (spec(),))])
def test_silence_has_finite_losses_and_gradients(loss):
    silence = torch.zeros(1, 1, 3000, requires_grad=True)
    value = loss(silence, voice(60, spec())[None, None])
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(silence.grad).all()


SCORES = [torch.tensor([[0.5, 2.0]]), torch.tensor([[-1.0]])]
OTHERS = [torch.tensor([[1.0, 0.0]]), torch.tensor([[3.0]])]


def test_least_squares():
    # ((0.5)^2 + 1) / 2 + 4
    assert float(LSGAN.generator(SCORES)) == pytest.approx(0.625 + 4)
    # real (0 + 1) / 2 and 4; generated (0.25 + 4) / 2 and 1
    assert float(LSGAN.discriminator(SCORES, OTHERS)) == pytest.approx(0.5 + 4 + 2.125 + 1)


def test_hinge():
    # max(0, 1 - x): (0.5 + 0) / 2 and 2
    assert float(HINGE.generator(SCORES)) == pytest.approx(0.25 + 2)
    # real: (0 + 1) / 2 and 0; generated, max(0, 1 + x): (1.5 + 3) / 2 and 0
    assert float(HINGE.discriminator(SCORES, OTHERS)) == pytest.approx(0.5 + 0 + 2.25 + 0)


@pytest.mark.parametrize("game", [LSGAN, HINGE])
def test_a_perfect_discriminator_has_no_loss_and_a_fooled_one_some(game):
    ones = [torch.ones(2, 3)]
    zeros, minus = [torch.zeros(2, 3)], [-torch.ones(2, 3)]
    told_apart = game.discriminator(zeros if game is LSGAN else minus, ones)
    assert told_apart == 0
    assert game.generator(ones) == 0
    assert game.discriminator(ones, ones) > 0


def test_feature_matching_sums_the_mean_distances_of_all_layers():
    real = [[torch.zeros(4), torch.zeros(2)], [torch.zeros(3)]]
    fake = [[torch.ones(4), 2 * torch.ones(2)], [-3 * torch.ones(3)]]
    assert float(losses.feature_matching(fake, real)) == pytest.approx(1 + 2 + 3)
