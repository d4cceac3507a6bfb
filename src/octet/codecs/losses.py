"""Losses of codec training beside those of the vocoders (EnCodec, arXiv 2210.13438, section 3.4).

Departures: short windows have fewer mel bins, as narrower ones would hold no frequency. In the frequency loss the L2
term is a mean square, as in the public code, where equation 1 has a norm.

Legend: B batch, C channels, N samples.
"""

from __future__ import annotations

import functools
import math

import torch
import torch.nn.functional as F

from octet.audio.spectrogram import MelSpec, mel
from octet.vocoders.losses import Features

LEAST_SIZE = 1e-8  # of activations that distances are divided by
MEL_WINDOWS = (64, 128, 256, 512, 1024)


def multi_scale_mel(fake: torch.Tensor, real: torch.Tensor, sample_rate_hz: int) -> torch.Tensor:
    """L1 of mel power plus mean square of its logarithm, averaged over windows and terms (equation 1).

    Args:
        fake, real: (B, C, N) of at least 1024 samples.
    """
    losses = []
    for window in MEL_WINDOWS:
        spec = _spec(window, sample_rate_hz)
        level = math.sqrt(8 / (3 * window))  # the window then has unit energy
        fake_log, real_log = mel(level * fake, spec), mel(level * real, spec)
        losses += [F.l1_loss(10**fake_log, 10**real_log), F.mse_loss(fake_log, real_log)]
    return torch.stack(losses).mean()


def relative_feature_matching(fake: Features, real: Features) -> torch.Tensor:
    """Distance of every layer's activations over their mean size, averaged over all layers (equation 2)."""
    distances = [
        F.l1_loss(fake_layer, real_layer) / real_layer.abs().mean().clamp(min=LEAST_SIZE)
        for fake_layers, real_layers in zip(fake, real, strict=True)
        for fake_layer, real_layer in zip(fake_layers, real_layers, strict=True)
    ]
    return torch.stack(distances).mean()


@functools.cache
def _spec(window: int, sample_rate_hz: int) -> MelSpec:
    return MelSpec(
        sample_rate_hz=sample_rate_hz,
        fft_samples=window,
        window_samples=window,
        hop_samples=window // 4,
        mel_bins=min(64, window // 16),
        low_hz=64,
        high_hz=sample_rate_hz / 2,
        scale="htk",
        normalization="none",
        power=2,
        log="log10",
    )
