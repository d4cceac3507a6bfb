"""A last layer that need not invent phases: harmonics of a known F0 and noise, filtered frame by frame.

    F0 -> pulses -> STFT -> times a filter --+
                                             +--> inverse STFT -> audio
         noise -> STFT -> times a filter ----+

A frame-rate network that hears nothing longer than its receptive field cannot keep the phases of a voice in step from
frame to frame; here the source does (source-filter networks: Wang 2019, arXiv 1904.12088; harmonics plus noise: Engel
2020, arXiv 2001.04643, section 3; at the STFT, Li 2023, arXiv 2309.09493, which adds a source to an iSTFT generator).
The network writes the filters: magnitude and phase of the harmonics', magnitude of the noise's.

Legend: B batch, T frames, N = T * hop samples, C channels, F = window / 2 + 1 frequencies.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from octet.audio.spectrogram import MelSpec
from octet.vocoders.istft import istft

MOST_LOG_GAIN = 7.0  # of one STFT bin of a unit source; keeps an untrained network from overflowing
LEAST_F0_HZ = 20.0


class HarmonicNoiseHead(nn.Module):
    """Features and F0 to audio, aligned as `spec` aligns its frames; the transform has the length of its window.

    In training the noise is drawn from torch's own generator, afterwards it is always the same.
    """

    window: Tensor

    def __init__(self, channels: int, spec: MelSpec) -> None:
        super().__init__()
        self.spec = spec
        self.norm = nn.LayerNorm(channels)
        self.out = nn.Linear(channels, 3 * (spec.window_samples // 2 + 1))
        self.register_buffer("window", torch.hann_window(spec.window_samples), persistent=False)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, f0_hz: Tensor) -> Tensor:
        """x (B, T, C), f0_hz (B, T), positive throughout -> audio (B, 1, N)."""
        with torch.autocast(x.device.type, enabled=False):  # a phase of eight bits is noise
            gain, phase, breath = self.out(self.norm(x.to(self.out.weight.dtype))).transpose(1, 2).chunk(3, dim=1)
            voice = self._stft(pulses(f0_hz.to(x.dtype), self.spec)) * torch.polar(_factor(gain), phase)
            noise = self._stft(self._noise(f0_hz)) * _factor(breath)
            audio = istft(voice + noise, self.window, self.spec.hop_samples, centred=self.spec.padding == "center")
        return audio[:, None]

    def _stft(self, audio: Tensor) -> Tensor:
        """(B, N) -> (B, F, T), of magnitude about one for a source of unit power."""
        fft_samples, hop_samples = len(self.window), self.spec.hop_samples
        start = (fft_samples - (0 if self.spec.padding == "center" else hop_samples)) // 2
        frames = audio.shape[1] // hop_samples
        padded = F.pad(audio, (start, fft_samples))
        spectrum = torch.stft(padded, fft_samples, hop_samples, window=self.window, center=False, return_complex=True)
        return spectrum[:, :, :frames] / self.window.square().sum().sqrt()

    def _noise(self, f0_hz: Tensor) -> Tensor:
        rows, samples = f0_hz.shape[0], f0_hz.shape[1] * self.spec.hop_samples
        if self.training:
            return torch.randn(rows, samples, device=self.window.device, dtype=self.window.dtype)
        fixed = torch.randn(samples, generator=torch.Generator().manual_seed(0), dtype=self.window.dtype)
        return fixed.to(self.window.device).expand(rows, -1)


def _factor(log_gain: Tensor) -> Tensor:
    return log_gain.clamp(max=MOST_LOG_GAIN).exp()


def pulses(f0_hz: Tensor, spec: MelSpec) -> Tensor:
    """A train of pulses that holds every harmonic up to half the sample rate: (B, T) -> (B, N), of about unit power.

    The sum of K cosines in closed form (Dirichlet's kernel):
    cos p + ... + cos Kp = (sin((K + 1/2) p) / sin(p/2) - 1) / 2.
    """
    f0 = _at_samples(f0_hz.clamp(min=LEAST_F0_HZ), spec.hop_samples)
    turns = (f0.double() / spec.sample_rate_hz).cumsum(1)
    phase = (2 * math.pi * (turns - turns.round())).to(f0)  # within half a turn: exact however long the sound is
    harmonics = (spec.sample_rate_hz / 2 / f0).floor().clamp(min=1)
    below = (phase / 2).sin()
    steady = torch.where(below.abs() < 1e-4, torch.ones_like(below), below)
    ratio = torch.where(below.abs() < 1e-4, 2 * harmonics + 1, ((harmonics + 0.5) * phase).sin() / steady)
    return (ratio - 1) / (2 * harmonics).sqrt()


def unbroken(f0_hz: Tensor) -> Tensor:
    """F0 (B, T) with unvoiced frames (zeros) on straight lines between their neighbours; a row of zeros is 200 Hz."""
    return torch.stack([_unbroken(row) for row in f0_hz])


def _unbroken(f0_hz: Tensor) -> Tensor:
    voiced = f0_hz.nonzero()[:, 0]
    if not len(voiced):
        return torch.full_like(f0_hz, 200.0)
    places = torch.arange(len(f0_hz), device=f0_hz.device)
    right = torch.searchsorted(voiced, places).clamp(max=len(voiced) - 1)
    left = (right - (voiced[right] > places).long()).clamp(min=0)
    share = (places - voiced[left]) / (voiced[right] - voiced[left]).clamp(min=1)
    return torch.lerp(f0_hz[voiced[left]], f0_hz[voiced[right]], share.clamp(0, 1).to(f0_hz))


def _at_samples(frames: Tensor, hop_samples: int) -> Tensor:
    """Frame values, which hold for a frame's centre, on straight lines: (B, T) -> (B, N)."""
    return F.interpolate(frames[:, None], scale_factor=float(hop_samples), mode="linear", align_corners=False)[:, 0]
