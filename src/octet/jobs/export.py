"""The verb `export`: a model as an artifact of its own, in fewer bits, without the rest of its run."""

from __future__ import annotations

from pathlib import Path

from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.jobs.load import resolve


def export(model: str | Path, out: Path, *, bits: artifacts.Bits = 16, offline: bool | None = None) -> Path:
    """Write the model of an artifact, or the last one of a run, to the folder `out`, with its card if it has one.

    Raises:
        InvalidInput: no such model, public weights, or a folder that is not empty.
        InvalidArtifact: damaged or hostile weights.
    """
    path = resolve(model, offline=offline)
    if not artifacts.is_artifact(path):
        raise InvalidInput(f"{model} is no artifact of Octet's: give one, or a run of `octet train`")
    if out.is_dir() and any(out.iterdir()):
        raise InvalidInput(f"{out} is not empty: give another folder with --out")
    kind, config = artifacts.load_config(path)
    card = path / artifacts.CARD
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    artifacts.save(out, kind, config, artifacts.load_state(path), card=text, bits=bits)
    return out
