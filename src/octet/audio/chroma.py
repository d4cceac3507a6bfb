"""Chroma: how strongly each of the twelve pitch classes sounds, as MusicGen's melody conditioner hears it.

Source: Copet et al., arXiv 2306.05284, section 3.3 (the strongest class of each frame alone is kept), with the window
and normalisation of the published code; the filters are those of Ellis's chroma analysis (2007) with librosa's
settings: Gaussians a semitone wide, weighted by a wide one whose middle lies five octaves above 27.5 Hz.

Legend: N samples, F = fft_samples / 2 + 1 frequencies, T = N // hop_samples + 1 frames.
"""

from __future__ import annotations

import functools
from typing import Annotated

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field

CLASSES = 12  # C, C sharp, ... B
_LOWEST_HZ = 27.5  # A, three semitones below C
_SEMITONES_BELOW_C = 3
_CENTRE_OCTAVES, _WIDTH_OCTAVES = 5.0, 2.0
_LEAST = 1e-6  # of the strongest class; below it a frame is silent


class ChromaSpec(BaseModel):
    """Rate and window; the defaults are MusicGen's, half a second long."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sample_rate_hz: Annotated[int, Field(ge=4_000, le=192_000)] = 32_000
    fft_samples: Annotated[int, Field(ge=64, le=1 << 17)] = 16_384
    hop_samples: Annotated[int, Field(ge=1, le=1 << 17)] = 4_096


def chroma(audio: torch.Tensor, spec: ChromaSpec) -> torch.Tensor:
    """Power of each pitch class: audio (..., N) -> (..., 12, T), float32, the strongest class of every frame 1.

    Audio shorter than a window stands in the middle of one. Silence is 0 throughout.
    """
    samples = audio.float().reshape(-1, audio.shape[-1])
    missing = max(0, spec.fft_samples - samples.shape[-1])
    padded = F.pad(samples, (missing // 2, missing - missing // 2))
    window = torch.hann_window(spec.fft_samples, device=audio.device)
    spectrum = torch.stft(
        padded, spec.fft_samples, spec.hop_samples, window=window, center=True, pad_mode="reflect", return_complex=True
    )
    power = (spectrum.abs() / window.norm()) ** 2
    classes = F.normalize(_filters(spec, audio.device) @ power, p=torch.inf, dim=-2, eps=_LEAST)
    return classes.reshape(*audio.shape[:-1], *classes.shape[-2:])


def strongest(classes: torch.Tensor) -> torch.Tensor:
    """Only the strongest class of each frame (section 3.3): (..., 12, T) -> the same, one 1 a frame, else 0.

    A silent frame keeps class 0, as in the published code, where silence is what a missing melody looks like.
    """
    return F.one_hot(classes.argmax(dim=-2), CLASSES).movedim(-1, -2).float()


@functools.lru_cache(maxsize=8)
def _filters(spec: ChromaSpec, device: torch.device) -> torch.Tensor:
    """How much each frequency counts for each class (12, F)."""
    bins = spec.fft_samples // 2 + 1
    with torch.inference_mode(False):
        hz = torch.arange(1, bins + 1, dtype=torch.float64) * spec.sample_rate_hz / spec.fft_samples
        semitones = CLASSES * torch.log2(hz / _LOWEST_HZ)
        # Zero has no logarithm: it is put an octave and a half below the first frequency, where it counts for nothing.
        semitones = torch.cat([semitones[:1] - 1.5 * CLASSES, semitones])
        widths = semitones.diff().clamp(min=1.0)
        semitones = semitones[:-1]
        classes = torch.arange(CLASSES, dtype=torch.float64)[:, None]
        distances = (semitones - classes + CLASSES / 2) % CLASSES - CLASSES / 2
        bumps = F.normalize(torch.exp(-0.5 * (2 * distances / widths) ** 2), dim=0)
        weights = torch.exp(-0.5 * ((semitones / CLASSES - _CENTRE_OCTAVES) / _WIDTH_OCTAVES) ** 2)
        return (bumps * weights).roll(-_SEMITONES_BELOW_C, dims=0).float().to(device)
