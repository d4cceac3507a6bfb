"""Prepared weights on disk, so that a model is quantised once.

An entry is one safetensors file, named by what is in it: the weights, the precision, and the version of their layout.
It is written whole or not at all, and carries a digest of its tensors: an entry that was damaged is made again. The
entries used least recently are deleted when all together become too large.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from octet.core.errors import InvalidInput
from octet.core.files import atomic_path

LAYOUT = 1  # of entries; another makes all of them anew
LARGEST_BYTES = 16 * 2**30  # of all entries together

Tensors = dict[str, Tensor]


def folder() -> Path:
    """`OCTET_CACHE`, or the place that the system has for such things."""
    own = os.environ.get("OCTET_CACHE")
    base = Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "octet"
    return base / "engines"


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Of names, shapes, number types and values, whatever their order."""
    hashed = hashlib.blake2b(digest_size=20)
    for name in sorted(tensors):
        tensor = tensors[name].detach().contiguous()
        hashed.update(f"{name} {tuple(tensor.shape)} {tensor.dtype};".encode())
        hashed.update(tensor.view(-1).view(torch.uint8).numpy().data)
    return hashed.hexdigest()


def remembered(
    name: str, make: Callable[[], Tensors], *, place: Path | None = None, largest_bytes: int = LARGEST_BYTES
) -> Tensors:
    """The tensors of the entry `name`; what `make` returns, where there is none yet or it is damaged.

    A disk that is full or may not be written costs the entry and nothing else.
    """
    held = found(name, place=place)
    if held is not None:
        return held
    made, path = make(), _path(name, place)
    with suppress(InvalidInput):
        with atomic_path(path) as temporary:
            save_file(made, temporary, {"digest": digest(made)})
        _bound(path, largest_bytes)
    return made


def found(name: str, *, place: Path | None = None) -> Tensors | None:
    """The tensors of the entry `name`, which counts as used now; None where there is none, or it is damaged."""
    path = _path(name, place)
    held = _read(path)
    if held is not None:
        with suppress(OSError):
            path.touch()
    return held


def _path(name: str, place: Path | None) -> Path:
    return (place or folder()) / f"{name}-{LAYOUT}.safetensors"


def _read(path: Path) -> Tensors | None:
    """None where there is nothing, or nothing sound."""
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
            stated = (file.metadata() or {}).get("digest")
    except (OSError, SafetensorError, ValueError):
        return None
    return tensors if stated == digest(tensors) else None


def _bound(newest: Path, largest_bytes: int) -> None:
    """Delete the entries that were not used for longest; never the newest."""
    total = 0
    for path in sorted(newest.parent.glob("*.safetensors"), key=_last_used, reverse=True):
        with suppress(OSError):
            total += path.stat().st_size
            if total > largest_bytes and path != newest:
                path.unlink()


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # another process deleted it
        return 0.0
