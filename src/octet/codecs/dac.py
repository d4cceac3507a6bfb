"""The Descript Audio Codec (Kumar 2023, arXiv 2306.06546), to use, not to train.

SoundStream's plan with other parts: Snake activations (section 3.1), codebooks that are searched in few dimensions and
by angle alone (section 3.2), and no causality. Parameter names are those of transformers' checkpoints.

Departure: odd ratios make the public decoder end a few samples early; silence fills the last frame here.

Legend: B batch, C channels, N samples, D latent dimension, E dimension of the search, T frames, K codebooks.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self, cast

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from octet.codecs.contract import require_audio
from octet.codecs.quantizer import require_codebooks, require_codes
from octet.core.errors import InvalidInput

KERNEL = 7
DILATIONS = (1, 3, 9)  # of the residual units of a block
LEAST_FREQUENCY = 1e-9  # added to Snake's
MOST_CHANNELS = 16_384

Ratio = Annotated[int, Field(ge=1, le=63)]


class DacConfig(BaseModel):
    """The shape of a codec; defaults are the public 16 kHz model's (12 codebooks, 50 frames a second).

    Raises:
        InvalidInput: channels that do not halve with each ratio, or grow beyond reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["dac"] = "dac"
    sample_rate_hz: int = Field(default=16_000, ge=1, le=768_000)
    encoder_channels: int = Field(default=64, ge=1, le=4096)  # at the full rate
    decoder_channels: int = Field(default=1536, ge=1, le=MOST_CHANNELS)  # at the frame rate
    ratios: tuple[Ratio, ...] = Field(default=(2, 4, 5, 8), min_length=1, max_length=8)  # as the encoder has them
    codebooks: int = Field(default=12, ge=1, le=128)
    codebook_size: int = Field(default=1024, ge=2, le=65_536)
    codebook_dimension: int = Field(default=8, ge=1, le=4096)

    @model_validator(mode="after")
    def _reasonable(self) -> Self:
        stages = len(self.ratios)
        checks = {
            f"at most {MOST_CHANNELS} channels": self.dimension <= MOST_CHANNELS,
            f"decoder_channels that halve {stages} times": self.decoder_channels % 2**stages == 0,
            "ratios that multiply to at most 65536": self.hop_samples <= 65_536,
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise InvalidInput(f"DAC needs {' and '.join(broken)}; given {self!r}")
        return self

    @property
    def dimension(self) -> int:
        """Of the latents."""
        return self.encoder_channels << len(self.ratios)

    @property
    def hop_samples(self) -> int:
        """Samples of a frame."""
        return math.prod(self.ratios)


class Snake(nn.Module):
    """x + sin^2(a x) / a, with a learnt for each channel: (B, C, N) -> (B, C, N)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + (self.alpha * x).sin().square() / (self.alpha + LEAST_FREQUENCY)


class ResidualUnit(nn.Module):
    """A dilated and a pointwise convolution with a residual around both: (B, C, N) -> (B, C, N)."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.snake1 = Snake(channels)
        self.conv1 = nn.Conv1d(channels, channels, KERNEL, dilation=dilation, padding=dilation * (KERNEL // 2))
        self.snake2 = Snake(channels)
        self.conv2 = nn.Conv1d(channels, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner: torch.Tensor = self.conv2(self.snake2(self.conv1(self.snake1(x))))
        return x + inner


class EncoderBlock(nn.Module):
    """Residual units, then a convolution that divides the rate and doubles the channels."""

    def __init__(self, channels: int, ratio: int) -> None:
        super().__init__()
        self.res_unit1, self.res_unit2, self.res_unit3 = (ResidualUnit(channels, dilation) for dilation in DILATIONS)
        self.snake1 = Snake(channels)
        self.conv1 = nn.Conv1d(channels, 2 * channels, 2 * ratio, ratio, padding=math.ceil(ratio / 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.conv1(self.snake1(self.res_unit3(self.res_unit2(self.res_unit1(x)))))
        return y


class DecoderBlock(nn.Module):
    """A transposed convolution that multiplies the rate and halves the channels, then residual units."""

    def __init__(self, channels: int, ratio: int) -> None:
        super().__init__()
        half = channels // 2
        self.snake1 = Snake(channels)
        self.conv_t1 = nn.ConvTranspose1d(channels, half, 2 * ratio, ratio, padding=math.ceil(ratio / 2))
        self.res_unit1, self.res_unit2, self.res_unit3 = (ResidualUnit(half, dilation) for dilation in DILATIONS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.res_unit3(self.res_unit2(self.res_unit1(self.conv_t1(self.snake1(x)))))
        return y


class Encoder(nn.Module):
    """Audio (B, 1, T * hop) -> latents (B, D, T)."""

    def __init__(self, config: DacConfig) -> None:
        super().__init__()
        widths = [config.encoder_channels << stage for stage in range(len(config.ratios))]
        self.conv1 = nn.Conv1d(1, widths[0], KERNEL, padding=KERNEL // 2)
        self.block = nn.Sequential(*map(EncoderBlock, widths, config.ratios))
        self.snake1 = Snake(config.dimension)
        self.conv2 = nn.Conv1d(config.dimension, config.dimension, 3, padding=1)

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        latent: torch.Tensor = self.conv2(self.snake1(self.block(self.conv1(audio))))
        return latent


class Decoder(nn.Module):
    """Latents (B, D, T) -> audio (B, 1, T * hop or a few samples less)."""

    def __init__(self, config: DacConfig) -> None:
        super().__init__()
        widths = [config.decoder_channels >> stage for stage in range(len(config.ratios) + 1)]
        self.conv1 = nn.Conv1d(config.dimension, widths[0], KERNEL, padding=KERNEL // 2)
        self.block = nn.Sequential(*map(DecoderBlock, widths[:-1], reversed(config.ratios)))
        self.snake1 = Snake(widths[-1])
        self.conv2 = nn.Conv1d(widths[-1], 1, KERNEL, padding=KERNEL // 2)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.conv2(self.snake1(self.block(self.conv1(latent)))))


class FactorisedCodebook(nn.Module):
    """Vectors of E dimensions, searched by the angle between them and what latents become there (section 3.2)."""

    def __init__(self, config: DacConfig) -> None:
        super().__init__()
        self.in_proj = nn.Conv1d(config.dimension, config.codebook_dimension, 1)
        self.out_proj = nn.Conv1d(config.codebook_dimension, config.dimension, 1)
        self.codebook = nn.Embedding(config.codebook_size, config.codebook_dimension)

    def encode(self, latent: torch.Tensor) -> torch.Tensor:
        """(B, D, T) -> codes (B, T)."""
        wanted = F.normalize(self.in_proj(latent).transpose(1, 2), dim=-1)
        return (wanted @ F.normalize(self.codebook.weight, dim=-1).t()).argmax(dim=-1)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, T) -> (B, D, T)."""
        latent: torch.Tensor = self.out_proj(self.codebook(codes).transpose(1, 2))
        return latent


class Quantizer(nn.Module):
    """K codebooks, each for what those before it left over."""

    def __init__(self, config: DacConfig) -> None:
        super().__init__()
        self.quantizers = nn.ModuleList(FactorisedCodebook(config) for _ in range(config.codebooks))
        self.codebook_size = config.codebook_size

    @property
    def levels(self) -> list[FactorisedCodebook]:
        """The codebooks, coarse to fine."""
        return cast(list[FactorisedCodebook], list(self.quantizers))

    def encode(self, latent: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        """(B, D, T) -> codes (B, K, T)."""
        residual, codes = latent, []
        for level in self.levels[: require_codebooks(codebooks, len(self.quantizers))]:
            codes.append(level.encode(residual))
            residual = residual - level.decode(codes[-1])
        return torch.stack(codes, dim=1)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, K, T) -> (B, D, T)."""
        require_codes(codes, len(self.quantizers), self.codebook_size)
        parts = [level.decode(one) for level, one in zip(self.levels, codes.unbind(1), strict=False)]
        return torch.stack(parts).sum(dim=0)


class Dac(nn.Module):
    """A `Codec` (octet.codecs.contract)."""

    def __init__(self, config: DacConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.quantizer = Quantizer(config)
        self.decoder = Decoder(config)

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    @property
    def frame_rate_hz(self) -> float:
        return self.config.sample_rate_hz / self.config.hop_samples

    @property
    def channels(self) -> int:
        return 1

    @property
    def codebooks(self) -> int:
        return self.config.codebooks

    @property
    def codebook_size(self) -> int:
        return self.config.codebook_size

    @torch.no_grad()
    def encode(self, audio: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        """Audio (B, 1, N), filled up to a whole frame by silence -> codes (B, K, T); see `Codec.encode`."""
        require_audio(audio, self.channels)
        whole = F.pad(audio, (0, -audio.shape[-1] % self.config.hop_samples))
        return self.quantizer.encode(self.encoder(whole), codebooks)

    @torch.no_grad()
    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, K, T) -> audio (B, 1, T * hop); see `Codec.decode`."""
        audio: torch.Tensor = self.decoder(self.quantizer.decode(codes))
        return F.pad(audio, (0, codes.shape[-1] * self.config.hop_samples - audio.shape[-1]))
