"""Strangers' files, read within bounds: no more bytes than their kind ever needs, packed or not."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from octet.core.errors import InvalidInput

_MOST_MEMBERS = 10_000


def read_bytes(path: Path, most_bytes: int, what: str) -> bytes:
    """The bytes of a file.

    Args:
        what: what such files are called ("a score"), for the message.

    Raises:
        InvalidInput: missing, a folder, not readable, or larger than `most_bytes`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from None
    if len(data) > most_bytes:
        raise InvalidInput(f"{path} is larger than {most_bytes >> 20} MiB, which {what} never needs")
    return data


def decoded(data: bytes, encodings: Sequence[str]) -> str:
    """Text in the first of `encodings` that fits; a byte order mark of UTF-8 or UTF-16 goes before them.

    Raises:
        InvalidInput: none fits.
    """
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marked = [encoding for mark, encoding in marks.items() if data.startswith(mark)]
    for encoding in (*marked, *encodings):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(f"this is no text in {' or '.join(encodings)}; save it as UTF-8")


class Archive:
    """The members of a zip file, each unpacked within a bound, whatever its directory says of its size.

    Raises:
        InvalidInput: damaged, or with thousands of members.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
            raise InvalidInput("this is a damaged zip file; save or fetch it again") from None
        if len(self._zip.namelist()) > _MOST_MEMBERS:
            raise InvalidInput(f"this zip file has more than {_MOST_MEMBERS} members; unpack it and give one file")

    @property
    def names(self) -> list[str]:
        """Of the members, in order."""
        return self._zip.namelist()

    def read(self, name: str, most_bytes: int) -> bytes:
        """The bytes of a member.

        Raises:
            InvalidInput: no such member, damaged, encrypted, or unpacking to more than `most_bytes`.
        """
        try:
            with self._zip.open(name) as member:
                data = member.read(most_bytes + 1)
        except KeyError:
            raise InvalidInput(f"the zip file has no member {name!r}") from None
        except RuntimeError:
            raise InvalidInput(f"{name!r} in the zip file is encrypted; unpack it and give the file") from None
        except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, EOFError):
            raise InvalidInput(f"{name!r} in the zip file is damaged; save or fetch it again") from None
        if len(data) > most_bytes:
            raise InvalidInput(f"{name!r} unpacks to more than {most_bytes >> 20} MiB, which it never needs")
        return data
