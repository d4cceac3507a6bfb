"""A MusicGen ready to play: the model with its codec, its text encoder, and the ears that melodies need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.jobs.load import model_hash, resolve

if TYPE_CHECKING:
    from torch import Tensor

    from octet.audio.waveform import Waveform
    from octet.codecs.contract import Codec
    from octet.encoders.text.contract import TextEncoder
    from octet.engines.prepare import Precision
    from octet.engines.select import EngineName
    from octet.families.token_lm.engine import Engine
    from octet.systems.musicgen.config import Config
    from octet.systems.musicgen.generate import Musician
    from octet.systems.musicgen.model import MusicGen

T5 = "google-t5/t5-base"  # what audiocraft's checkpoints read their captions with


def musician(
    path: Path,
    name: str | Path,
    *,
    codec: str | Path | None = None,
    text_encoder: str | Path | None = None,
    engine: EngineName = "auto",
    weights: Precision | None = None,
    offline: bool | None = None,
) -> Musician:
    """The model in a folder of Octet's, of transformers' or of audiocraft's; see `octet.load`.

    Raises:
        InvalidInput: no codec or text encoder for it, or one that does not fit; or an engine that cannot run it.
        InvalidArtifact: damaged or hostile weights.
        MissingExtra: the engine is not installed.
    """
    from octet.engines.prepare import BITS
    from octet.systems.musicgen.generate import Listening, Musician

    model: MusicGen
    runs: Engine | EngineName = engine
    if weights in BITS and artifacts.is_artifact(path):
        model, runs = _quantised(path, engine, weights, text_encoder, offline)
    else:
        model = _model(path, text_encoder, offline)
    chosen = codec or _own_codec(path, model)
    heard = load_codec(chosen, offline=offline)
    names = {"name": name, "codec": codec, "text_encoder": text_encoder, "engine": engine, "weights": weights}
    source = {
        "model": {key: None if value is None else str(value) for key, value in names.items()},
        "model_hash": model_hash(path),
        "codec_hash": model_hash(resolve(chosen, offline=offline)),
    }
    reads = _reads(path, model.config, text_encoder)
    if reads is not None:
        source["text_encoder_hash"] = model_hash(resolve(reads, offline=offline))
    listening = Listening(chroma=_chroma(heard.sample_rate_hz))
    of_named = weights if isinstance(runs, str) else None
    return Musician(model, heard, engine=runs, weights=of_named, listening=listening, source=source)


def load_codec(name: str | Path, *, offline: bool | None = None) -> Codec:
    """A codec: a bundled name, a hub id, or a path to an artifact folder or to public weights.

    Raises:
        InvalidInput: no such codec.
        InvalidArtifact: damaged or hostile weights.
    """
    from octet.codecs import contract, published

    path = resolve(name, offline=offline)
    return contract.load(path) if artifacts.is_artifact(path) else published.load(path)


def _model(path: Path, text_encoder: str | Path | None, offline: bool | None) -> MusicGen:
    from octet.systems.musicgen import model, published

    if artifacts.is_artifact(path):
        _, document = artifacts.load_config(path)
        config = artifacts.validated(model.Config, document, path)
        return model.load(path, text_encoder_of(config, text_encoder, offline=offline))
    apart = not (path / artifacts.CONFIG).is_file()  # audiocraft's files come without their T5
    return published.load(path, _t5(text_encoder or T5, offline) if apart else None)


def _quantised(
    path: Path, engine: EngineName, weights: Precision, text_encoder: str | Path | None, offline: bool | None
) -> tuple[MusicGen, Engine]:
    """A model without its decoder's matrices, which take most of the memory, and the engine that has them rounded."""
    from octet.engines.prepare import BITS
    from octet.engines.select import engine_for, reopened
    from octet.systems.musicgen import model

    _, document = artifacts.load_config(path)
    config = artifacts.validated(model.Config, document, path)
    reads = text_encoder_of(config, text_encoder, offline=offline)
    name = f"{model_hash(path)}-int{BITS[weights]}"
    runs = reopened(config.decoder, name, weights, engine)
    if runs is None:
        runs = engine_for(model.load(path, reads).decoder, engine, weights, name=name)
    return model.load_hollow(path, reads), runs


def _reads(path: Path, config: Config, given: str | Path | None) -> str | Path | None:
    """The text encoder that is not in the model's own files, if any."""
    if not artifacts.is_artifact(path) or config.text.kind == "tiny":
        return given
    return given or config.text.name


def text_encoder_of(
    config: Config, name: str | Path | None = None, *, offline: bool | None = None
) -> TextEncoder | None:
    """The frozen text encoder that a configuration names, or another one of that kind; None where it is trained along.

    Raises:
        InvalidInput: there is none of that name.
        InvalidArtifact: damaged, or something else.
        MissingExtra: of T5, transformers is not installed.
    """
    match config.text.kind:
        case "t5":
            return _t5(name or config.text.name, offline)
        case "reader":
            return _reader(name or config.text.name, offline)
        case "tiny":
            return None


def _reader(name: str | Path, offline: bool | None) -> TextEncoder:
    from octet.jobs.composer import load_reader
    from octet.systems.musecoco.text import ReaderTextEncoder

    return ReaderTextEncoder(load_reader(resolve(name, offline=offline)))


def _t5(name: str | Path, offline: bool | None) -> TextEncoder:
    from octet.encoders.text import t5

    return t5.load(resolve(name, offline=offline))


def _own_codec(path: Path, model: MusicGen) -> str | Path:
    """The codec that an artifact names; public weights have it beside them, if at all."""
    if not artifacts.is_artifact(path):
        return path if path.is_dir() else path.parent
    if model.config.codec is None:
        raise InvalidInput(f"{path} names no codec: give one with codec=... (--codec)")
    return model.config.codec


def _chroma(sample_rate_hz: int) -> Callable[[Waveform], Tensor]:
    """What hears a melody (section 3.3): a waveform to its strongest pitch classes, (F, 12)."""
    import torch

    from octet.audio.chroma import ChromaSpec, chroma, strongest

    def heard(sound: Waveform) -> Any:
        samples = sound.mono().resample(sample_rate_hz).samples[0]
        return strongest(chroma(torch.from_numpy(samples), ChromaSpec(sample_rate_hz=sample_rate_hz))).T

    return heard
