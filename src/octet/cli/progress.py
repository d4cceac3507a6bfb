"""A job's progress as a bar on stderr, or as JSON lines for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from octet.core.progress import Progress, Step


@contextmanager
def progress_bar(as_json: bool = False) -> Iterator[Progress]:
    """A `Progress` for a job: a bar where stderr is a terminal, JSON lines with `--json`, else silence."""
    if as_json:
        yield lambda step: print(json.dumps(asdict(step)), file=sys.stderr, flush=True)
    elif sys.stderr.isatty():
        with _rich_bar() as report:
            yield report
    else:
        yield lambda _: None


@contextmanager
def _rich_bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, int] = {}

        def report(step: Step) -> None:
            if step.phase not in tasks:
                tasks[step.phase] = bars.add_task(step.phase, total=step.total or None)
            bars.update(tasks[step.phase], completed=step.done, total=step.total or None)  # type: ignore[arg-type]

        yield report
