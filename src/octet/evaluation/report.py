"""Results as two files: `report.json` for programs, `report.md` for people, with all that is needed to judge them.

Conventions
    * Results are nested by name: section -> metric -> number, or section -> system -> metric -> number, which becomes
      a table with a column a system. Sections, systems and metrics keep the order in which they were given.
    * nan, what could not be measured, is null in JSON and a dash on paper; infinity is spelled out.
    * A target states its direction: "at most" for errors and times, "at least" for agreement. What was not measured
      is not met.
    * The date is passed in, so that the same results give the same files.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from octet.core.errors import InvalidInput
from octet.core.files import write_text

JSON_NAME = "report.json"
MARKDOWN_NAME = "report.md"
DASH = "–"

Results = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Target:
    """A promise and what became of it, in one unit."""

    name: str
    target: float
    measured: float
    unit: str = ""
    direction: Literal["at most", "at least"] = "at most"

    @property
    def met(self) -> bool:
        """Whether the promise holds; never for nan."""
        return self.measured <= self.target if self.direction == "at most" else self.measured >= self.target


@dataclass(frozen=True)
class Report:
    """What was measured, where and how. Pictures are paths relative to the report's folder."""

    title: str
    environment: Mapping[str, str | int]
    results: Results
    targets: Sequence[Target] = ()
    pictures: Sequence[str] = ()
    notes: Sequence[str] = field(default=())


def environment(command: str, date: str) -> dict[str, str | int]:
    """What a figure depends on besides the model: machine, versions, threads, the command and its date."""
    import torch

    return {
        "date": date,
        "command": command,
        "octet": importlib.metadata.version("octet"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_name(),
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "accelerator": torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none",
    }


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name where the system tells it, else its architecture."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def write(report: Report, folder: Path) -> None:
    """Write `report.json` and `report.md`.

    Raises:
        InvalidInput: results of another nesting, or a folder that cannot be written.
    """
    page = markdown(report)
    document = asdict(report) | {"targets": [asdict(target) | {"met": target.met} for target in report.targets]}
    write_text(folder / JSON_NAME, json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    write_text(folder / MARKDOWN_NAME, page)


def markdown(report: Report) -> str:
    """The report as one page.

    Raises:
        InvalidInput: results of another nesting than the file's head describes.
    """
    parts = [f"# {report.title}", *report.notes]
    if report.targets:
        parts += ["## Targets", _target_table(report.targets)]
    for section, scores in report.results.items():
        parts += [f"## {_readable(section)}", _score_table(section, scores)]
    parts += [f"![{Path(picture).stem}]({picture})" for picture in report.pictures]
    parts += ["## Environment", table(("", ""), [(name, str(value)) for name, value in report.environment.items()])]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def number(value: float) -> str:
    """Four significant digits, as people read them.

    >>> number(0.123456), number(1234567.0), number(17), number(float("nan"))
    ('0.1235', '1234567', '17', '–')
    """
    if math.isnan(value):
        return DASH
    whole = float(value).is_integer() or 1e4 <= abs(value) < math.inf
    return f"{value:.0f}" if whole else f"{value:.4g}"


def _target_table(targets: Sequence[Target]) -> str:
    rows = [
        (
            target.name,
            f"{target.direction} {number(target.target)} {target.unit}".strip(),
            f"{number(target.measured)} {target.unit}".strip(),
            "yes" if target.met else "**no**",
        )
        for target in targets
    ]
    return table(("metric", "target", "measured", "met"), rows)


def _score_table(section: str, scores: Mapping[str, Any]) -> str:
    if all(isinstance(value, int | float) for value in scores.values()):
        return table(("metric", "value"), [(_readable(name), number(value)) for name, value in scores.items()])
    if not all(isinstance(value, Mapping) for value in scores.values()):
        raise InvalidInput(f"the results of {section!r} mix numbers and systems; give one number or mapping a name")
    metrics = dict.fromkeys(metric for system in scores.values() for metric in system)  # in order of appearance
    rows = [
        (_readable(metric), *(number(system.get(metric, math.nan)) for system in scores.values())) for metric in metrics
    ]
    return table(("metric", *scores), rows)


def _readable(name: str) -> str:
    return name.replace("_", " ")


def _plain(value: Any) -> Any:
    """The same with nan as None and infinity as text, which JSON lacks."""
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value
