"""Losses of vocoder training, as pure functions on audio and on discriminator outputs.

Spectral: Parallel WaveGAN (Yamamoto 2020, arXiv 1910.11480), equations 3-6, and the mel L1 of HiFi-GAN
(Kong 2020, arXiv 2010.05646), equation 3. Adversarial: least squares (HiFi-GAN equations 1 and 2), hinge
(Vocos, arXiv 2306.00814, section 3.3) and feature matching (HiFi-GAN equation 4). All adversarial losses sum over
sub-discriminators, as HiFi-GAN's equations 7 and 8 do; Vocos, which averages, divides by their number in its weights.

Legend: B batch, N samples, F frequencies, T frames; a score or feature has any shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field

from octet.audio.spectrogram import MelSpec, mel

Scores = Sequence[torch.Tensor]  # one a sub-discriminator
Features = Sequence[Sequence[torch.Tensor]]  # of every layer of every sub-discriminator

LEAST_POWER = 1e-7  # of an STFT bin, so that logarithm and square root keep finite gradients


Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]  # of a loss, in a configuration
_Samples = Annotated[int, Field(ge=1, le=65_536)]


class Resolution(NamedTuple):
    """An STFT: transform, hop and Hann window in samples."""

    fft_samples: _Samples
    hop_samples: _Samples
    window_samples: _Samples


PARALLEL_WAVEGAN = (Resolution(1024, 120, 600), Resolution(2048, 240, 1200), Resolution(512, 50, 240))


def stft_magnitude(audio: torch.Tensor, resolution: Resolution) -> torch.Tensor:
    """Magnitude of a centred STFT with a Hann window: (..., N) -> (..., F, T), differentiable."""
    spectrum = torch.stft(
        audio.reshape(-1, audio.shape[-1]),
        n_fft=resolution.fft_samples,
        hop_length=resolution.hop_samples,
        win_length=resolution.window_samples,
        window=torch.hann_window(resolution.window_samples, device=audio.device),
        return_complex=True,
    )
    real, imaginary = torch.view_as_real(spectrum).unbind(dim=-1)
    power = torch.addcmul(real * real, imaginary, imaginary)  # a third less time than `abs` and its gradient
    return power.clamp(min=LEAST_POWER).sqrt().reshape(*audio.shape[:-1], *spectrum.shape[1:])


def spectral_convergence(fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """Relative Frobenius distance of magnitudes (equation 4), over the whole batch so that silence is harmless."""
    relative: torch.Tensor = torch.linalg.vector_norm(real - fake) / torch.linalg.vector_norm(real)
    return relative


def log_magnitude(fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """Mean absolute distance of log magnitudes (equation 5)."""
    return F.l1_loss(fake.log(), real.log())


def multi_resolution_stft(
    fake: torch.Tensor, real: torch.Tensor, resolutions: Sequence[Resolution] = PARALLEL_WAVEGAN
) -> torch.Tensor:
    """Spectral convergence plus log magnitude, averaged over resolutions (equations 3 and 6): (B, 1, N) twice -> ()."""
    losses = []
    for resolution in resolutions:
        fake_magnitude, real_magnitude = stft_magnitude(fake, resolution), stft_magnitude(real, resolution)
        losses.append(
            spectral_convergence(fake_magnitude, real_magnitude) + log_magnitude(fake_magnitude, real_magnitude)
        )
    return torch.stack(losses).mean()


def mel_l1(fake: torch.Tensor, real: torch.Tensor, specs: Sequence[MelSpec]) -> torch.Tensor:
    """Mean absolute distance of log-mel spectrograms (HiFi-GAN, equation 3), averaged over `specs`."""
    return torch.stack([F.l1_loss(mel(fake, spec), mel(real, spec)) for spec in specs]).mean()


class AdversarialLoss(NamedTuple):
    """The two sides of one game, both to be minimised."""

    generator: Callable[[Scores], torch.Tensor]  # scores of generated audio
    discriminator: Callable[[Scores, Scores], torch.Tensor]  # scores of generated, then of real audio


def _lsgan_generator(fake: Scores) -> torch.Tensor:
    return torch.stack([(1 - score).square().mean() for score in fake]).sum()


def _lsgan_discriminator(fake: Scores, real: Scores) -> torch.Tensor:
    pairs = zip(fake, real, strict=True)
    return torch.stack([(1 - r).square().mean() + f.square().mean() for f, r in pairs]).sum()


def _hinge_generator(fake: Scores) -> torch.Tensor:
    return torch.stack([F.relu(1 - score).mean() for score in fake]).sum()


def _hinge_discriminator(fake: Scores, real: Scores) -> torch.Tensor:
    pairs = zip(fake, real, strict=True)
    return torch.stack([F.relu(1 - r).mean() + F.relu(1 + f).mean() for f, r in pairs]).sum()


LSGAN = AdversarialLoss(_lsgan_generator, _lsgan_discriminator)
HINGE = AdversarialLoss(_hinge_generator, _hinge_discriminator)


def feature_matching(fake: Features, real: Features) -> torch.Tensor:
    """Mean absolute distance of every layer's activations, summed (HiFi-GAN, equation 4)."""
    distances = [
        F.l1_loss(fake_layer, real_layer)
        for fake_layers, real_layers in zip(fake, real, strict=True)
        for fake_layer, real_layer in zip(fake_layers, real_layers, strict=True)
    ]
    return torch.stack(distances).sum()
