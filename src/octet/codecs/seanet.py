"""SEANet, the convolutional encoder and decoder of SoundStream and EnCodec.

SoundStream (Zeghidour 2021, arXiv 2107.03312), section III-A and B, figure 3; EnCodec (Defossez 2022,
arXiv 2210.13438), section 3.1. Convolution, then for each ratio a stack of residual blocks and a convolution that
divides the rate and doubles the channels, an LSTM (EnCodec), a last convolution; the decoder mirrors it. Parameters are
numbered as in the public checkpoints. Weights are plain: training wraps them in weight normalisation and folds it away.

Departure: the order inside a residual block (ELU before convolution) is EnCodec's for SoundStream too.

Legend: B batch, C channels, N length at a layer.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from octet.core.errors import InvalidInput

Taps = Annotated[int, Field(ge=1, le=63)]  # of a kernel, or the factor between two rates
MOST_CHANNELS = 16_384
MOST_REACH = 8192  # of a dilated kernel, in samples


class SEANetConfig(BaseModel):
    """The shape of an encoder and its decoder; defaults are EnCodec's at 24 kHz (section 4.4 and public code).

    Raises:
        InvalidInput: channels or dilations that grow beyond reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    filters: int = Field(default=32, ge=1, le=4096)  # channels at the full rate
    dimension: int = Field(default=128, ge=1, le=4096)  # of the latent
    ratios: tuple[Taps, ...] = Field(default=(8, 5, 4, 2), min_length=1, max_length=8)  # as the decoder has them
    residual_layers: int = Field(default=1, ge=0, le=16)  # blocks for each ratio
    residual_kernel: Taps = 3
    dilation_growth: int = Field(default=2, ge=1, le=16)  # from block to block
    compress: int = Field(default=2, ge=1, le=64)  # channels of a block over those inside it
    kernel: Taps = 7  # of the first convolutions
    encoder_last_kernel: Taps = 7
    decoder_last_kernel: Taps = 7
    lstm_layers: int = Field(default=2, ge=0, le=16)
    causal: bool = True
    padding: Literal["reflect", "constant"] = "reflect"
    norm: Literal["weight", "group"] = "weight"
    conv_shortcut: bool = True  # around a residual block, instead of nothing

    @model_validator(mode="after")
    def _reasonable(self) -> Self:
        widest = self.filters << len(self.ratios)
        reach = (self.residual_kernel - 1) * self.dilation_growth ** max(0, self.residual_layers - 1)
        checks = {
            f"at most {MOST_CHANNELS} channels": widest <= MOST_CHANNELS,
            f"dilated kernels of at most {MOST_REACH} samples": reach <= MOST_REACH,
            "at least as many filters as compress": self.filters >= self.compress,
            "ratios that multiply to at most 65536": math.prod(self.ratios) <= 65_536,
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise InvalidInput(f"SEANet needs {' and '.join(broken)}; given {self!r}")
        return self

    @property
    def hop_samples(self) -> int:
        """Samples of a frame."""
        return math.prod(self.ratios)


class Conv(nn.Module):
    """A convolution whose N inputs give ceil(N / stride) outputs; causal ones see nothing to their right."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, config: SEANetConfig, *, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        self.causal, self.padding, self.stride = config.causal, config.padding, stride
        self.span = (kernel - 1) * dilation + 1
        self.conv = nn.Conv1d(inputs, outputs, kernel, stride, dilation=dilation)
        self.norm = _norm(outputs, config)

    @property
    def left(self) -> int:
        """What is padded before the first input; where that is uneven, the larger part."""
        total = self.span - self.stride
        return total if self.causal else total - total // 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, N) -> (B, C', ceil(N / stride))."""
        completing = -x.shape[-1] % self.stride  # the last window
        right = self.span - self.stride - self.left + completing
        y: torch.Tensor = self.norm(self.conv(padded(x, self.left, right, self.padding)))
        return y


class ConvTranspose(nn.Module):
    """Raises the rate by `ratio`: N inputs give N * ratio outputs; of the kernel of two ratios, one is cut away."""

    def __init__(self, inputs: int, outputs: int, ratio: int, config: SEANetConfig) -> None:
        super().__init__()
        self.causal, self.ratio = config.causal, ratio
        self.conv = nn.ConvTranspose1d(inputs, outputs, 2 * ratio, ratio)
        self.norm = _norm(outputs, config)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, N) -> (B, C', N * ratio)."""
        left = 0 if self.causal else self.ratio - self.ratio // 2
        y: torch.Tensor = self.norm(self.conv(x))
        return y[..., left : left + x.shape[-1] * self.ratio]


class LSTM(nn.Module):
    """Layers of LSTM over time with a residual around them; forward in time also where convolutions are not causal."""

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, channels, layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, N) -> (B, C, N)."""
        steps = x.permute(2, 0, 1)
        y: torch.Tensor = self.lstm(steps)[0] + steps
        return y.permute(1, 2, 0)


class ResidualBlock(nn.Module):
    """A dilated and a pointwise convolution, with what came in added to what comes out."""

    def __init__(self, channels: int, dilation: int, config: SEANetConfig) -> None:
        super().__init__()
        hidden = channels // config.compress
        self.block = nn.ModuleList(
            [
                nn.ELU(),
                Conv(channels, hidden, config.residual_kernel, config, dilation=dilation),
                nn.ELU(),
                Conv(hidden, channels, 1, config),
            ]
        )
        self.shortcut = Conv(channels, channels, 1, config) if config.conv_shortcut else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, C, N) -> (B, C, N)."""
        y: torch.Tensor = self.shortcut(x) + _through(self.block, x)
        return y


