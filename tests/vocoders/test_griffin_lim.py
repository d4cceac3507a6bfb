"""Griffin-Lim: seeded, of the right length, converging, and quicker with momentum."""

import pytest
import torch
from tests.vocoders.examples import spec, voice

from octet.audio.spectrogram import magnitude, mel
from octet.vocoders.griffin_lim import griffin_lim, stft_magnitude_from_mel
from octet.vocoders.losses import mel_l1


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def a_voice(padding="hop"):
    one = spec(padding)
    audio = voice(60, one)[None, None]
    return one, audio, mel(audio[:, 0], one)[..., :60]


def distance(audio, expected, one):
    return float(mel_l1(audio, expected, (one,)))


@pytest.mark.parametrize("padding", ["hop", "center"])
def test_it_says_what_the_spectrogram_says(padding):
    one, audio, spectrogram = a_voice(padding)
    made = griffin_lim(spectrogram, one, rng())
    assert made.shape == audio.shape
    noise = 0.1 * torch.randn(audio.shape, generator=rng())
    assert distance(made, audio, one) < 0.25 * distance(noise, audio, one)


def test_each_iteration_helps_and_momentum_helps_more():
    one, audio, spectrogram = a_voice()
    few, many = (griffin_lim(spectrogram, one, rng(), iterations=n) for n in (1, 60))
    plain = griffin_lim(spectrogram, one, rng(), iterations=60, momentum=0)
    assert distance(many, audio, one) < distance(plain, audio, one) < distance(few, audio, one)


def test_the_generator_of_numbers_decides():
    one, _, spectrogram = a_voice()
    first, same, other = (griffin_lim(spectrogram, one, rng(seed), iterations=2) for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("changes", [{}, {"power": 2}, {"log": "log10"}, {"scale": "htk", "normalization": "none"}])
def test_inverted_filters_give_the_mel_back(changes):
    one = spec().model_copy(update=changes)
    audio = voice(30, one)[None] + 0.01 * torch.randn(1, 1500, generator=rng())
    spectrogram = mel(audio, one)
    back = stft_magnitude_from_mel(spectrogram, one)
    assert back.shape == magnitude(audio, one).shape
    assert back.min() >= 0
    from octet.audio.spectrogram import mel_filters

    powers = (mel_filters(one) @ back**one.power).clamp(min=one.floor)
    logs = powers.log() if one.log == "ln" else powers.log10()
    assert (logs - spectrogram).abs().mean() < 0.1  # cutting negative magnitudes to 0 costs a little
