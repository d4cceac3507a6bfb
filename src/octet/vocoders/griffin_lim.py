"""Griffin-Lim: a waveform for a mel spectrogram without any model, of modest quality.

The mel bins are turned back into STFT magnitudes by the least-squares inverse of their filters; phases are then found
by alternating projections (Griffin and Lim 1984, IEEE TASSP 32-2) with the momentum of Perraudin, Balazs and
Sondergaard ("A fast Griffin-Lim algorithm", WASPAA 2013, algorithm 2).

Legend: B batch, M mel bins, T frames, F = fft / 2 + 1 frequencies, N = T * hop samples.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    magnitude, window = stft_magnitude_from_mel(mel, spec), _padded_window(spec, mel.device)
    framing = Framing(window, spec.hop_samples, centred=spec.padding == "center")
    phase = 2 * torch.pi * torch.rand(magnitude.shape, generator=rng)
    first = torch.polar(magnitude, phase.to(mel.device))
    return framing.audio(projected(first, framing, iterations=iterations, momentum=momentum))[:, None]


@dataclass(frozen=True)
class Framing:
    """A transform of the length of its window. Frame t is centred on sample t * hop if `centred`, or (t + .5) * hop."""

    window: torch.Tensor
    hop_samples: int
    centred: bool = False

    def audio(self, spectrum: torch.Tensor) -> torch.Tensor:
        """Complex (B, F, T) -> (B, T * hop)."""
        return istft(spectrum, self.window, self.hop_samples, centred=self.centred)

    def spectrum(self, audio: torch.Tensor) -> torch.Tensor:
        """What `audio` inverts: (B, T * hop) -> complex (B, F, T).

        Silence lies beyond the ends, since a reflection could not be projected.
        """
        size, hop = len(self.window), self.hop_samples
        frames, before = audio.shape[-1] // hop, (size - (0 if self.centred else hop)) // 2
        after = (frames - 1) * hop + size - before - audio.shape[-1]
        pieces = F.pad(audio, (before, max(after, 0))).unfold(-1, size, hop)
        spectrum: torch.Tensor = torch.fft.rfft(pieces[:, :frames] * self.window).transpose(1, 2)
        return spectrum


def projected(
    estimate: torch.Tensor,
    framing: Framing,
    *,
    iterations: int,
    momentum: float,
    before: torch.Tensor | None = None,
) -> torch.Tensor:
    """The magnitudes of `estimate`, complex (B, F, T), with phases that suit each other, and the frames before them."""
    magnitude, previous = estimate.abs(), torch.zeros_like(estimate)
    before = estimate[:, :, :0] if before is None else before
    for _ in range(iterations):
        audio = framing.audio(torch.cat([before, estimate], dim=2))
        sounding = framing.spectrum(audio)[:, :, before.shape[2] :]
        moved = sounding + momentum * (sounding - previous)
        estimate = magnitude * moved / moved.abs().clamp(min=LEAST)
        previous = sounding
    return estimate


def stft_magnitude_from_mel(mel: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """Log-mel (B, M, T) -> the STFT magnitudes (B, F, T) of least norm that give it, negative ones cut to 0."""
    powers = mel.exp() if spec.log == "ln" else 10**mel
    inverse: torch.Tensor = torch.linalg.pinv(mel_filters(spec)).to(mel.device)
    return (inverse @ powers).clamp(min=0) ** (1 / spec.power)


def _padded_window(spec: MelSpec, device: torch.device) -> torch.Tensor:
    window = torch.hann_window(spec.window_samples, device=device)
    spare = spec.fft_samples - spec.window_samples
    return F.pad(window, (spare // 2, spare - spare // 2))
