"""The verb `doctor`: what of Octet works on this machine, and what to do about the rest.

A check is data: the command line prints it, a bug report quotes it, scripts read it as JSON. Each check stands alone,
so a broken part never hides the others, and none of them uses the network.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from octet.core.artifacts import CARD, load_config, load_state
from octet.core.errors import OctetError
from octet.core.hub import bundled_names
from octet.jobs.load import BUNDLED, model_hash

Status = Literal["ok", "absent", "broken"]

LEAST_PYTHON = (3, 11)
LEAST_ROOM_GIB = 1.0  # a corpus and a run of a tiny model
DEVELOPMENT = {"all", "test", "check"}  # extras that give a user no ability of their own
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")
_DISTRIBUTION = re.compile(r"[\w.-]+")
_LICENCE = re.compile(r"^license:\s*(\S.*)$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Check:
    """One finding. `absent` is a thing that Octet can do without; `remedy` says how to get it or mend it."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


def doctor(folder: Path = Path(), bundled: Path = BUNDLED) -> list[Check]:
    """All checks, in the order in which a person would look; `folder` is where results would be written."""
    return [
        _guarded("python", check_python),
        _guarded("torch", check_torch),
        *[check_extra(extra, names) for extra, names in extras().items()],
        _guarded("espeak-ng", check_espeak),
        check_flite(),
        *check_weights(bundled),
        _guarded("write permission", lambda: check_writable(folder)),
        _guarded("disk room", lambda: check_room(folder)),
        check_network(bundled),
    ]


def healthy(checks: list[Check]) -> bool:
    """Whether nothing is broken; what is merely absent does not count."""
    return all(check.status != "broken" for check in checks)


def check_python() -> Check:
    """The interpreter."""
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info >= LEAST_PYTHON:
        return Check("python", "ok", detail)
    return Check("python", "broken", detail, f"install Python {'.'.join(map(str, LEAST_PYTHON))} or newer")


def check_torch() -> Check:
    """torch computes, with how many threads and on what."""
    import torch

    if torch.ones(2, 2).mm(torch.ones(2, 2)).sum().item() != 8.0:
        return Check("torch", "broken", f"{torch.__version__} multiplies wrongly", "install torch again")
    device = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "CPU"
    return Check("torch", "ok", f"{torch.__version__}, {torch.get_num_threads()} of {os.cpu_count()} threads, {device}")


def extras() -> dict[str, list[str]]:
    """The packages of each extra, as the installed Octet declares them."""
    found: dict[str, list[str]] = {}
    for requirement in importlib.metadata.requires("octet") or []:
        extra, name = _EXTRA.search(requirement), _DISTRIBUTION.match(requirement)
        if extra and name and extra[1] not in DEVELOPMENT:
            found.setdefault(extra[1], []).append(name[0])
    return found


def check_extra(extra: str, names: list[str]) -> Check:
    """Whether all packages of an extra are there."""
    versions = {name: _version(name) for name in names}
    missing = [name for name, version in versions.items() if version is None]
    label = f"extra {extra!r}"
    if missing:
        return Check(label, "absent", f"without {', '.join(missing)}", f"pip install 'octet[{extra}]'")
    return Check(label, "ok", ", ".join(f"{name} {version}" for name, version in versions.items()))


def check_espeak() -> Check:
    """The library that turns most languages into phonemes."""
    from octet.text.espeak import phonemize

    return Check("espeak-ng", "ok", f"reads 'octet' as {phonemize('octet', 'en-us').replace('_', '')}")


def check_flite() -> Check:
    """The program whose recorded voices the corpus `voices` is made of."""
    path = shutil.which("flite")
    if path is None:
        remedy = "only to make the English part of the corpus 'voices': apt install flite, or brew install flite"
        return Check("flite", "absent", "not on the PATH", remedy)
    return Check("flite", "ok", path)


def check_weights(bundled: Path) -> Iterator[Check]:
    """Each bundled model: its tensors can be read; its hash, as sound files name it; its licence, as its card says."""
    names = bundled_names(bundled)
    if not names:
        yield Check("bundled weights", "absent", f"none in {bundled}", "load a model by hub id or path")
    for name in names:
        yield _guarded(f"model {name}", lambda name=name: _check_artifact(bundled / name))  # type: ignore[misc]


def check_writable(folder: Path) -> Check:
    """A file can be made where results go."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Check("write permission", "ok", str(folder.resolve()))
    except OSError as error:
        detail = f"{folder.resolve()}: {error.strerror}"
        return Check(
            "write permission", "broken", detail, "work in a folder of your own, or write with --out elsewhere"
        )


def check_room(folder: Path) -> Check:
    """There is room on that disk."""
    free_gib = shutil.disk_usage(folder).free / 2**30
    detail = f"{free_gib:.1f} GiB free"
    if free_gib >= LEAST_ROOM_GIB:
        return Check("disk room", "ok", detail)
    return Check("disk room", "broken", detail, f"free {LEAST_ROOM_GIB:g} GiB, or write to another disk")


def check_network(bundled: Path) -> Check:
    """What the network would be needed for. It is not tried."""
    count = len(bundled_names(bundled))
    if count:
        return Check("network", "ok", f"not needed: {count} bundled models work offline")
    return Check(
        "network", "absent", "needed once, to fetch published weights", "or give a path to weights on this disk"
    )


def _check_artifact(folder: Path) -> Check:
    kind, _ = load_config(folder)
    count = sum(tensor.numel() for tensor in load_state(folder).values())
    card = folder / CARD
    licence = _LICENCE.search(card.read_text(encoding="utf-8")) if card.is_file() else None
    detail = f"{kind}, {count / 1e6:.2f} M numbers, hash {model_hash(folder)}"
    if licence is None:
        return Check(f"model {folder.name}", "broken", f"{detail}, no licence in {CARD}", "install octet again")
    return Check(f"model {folder.name}", "ok", f"{detail}, {licence[1].strip()}")


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    """The check's finding, or its failure as one."""
    try:
        return check()
    except (OctetError, OSError, ImportError, RuntimeError) as error:
        return Check(name, "broken", f"{type(error).__name__}: {error}", "install octet again, in a fresh environment")


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
