"""The bundled codec: loudness alone is coded; phases are found again when it is decoded.

    audio -> STFT magnitudes -> loudness -+-> linear -------------------+-> residual quantiser -> codes
                                          `-> ConvNeXt -> what it lacks -'
    codes -> code vectors, summed -+-> linear ------------------+-> loudness -> magnitudes -> phases -> audio
                                   `-> ConvNeXt -> what it lacks -'

It keeps the contract of EnCodec (arXiv 2210.13438) and its quantiser, and has the body of Vocos (arXiv 2306.00814). At
2 to 4 kbit/s nothing is left for phases, and a network that makes them up has to be trained through the waveform, for
longer than a CPU can afford. But frames that overlap by two thirds leave phases little freedom: alternating
projections (`octet.codecs.phases`) find them without any training. So what is learnt is a plain
regression, and it begins as a codec that works, of principal components and k-means (`octet.codecs.spectral_training`).

A code may stand for several frames of the transform. Two make a token of 40 ms: twice as long a past for the same
number of tokens, which repeat each other less, and steady sounds are coded once.

Departures from EnCodec: all of the above; not causal, though what is heard depends on about a second to come.

Legend: B batch, N samples, D latent dimension, T codes in time, F frequencies of all frames of a code.
"""

from __future__ import annotations

import math
from typing import Literal, Self

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from octet.codecs import phases
from octet.codecs.contract import require_audio
from octet.codecs.quantizer import ResidualQuantizer
from octet.core.errors import InvalidInput
from octet.nn.convnext import KERNEL_FRAMES, ConvNeXtBlock, initialise
from octet.vocoders.griffin_lim import Framing

MOST_AMPLITUDE = 1.0  # of any frequency: no sound between -1 and 1 has more


