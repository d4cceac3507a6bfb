"""What libsndfile does not tell about a file: comments of any length in WAV, and whether WAV and Ogg streams are whole.

A WAV file is a tree of RIFF chunks (Microsoft and IBM, Multimedia Programming Interface 1.0, 1991): a four-letter name,
a 32-bit little-endian size, the content, padded to an even length. libsndfile loses comments longer than about 2 kB,
too few for the provenance of a long text, so the `LIST INFO ICMT` chunk is written and read here.
An Ogg stream is a sequence of pages (RFC 3533) of which the last one is marked.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_STREAMED = 0xFFFFFFFF  # the size written by programs that cannot know it, such as ffmpeg into a pipe
_OGG_LAST = 4  # flag of a stream's last page
_OGG_LONGEST_PAGE = 27 + 255 + 255 * 255


def with_riff_comment(wav: bytes, comment: str) -> bytes:
    """A WAV file with a comment appended."""
    text = comment.encode() + b"\0"
    text += b"\0" * (len(text) % 2)
    info = b"INFO" + b"ICMT" + struct.pack("<I", len(text)) + text
    body = wav[8:] + b"\0" * (len(wav) % 2) + b"LIST" + struct.pack("<I", len(info)) + info
    return wav[:4] + struct.pack("<I", len(body)) + body


def riff_comment(path: Path) -> str:
    """The comment of a WAV file, or an empty string."""
    with path.open("rb") as file:
        for name, size in _riff_chunks(file):
            if name == b"LIST":
                return _info_comment(file.read(size))
    return ""


def is_cut_off(path: Path) -> bool:
    """Whether a WAV or Ogg file ends before its own structure says; False for other kinds."""
    with path.open("rb") as file:
        kind = file.read(4)
        if kind == b"RIFF":
            length = path.stat().st_size
            return any(file.tell() + size > length for name, size in _riff_chunks(file) if name == b"data")
        return kind == b"OggS" and not _ends_with_last_page(_tail(file))


def _riff_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and size of each chunk, with the file placed at its content."""
    file.seek(12)
    while len(header := file.read(8)) == 8:
        name, size = header[:4], int.from_bytes(header[4:], "little")
        if name == b"data" and size == _STREAMED:
            return
        start = file.tell()
        yield name, size
        file.seek(start + size + size % 2)


def _info_comment(info: bytes) -> str:
    position = 4
    while position + 8 <= len(info):
        name, size = info[position : position + 4], int.from_bytes(info[position + 4 : position + 8], "little")
        if name == b"ICMT":
            return info[position + 8 : position + 8 + size].rstrip(b"\0").decode("utf-8", errors="replace")
        position += 8 + size + size % 2
    return ""


def _tail(file: BinaryIO) -> bytes:
    length = file.seek(0, 2)
    file.seek(max(0, length - _OGG_LONGEST_PAGE))
    return file.read()


def _ends_with_last_page(tail: bytes) -> bool:
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < 27:
        return False
    segments = page[26]
    return bool(page[5] & _OGG_LAST) and len(page) >= 27 + segments + sum(page[27 : 27 + segments])
