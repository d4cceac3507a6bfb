"""The inverse short-time Fourier transform by overlap-add, cut so that T frames give exactly T * hop samples.

`torch.istft` refuses frames aligned as a `MelSpec` with padding "hop" aligns them, because the window is zero at the
ends that are cut away afterwards; hence our own (Vocos, arXiv 2306.00814, section 3.4).

Legend: B batch, F = fft / 2 + 1 frequencies, T frames, R hops that a window spans.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

LEAST_ENVELOPE = 1e-11  # only ends that are cut away lie below it


def istft(spectrum: torch.Tensor, window: torch.Tensor, hop_samples: int, *, centred: bool) -> torch.Tensor:
    """Complex spectrum (B, F, T) -> audio (B, T * hop); the transform has the length of `window` (a real tensor).

    Frame t is centred on sample t * hop if `centred`, else on (t + 0.5) * hop. Each sample is divided by the sum of
    squared windows that reach it, so that the STFT of a signal comes back as that signal.
    """
    fft_samples, frames = len(window), spectrum.shape[-1]
    start = (fft_samples - (0 if centred else hop_samples)) // 2
    pieces = torch.fft.irfft(spectrum.transpose(1, 2), n=fft_samples) * window
    envelope = _overlap_add(window.square().expand(1, frames, -1), hop_samples)
    audio = _overlap_add(pieces, hop_samples) / envelope.clamp(min=LEAST_ENVELOPE)
    return audio[:, start : start + frames * hop_samples]


def _overlap_add(pieces: torch.Tensor, hop_samples: int) -> torch.Tensor:
    """(B, T, fft) -> (B, (T + R - 1) * hop): the r-th hop of every piece, moved r hops on, is added."""
    rows, frames, fft_samples = pieces.shape
    spans = -(-fft_samples // hop_samples)
    whole = F.pad(pieces, (0, spans * hop_samples - fft_samples)).reshape(rows, frames, spans, hop_samples)
    moved = [F.pad(whole[:, :, r], (0, 0, r, spans - 1 - r)) for r in range(spans)]
    return torch.stack(moved).sum(dim=0).flatten(1)