class SpectralConfig(BaseModel):
    """The shape of a codec; defaults are the bundled model's: 16 kHz, 25 codes a second, 4 kbit/s.

    Raises:
        InvalidInput: frames that do not overlap by half at least, from which phases could not be found.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["spectral-codec"] = "spectral-codec"
    sample_rate_hz: int = Field(default=16_000, ge=1, le=768_000)
    hop_samples: int = Field(default=320, ge=2, le=8192)  # from one frame of the transform to the next
    frames_per_code: int = Field(default=2, ge=1, le=16)
    window_samples: int = Field(default=1024, ge=4, le=16_384)
    quiet: float = Field(default=5e-3, gt=0, le=1)  # amplitude of a tone up to which loudness grows linearly
    channels: int = Field(default=192, ge=1, le=4096)
    hidden_channels: int = Field(default=576, ge=1, le=16_384)
    encoder_layers: int = Field(default=3, ge=1, le=100)
    decoder_layers: int = Field(default=5, ge=1, le=100)
    dimension: int = Field(default=128, ge=1, le=4096)
    codebooks: int = Field(default=16, ge=1, le=128)
    codebook_size: int = Field(default=1024, ge=2, le=65_536)
    phase_iterations: int = Field(default=32, ge=1, le=1000)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        checks = {
            "an even window of at least two hops": self.window_samples % 2 == 0
            and self.window_samples >= 2 * self.hop_samples,
            "an even hop": self.hop_samples % 2 == 0,
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise InvalidInput(f"a spectral codec needs {' and '.join(broken)}; given {self!r}")
        return self

    @property
    def frequencies(self) -> int:
        """F: of the transform, once for each frame of a code."""
        return self.frames_per_code * (self.window_samples // 2 + 1)

    @property
    def code_samples(self) -> int:
        """From one code to the next."""
        return self.frames_per_code * self.hop_samples


class SpectralEncoder(nn.Module):
    """Loudness to latents."""

    def __init__(self, config: SpectralConfig) -> None:
        super().__init__()
        self.linear = nn.Linear(config.frequencies, config.dimension)
        self.embed = nn.Conv1d(config.frequencies, config.channels, 1)
        self.body = _Body(config, config.encoder_layers)
        self.out = nn.Linear(config.channels, config.dimension)

    def forward(self, loudness: torch.Tensor) -> torch.Tensor:
        """(B, F, T) -> (B, D, T)."""
        latent: torch.Tensor = self.linear(loudness.transpose(1, 2)) + self.out(self.body(self.embed(loudness)))
        return latent.transpose(1, 2)


class SpectralDecoder(nn.Module):
    """Latents to loudness."""

    def __init__(self, config: SpectralConfig) -> None:
        super().__init__()
        self.linear = nn.Linear(config.dimension, config.frequencies)
        self.embed = nn.Conv1d(config.dimension, config.channels, KERNEL_FRAMES, padding=KERNEL_FRAMES // 2)
        self.body = _Body(config, config.decoder_layers)
        self.out = nn.Linear(config.channels, config.frequencies)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        """(B, D, T) -> (B, F, T)."""
        loudness: torch.Tensor = self.linear(latent.transpose(1, 2)) + self.out(self.body(self.embed(latent)))
        return loudness.transpose(1, 2)


class _Body(nn.Module):
    """ConvNeXt blocks between norms: (B, C, T) -> (B, T, C)."""

    def __init__(self, config: SpectralConfig, layers: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(config.channels, eps=1e-6)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(config.channels, config.hidden_channels, layer_scale=1 / layers) for _ in range(layers)
        )
        self.final_norm = nn.LayerNorm(config.channels, eps=1e-6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(x.transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        out: torch.Tensor = self.final_norm(x.transpose(1, 2))
        return out


class SpectralCodec(nn.Module):
    """A `Codec` (octet.codecs.contract)."""

    window: torch.Tensor

    def __init__(self, config: SpectralConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = SpectralEncoder(config)
        self.quantizer = ResidualQuantizer(config.dimension, config.codebooks, config.codebook_size)
        self.decoder = SpectralDecoder(config)
        self.register_buffer("window", _window(config.window_samples), persistent=False)
        self.apply(initialise)
        nn.init.zeros_(self.encoder.out.weight)  # the linear codec alone, at first
        nn.init.zeros_(self.decoder.out.weight)

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    @property
    def frame_rate_hz(self) -> float:
        return self.config.sample_rate_hz / self.config.code_samples

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
        """Audio (B, 1, N) -> codes (B, K, T); see `Codec.encode`."""
        require_audio(audio, self.channels)
        return self.quantizer.encode(self.encoder(self.loudness(audio)), codebooks)

    @torch.no_grad()
    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, K, T) -> audio (B, 1, T * code_samples); see `Codec.decode`."""
        return self.audio(self.decoder(self.quantizer.decode(codes)))

    def loudness(self, audio: torch.Tensor) -> torch.Tensor:
        """What is coded: audio (B, 1, N) -> (B, F, T), T = ceil(N / code_samples): ln(1 + magnitude / quiet).

        A frame is centred on its own hop; silence, which is 0, surrounds the sound. A tone has the same magnitude in
        any window. Frames of a code lie one behind the other in F.
        """
        whole = F.pad(audio[:, 0].float(), (0, -audio.shape[-1] % self.config.code_samples))
        frames = (self._framing.spectrum(whole).abs() / self.config.quiet).log1p()
        grouped = frames.reshape(*frames.shape[:2], -1, self.config.frames_per_code)
        return grouped.permute(0, 3, 1, 2).flatten(1, 2)

    def audio(self, loudness: torch.Tensor) -> torch.Tensor:
        """(B, F, T) -> (B, 1, T * code_samples), with phases found."""
        most = math.log1p(MOST_AMPLITUDE / self.config.quiet)
        grouped = loudness.float().reshape(len(loudness), self.config.frames_per_code, -1, loudness.shape[2])
        frames = grouped.permute(0, 2, 3, 1).flatten(2)
        magnitude = self.config.quiet * frames.clamp(0, most).expm1()
        return phases.audio_of(magnitude, self._framing, iterations=self.config.phase_iterations)[:, None]

    @property
    def lookahead_frames(self) -> int:
        """How many codes after its own a sample depends on, at most (`octet.families.token_lm.sound`)."""
        convolutions = (KERNEL_FRAMES // 2) * (1 + self.config.decoder_layers)
        phase_frames = phases.BLOCK_FRAMES + phases.AHEAD_FRAMES + phases.spanned(self._framing)
        return convolutions + -(-phase_frames // self.config.frames_per_code)

    @property
    def _framing(self) -> Framing:
        return Framing(self.window, self.config.hop_samples)


def _window(samples: int) -> torch.Tensor:
    """Of sum 2, so that a tone's magnitude is its amplitude."""
    window = torch.hann_window(samples)
    return window * (2 / window.sum())
