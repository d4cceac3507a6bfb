"""Vocos (Siuzdak 2023, arXiv 2306.00814): a vocoder that never leaves the frame rate.

mel -> convolution and layer norm -> ConvNeXt blocks -> magnitude and phase of an STFT -> inverse STFT: one network
step for hop_samples samples makes it some hundred times faster than a waveform network. The transform has the length of
the spectrogram's window, and its frames are aligned as the `MelSpec` aligns them ("same" padding in the paper's code
is "hop" here).

Departure: with padding "center" the last hop of samples, which the public code leaves out, is decoded too, so that T
frames always give T * hop samples.

Legend: B batch, M mel bins, C channels, T frames.
"""

from __future__ import annotations

from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import nn

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec
from octet.nn.convnext import KERNEL_FRAMES, ConvNeXtBlock, initialise
from octet.vocoders.head import InvertibleSpec, ISTFTHead


class VocosConfig(BaseModel):
    """The shape of a Vocos.

    Raises:
        InvalidInput: a window that cannot be inverted at this hop.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["vocos"] = "vocos"
    spec: InvertibleSpec
    channels: int = Field(ge=1, le=4096)
    intermediate_channels: int = Field(ge=1, le=16_384)
    layers: int = Field(ge=1, le=100)


def tiny() -> VocosConfig:
    """Of the bundled models: 1.65 million parameters, 16 kHz."""
    return VocosConfig(spec=spectrogram.tiny(), channels=192, intermediate_channels=576, layers=6)


def paper() -> VocosConfig:
    """Of the paper: 13.5 million parameters, 24 kHz, 100 mel bins."""
    return VocosConfig(spec=spectrogram.vocos_24khz(), channels=512, intermediate_channels=1536, layers=8)


class Vocos(nn.Module):
    """Log-mel spectrogram to waveform (figure 2)."""

    def __init__(self, config: VocosConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.channels
        self.embed = nn.Conv1d(config.spec.mel_bins, channels, KERNEL_FRAMES, padding=KERNEL_FRAMES // 2)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.convnext = nn.ModuleList(
            ConvNeXtBlock(channels, config.intermediate_channels, layer_scale=1 / config.layers)
            for _ in range(config.layers)
        )
        self.final_layer_norm = nn.LayerNorm(channels, eps=1e-6)
        self.head = ISTFTHead(channels, config.spec)
        self.apply(initialise)

    @property
    def spec(self) -> MelSpec:
        """The spectrograms it reads."""
        return self.config.spec

    @property
    def context_frames(self) -> int:
        """How many frames to either side a decoded frame depends on."""
        overlap = -(-self.spec.window_samples // (2 * self.spec.hop_samples))
        return (1 + self.config.layers) * (KERNEL_FRAMES // 2) + overlap

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Log-mel (B, M, T) -> audio (B, 1, T * hop), with gradients."""
        x = self.norm(self.embed(mel).transpose(1, 2)).transpose(1, 2)
        for block in self.convnext:
            x = block(x)
        audio: torch.Tensor = self.head(self.final_layer_norm(x.transpose(1, 2)))
        return audio

    @torch.no_grad()
    def decode(self, mel: torch.Tensor) -> torch.Tensor:
        """Log-mel (B, M, T) as `spec` defines it -> audio (B, 1, T * hop)."""
        audio: torch.Tensor = self(mel)
        return audio

    def sing(self, mel: torch.Tensor, f0_hz: torch.Tensor) -> torch.Tensor:  # noqa: ARG002 - others need it
        """As `decode`: F0 (B, T) is left aside."""
        return self.decode(mel)
