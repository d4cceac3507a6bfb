"""A MuseCoco ready to compose: the model with the reader of its prompts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from octet.core import artifacts
from octet.jobs.load import model_hash, resolve

if TYPE_CHECKING:
    from octet.engines.prepare import Precision
    from octet.engines.select import EngineName
    from octet.systems.musecoco.generate import Composer
    from octet.systems.musecoco.model import MuseCoco
    from octet.systems.musecoco.text import AttributeReader

READER = "musecoco-reader-tiny"


def composer(
    path: Path,
    name: str | Path,
    *,
    reader: str | Path | None = None,
    engine: EngineName = "auto",
    weights: Precision | None = None,
    offline: bool | None = None,
) -> Composer:
    """The second stage at a path with a first one; see `octet.load`.

    Raises:
        InvalidInput: no such reader, or an engine or a precision that cannot run it.
        InvalidArtifact: damaged or hostile weights.
        MissingExtra: the engine is not installed.
    """
    from octet.systems.musecoco.decoder import decoder_for
    from octet.systems.musecoco.generate import Composer

    model = load_model(path).eval()
    decoder, ran = decoder_for(model, engine, weights)  # type: ignore[arg-type]  # checked there
    names = {"name": str(name), "reader": None if reader is None else str(reader), "engine": ran, "weights": weights}
    source = {"model": names, "model_hash": model_hash(path)}
    chosen = resolve(reader or READER, offline=offline)
    source |= {"reader_hash": model_hash(chosen)}
    return Composer(model, load_reader(chosen), decoder=decoder, source=source)


def load_model(path: Path) -> MuseCoco:
    """The second stage of an artifact, or of muzic's checkpoint.

    Raises:
        InvalidArtifact: damaged or hostile, or something else.
    """
    from octet.systems.musecoco import model, published

    return model.load(path) if artifacts.is_artifact(path) else published.load(path)


def load_reader(path: Path) -> AttributeReader:
    """The first stage of an artifact, or of muzic's folder.

    Raises:
        InvalidArtifact: damaged or hostile, or something else.
    """
    from octet.systems.musecoco import published, text

    return text.load(path) if artifacts.is_artifact(path) else published.load_reader(path)
