"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from octet.core.errors import InvalidInput


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """A temporary path next to `path` (same suffix) that becomes `path` when the block ends well.

    On any error or interrupt the temporary file is removed, with the folders that were made for it, and an existing
    `path` is left as it was.

    Raises:
        InvalidInput: the folder cannot be written or the disk is full.
    """
    made: list[Path] = []
    temporary: Path | None = None
    try:
        made = _missing_folders(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o666 & ~_umask())  # mkstemp gives 0600; a result should be as readable as any file
        os.replace(temporary, path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        for folder in made:
            with suppress(OSError):  # it is not empty: all went well, or others write there too
                folder.rmdir()


def _missing_folders(path: Path) -> list[Path]:
    """The folders above a file that are not there yet, the deepest first."""
    return [folder for folder in path.parents if not folder.is_symlink() and not folder.exists()]


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput(f"cannot write {path}: {error.strerror or error}; choose another place with room")


def require_writable(path: Path) -> None:
    """Find out before the work, not after it, that a file cannot be written. Nothing is left behind.

    Raises:
        InvalidInput: it is a folder, or its folder cannot be made or written.
    """
    try:
        if path.is_dir():
            raise InvalidInput(f"{path} is a folder; a file's name was expected")
        missing = _missing_folders(path)
        with tempfile.TemporaryFile(dir=missing[-1].parent if missing else path.parent):
            pass
    except OSError as error:
        raise _cannot_write(path, error) from error