class Encoder(nn.Module):
    """Waveform to latents."""

    def __init__(self, channels: int, config: SEANetConfig) -> None:
        super().__init__()
        width = config.filters
        layers: list[nn.Module] = [Conv(channels, width, config.kernel, config)]
        for ratio in reversed(config.ratios):
            layers += _residual_blocks(width, config)
            layers += [nn.ELU(), Conv(width, 2 * width, 2 * ratio, config, stride=ratio)]
            width *= 2
        if config.lstm_layers:
            layers.append(LSTM(width, config.lstm_layers))
        layers += [nn.ELU(), Conv(width, config.dimension, config.encoder_last_kernel, config)]
        self.layers = nn.ModuleList(layers)

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        """Audio (B, C, N) -> latents (B, D, ceil(N / hop))."""
        return _through(self.layers, audio)


class Decoder(nn.Module):
    """Latents to waveform."""

    def __init__(self, channels: int, config: SEANetConfig) -> None:
        super().__init__()
        width = config.filters << len(config.ratios)
        layers: list[nn.Module] = [Conv(config.dimension, width, config.kernel, config)]
        if config.lstm_layers:
            layers.append(LSTM(width, config.lstm_layers))
        for ratio in config.ratios:
            layers += [nn.ELU(), ConvTranspose(width, width // 2, ratio, config)]
            width //= 2
            layers += _residual_blocks(width, config)
        layers += [nn.ELU(), Conv(width, channels, config.decoder_last_kernel, config)]
        self.layers = nn.ModuleList(layers)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        """Latents (B, D, T) -> audio (B, C, T * hop)."""
        return _through(self.layers, latent)


def padded(x: torch.Tensor, left: int, right: int, mode: str) -> torch.Tensor:
    """(..., N) -> (..., left + N + right). What is too short to be reflected is first lengthened by zeros."""
    if mode == "constant":
        return F.pad(x, (left, right))
    missing = max(0, max(left, right) + 1 - x.shape[-1])
    y = F.pad(F.pad(x, (0, missing)), (left, right), mode="reflect")
    return y[..., : y.shape[-1] - missing]


def _residual_blocks(channels: int, config: SEANetConfig) -> list[nn.Module]:
    dilations = [config.dilation_growth**depth for depth in range(config.residual_layers)]
    return [ResidualBlock(channels, dilation, config) for dilation in dilations]


def _norm(channels: int, config: SEANetConfig) -> nn.Module:
    return nn.GroupNorm(1, channels) if config.norm == "group" else nn.Identity()


def _through(layers: nn.ModuleList, x: torch.Tensor) -> torch.Tensor:
    for layer in layers:
        x = layer(x)
    return x
