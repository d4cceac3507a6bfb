"""What every codec is to the rest of Octet: sound to a few numbers a second, and back.

Legend: B batch, C audio channels, N samples, K codebooks, T frames.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import torch

from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.nn.filled import filled

if TYPE_CHECKING:
    from octet.codecs.dac import Dac
    from octet.codecs.encodec import Encodec
    from octet.codecs.spectral import SpectralCodec


class Codec(Protocol):
    """A `torch.nn.Module` between waveforms and codes. Codes of the first codebooks alone are a coarser version."""

    @property
    def sample_rate_hz(self) -> int: ...

    @property
    def frame_rate_hz(self) -> float: ...

    @property
    def channels(self) -> int: ...

    @property
    def codebooks(self) -> int: ...

    @property
    def codebook_size(self) -> int: ...

    def encode(self, audio: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        """Audio (B, C, N) -> codes (B, K, T) int64 of the first `codebooks` (all of them by default).

        Raises:
            InvalidInput: another number of channels, no samples, or values that are not numbers.
        """

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, K, T) -> audio (B, C, N), at least as long as what was encoded: the last frame is whole.

        Raises:
            InvalidInput: codes outside the codebooks.
        """


def load(folder: Path) -> Encodec | SpectralCodec | Dac:
    """The codec of an artifact folder, ready to use.

    Raises:
        InvalidArtifact: damaged, or not a codec.
    """
    from octet.codecs.dac import Dac, DacConfig
    from octet.codecs.encodec import Encodec, EncodecConfig
    from octet.codecs.spectral import SpectralCodec, SpectralConfig

    kind, config = artifacts.load_config(folder)
    match kind:
        case "encodec":
            return filled(lambda: Encodec(artifacts.validated(EncodecConfig, config, folder)), folder)
        case "spectral-codec":
            return filled(lambda: SpectralCodec(artifacts.validated(SpectralConfig, config, folder)), folder)
        case "dac":
            return filled(lambda: Dac(artifacts.validated(DacConfig, config, folder)), folder)
        case _:
            kinds = "encodec, spectral-codec, dac"
            raise InvalidArtifact(f"{folder} holds a model of kind {kind!r}; a codec ({kinds}) is needed")


def require_audio(audio: torch.Tensor, channels: int) -> None:
    """Refuse what no codec of so many channels can encode.

    Raises:
        InvalidInput: not (B, C, N) with C = `channels` and N > 0, or values that are not numbers.
    """
    if audio.dim() != 3 or audio.shape[1] != channels or not audio.shape[2] or not audio.is_floating_point():
        raise InvalidInput(
            f"audio of shape {tuple(audio.shape)} and type {audio.dtype} was given; floats (batch, {channels}, "
            "samples) are expected"
        )
    if not audio.isfinite().all():
        raise InvalidInput("the audio holds values that are not numbers: check how it was made")
