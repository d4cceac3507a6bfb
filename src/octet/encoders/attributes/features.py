"""What the attribute judge looks at besides a mel spectrogram: how strongly each pitch class sounds in each register,
and how regularly things begin.

Pitch classes keep what mel bands lose: a semitone is told from the next down to about 80 Hz, octaves of a register are
folded onto one another exactly, and the bass stands apart, for a scale is its relative's too and the bass says which.

Legend: N samples, M mel bins, T frames of the mel spectrogram, R registers, F frames of pitch classes, L lags.
"""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F

from octet.nn.masks import padding_mask

SAMPLE_RATE_HZ = 16_000
CLASSES = 12  # C, C sharp, ... B
_FFT_SAMPLES, _HOP_SAMPLES = 16_384, 4_096  # 1 s, every quarter
_REGISTERS = ((28, 52), (52, 76), (76, 100))  # MIDI pitches from, to before: two octaves each, from 41 Hz
REGISTERS = len(_REGISTERS)
_A4_PITCH, _A4_HZ = 69, 440.0
_LEAST = 1e-5  # of full scale: what counts as silence

BANDS = 4  # of mel bins, in each of which beginnings are looked for
LAGS = 160  # frames: 2 s at 80 frames a second, a beat of 30 a minute


def pitch_frames(samples: int) -> int:
    """F of so many samples."""
    return samples // _HOP_SAMPLES + 1


def pitch_classes(audio: torch.Tensor) -> torch.Tensor:
    """How strongly each class sounds: audio (N,) at 16 kHz -> (R, 12, F), the strongest of all 1, silence 0."""
    window = torch.hann_window(_FFT_SAMPLES)
    spectrum = torch.stft(
        audio.float(), _FFT_SAMPLES, _HOP_SAMPLES, window=window, pad_mode="constant", return_complex=True
    )
    magnitude = spectrum.abs() / window.sum()
    classes = torch.einsum("rcf,ft->rct", _filters(), magnitude).sqrt()
    return classes / classes.amax().clamp(min=_LEAST**0.5)


@functools.lru_cache(maxsize=1)
def _filters() -> torch.Tensor:
    """(R, 12, frequencies): triangles that reach from each semitone to its neighbours."""
    hz = torch.arange(_FFT_SAMPLES // 2 + 1) * (SAMPLE_RATE_HZ / _FFT_SAMPLES)
    pitches = _A4_PITCH + 12 * torch.log2(hz.clamp(min=1.0) / _A4_HZ)
    filters = torch.zeros(REGISTERS, CLASSES, len(hz))
    for register, (low, high) in enumerate(_REGISTERS):
        for pitch in range(low, high):
            filters[register, pitch % CLASSES] += (1 - (pitches - pitch).abs()).clamp(min=0)
    return filters


def periodicity(mel: torch.Tensor, frames: torch.Tensor) -> torch.Tensor:
    """Autocorrelation of what begins in each band: log-mel (B, M, T), lengths (B,) -> (B, BANDS, LAGS), at lag 0 one.

    Rows of a batch do not depend on each other.
    """
    mask = padding_mask(frames, mel.shape[-1])[:, None]
    rises = F.pad(mel.diff(dim=-1).clamp(min=0), (1, 0)) * mask
    flux = torch.stack([band.mean(dim=1) for band in rises.chunk(BANDS, dim=1)], dim=1)
    centred = (flux - flux.sum(-1, keepdim=True) / frames[:, None, None]) * mask
    size = 2 * max(mel.shape[-1], LAGS)
    power = torch.fft.rfft(centred.float(), size).abs() ** 2
    products = torch.fft.irfft(power, size)[..., :LAGS]
    pairs = (frames[:, None] - torch.arange(LAGS, device=frames.device)).clamp(min=1)
    mean: torch.Tensor = products / pairs[:, None]
    return mean / mean[..., :1].clamp(min=_LEAST)
