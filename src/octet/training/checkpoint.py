"""Checkpoints: folders that are artifacts (config.json, model.safetensors with averaged weights) and can be resumed.

Beside the artifact lie `trainer.safetensors` (raw weights, averages, optimiser moments) and `trainer.json` (step,
position in the data, time used). States of random generators need not be kept: each step and each batch seeds its own
from the plan. A checkpoint appears under its name only when all of it is on the disk.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.data.batching import Position
from octet.training.ema import EMA

FOLDER = "checkpoints"
TENSORS = "trainer.safetensors"
PROGRESS = "trainer.json"


@dataclass
class Progress:
    """How far a run has come: steps done, the next data to take, seconds used (for the budget)."""

    step: int = 0
    position: Position = field(default_factory=Position)
    seconds: float = 0.0


@dataclass(frozen=True)
class Trained:
    """All that training changes: the model, its average, and the optimisers (one, or two where it is adversarial)."""

    model: torch.nn.Module
    ema: EMA
    optimizers: tuple[torch.optim.Optimizer, ...]


def checkpoints(run: Path) -> list[Path]:
    """Complete checkpoints of a run, oldest first."""
    return sorted((run / FOLDER).glob("step-*"), key=lambda folder: int(folder.name.removeprefix("step-")))


def write(run: Path, trained: Trained, progress: Progress, *, keep: int) -> Path:
    """Write a checkpoint, then remove all but the newest `keep`.

    Raises:
        InvalidInput: the disk is full or the folder cannot be written; older checkpoints are as they were.
    """
    target = run / FOLDER / f"step-{progress.step:08d}"
    try:
        _write_folder(target, trained, progress)
    except (OSError, SafetensorError, InvalidInput) as error:
        good = [str(folder) for folder in checkpoints(run)[-1:]]
        kept = f"{good[0]} is kept" if good else "there is none before it"
        raise InvalidInput(
            f"cannot write checkpoint {target} ({error}); {kept}: make room and run the same command again"
        ) from error
    for old in checkpoints(run)[: -max(1, keep)]:
        shutil.rmtree(old)
    return target


def read(folder: Path, trained: Trained) -> Progress:
    """Put everything back as it was when the checkpoint was written.

    Raises:
        InvalidArtifact: damaged, or of another model.
    """
    progress = read_progress(folder)
    try:
        tensors = artifacts.read_safetensors(folder / TENSORS)
    except InvalidArtifact as error:
        raise _damaged(folder, error) from None
    artifacts.load_state_into(trained.model, _part(tensors, "model."), folder / TENSORS)
    for name, average in trained.ema.averages.items():
        average.copy_(tensors[f"ema.{name}"])
    for number, optimizer in enumerate(trained.optimizers):
        _restore_optimizer(optimizer, _part(tensors, f"optimizer.{number}."))
    return progress


def read_progress(folder: Path) -> Progress:
    """Step, position and time of a checkpoint.

    Raises:
        InvalidArtifact: missing or damaged.
    """
    try:
        document = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
        return Progress(int(document["step"]), Position(**document["position"]), float(document["seconds"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, error) from None


def clean(run: Path) -> None:
    """Remove what a killed run left half-written."""
    for leftover in (run / FOLDER).glob(".step-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _damaged(folder: Path, error: Exception) -> InvalidArtifact:
    return InvalidArtifact(
        f"{folder} is not a readable checkpoint ({error}): remove it to continue from the one before"
    )


def _write_folder(target: Path, trained: Trained, progress: Progress) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        with trained.ema.applied():
            artifacts.save(temporary, *trained.model.artifact())  # type: ignore[operator]
        save_file(_tensors(trained), temporary / TENSORS)
        (temporary / PROGRESS).write_text(json.dumps(asdict(progress), indent=2) + "\n", encoding="utf-8")
        _reach_disk(temporary.iterdir())
        temporary.chmod(0o755)  # mkdtemp gives 0700
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _tensors(trained: Trained) -> dict[str, Tensor]:
    named: dict[str, Tensor] = {f"model.{name}": value for name, value in trained.model.state_dict().items()}
    named |= {f"ema.{name}": value for name, value in trained.ema.averages.items()}
    for number, optimizer in enumerate(trained.optimizers):
        for index, state in optimizer.state_dict()["state"].items():
            named |= {f"optimizer.{number}.{index}.{name}": value for name, value in state.items()}
    # Cloned, since safetensors refuses tensors that share memory, as tied weights do.
    return {name: value.detach().cpu().contiguous().clone() for name, value in named.items()}


def _restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Any]] = {}
    for name, value in tensors.items():
        index, _, part = name.partition(".")
        state.setdefault(int(index), {})[part] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _reach_disk(files: Iterable[Path]) -> None:
    for file in files:
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
