"""Corpora made in shards: a folder a shard appears by one rename when all of it is there.

A run that is stopped is continued by starting it again, and a longer corpus only adds shards. The corpus is a list of
items in a fixed order; a shard is a stretch of it, made by a function of its own process.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from octet.core.errors import InvalidInput
from octet.core.files import write_text
from octet.core.progress import Progress, Step

Item = TypeVar("Item")
Fill = Callable[[Path, str, Sequence[Any]], str]

ROWS = "rows.jsonl"


def check_settings(path: Path, settings: dict[str, object]) -> None:
    """Write the settings of a corpus, or see that they are those that it was begun with.

    Raises:
        InvalidInput: they are not.
    """
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        if found != settings:
            raise InvalidInput(
                f"{path.parent} holds a corpus made with {found}, asked for is {settings}; choose another folder"
            )
    else:
        write_text(path, json.dumps(settings) + "\n")


def make(
    folder: Path,
    items: Sequence[Item],
    size: int,
    fill: Fill,
    *,
    workers: int,
    phase: str,
    on_progress: Progress,
    fresh: bool = False,
) -> Iterator[str]:
    """Make what is missing of the shards of `items` in `folder`; then the lines of all their rows, in order.

    Args:
        size: items a shard.
        fill: makes a shard's items in a folder that it is given, with the name that the folder will have, and returns
            their rows as lines of JSON. It must travel to other processes.
        fresh: a new process for every shard, where what is made depends on what its process has made before.
    """
    slices = [items[start : start + size] for start in range(0, len(items), size)]
    names = [_name(number, shard, size) for number, shard in enumerate(slices)]
    missing = [
        (folder, name, shard, fill) for name, shard in zip(names, slices, strict=True) if not (folder / name).is_dir()
    ]
    for made, _ in enumerate(_in_processes(missing, workers, fresh), start=1):
        on_progress(Step(phase, len(slices) - len(missing) + made, len(slices)))
    for left in folder.glob(".*"):  # by runs that were stopped
        shutil.rmtree(left, ignore_errors=True)
    for name in names:
        yield from (folder / name / ROWS).read_text(encoding="utf-8").splitlines()


def _name(number: int, shard: Sequence[Item], size: int) -> str:
    """A shard is named by what is in it: a shorter last one does not pass for the full one of a longer run."""
    return f"{number:05d}" if len(shard) == size else f"{number:05d}-{len(shard)}"


def _in_processes(tasks: Sequence[tuple[Path, str, Sequence[Any], Fill]], workers: int, fresh: bool) -> Iterator[None]:
    if not tasks:
        return
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), max_tasks_per_child=1 if fresh else None
    ) as pool:
        futures = [pool.submit(_make_shard, *task) for task in tasks]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _make_shard(folder: Path, name: str, shard: Sequence[Any], fill: Fill) -> None:
    """A folder of its own until it is whole: a process that outlived a killed run may be at the same shard."""
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
    write_text(staging / ROWS, fill(staging, name, shard))
    staging.chmod(0o755)
    if not (folder / name).is_dir():
        staging.rename(folder / name)
