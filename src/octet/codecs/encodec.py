"""EnCodec (Defossez 2022, arXiv 2210.13438) and SoundStream (Zeghidour 2021, arXiv 2107.03312): one codec, four shapes.

    audio -> [chunks, scaled to unit loudness: 48 kHz only] -> SEANet encoder -> residual quantiser -> codes
    codes -> code vectors, summed -> SEANet decoder -> [scales, overlap-add: 48 kHz only] -> audio

Departures: EnCodec's entropy coding by a small transformer (section 3.3) is left out, as is SoundStream's switch for
denoising (III-D). Codes of consecutive chunks lie end to end, so that every codec gives (B, K, T).

Legend: B batch, C audio channels, N samples, K codebooks, T frames, S chunks.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from typing import Literal, NamedTuple, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from octet.codecs.contract import require_audio
from octet.codecs.quantizer import ResidualQuantizer, require_codes
from octet.codecs.seanet import Decoder, Encoder, SEANetConfig
from octet.core.errors import InvalidInput

LEAST_SCALE = 1e-8  # added to the loudness that a chunk is divided by


class EncodecConfig(BaseModel):
    """The shape of a codec.

    Without `chunk_samples` the sound is encoded as one. `normalised` divides each chunk (or all) by its root mean
    square, the channels averaged.

    Raises:
        InvalidInput: chunks that do not cover the sound, or overlap by more than half.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["encodec"] = "encodec"
    sample_rate_hz: int = Field(ge=1, le=768_000)
    channels: int = Field(default=1, ge=1, le=16)
    codebooks: int = Field(ge=1, le=128)
    codebook_size: int = Field(default=1024, ge=2, le=65_536)
    normalised: bool = False
    chunk_samples: int | None = Field(default=None, ge=1, le=2**30)
    chunk_stride_samples: int | None = Field(default=None, ge=1, le=2**30)
    seanet: SEANetConfig = SEANetConfig()

    @model_validator(mode="after")
    def _covering(self) -> Self:
        chunk, stride = self.chunk_samples, self.chunk_stride_samples
        if (chunk is None) != (stride is None) or (chunk and stride and not chunk <= 2 * stride <= 2 * chunk):
            raise InvalidInput(
                f"chunks need a stride of half to all of their length; given {chunk} samples every {stride}"
            )
        return self


def encodec_24khz() -> EncodecConfig:
    """EnCodec for speech and music in mono: causal, 75 frames a second, up to 32 codebooks (24 kbit/s)."""
    return EncodecConfig(sample_rate_hz=24_000, codebooks=32)


def encodec_48khz() -> EncodecConfig:
    """EnCodec for stereo music: a second at a time, 150 frames a second, up to 16 codebooks (24 kbit/s)."""
    return EncodecConfig(
        sample_rate_hz=48_000,
        channels=2,
        codebooks=16,
        normalised=True,
        chunk_samples=48_000,
        chunk_stride_samples=47_520,
        seanet=SEANetConfig(causal=False, norm="group"),
    )


def encodec_32khz() -> EncodecConfig:
    """The codec of MusicGen (arXiv 2306.05284, section 3.1): 50 frames a second, 4 codebooks (2.2 kbit/s)."""
    return EncodecConfig(
        sample_rate_hz=32_000,
        codebooks=4,
        codebook_size=2048,
        seanet=SEANetConfig(filters=64, ratios=(8, 5, 4, 4), causal=False, conv_shortcut=False),
    )


def soundstream() -> EncodecConfig:
    """SoundStream at 24 kHz: causal, 75 frames a second, up to 24 codebooks (18 kbit/s). See `_soundstream`."""
    return _soundstream(ratios=(8, 5, 4, 2), codebooks=24)


def soundstream_50hz() -> EncodecConfig:
    """SoundStream as SoundStorm (arXiv 2305.09636) and MusicLM (2301.11325) use it: 50 frames a second, 6 kbit/s."""
    return _soundstream(ratios=(8, 5, 4, 3), codebooks=12)


def _soundstream(ratios: tuple[int, ...], codebooks: int) -> EncodecConfig:
    """Figure 3: three residual units of dilation 1, 3 and 9 for each ratio, no LSTM. Latents of 256 are assumed."""
    seanet = SEANetConfig(
        dimension=256,
        ratios=ratios,
        residual_layers=3,
        residual_kernel=7,
        dilation_growth=3,
        compress=1,
        encoder_last_kernel=3,
        lstm_layers=0,
        padding="constant",
        conv_shortcut=False,
    )
    return EncodecConfig(sample_rate_hz=24_000, codebooks=codebooks, seanet=seanet)


class Scaled(NamedTuple):
    """Codes (B, K, T), and what each chunk was divided by (B, S), which a normalised codec cannot decode without."""

    codes: torch.Tensor
    scales: torch.Tensor | None


