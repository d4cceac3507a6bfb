"""The light vocoder for singing: Vocos's network, which is told F0, with a head that filters harmonics and noise.

A frame-rate network keeps no phase in step over a note of a second; the source of `octet.vocoders.harmonic` does, so
notes neither jitter nor wobble, at the price of F0 as an input.

Legend: B batch, M mel bins, C channels, T frames.
"""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec
from octet.nn.convnext import KERNEL_FRAMES, ConvNeXtBlock, initialise
from octet.vocoders.harmonic import HarmonicNoiseHead, unbroken
from octet.vocoders.head import InvertibleSpec

_MIDDLE_HZ = 220.0


class HarmonicVocoderConfig(BaseModel):
    """The shape of a harmonic vocoder.

    Raises:
        InvalidInput: a window that cannot be inverted at this hop.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["harmonic"] = "harmonic"
    spec: InvertibleSpec
    channels: int = Field(ge=1, le=4096)
    intermediate_channels: int = Field(ge=1, le=16_384)
    layers: int = Field(ge=1, le=100)


def tiny() -> HarmonicVocoderConfig:
    """Of the bundled models: 1.7 million parameters, 16 kHz."""
    return HarmonicVocoderConfig(spec=spectrogram.tiny(), channels=192, intermediate_channels=576, layers=6)


class HarmonicVocoder(nn.Module):
    """Log-mel spectrogram and F0 to waveform."""

    def __init__(self, config: HarmonicVocoderConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.channels
        # The mel, the logarithm of F0, and whether there is one.
        self.embed = nn.Conv1d(config.spec.mel_bins + 2, channels, KERNEL_FRAMES, padding=KERNEL_FRAMES // 2)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.convnext = nn.ModuleList(
            ConvNeXtBlock(channels, config.intermediate_channels, layer_scale=1 / config.layers)
            for _ in range(config.layers)
        )
        self.head = HarmonicNoiseHead(channels, config.spec)
        self.apply(initialise)

    @property
    def spec(self) -> MelSpec:
        """The spectrograms it reads."""
        return self.config.spec

    @property
    def context_frames(self) -> int:
        """How many frames of the mel to either side a frame depends on; the source's phase depends on all before."""
        overlap = -(-self.spec.window_samples // (2 * self.spec.hop_samples))
        return (1 + self.config.layers) * (KERNEL_FRAMES // 2) + overlap

    def forward(self, mel: Tensor, f0_hz: Tensor) -> Tensor:
        """Log-mel (B, M, T) and F0 (B, T), 0 where unvoiced -> audio (B, 1, T * hop), with gradients."""
        voiced, whole = (f0_hz > 0).to(mel), unbroken(f0_hz).to(mel)
        told = torch.stack([(whole / _MIDDLE_HZ).log2(), voiced], dim=1)
        x = self.norm(self.embed(torch.cat([mel, told], dim=1)).mT).mT
        for block in self.convnext:
            x = block(x)
        audio: Tensor = self.head(x.mT, whole)
        return audio

    @torch.no_grad()
    def sing(self, mel: Tensor, f0_hz: Tensor) -> Tensor:
        """Log-mel (B, M, T) and F0 (B, T), 0 where unvoiced -> audio (B, 1, T * hop)."""
        audio: Tensor = self(mel, f0_hz)
        return audio
