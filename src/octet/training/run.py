"""A run folder, as it can be read back.

run.json        what was trained, how, on what, by which code: model configuration, plan, commands, versions
metrics.jsonl   a line every few steps
checkpoints/    step-00001000/ ... (see checkpoint.py)
samples/        what the evaluations gave: WAV and PNG files by step
tensorboard/    the same for TensorBoard
"""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from octet.core.errors import InvalidArtifact, InvalidInput
from octet.core.files import write_text
from octet.core.training import Plan
from octet.training import checkpoint
from octet.training.overrides import flatten

DOCUMENT = "run.json"
METRICS = "metrics.jsonl"
PACKAGES = ("octet", "torch", "accelerate", "numpy", "safetensors")
CHANGEABLE = {"steps", "evaluate_every", "checkpoint_every", "keep_checkpoints"}  # of a plan, when a run is continued


@dataclass(frozen=True)
class Run:
    """A run folder: `config` and `kind` of the model, the `plan`, and `document`, all of `run.json`."""

    path: Path
    kind: str
    config: dict[str, Any]
    plan: Plan
    document: dict[str, Any]

    @classmethod
    def open(cls, path: Path) -> Run:
        """Read a run folder.

        Raises:
            InvalidArtifact: no readable `run.json` there.
        """
        try:
            document = json.loads((path / DOCUMENT).read_text(encoding="utf-8"))
            model = document["model"]
            return cls(path, model["kind"], model["config"], Plan.model_validate(document["plan"]), document)
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0]
            raise InvalidArtifact(f"{path} is not a run folder ({type(error).__name__}: {reason})") from None

    @property
    def last_checkpoint(self) -> Path | None:
        """The newest complete checkpoint, itself an artifact folder."""
        return next(reversed(checkpoint.checkpoints(self.path)), None)

    def metric_names(self) -> list[str]:
        """Names that `metric` takes, in the order of their first appearance."""
        return list(dict.fromkeys(name for row in rows(self.path) for name in row if name != "step"))

    def metric(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Steps (int64) and values (float64, nan where the value was not finite) of one logged number."""
        found = [(row["step"], row[name]) for row in rows(self.path) if name in row]
        steps = np.array([step for step, _ in found], dtype=np.int64)
        return steps, np.array([np.nan if value is None else value for _, value in found], dtype=np.float64)


def rows(run: Path) -> list[dict[str, Any]]:
    """The lines of `metrics.jsonl`; one that a kill cut short is left out."""
    path = run / METRICS
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]


def describe(path: Path, kind: str, config: Mapping[str, Any], plan: Plan, data: Mapping[str, Any]) -> None:
    """Write `run.json`, or check that the one there is of the same run and add this command to it.

    Raises:
        InvalidInput: the folder holds a run of another model, plan or corpus; the first difference is named.
    """
    # Through JSON, so that tuples compare as the lists they become.
    now = json.loads(json.dumps({"model": {"kind": kind, "config": config}, "plan": plan.model_dump(), "data": data}))
    commands = []
    if (path / DOCUMENT).exists():
        before = Run.open(path).document
        _check_same(path, before, now)
        commands = before["commands"]
    now["commands"] = [*commands, _command()]
    now["versions"] = {name: _version(name) for name in PACKAGES} | {"python": platform.python_version()}
    now["commit"] = _commit()
    write_text(path / DOCUMENT, json.dumps(now, indent=2, ensure_ascii=False) + "\n")


def data_summary(lengths: Sequence[int]) -> dict[str, Any]:
    """What identifies a corpus to a run: its size, and a hash of its examples' lengths in their order."""
    frames = np.asarray(lengths, dtype="<i8")
    return {
        "examples": len(frames),
        "frames": int(frames.sum()),
        "sha256": hashlib.sha256(frames.tobytes()).hexdigest(),
    }


def _check_same(path: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    difference = next(_differences(before, now), None)
    if difference is not None:
        name, old, new = difference
        raise InvalidInput(
            f"{path} holds a run with {name} = {old!r}, not {new!r}: choose another --out, or give the old"
        )


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    old, new = (flatten({key: side[key] for key in ("model", "plan", "data")}) for side in (before, now))
    for name in dict.fromkeys([*old, *new]):
        if name.removeprefix("plan.") not in CHANGEABLE and old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _command() -> str:
    return shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of Octet's own checkout, `+` where files are changed; nothing for an installed package."""
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--abbrev=40", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(git, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
