"""Between the tokens of a language model and sound: channels, and decoding while tokens still come.

Legend: B batch, C channels, N samples, K codebooks of the model, T frames, n frames of a piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from octet.audio.waveform import Waveform
from octet.codecs.contract import Codec
from octet.core.errors import InvalidInput

PROBE_FRAMES = 32
GROWTH = 8  # a piece is an eighth, at least, of what came before it, so that decoding anew costs a constant factor


@dataclass(frozen=True)
class _Made:
    """What a codec that is made of another has of that."""

    codec: Codec

    @property
    def sample_rate_hz(self) -> int:
        return self.codec.sample_rate_hz

    @property
    def frame_rate_hz(self) -> float:
        return self.codec.frame_rate_hz

    @property
    def codebook_size(self) -> int:
        return self.codec.codebook_size

    @property
    def lookahead_frames(self) -> int | None:
        """Of the codec, if it says so."""
        return getattr(self.codec, "lookahead_frames", None)


@dataclass(frozen=True)
class Interleaved(_Made):
    """A mono codec as one of several channels: each is coded alone, and codebooks alternate, as in stereo MusicGen.

    Left 0, right 0, left 1, right 1, ...
    """

    channels: int

    def __post_init__(self) -> None:
        if self.codec.channels != 1:
            raise InvalidInput(f"channels alternate of a mono codec only; this one has {self.codec.channels}")

    @property
    def codebooks(self) -> int:
        return self.codec.codebooks * self.channels

    def encode(self, audio: Tensor, codebooks: int | None = None) -> Tensor:
        """(B, C, N) -> (B, C * K, T)."""
        each = None if codebooks is None else codebooks // self.channels
        coded = [self.codec.encode(audio[:, channel : channel + 1], each) for channel in range(self.channels)]
        return torch.stack(coded, dim=2).flatten(1, 2)

    def decode(self, codes: Tensor) -> Tensor:
        """(B, C * K, T) -> (B, C, N)."""
        return torch.cat([self.codec.decode(codes[:, channel :: self.channels]) for channel in range(self.channels)], 1)


@dataclass(frozen=True)
class Coarse(_Made):
    """A codec by its first codebooks alone: the same sound, coarser, and less for a model to learn."""

    codebooks: int

    @property
    def channels(self) -> int:
        return self.codec.channels

    def encode(self, audio: Tensor, codebooks: int | None = None) -> Tensor:
        """(B, C, N) -> (B, K, T)."""
        return self.codec.encode(audio, codebooks or self.codebooks)

    def decode(self, codes: Tensor) -> Tensor:
        """(B, K, T) -> (B, C, N)."""
        return self.codec.decode(codes)


def tokens_of(sound: Waveform, codec: Codec, device: torch.device | None = None) -> Tensor:
    """A sound as int64 (1, K, T), at the codec's rate and of its channels: other numbers of them are mixed first.

    Raises:
        InvalidInput: there is no sound in it.
    """
    if not sound.samples.shape[1]:
        raise InvalidInput("a sound of no length has no tokens: give one of some length")
    heard = sound.resample(codec.sample_rate_hz)
    samples = heard.samples if heard.channels == codec.channels else heard.mono().samples
    audio = torch.from_numpy(np.broadcast_to(samples, (codec.channels, samples.shape[1])).copy())
    with torch.inference_mode():
        codes = codec.encode(audio[None].to(device))
    return codes.clone()  # of inference no more: it may be trained on


@torch.inference_mode()
def sound_of(codes: Tensor, codec: Codec) -> Tensor:
    """Audio (B, C, N) of tokens (B, K, T)."""
    return codec.decode(codes)


def hop_samples(codec: Codec) -> int:
    """Samples of a frame.

    Raises:
        InvalidInput: frames are not a whole number of samples long.
    """
    hop = codec.sample_rate_hz / codec.frame_rate_hz
    if hop != int(hop):
        raise InvalidInput(f"frames of {hop} samples cannot be decoded in pieces: take a codec with whole frames")
    return int(hop)


def decode_stream(codec: Codec, pieces: Iterable[Tensor], frames: int) -> Iterator[Tensor]:
    """Decode tokens as they come; all audio together is what `codec.decode` makes of all tokens, to rounding.

    A sample sounds as soon as all tokens it depends on are there. What a codec remembers is not known here, so each
    time everything is decoded from the beginning.

    Args:
        codec: any codec.
        pieces: int64 (B, K, n), n possibly 0.
        frames: of the shortest piece of audio but the last.

    Yields:
        audio (B, C, N).
    """
    hop = hop_samples(codec)
    held: list[Tensor] = []
    ahead = arrived = done = 0
    for piece in pieces:
        ahead = ahead if held else lookahead_frames(codec, piece.device)
        held.append(piece)
        arrived += piece.shape[2]
        if arrived - ahead - done >= max(frames, done // GROWTH, 1):
            held = [torch.cat(held, dim=2)]
            yield sound_of(held[0], codec)[..., done * hop : (arrived - ahead) * hop]
            done = arrived - ahead
    if arrived > done:
        yield sound_of(torch.cat(held, dim=2), codec)[..., done * hop :]


def lookahead_frames(codec: Codec, device: torch.device | None = None) -> int:
    """How many frames after its own a sample depends on: what the codec says (`lookahead_frames`), or else what is
    found by changing the last of some frames, and decoding both.

    As many as were tried, or more, of a codec whose every sample depends on all frames.
    """
    said: int | None = getattr(codec, "lookahead_frames", None)
    if said is not None:
        return said
    rng = torch.Generator().manual_seed(0)
    codes = torch.randint(0, codec.codebook_size, (1, codec.codebooks, PROBE_FRAMES), generator=rng)
    codes = codes.to(device)
    changed = codes.clone()
    changed[..., -1] = (changed[..., -1] + 1) % codec.codebook_size
    differs = (sound_of(codes, codec) != sound_of(changed, codec)).any(1)[0].nonzero()[:, 0]
    if not len(differs):
        return 0
    first = int(differs[0]) // hop_samples(codec)
    return PROBE_FRAMES - 1 - first if first else 10**9
