"""From a name to files: a path on disk, an artifact inside the package, or a repository on the Hugging Face hub.

Of a hub repository only tensors, settings and vocabularies are fetched, never code.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path

from octet.core.artifacts import CONFIG
from octet.core.errors import InvalidInput

_PATTERNS = ["*.json", "*.safetensors", "*.bin", "*.pth*", "*.yaml", "*.txt"]
_HUB_ID = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
_OFFLINE_VARIABLES = ("OCTET_OFFLINE", "HF_HUB_OFFLINE")


def resolve(name: str, *, bundled: Path, offline: bool | None = None, revision: str | None = None) -> Path:
    """The folder or file that a name stands for.

    Tried in this order: an existing path; the name of a folder under `bundled`; a hub id "owner/name", of which the
    revision (a branch, tag or commit; by default the main branch) is fetched or found in the cache. `offline` forbids
    the network; by default the environment variables OCTET_OFFLINE and HF_HUB_OFFLINE decide.

    Raises:
        InvalidInput: nothing of that name, or a hub id that cannot be fetched.
    """
    path = Path(name).expanduser()
    if name and path.exists():
        return path
    if name in bundled_names(bundled):
        return bundled / name
    if not _HUB_ID.fullmatch(name):
        raise _unknown(name, bundled)
    return _fetched(name, revision, _offline_by_environment() if offline is None else offline)


def bundled_names(bundled: Path) -> list[str]:
    """Names of the artifacts in a folder of artifacts."""
    return sorted(path.parent.name for path in bundled.glob(f"*/{CONFIG}"))


def _offline_by_environment() -> bool:
    return any(os.environ.get(name, "").lower() in {"1", "true", "yes", "on"} for name in _OFFLINE_VARIABLES)


def _unknown(name: str, bundled: Path) -> InvalidInput:
    names = bundled_names(bundled)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return InvalidInput(
        f"no model called {name!r}: {hint}Give a path, a hub id 'owner/name', or one of {', '.join(names) or 'none'}"
    )


def _fetched(name: str, revision: str | None, offline: bool) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, revision=revision, allow_patterns=_PATTERNS, local_files_only=offline))
    except Exception as error:  # the hub's, HTTP's, the disk's: more than a dozen unrelated kinds, across its versions
        raise InvalidInput(f"{name!r} is no path on this disk, and {_reason(error, offline)}") from error


def _reason(error: Exception, offline: bool) -> str:
    from huggingface_hub import errors

    if offline:
        return "offline it is not in the hub's cache: allow the network once, or give a folder"
    remedies: dict[type[Exception], str] = {
        errors.GatedRepoError: "the hub asks to accept its terms first: do so on its page, then run  hf auth login",
        errors.RepositoryNotFoundError: "the hub shows no such repository: check the name, or run  hf auth login",
        errors.RevisionNotFoundError: "the hub has no such revision of it: check the branch, tag or commit",
        errors.HFValidationError: "it is not a valid hub id either: write 'owner/name'",
        errors.LocalEntryNotFoundError: "the hub does not answer: check the network, try again, or give a folder",
    }
    found = [remedy for kind, remedy in remedies.items() if isinstance(error, kind)]
    first_line = (str(error).splitlines() or [""])[0][:160]
    return found[0] if found else f"fetching it from the hub failed ({type(error).__name__}: {first_line})"
