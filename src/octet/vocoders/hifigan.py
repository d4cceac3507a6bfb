"""HiFi-GAN's generator (Kong, Kim and Bae 2020, arXiv 2010.05646), variants V1, V2 and V3 of table 5.

Each stage raises the rate by a transposed convolution and sums residual blocks of several kernels and dilations
("multi-receptive field fusion", section 2.2), until one frame has become one hop of samples. Parameter names are those
of the public checkpoints. Weights are plain here: training wraps them in weight normalisation and folds it away again.

Departure: convolutions start from torch's own initialisation. (The public code means to draw from N(0, 0.01), but sets
an attribute that weight normalisation overwrites at once, so its models started from torch's as well.)

Legend: B batch, M mel bins, C channels, T frames.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal, Self

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec
from octet.core.errors import InvalidInput

SLOPE = 0.1  # of the leaky ReLU before every convolution but the last, which has torch's default of 0.01
EDGE_KERNEL = 7  # of the first and the last convolution

# Several times what any published model has.
Taps = Annotated[int, Field(ge=1, le=255)]  # of a kernel, or the step of a rate or a dilation
Several = Field(min_length=1, max_length=10)


class HifiGanConfig(BaseModel):
    """The shape of a generator.

    `resblock` "1" pairs each dilated convolution with an undilated one, "2" does not. With `normalise` a model keeps
    the mean and scale of every mel bin and standardises its input (ESPnet's models).

    Raises:
        InvalidInput: the upsampling rates do not multiply to the hop, or lists differ in length.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["hifigan"] = "hifigan"
    spec: MelSpec
    channels: int = Field(ge=1, le=4096)  # after the first convolution; halved by every stage
    upsample_rates: Annotated[tuple[Taps, ...], Several] = (8, 8, 2, 2)
    upsample_kernels: Annotated[tuple[Taps, ...], Several] = (16, 16, 4, 4)
    resblock: Literal["1", "2"] = "1"
    resblock_kernels: Annotated[tuple[Taps, ...], Several] = (3, 7, 11)
    resblock_dilations: Annotated[tuple[Annotated[tuple[Taps, ...], Several], ...], Several] = (
        (1, 3, 5),
        (1, 3, 5),
        (1, 3, 5),
    )
    normalise: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        hop, stages = math.prod(self.upsample_rates), len(self.upsample_rates)
        checks = {
            f"upsample_rates that multiply to the hop of {self.spec.hop_samples}": hop == self.spec.hop_samples,
            "a kernel for each upsampling rate": len(self.upsample_kernels) == stages,
            "upsampling kernels that exceed their rate by an even number": all(
                kernel >= rate and (kernel - rate) % 2 == 0
                for kernel, rate in zip(self.upsample_kernels, self.upsample_rates, strict=False)
            ),
            "dilations for each residual kernel": len(self.resblock_kernels) == len(self.resblock_dilations),
            "odd residual kernels": all(kernel % 2 for kernel in self.resblock_kernels),
            f"channels that halve {stages} times": self.channels % 2**stages == 0,
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise InvalidInput(f"HiFi-GAN needs {' and '.join(broken)}; given {self!r}")
        return self


def v1() -> HifiGanConfig:
    """Best quality: 13.9 million parameters."""
    return HifiGanConfig(spec=spectrogram.ljspeech(), channels=512)


def v2() -> HifiGanConfig:
    """The same network with a quarter of the channels: 0.93 million parameters."""
    return HifiGanConfig(spec=spectrogram.ljspeech(), channels=128)


def v3() -> HifiGanConfig:
    """Fewer and simpler layers for speed: 1.46 million parameters."""
    return HifiGanConfig(
        spec=spectrogram.ljspeech(),
        channels=256,
        upsample_rates=(8, 8, 4),
        upsample_kernels=(16, 16, 8),
        resblock="2",
        resblock_kernels=(3, 5, 7),
        resblock_dilations=((1, 2), (2, 6), (3, 12)),
    )


class ResBlock1(nn.Module):
    """For each dilation, a dilated and an undilated convolution with a residual around both (appendix A.1)."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_same(channels, kernel, dilation) for dilation in dilations)
        self.convs2 = nn.ModuleList(_same(channels, kernel, 1) for _ in dilations)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for dilated, undilated in zip(self.convs1, self.convs2, strict=True):
            x = x + undilated(F.leaky_relu(dilated(F.leaky_relu(x, SLOPE)), SLOPE))
        return x


class ResBlock2(nn.Module):
    """For each dilation, one convolution with a residual around it (V3)."""

    def __init__(self, channels: int, kernel: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.convs = nn.ModuleList(_same(channels, kernel, dilation) for dilation in dilations)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for conv in self.convs:
            x = x + conv(F.leaky_relu(x, SLOPE))
        return x


class HifiGan(nn.Module):
    """Log-mel spectrogram to waveform (figure 1)."""

    def __init__(self, config: HifiGanConfig) -> None:
        super().__init__()
        self.config = config
        block = ResBlock1 if config.resblock == "1" else ResBlock2
        widths = [config.channels >> stage for stage in range(len(config.upsample_rates) + 1)]
        self.conv_pre = _same(config.spec.mel_bins, EDGE_KERNEL, 1, out_channels=config.channels)
        self.ups = nn.ModuleList(
            nn.ConvTranspose1d(i, o, kernel, rate, padding=(kernel - rate) // 2)
            for i, o, kernel, rate in zip(
                widths, widths[1:], config.upsample_kernels, config.upsample_rates, strict=False
            )
        )
        self.resblocks = nn.ModuleList(
            block(width, kernel, dilations)
            for width in widths[1:]
            for kernel, dilations in zip(config.resblock_kernels, config.resblock_dilations, strict=True)
        )
        self.conv_post = _same(widths[-1], EDGE_KERNEL, 1, out_channels=1)
        if config.normalise:
            self.register_buffer("mean", torch.zeros(config.spec.mel_bins))
            self.register_buffer("scale", torch.ones(config.spec.mel_bins))

    @property
    def spec(self) -> MelSpec:
        """The spectrograms it reads."""
        return self.config.spec

    @property
    def context_frames(self) -> int:
        """How many frames to either side a decoded frame depends on: its samples followed back through the network."""
        config, edge = self.config, EDGE_KERNEL // 2
        pairs = zip(config.resblock_kernels, config.resblock_dilations, strict=True)
        undilated = config.resblock == "1"
        reach = max((kernel // 2) * (sum(dilations) + undilated * len(dilations)) for kernel, dilations in pairs)
        first, last = -edge, self.spec.hop_samples - 1 + edge
        stages = list(zip(config.upsample_kernels, config.upsample_rates, strict=True))
        for kernel, rate in reversed(stages):
            padding = (kernel - rate) // 2
            first = -((kernel - 1 - padding - first + reach) // rate)
            last = (last + reach + padding) // rate
        return max(-first, last) + edge

    def forward(self, mel: torch.Tensor, added: Mapping[int, torch.Tensor] | None = None) -> torch.Tensor:
        """Log-mel (B, M, T) -> audio (B, 1, T * hop) in [-1, 1], with gradients.

        Args:
            added: by number of stage, what is added to its raised input (see `octet.vocoders.nsf`).
        """
        x = self.conv_pre(self._standardised(mel))
        kernels = len(self.config.resblock_kernels)
        for stage, up in enumerate(self.ups):
            x = up(F.leaky_relu(x, SLOPE))
            if added and stage in added:
                x = x + added[stage]
            blocks = self.resblocks[stage * kernels : (stage + 1) * kernels]
            x = torch.stack([block(x) for block in blocks]).mean(dim=0)
        audio: torch.Tensor = torch.tanh(self.conv_post(F.leaky_relu(x)))
        return audio

    @torch.no_grad()
    def decode(self, mel: torch.Tensor) -> torch.Tensor:
        """Log-mel (B, M, T) as `spec` defines it -> audio (B, 1, T * hop) in [-1, 1]."""
        audio: torch.Tensor = self(mel)
        return audio

    def sing(self, mel: torch.Tensor, f0_hz: torch.Tensor) -> torch.Tensor:  # noqa: ARG002 - others need it
        """As `decode`: F0 (B, T) is left aside."""
        return self.decode(mel)

    def _standardised(self, mel: torch.Tensor) -> torch.Tensor:
        if not self.config.normalise:
            return mel
        assert isinstance(self.mean, torch.Tensor)
        assert isinstance(self.scale, torch.Tensor)
        return (mel - self.mean[:, None]) / self.scale[:, None]


def _same(channels: int, kernel: int, dilation: int, *, out_channels: int | None = None) -> nn.Conv1d:
    """A convolution that keeps the length, and the number of channels unless told otherwise."""
    out = out_channels or channels
    return nn.Conv1d(channels, out, kernel, dilation=dilation, padding=dilation * (kernel - 1) // 2)
