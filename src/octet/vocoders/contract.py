"""What every vocoder is to the rest of Octet: a `MelSpec` it reads, and `decode`.

Legend: B batch, M mel bins, T frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import torch

from octet.audio.spectrogram import MelSpec
from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.nn.filled import filled

if TYPE_CHECKING:
    from octet.vocoders.harmonic_vocoder import HarmonicVocoder
    from octet.vocoders.hifigan import HifiGan
    from octet.vocoders.nsf import NsfHifiGan
    from octet.vocoders.vocos import Vocos


class Vocoder(Protocol):
    """A `torch.nn.Module` from log-mel spectrograms to waveforms; frame t becomes samples t * hop to (t + 1) * hop."""

    @property
    def spec(self) -> MelSpec:
        """The spectrograms it reads; compare with `octet.audio.spectrogram.require_same`."""

    @property
    def context_frames(self) -> int:
        """How many frames to either side a decoded frame depends on."""

    def decode(self, mel: torch.Tensor) -> torch.Tensor:
        """Log-mel (B, M, T) -> audio (B, 1, T * hop), without gradients."""


class SungVocoder(Protocol):
    """A vocoder that is told F0; one that needs none leaves it aside."""

    @property
    def spec(self) -> MelSpec:
        """The spectrograms it reads; compare with `octet.audio.spectrogram.require_same`."""

    def sing(self, mel: torch.Tensor, f0_hz: torch.Tensor) -> torch.Tensor:
        """Log-mel (B, M, T) and F0 (B, T), 0 where unvoiced -> audio (B, 1, T * hop), without gradients."""


AnyVocoder: TypeAlias = "Vocos | HifiGan | NsfHifiGan | HarmonicVocoder"


def load(folder: Path) -> AnyVocoder:
    """The vocoder of an artifact folder, ready to decode, or to sing.

    Raises:
        InvalidArtifact: damaged, or not a vocoder.
    """
    from octet.vocoders.harmonic_vocoder import HarmonicVocoder, HarmonicVocoderConfig
    from octet.vocoders.hifigan import HifiGan, HifiGanConfig
    from octet.vocoders.nsf import NsfHifiGan, NsfHifiGanConfig
    from octet.vocoders.vocos import Vocos, VocosConfig

    kind, config = artifacts.load_config(folder)
    match kind:
        case "vocos":
            return filled(lambda: Vocos(artifacts.validated(VocosConfig, config, folder)), folder)
        case "hifigan":
            return filled(lambda: HifiGan(artifacts.validated(HifiGanConfig, config, folder)), folder)
        case "nsf_hifigan":
            return filled(lambda: NsfHifiGan(artifacts.validated(NsfHifiGanConfig, config, folder)), folder)
        case "harmonic":
            return filled(lambda: HarmonicVocoder(artifacts.validated(HarmonicVocoderConfig, config, folder)), folder)
        case _:
            raise InvalidArtifact(
                f"{folder} holds a model of kind {kind!r}; a vocoder (vocos, hifigan, nsf_hifigan, harmonic) is needed"
            )


def decode_stream(vocoder: Vocoder, mel_chunks: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
    """Decode a spectrogram that arrives in pieces; the pieces of audio together are what `decode` gives for the whole.

    A frame is decoded as soon as the `context_frames` after it have arrived, together with those before it: sound lags
    behind by that many frames, and short chunks cost more, since the context is decoded again for each.

    Args:
        vocoder: any vocoder.
        mel_chunks: log-mel (B, M, T_i), of any positive lengths.

    Yields:
        audio (B, 1, n_i * hop), one piece for each chunk that completes frames, and the rest.
    """
    context, hop_samples = vocoder.context_frames, vocoder.spec.hop_samples
    held: torch.Tensor | None = None  # up to `context` decoded frames, then those not yet decoded
    past = 0  # how many of `held` are decoded already

    def piece(mel: torch.Tensor, end: int) -> torch.Tensor:
        return vocoder.decode(mel)[..., past * hop_samples : end * hop_samples]

    for chunk in mel_chunks:
        held = chunk if held is None else torch.cat([held, chunk], dim=-1)
        end = held.shape[-1] - context
        if end > past:
            yield piece(held, end)
            past = min(end, context)
            held = held[..., end - past :]
    if held is not None and held.shape[-1] > past:
        yield piece(held, held.shape[-1])
