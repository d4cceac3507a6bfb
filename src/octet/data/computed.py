"""What is computed of a corpus once: a safetensors file for so many of its items, made in processes.

A file's metadata hold an index, an entry an item, and a digest of what went into it: whatever changes is computed
again, nothing else. A file appears when all of it is there, so work that was stopped is continued by starting it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from octet.core.errors import InvalidArtifact, InvalidInput
from octet.core.files import atomic_path
from octet.core.progress import Progress, Step

Item = TypeVar("Item")
Entry = dict[str, Any]


def compute(
    target: Path,
    items: Sequence[Item],
    size: int,
    make: Callable[[Path, Sequence[Item]], None],
    *,
    workers: int,
    phase: str,
    on_progress: Progress,
) -> None:
    """Let every file of `target` be made, and remove files of a longer corpus that was here before.

    Args:
        size: items a file.
        make: makes a file of its items where it has to (see `stored_digest`, `store`). It must travel to other
            processes where `workers` is above 1.
    """
    tasks = [
        (target / f"{number:05d}.safetensors", items[start : start + size])
        for number, start in enumerate(range(0, len(items), size))
    ]
    for done, _ in enumerate(_in_processes(make, tasks, workers), start=1):
        on_progress(Step(phase, done, len(tasks)))
    for path in set(target.glob("*.safetensors")) - {path for path, _ in tasks}:
        path.unlink()


def store(path: Path, tensors: Mapping[str, torch.Tensor], digest: str, index: Sequence[Entry]) -> None:
    """Write a file in one step."""
    with atomic_path(path) as temporary:
        save_file(dict(tensors), temporary, {"digest": digest, "index": json.dumps(index, ensure_ascii=False)})


def stored_digest(path: Path) -> str:
    """The digest of a file; empty where there is none, or a damaged one."""
    return _metadata(path).get("digest", "") if path.is_file() else ""


def entries(target: Path) -> list[tuple[Path, Entry]]:
    """Every item's entry and the file it is in, in the corpus's order.

    Raises:
        InvalidArtifact: a file is damaged.
    """
    paths = sorted(target.glob("[!.]*.safetensors"))  # without half-written ones
    return [(path, entry) for path in paths for entry in _index(path)]


def require_all(found: int, expected: int, what: str, of_what: str, folder: Path, remedy: str) -> None:
    """Refuse a corpus of which nothing is computed, or not all.

    Raises:
        InvalidInput: so it is; `remedy` says what to do.
    """
    if not found:
        raise InvalidInput(f"no {what} in {folder}: {remedy}")
    if found != expected:
        raise InvalidInput(f"{what.split()[0]} of {found} {of_what} in {folder}, its manifest has {expected}: {remedy}")


class OpenFiles:
    """Safetensors files, each opened when something of it is first asked for; every process opens them for itself."""

    def __init__(self) -> None:
        self._open: dict[Path, Any] = {}

    def piece(self, path: Path, name: str, first: int, length: int) -> torch.Tensor:
        """So much of the last dimension of a tensor."""
        if path not in self._open:
            self._open[path] = safe_open(path, framework="pt")
        found: torch.Tensor = self._open[path].get_slice(name)[..., first : first + length]
        return found

    def __getstate__(self) -> dict[str, Any]:
        return {"_open": {}}


def _in_processes(make: Any, tasks: Sequence[tuple[Path, Sequence[Any]]], workers: int) -> Iterator[None]:
    if workers == 1:
        for task in tasks:
            yield make(*task)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        futures = [pool.submit(make, *task) for task in tasks]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _one_thread() -> None:
    torch.set_num_threads(1)


def _index(path: Path) -> list[Entry]:
    metadata = _metadata(path)
    if "index" not in metadata:
        raise InvalidArtifact(f"{path} holds no {path.parent.parent.name}; delete it and compute them again")
    index: list[Entry] = json.loads(metadata["index"])
    return index


def _metadata(path: Path) -> dict[str, str]:
    try:
        with safe_open(path, framework="pt") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError):
        return {}
