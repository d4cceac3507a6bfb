"""Augmentation of log-mel spectrograms in training: masks and a noise floor.

SpecAugment (Park et al. 2019, arXiv 1904.08779): bands of frequency and stretches of time set to the mean, which is
zero after normalisation. Without its time warp, which the paper finds to matter least and which would move the
boundaries of phones. Added to it: a steady noise of random level and tilt, since synthetic corpora are far cleaner
than what a recogniser is asked to read.

Legend: M mel bins, T frames.
"""

from __future__ import annotations

import torch
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

_TILT = 1.0  # nats at the lowest and the highest bin, at most
_FLUCTUATION = 0.5  # nats: about the deviation of a noise's log-magnitude in a mel bin


class Augmentation(BaseModel):
    """How many masks and how wide at most; `noise_share` of the utterances get a noise floor."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    frequency_masks: NonNegativeInt = 2
    frequency_mask_bins: NonNegativeInt = 10
    time_masks: NonNegativeInt = 2
    time_mask_frames: NonNegativeInt = 10
    noise_share: float = Field(default=0.5, ge=0, le=1)
    noise_below_peak: tuple[float, float] = (2.0, 8.0)  # nats from the loudest bin down to the noise: 17 to 69 dB


def with_noise(mel: torch.Tensor, config: Augmentation, rng: torch.Generator) -> torch.Tensor:
    """Add noise to some utterances: log-mel (M, T) before normalisation, natural logarithm of magnitude."""
    share, level, slope = torch.rand(3, generator=rng).tolist()
    if share >= config.noise_share:
        return mel
    near, far = config.noise_below_peak
    tilt = (2 * slope - 1) * torch.linspace(-_TILT, _TILT, mel.shape[0])[:, None]
    floor = mel.max() - near - level * (far - near) + tilt
    return torch.logaddexp(mel, floor + _FLUCTUATION * torch.randn(mel.shape, generator=rng))


def masked(mel: torch.Tensor, config: Augmentation, rng: torch.Generator) -> torch.Tensor:
    """A copy of a normalised log-mel (M, T) with bands and stretches set to zero."""
    mel = mel.clone()
    for _ in range(config.frequency_masks):
        mel[_stretch(mel.shape[0], config.frequency_mask_bins, rng)] = 0.0
    for _ in range(config.time_masks):
        mel[:, _stretch(mel.shape[1], config.time_mask_frames, rng)] = 0.0
    return mel


def _stretch(length: int, widest: int, rng: torch.Generator) -> slice:
    width, start = torch.rand(2, generator=rng).tolist()
    size = min(int(width * (widest + 1)), length)
    first = int(start * (length - size + 1))
    return slice(first, first + size)
