"""Models ready to sing: DiffSinger, public ones and voicebanks, with their vocoders."""

from __future__ import annotations

from pathlib import Path

from octet.core import artifacts
from octet.jobs.load import load_vocoder, resolve
from octet.jobs.speaker import source, vocoder_of
from octet.nn.filled import filled
from octet.systems.diffsinger import published
from octet.systems.diffsinger.config import Config
from octet.systems.diffsinger.generate import Singer
from octet.systems.diffsinger.model import DiffSinger
from octet.systems.diffsinger.published_generate import PublishedSinger
from octet.systems.diffsinger.voicebank import Voicebank


def singer(path: Path, name: str | Path, *, vocoder: str | Path | None = None, offline: bool | None = None) -> Singer:
    """A DiffSinger artifact with its vocoder; see `octet.load`."""
    model = model_of(path)
    chosen = vocoder_of(path, vocoder, model.config.vocoder)
    return Singer(model, load_vocoder(chosen, offline=offline), source(path, name, vocoder, chosen, offline))


def voicebank(
    path: Path,
    name: str | Path,  # noqa: ARG001 - as others; a voicebank names itself
    *,
    vocoder: str | Path | None = None,
    offline: bool | None = None,
) -> Voicebank:
    """An openvpi voicebank; see `octet.load`. The vocoder is a folder with `vocoder.yaml`."""
    return Voicebank(path, None if vocoder is None else resolve(vocoder, offline=offline))


def public_singer(
    path: Path, name: str | Path, *, vocoder: str | Path | None = None, offline: bool | None = None
) -> PublishedSinger:
    """Public DiffSinger weights (MIDI-A, MIDI-B) with their vocoder; see `octet.load`.

    MIDI-B's pitch extractor lies in a folder `pitch_extractor` beside the checkpoint.
    """
    folder = path if path.is_dir() else path.parent
    chosen = vocoder_of(path, vocoder, None)
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
