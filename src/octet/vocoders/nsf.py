"""Neural source-filter HiFi-GAN: a HiFi-GAN that is given the harmonics of F0, so that held notes do not waver.

    F0 -> sines of F0 and its overtones, noise where unvoiced -> mixed into one source
    mel -> HiFi-GAN, to each stage of which a strided convolution of the source is added

The source is Wang, Takaki and Yamagishi's (2019, arXiv 1904.12088; hn-nsf), the combination that of the public singing
vocoders: MoonInTheRiver's NSF HiFi-GAN (24 kHz), openvpi's NSF-HiFiGAN (44.1 kHz) and, with `mini`, its PC-NSF-HiFiGAN,
in which one sine of the fundamental alone is added after the second stage, at its rate, by a 1x1 convolution.

Departure: the overtones' first phases and the noise, which the public code draws anew every time, are always the same
outside training, so that the same request gives the same samples.

Legend: B batch, M mel bins, T frames, N = T * hop samples, K harmonics, C channels.
"""

from __future__ import annotations

import math
from typing import Literal, Self

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn

from octet.audio.spectrogram import MelSpec
from octet.core.errors import InvalidInput
from octet.vocoders.harmonic import unbroken
from octet.vocoders.hifigan import HifiGan, HifiGanConfig

SINE_AMPLITUDE, NOISE_DEVIATION = 0.1, 0.003
_MINI_STAGE = 1  # after which a mini source is added


class NsfHifiGanConfig(BaseModel):
    """A HiFi-GAN and its source. `harmonics` counts the overtones, not the fundamental.

    With `unbroken_f0` the source sounds through unvoiced frames, on a line between its voiced neighbours: openvpi's
    models were trained so, MoonInTheRiver's with noise there.

    Raises:
        InvalidInput: a mini source without a stage to add it to.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["nsf_hifigan"] = "nsf_hifigan"
    filter: HifiGanConfig
    harmonics: int = Field(default=8, ge=0, le=255)
    mini: bool = False
    unbroken_f0: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.mini and len(self.filter.upsample_rates) <= _MINI_STAGE:
            raise InvalidInput(f"a mini source needs {_MINI_STAGE + 1} stages or more; given {self.filter!r}")
        return self

    @property
    def spec(self) -> MelSpec:
        """Of the spectrograms that the filter reads."""
        return self.filter.spec


class NsfHifiGan(nn.Module):
    """Log-mel spectrogram and F0 to waveform."""

    def __init__(self, config: NsfHifiGanConfig) -> None:
        super().__init__()
        self.config = config
        self.filter = HifiGan(config.filter)
        widths = [config.filter.channels >> stage + 1 for stage in range(len(config.filter.upsample_rates))]
        if config.mini:
            self.source_conv = nn.Conv1d(1, widths[_MINI_STAGE], 1)
            return
        self.mix = nn.Linear(config.harmonics + 1, 1)
        rates = config.filter.upsample_rates
        strides = [math.prod(rates[stage + 1 :]) for stage in range(len(rates))]
        self.noise_convs = nn.ModuleList(
            _downsampling(width, stride) for width, stride in zip(widths, strides, strict=True)
        )

    @property
    def spec(self) -> MelSpec:
        """The spectrograms it reads."""
        return self.config.spec

    @property
    def context_frames(self) -> int:
        """How many frames of the mel to either side a frame depends on; the source's phase depends on all before."""
        return self.filter.context_frames + 2

    def forward(self, mel: Tensor, f0_hz: Tensor) -> Tensor:
        """Log-mel (B, M, T) and F0 (B, T), 0 where unvoiced -> audio (B, 1, T * hop) in [-1, 1], with gradients."""
        if self.config.unbroken_f0:
            f0_hz = unbroken(f0_hz)
        audio: Tensor = self.filter(mel, self._mini(f0_hz) if self.config.mini else self._full(f0_hz))
        return audio

    @torch.no_grad()
    def sing(self, mel: Tensor, f0_hz: Tensor) -> Tensor:
        """Log-mel (B, M, T) and F0 (B, T), 0 where unvoiced -> audio (B, 1, T * hop) in [-1, 1]."""
        audio: Tensor = self(mel, f0_hz)
        return audio

    def _mini(self, f0_hz: Tensor) -> dict[int, Tensor]:
        rates = self.config.filter.upsample_rates
        below, above = rates[: _MINI_STAGE + 1], rates[_MINI_STAGE + 1 :]
        return {_MINI_STAGE: self.source_conv(fundamental(f0_hz, self.spec.sample_rate_hz, below, above))}

    def _full(self, f0_hz: Tensor) -> dict[int, Tensor]:
        source = self._source(f0_hz)
        return {stage: conv(source) for stage, conv in enumerate(self.noise_convs)}

    def _source(self, f0_hz: Tensor) -> Tensor:
        """(B, T) -> (B, 1, N)."""
        rows, frames = f0_hz.shape
        shape = (rows, frames * self.spec.hop_samples, self.config.harmonics + 1)
        rng = None if self.training else torch.Generator().manual_seed(0)
        phases = torch.rand(shape[2], generator=rng).to(f0_hz)
        noise = torch.randn(shape[1:], generator=rng).to(f0_hz)
        with torch.no_grad():
            sines = harmonics(f0_hz, self.spec, phases, noise)
        mixed: Tensor = self.mix(sines)
        return mixed.tanh().mT


def harmonics(f0_hz: Tensor, spec: MelSpec, phases: Tensor, noise: Tensor) -> Tensor:
    """Sines of F0 (B, T) and its overtones, over noise (N, K) that is louder where F0 is 0: (B, N, K).

    Args:
        phases: (K,) of the sines at the start, in turns; the fundamental's is left out.
    """
    hop = spec.hop_samples
    f0 = f0_hz.double().repeat_interleave(hop, dim=1)
    turns = (f0 / spec.sample_rate_hz).cumsum(1)[:, :, None] * torch.arange(1, len(phases) + 1).to(f0)
    first = torch.cat([torch.zeros_like(phases[:1]), phases[1:]])
    sines = SINE_AMPLITUDE * torch.sin(2 * math.pi * (turns % 1).to(f0_hz) + 2 * math.pi * first)
    voiced = (f0 > 0)[:, :, None]
    return torch.where(voiced, sines + NOISE_DEVIATION * noise, SINE_AMPLITUDE / 3 * noise)


def fundamental(f0_hz: Tensor, sample_rate_hz: int, rates: tuple[int, ...], above: tuple[int, ...]) -> Tensor:
    """A sine of F0 (B, T) that glides on straight lines, at the rate of a stage: (B, 1, T * product of `rates`)."""
    steps = math.prod(rates)
    turns = f0_hz.double()[:, :, None] * math.prod(above) / sample_rate_hz  # a step
    change = F.pad(turns.diff(dim=1), (0, 0, 0, 1)) / steps
    place = torch.arange(1, steps + 1).to(turns)
    within = turns * place + change * place * (place - 1) / 2
    before = F.pad(within[:, :-1, -1:], (0, 0, 1, 0)).cumsum(1)
    phase = ((before + within) % 1).flatten(1).to(f0_hz)
    return torch.sin(2 * math.pi * phase)[:, None]


def _downsampling(channels: int, stride: int) -> nn.Conv1d:
    """The source at a stage's rate."""
    if stride == 1:
        return nn.Conv1d(1, channels, 1)
    return nn.Conv1d(1, channels, 2 * stride, stride=stride, padding=(stride + 1) // 2)
