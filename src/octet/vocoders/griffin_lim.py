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
    """Log-mel (B, M, T) -> audio (B, 1, T * hop); see `audio_of_magnitudes`."""
    magnitude, window = stft_magnitude_from_mel(mel, spec), _padded_window(spec, mel.device)
    found = audio_of_magnitudes(
        magnitude,
        window,
        spec.hop_samples,
        rng,
        iterations=iterations,
        momentum=momentum,
        centred=spec.padding == "center",
    )
    return found[:, None]


@torch.no_grad()
def audio_of_magnitudes(
    magnitude: torch.Tensor,
    window: torch.Tensor,
    hop_samples: int,
    rng: torch.Generator,
    *,
    iterations: int = 60,
    momentum: float = 0.99,
    centred: bool = False,
) -> torch.Tensor:
    """STFT magnitudes (B, F, T) -> audio (B, T * hop), silent beyond its ends.

    Args:
        window: as long as the transform.
        rng: draws the first phases (on the CPU); the same state gives the same audio.
        momentum: how far each projection overshoots; 0 is plain Griffin-Lim, 0.99 is the paper's.
        centred: frame t is centred on sample t * hop, else on (t + 0.5) * hop.
    """
    phase = 2 * torch.pi * torch.rand(magnitude.shape, generator=rng)
    estimate = torch.polar(magnitude, phase.to(magnitude))
    previous = torch.zeros_like(estimate)
    for _ in range(iterations):
        projected = spectrum(
            istft(estimate, window, hop_samples, centred=centred), window, hop_samples, centred=centred
        )
        moved = projected + momentum * (projected - previous)
        estimate = magnitude * moved / moved.abs().clamp(min=LEAST)
        previous = projected
    return istft(estimate, window, hop_samples, centred=centred)


def stft_magnitude_from_mel(mel: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """Log-mel (B, M, T) -> the STFT magnitudes (B, F, T) of least norm that give it, negative ones cut to 0."""
    powers = mel.exp() if spec.log == "ln" else 10**mel
    inverse: torch.Tensor = torch.linalg.pinv(mel_filters(spec)).to(mel.device)
    return (inverse @ powers).clamp(min=0) ** (1 / spec.power)


def spectrum(audio: torch.Tensor, window: torch.Tensor, hop_samples: int, *, centred: bool = False) -> torch.Tensor:
    """The transform that `istft` inverts: audio (B, T * hop) -> complex (B, F, T).

    Silence lies beyond the ends, since a reflection could not be projected.
    """
    frames, before = audio.shape[-1] // hop_samples, (len(window) - (0 if centred else hop_samples)) // 2
    after = (frames - 1) * hop_samples + len(window) - before - audio.shape[-1]
    pieces = F.pad(audio, (before, max(after, 0))).unfold(-1, len(window), hop_samples)
    return torch.fft.rfft(pieces[:, :frames] * window).transpose(1, 2)


def _padded_window(spec: MelSpec, device: torch.device) -> torch.Tensor:
    window = torch.hann_window(spec.window_samples, device=device)
    spare = spec.fft_samples - spec.window_samples
    return F.pad(window, (spare // 2, spare - spare // 2))
