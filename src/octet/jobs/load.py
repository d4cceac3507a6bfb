"""`octet.load`: a bundled model by name, a hub id, or a path, ready to generate.

Kinds are told by the artifact's `config.json`; public layouts by their files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from octet.core import artifacts, hub
from octet.core.errors import InvalidInput

if TYPE_CHECKING:
    from octet.systems.fastspeech2.generate import Speaker
    from octet.vocoders.contract import Vocoder

BUNDLED = Path(__file__).parents[1] / "weights"
SYSTEMS = {
    "fastspeech2": "fastspeech2-tiny",
    "fastspeech2s": "fastspeech2s-tiny",
}  # a system's name loads its tiny model


def load(name: str | Path, *, vocoder: str | Path | None = None, offline: bool | None = None) -> Speaker:
    """A voice model.

    Args:
        name: "fastspeech2", "fastspeech2s", a bundled artifact's name, a hub id "owner/name", or a path to an artifact
            folder, to a checkpoint of a run, or to public weights (ming024's `*.pth.tar`).
        vocoder: likewise, for a FastSpeech 2; by default the one its configuration names.
        offline: never ask the hub; by default as OCTET_OFFLINE or HF_HUB_OFFLINE say.

    Raises:
        InvalidInput: no such model, or a vocoder for other spectrograms.
        InvalidArtifact: damaged or hostile weights.
    """
    path = resolve(name, offline=offline)
    if not artifacts.is_artifact(path):
        return _published(path, vocoder, offline)
    kind, _ = artifacts.load_config(path)
    match kind:
        case "fastspeech2":
            return _fastspeech2(path, vocoder, offline)
        case "fastspeech2s":
            return _fastspeech2s(path)
        case _:
            raise InvalidInput(f"{name} is a {kind}, which does not speak: load one of {', '.join(SYSTEMS)}")


def load_vocoder(name: str | Path, *, offline: bool | None = None) -> Vocoder:
    """A vocoder: a bundled name, a hub id, or a path to an artifact folder or to public weights."""
    from octet.vocoders import contract, published

    path = resolve(name, offline=offline)
    return contract.load(path) if artifacts.is_artifact(path) else published.load(path)


def _fastspeech2(path: Path, vocoder: str | Path | None, offline: bool | None) -> Speaker:
    from octet.systems.fastspeech2.generate import MelChain, Speaker
    from octet.systems.fastspeech2.model import Config, FastSpeech2

    _, config = artifacts.load_config(path)
    model = FastSpeech2(artifacts.validated(Config, config, path))
    artifacts.load_state_into(model, artifacts.load_state(path), path)
    chosen = vocoder or model.config.vocoder
    if chosen is None:
        raise InvalidInput(f"{path} names no vocoder: give one with vocoder=... (octet models lists the bundled ones)")
    return Speaker(MelChain(model.eval(), load_vocoder(chosen, offline=offline)))


def _fastspeech2s(path: Path) -> Speaker:
    from octet.systems.fastspeech2.generate import Speaker, WaveformChain
    from octet.systems.fastspeech2.waveform import FastSpeech2s, WaveformConfig

    _, config = artifacts.load_config(path)
    model = FastSpeech2s(artifacts.validated(WaveformConfig, config, path)).for_generation()
    artifacts.load_state_into(model, artifacts.load_state(path), path)
    return Speaker(WaveformChain(model.eval()))


def _published(path: Path, vocoder: str | Path | None, offline: bool | None) -> Speaker:
    from octet.systems.fastspeech2 import published
    from octet.systems.fastspeech2.generate import MelChain, Speaker

    model = published.load(path)
    if vocoder is None:
        raise InvalidInput(f"{path} holds no vocoder: give its HiFi-GAN with vocoder=PATH (--vocoder PATH)")
    return Speaker(MelChain(model, load_vocoder(vocoder, offline=offline)))


def resolve(name: str | Path, *, offline: bool | None = None) -> Path:
    """The folder or file that a model's name stands for; a system's name stands for its bundled model."""
    return hub.resolve(SYSTEMS.get(str(name), name), bundled=BUNDLED, offline=offline)
