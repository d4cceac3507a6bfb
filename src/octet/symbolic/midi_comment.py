"""Words that a MIDI file says of itself: a track of its own that holds one text event, before which nothing sounds.

Standard MIDI Files 1.0: a chunk is four letters, its length in four bytes, its content; FF 01 is a text event, whose
length comes in bytes of seven bits. Other programs show the text or pass it over.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_HEADER, _TRACK = b"MThd", b"MTrk"
_TEXT = b"\x00\xff\x01"  # at once: a text event
_TRACK_END = b"\x00\xff\x2f\x00"
_MOST_BYTES = 1 << 20


def with_comment(midi: bytes, comment: str) -> bytes:
    """The file with such a track more, at its end."""
    text = comment.encode()
    track = _TEXT + _variable(len(text)) + text + _TRACK_END
    kind, tracks, division = struct.unpack(">HHH", midi[8:14])
    header = _HEADER + struct.pack(">IHHH", 6, kind, tracks + 1, division)
    return header + midi[14:] + _TRACK + struct.pack(">I", len(track)) + track


def comment_of(midi: bytes) -> str:
    """The text of the last track that begins with one; empty where none does. Any bytes are legal."""
    found = ""
    for name, content in _chunks(midi):
        if name == _TRACK and content.startswith(_TEXT):
            length, start = _read_variable(content, len(_TEXT))
            if 0 < length <= min(_MOST_BYTES, len(content) - start):
                found = content[start : start + length].decode("utf-8", errors="replace")
    return found


def _chunks(midi: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place + 8 <= len(midi):
        (length,) = struct.unpack(">I", midi[place + 4 : place + 8])
        yield midi[place : place + 4], midi[place + 8 : place + 8 + length]
        place += 8 + length


def _variable(number: int) -> bytes:
    """Seven bits a byte, the highest first; all but the last have the eighth."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


def _read_variable(data: bytes, place: int) -> tuple[int, int]:
    """Such a number, of up to four bytes, and where it ends; 0 where none does."""
    number = 0
    for end in range(place, min(place + 4, len(data))):
        number = number << 7 | data[end] & 0x7F
        if data[end] < 0x80:
            return number, end + 1
    return 0, place
