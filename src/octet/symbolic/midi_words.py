"""The words in a MIDI file: lyric events or, in karaoke files, text events, with the places of syllables in words.

Karaoke's signs are read: / and \\ begin a line, @ a line of notes on the file. Where words are divided by blanks, what
no blank divides is one word; else a hyphen joins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octet.core.bounded import decoded
from octet.core.errors import InvalidInput
from octet.symbolic.score import MOST_TICKS, TICKS_PER_QUARTER, Lyric, Syllabic

_TEXT, _LYRIC = 0x01, 0x05
_FEWEST_TEXTS = 3  # a file with fewer has notes on itself in them, not words
_ENCODINGS = ("utf-8", "cp932", "cp949", "latin-1")


def lyrics(data: bytes) -> list[Lyric]:
    """The syllables in the bytes of a MIDI file, in order; those of the track that has most, empty ones left out.

    Raises:
        InvalidInput: its chunks are damaged.
    """
    resolution, tracks = _chunks(data)
    found = [list(_events(track)) for track in tracks]
    for kind, least in ((_LYRIC, 1), (_TEXT, _FEWEST_TEXTS)):
        told = [[event for event in events if event.kind == kind and _is_sung(event.text)] for events in found]
        most = max(told, key=len, default=[])
        if len(most) >= least:
            return list(_syllables(most, TICKS_PER_QUARTER / resolution))
    return []


@dataclass(frozen=True)
class _Event:
    ticks: int
    kind: int
    text: bytes


def _is_sung(text: bytes) -> bool:
    return bool(text.strip(b" /\\\r\n\t\0")) and not text.startswith(b"@")


def _chunks(data: bytes) -> tuple[int, list[bytes]]:
    """Ticks a quarter note, and the tracks."""
    if data[:4] != b"MThd" or len(data) < 14:
        raise InvalidInput("this is not a readable MIDI file; export it again")
    resolution = int.from_bytes(data[12:14])
    if not 0 < resolution < 0x8000:
        raise InvalidInput("this MIDI file counts time in film frames, not in beats; export it with beats")
    tracks, place = [], 8 + int.from_bytes(data[4:8])
    while place + 8 <= len(data):
        size = int.from_bytes(data[place + 4 : place + 8])
        if data[place : place + 4] == b"MTrk":
            tracks.append(data[place + 8 : place + 8 + size])
        place += 8 + size
    return resolution, tracks


def _events(track: bytes) -> Iterator[_Event]:
    """Text and lyric events; what comes after damage is left out."""
    place, ticks, running = 0, 0, 0
    try:
        while place < len(track):
            wait, place = _quantity(track, place)
            ticks += wait
            status = track[place]
            if status == 0xFF:
                kind = track[place + 1]
                size, place = _quantity(track, place + 2)
                if kind in (_TEXT, _LYRIC) and ticks < 1 << 40:
                    yield _Event(ticks, kind, track[place : place + size])
                place += size
            elif status in (0xF0, 0xF7):
                size, place = _quantity(track, place + 1)
                place += size
            else:
                running, place = (status, place + 1) if status & 0x80 else (running, place)
                place += 1 if running >> 4 in (0xC, 0xD) else 2
    except IndexError:
        return


def _quantity(track: bytes, place: int) -> tuple[int, int]:
    """A number of variable length, and the place behind it."""
    value = 0
    for _ in range(4):
        byte = track[place]
        place += 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            break
    return value, place


def _syllables(events: Sequence[_Event], scale: float) -> Iterator[Lyric]:
    texts = [decoded(event.text.replace(b"\0", b""), _ENCODINGS) for event in events]
    blanks = any(text != text.strip() for text in texts) or any(text[:1] in "/\\" for text in texts)
    hyphens = any(len(text.strip()) > 1 and text.strip().endswith("-") for text in texts)
    inside = False
    for index, (event, text) in enumerate(zip(events, texts, strict=True)):
        following = texts[index + 1] if index + 1 < len(texts) else " "
        goes_on = _goes_on(text, following, blanks=blanks and not hyphens)
        place: Syllabic = ("middle" if inside else "begin") if goes_on else ("end" if inside else "single")
        said = text.strip(" /\\\r\n\t")
        ticks = min(round(event.ticks * scale), MOST_TICKS)
        yield Lyric(ticks, said[:-1] if len(said) > 1 and said.endswith("-") else said, place)
        inside = goes_on


def _goes_on(text: str, following: str, *, blanks: bool) -> bool:
    """Whether the word of a syllable goes on in the following one."""
    if blanks:
        return text == text.rstrip() and following == following.lstrip() and following[:1] not in ("/", "\\")
    return len(text.strip()) > 1 and text.strip().endswith("-")
