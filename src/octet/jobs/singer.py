"""DiffSinger ready to sing, and DiffSpeech ready to speak: models with their vocoders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from octet.audio.spectrogram import require_same
from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.families.acoustic.adaptor import Adapted, Controls
from octet.families.acoustic.encoder import Phones
from octet.jobs.load import load_vocoder, model_hash, resolve
from octet.nn.filled import filled
from octet.systems.diffsinger import published
from octet.systems.diffsinger.config import Config, SpeechConfig
from octet.systems.diffsinger.generate import Singer
from octet.systems.diffsinger.model import DiffSinger
from octet.systems.diffsinger.published_generate import PublishedSinger
from octet.systems.diffsinger.speech import DiffSpeech
from octet.systems.diffsinger.voicebank import Voicebank
from octet.systems.fastspeech2.generate import SharedInventory, Speaker

if TYPE_CHECKING:
    from octet.vocoders.contract import Vocoder

SEED = 0  # of DiffSpeech's noise, which is always the same: a sentence is said as it was said before


class DiffSpeechChain:
    """DiffSpeech, then a vocoder of the very same mel spectrogram: what `Speaker` speaks with.

    Raises:
        InvalidInput: the vocoder was made for other spectrograms.
    """

    def __init__(self, model: DiffSpeech, vocoder: Vocoder) -> None:
        require_same(model.config.acoustic.spec, vocoder.spec)
        self.model = model
        self.vocoder = vocoder
        self.spell = SharedInventory().spell
        self.spec = model.config.acoustic.spec
        self.speakers = model.config.acoustic.speakers

    def render(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        """Audio (B, 1, N) and what the variance adaptor decided."""
        mel, adapted = self.model.generate(phones, wishes, torch.Generator().manual_seed(SEED))
        return self.vocoder.decode(mel), adapted


def speaker(path: Path, name: str | Path, vocoder: str | Path | None, offline: bool | None) -> Speaker:
    """A DiffSpeech artifact with its vocoder; see `octet.load`."""
    _, config = artifacts.load_config(path)
    model = filled(lambda: DiffSpeech(artifacts.validated(SpeechConfig, config, path)).for_generation(), path)
    chosen = _vocoder(path, vocoder, model.config.acoustic.vocoder)
    chain = DiffSpeechChain(model, load_vocoder(chosen, offline=offline))
    return Speaker(chain, source(path, name, vocoder, chosen, offline))


def singer(path: Path, name: str | Path, vocoder: str | Path | None, offline: bool | None) -> Singer:
    """A DiffSinger artifact with its vocoder; see `octet.load`."""
    model = model_of(path)
    chosen = _vocoder(path, vocoder, model.config.vocoder)
    return Singer(model, load_vocoder(chosen, offline=offline), source(path, name, vocoder, chosen, offline))


def voicebank(path: Path, vocoder: str | Path | None, offline: bool | None) -> Voicebank:
    """An openvpi voicebank; see `octet.load`. The vocoder is a folder with `vocoder.yaml`."""
    return Voicebank(path, None if vocoder is None else resolve(vocoder, offline=offline))


def public_singer(path: Path, name: str | Path, vocoder: str | Path | None, offline: bool | None) -> PublishedSinger:
    """Public DiffSinger weights (MIDI-A, MIDI-B) with their vocoder; see `octet.load`.

    MIDI-B's pitch extractor lies in a folder `pitch_extractor` beside the checkpoint.
    """
    folder = path if path.is_dir() else path.parent
    chosen = _vocoder(path, vocoder, None)
    extractor = folder / "pitch_extractor"
    return PublishedSinger(
        published.load(path),
        load_vocoder(chosen, offline=offline),
        published.load_extractor(extractor) if extractor.is_dir() else None,
        source(path, name, vocoder, chosen, offline),
    )


def model_of(path: Path) -> DiffSinger:
    """A DiffSinger artifact without a vocoder.

    Raises:
        InvalidArtifact: damaged or hostile weights, or of another kind.
    """
    _, config = artifacts.load_config(path, "diffsinger")
    return filled(lambda: DiffSinger(artifacts.validated(Config, config, path)).for_generation(), path)


def source(
    path: Path, name: str | Path, vocoder: str | Path | None, chosen: str | Path, offline: bool | None
) -> dict[str, Any]:
    """What a sound says of the model that made it; `model` holds the arguments that load it again."""
    names = {"name": str(name), "vocoder": None if vocoder is None else str(vocoder)}
    vocoder_hash = model_hash(resolve(chosen, offline=offline))
    return {"model": names, "model_hash": model_hash(path), "vocoder_hash": vocoder_hash}


def _vocoder(path: Path, given: str | Path | None, own: str | None) -> str | Path:
    chosen = given or own
    if chosen is None:
        raise InvalidInput(f"{path} names no vocoder: give one with vocoder=... (octet models lists the bundled ones)")
    return chosen
