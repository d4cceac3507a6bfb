"""What is to be said, before it is cut into sentences: text with its style, given sounds, pauses and boundaries.

SSML and plain text both become a list of fragments, which `octet.text.frontend` turns into sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from octet.core.errors import InvalidInput
from octet.text.phonemes import Phone, Prosody

LONGEST_PAUSE_SECONDS = 30.0
_PAUSE = re.compile(r"\[pause(?:[\s:]\s*(?P<length>[^\[\]]{1,20}))?\]", re.IGNORECASE)
_DURATION = re.compile(r"(?P<number>\d{1,6}(?:\.\d{1,6})?|\.\d{1,6})\s*(?P<unit>ms|s)", re.IGNORECASE)
DEFAULT_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Style:
    """How a stretch of text is to be read. None leaves the choice to the caller."""

    prosody: Prosody = field(default=Prosody())
    language: str | None = None
    voice: str | None = None
    interpret_as: str | None = None
    format: str = ""


@dataclass(frozen=True)
class Speech:
    """Written text; `phones` are set where its pronunciation was given."""

    text: str
    style: Style = Style()
    phones: tuple[Phone, ...] | None = None


@dataclass(frozen=True)
class Pause:
    """Silence of `seconds` within a sentence, or after it."""

    seconds: float


@dataclass(frozen=True)
class Boundary:
    """The end of a sentence or paragraph that markup asks for."""


Fragment = Speech | Pause | Boundary


def from_plain(text: str, style: Style = Style()) -> Iterator[Fragment]:
    """Text with pauses in square brackets: "[pause]", "[pause 500ms]", "[pause: 1s]".

    >>> [type(fragment).__name__ for fragment in from_plain("One [pause 500ms] two")]
    ['Speech', 'Pause', 'Speech']

    Raises:
        InvalidInput: a pause whose length cannot be read.
    """
    end = 0
    for match in _PAUSE.finditer(text):
        if match.start() > end:
            yield Speech(text[end : match.start()], style)
        length = match["length"]
        yield Pause(duration_seconds(length, match.group()) if length else DEFAULT_PAUSE_SECONDS)
        end = match.end()
    if end < len(text):
        yield Speech(text[end:], style)


def duration_seconds(written: str, source: str) -> float:
    """ "500ms" or "1.5s" in seconds.

    >>> duration_seconds("250ms", "break")
    0.25

    Raises:
        InvalidInput: another form, or a pause over 30 seconds; `source` is named.
    """
    match = _DURATION.fullmatch(written.strip())
    if match is None:
        raise InvalidInput(f'{source}: {written!r} is no length of time; write it like "500ms" or "1.5s"')
    seconds = float(match["number"]) * (0.001 if match["unit"].lower() == "ms" else 1)
    if seconds > LONGEST_PAUSE_SECONDS:
        raise InvalidInput(f"{source}: a pause lasts at most {LONGEST_PAUSE_SECONDS:g} seconds, not {seconds:g}")
    return seconds