class Encodec(nn.Module):
    """A `Codec` (octet.codecs.contract)."""

    def __init__(self, config: EncodecConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config.channels, config.seanet)
        self.quantizer = ResidualQuantizer(config.seanet.dimension, config.codebooks, config.codebook_size)
        self.decoder = Decoder(config.channels, config.seanet)

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    @property
    def frame_rate_hz(self) -> float:
        return self.config.sample_rate_hz / self.config.seanet.hop_samples

    @property
    def channels(self) -> int:
        return self.config.channels

    @property
    def codebooks(self) -> int:
        return self.config.codebooks

    @property
    def codebook_size(self) -> int:
        return self.config.codebook_size

    def codebooks_at(self, bandwidth_kbps: float) -> int:
        """How many codebooks fit into so many kilobits a second, at least one and at most all.

        >>> Encodec(encodec_24khz().model_copy(update={"seanet": SEANetConfig(filters=2)})).codebooks_at(6.0)
        8
        """
        bits_per_second = math.log2(self.codebook_size) * math.ceil(self.frame_rate_hz)  # of one codebook
        return min(self.codebooks, max(1, math.floor(1000 * bandwidth_kbps / bits_per_second)))

    def encode(self, audio: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        """Audio (B, C, N) -> codes (B, K, T); see `Codec.encode`. A normalised codec needs `encode_scaled`'s scales."""
        return self.encode_scaled(audio, codebooks).codes

    @torch.no_grad()
    def encode_scaled(self, audio: torch.Tensor, codebooks: int | None = None) -> Scaled:
        """Audio (B, C, N) -> codes (B, K, T) and scales (B, S).

        Raises:
            InvalidInput: as `Codec.encode` says.
        """
        require_audio(audio, self.channels)
        codes, scales = [], []
        for start, end in self._chunks(audio.shape[-1]):
            chunk, scale = self.normalise(audio[..., start:end])
            codes.append(self.quantizer.encode(self.encoder(chunk), codebooks))
            scales.append(scale)
        return Scaled(torch.cat(codes, dim=-1), torch.cat(scales, dim=1)[..., 0] if self.config.normalised else None)

    @torch.no_grad()
    def decode(self, codes: torch.Tensor, scales: torch.Tensor | None = None) -> torch.Tensor:
        """Codes (B, K, T) and, of a normalised codec, scales (B, S) -> audio (B, C, N); see `Codec.decode`.

        Raises:
            InvalidInput: codes outside the codebooks, a number of frames that no sound gives, or scales that do not
                fit.
        """
        require_codes(codes, self.codebooks, self.codebook_size)
        frames = self._chunk_frames(codes.shape[-1])
        if self.config.normalised and (scales is None or scales.shape != (len(codes), len(frames))):
            given = "none were" if scales is None else f"{tuple(scales.shape)} was"
            raise InvalidInput(
                f"this codec needs scales of shape {(len(codes), len(frames))}, and {given} given: take both from "
                "`encode_scaled`"
            )
        pieces = [self.decoder(self.quantizer.decode(piece)) for piece in torch.split(codes, frames, dim=-1)]
        if scales is not None:
            pieces = [piece * scale[:, None, None] for piece, scale in zip(pieces, scales.unbind(1), strict=True)]
        return _overlap_added(pieces, self.config.chunk_stride_samples or 0)

    def through(self, audio: torch.Tensor, quantise: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """All the way with gradients, for training: (B, C, N) -> (B, C, N), `quantise` standing between the halves.

        The sound is one chunk, however long.
        """
        normal, scale = self.normalise(audio)
        decoded: torch.Tensor = self.decoder(quantise(self.encoder(normal)))
        return decoded[..., : audio.shape[-1]] * scale

    def normalise(self, audio: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Audio (B, C, N) divided by its scale (B, 1, 1), which is 1 unless the codec is normalised."""
        if not self.config.normalised:
            return audio, audio.new_ones(len(audio), 1, 1)
        scale = audio.mean(dim=1, keepdim=True).square().mean(dim=2, keepdim=True).sqrt() + LEAST_SCALE
        return audio / scale, scale

    def _chunks(self, samples: int) -> list[tuple[int, int]]:
        """Beginning and end of each chunk of so many samples."""
        chunk, stride = self.config.chunk_samples, self.config.chunk_stride_samples
        if chunk is None or stride is None:
            return [(0, samples)]
        return [(start, min(start + chunk, samples)) for start in range(0, samples, stride)]

    def _chunk_frames(self, frames: int) -> list[int]:
        """How so many frames divide into chunks: more samples never give fewer, so the division can be looked up."""
        if self.config.chunk_samples is None:
            return [frames]
        hop = self.config.seanet.hop_samples

        def of(samples: int) -> list[int]:
            return [-(-(end - start) // hop) for start, end in self._chunks(samples)]

        samples = bisect.bisect_left(range(frames * hop + 1), frames, key=lambda samples: sum(of(samples)))
        if sum(of(samples)) != frames:
            raise InvalidInput(f"no sound gives {frames} frames in chunks of {of(self.config.chunk_samples)[0]}")
        return of(samples)


def _overlap_added(pieces: list[torch.Tensor], stride_samples: int) -> torch.Tensor:
    """Pieces (B, C, n), one every `stride_samples`, faded into each other by triangular weights that sum to one."""
    if len(pieces) == 1:
        return pieces[0]
    longest = pieces[0].shape[-1]
    ramp = torch.arange(1, longest + 1, device=pieces[0].device, dtype=pieces[0].dtype) / (longest + 1)
    triangle = torch.minimum(ramp, 1 - ramp)
    samples = stride_samples * (len(pieces) - 1) + pieces[-1].shape[-1]
    sound, weights = pieces[0].new_zeros(*pieces[0].shape[:2], samples), pieces[0].new_zeros(samples)
    for number, piece in enumerate(pieces):
        here = slice(number * stride_samples, number * stride_samples + piece.shape[-1])
        sound[..., here] += triangle[: piece.shape[-1]] * piece
        weights[here] += triangle[: piece.shape[-1]]
    return sound / weights
