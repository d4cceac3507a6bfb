"""Griffin-Lim: a waveform for a mel spectrogram without any model, of modest quality.

The mel bins are turned back into STFT magnitudes by the least-squares inverse of their filters; phases are then found
by alternating projections (Griffin and Lim 1984, IEEE TASSP 32-2) with the momentum of Perraudin, Balazs and
Sondergaard ("A fast Griffin-Lim algorithm", WASPAA 2013, algorithm 2).

Legend: B batch, M mel bins, T frames, F = fft / 2 + 1 frequencies, N = T * hop samples.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from octet.audio.spectrogram import MelSpec, mel_filters
from octet.vocoders.istft import istft

LEAST = 1e-12


@torch.no_grad()
def griffin_lim(
    mel: torch.Tensor, spec: MelSpec, rng: torch.Generator, *, iterations: int = 60, momentum: float = 0.99
) -> torch.Tensor:
    """Log-mel (B, M, T) -> audio (B, 1, T * hop).

    Args:
        rng: draws the first phases (on the CPU); the same state gives the same audio.
        momentum: how far each projection overshoots; 0 is plain Griffin-Lim, 0.99 is the paper's.
    """
    magnitude = stft_magnitude_from_mel(mel, spec)
    window = _padded_window(spec, mel.device)
    phase = 2 * torch.pi * torch.rand(magnitude.shape, generator=rng)
    estimate = torch.polar(magnitude, phase.to(mel.device))
    previous = torch.zeros_like(estimate)
    for _ in range(iterations):
        projected = _stft(_inverse(estimate, window, spec), window, spec)
        moved = projected + momentum * (projected - previous)
        estimate = magnitude * moved / moved.abs().clamp(min=LEAST)
        previous = projected
    return _inverse(estimate, window, spec)[:, None]


def stft_magnitude_from_mel(mel: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """Log-mel (B, M, T) -> the STFT magnitudes (B, F, T) of least norm that give it, negative ones cut to 0."""
    powers = mel.exp() if spec.log == "ln" else 10**mel
    inverse: torch.Tensor = torch.linalg.pinv(mel_filters(spec)).to(mel.device)
    return (inverse @ powers).clamp(min=0) ** (1 / spec.power)


def _inverse(spectrum: torch.Tensor, window: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    return istft(spectrum, window, spec.hop_samples, centred=spec.padding == "center")


def _stft(audio: torch.Tensor, window: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """The transform that `_inverse` inverts; silence beyond the ends, since a reflection could not be projected."""
    frames, before = audio.shape[-1] // spec.hop_samples, _before(spec)
    after = (frames - 1) * spec.hop_samples + spec.fft_samples - before - audio.shape[-1]
    pieces = F.pad(audio, (before, max(after, 0))).unfold(-1, spec.fft_samples, spec.hop_samples)
    spectrum: torch.Tensor = torch.fft.rfft(pieces[:, :frames] * window).transpose(1, 2)
    return spectrum


def _before(spec: MelSpec) -> int:
    return (spec.fft_samples - (spec.hop_samples if spec.padding == "hop" else 0)) // 2


def _padded_window(spec: MelSpec, device: torch.device) -> torch.Tensor:
    window = torch.hann_window(spec.window_samples, device=device)
    spare = spec.fft_samples - spec.window_samples
    return F.pad(window, (spare // 2, spare - spare // 2))
