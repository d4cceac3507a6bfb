"""What the adapters of real corpora of scores share; see `octet.data.corpora.adapting`.

MIDI files stay where they are. Those that cannot be read or hold no notes are left out: every collection has some.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora.adapting import Corpus, split_of
from octet.symbolic import midi
from octet.symbolic.attributes import ARTISTS, GENRES, Attributes

MIDI_SUFFIXES = (".mid", ".midi")


@dataclass(frozen=True)
class Piece:
    """A file and what is known of it: labels, and whether it was played freely."""

    midi: Path
    identifier: str
    captions: tuple[manifest.Caption, ...] = ()
    split: str = ""  # chosen by `together`, if empty
    together: str = ""  # what keeps pieces in one split; the identifier, if empty
    attributes: Attributes | None = None
    performed: bool = False


def write(folder: Path, corpus: Corpus, path: Path, pieces: Iterable[Piece]) -> int:
    """Write the manifest of `pieces` found in `path`; number of those that hold music.

    Raises:
        InvalidInput: there are none, which means that `path` is not laid out as this corpus.
        MissingExtra: symusic is not installed.
    """
    rows = list(_rows(corpus, pieces))
    if not rows:
        raise InvalidInput(f"{path} holds no {corpus.name}: expected {corpus.expected}")
    manifest.write(folder, rows)
    return len(rows)


def midi_files(path: Path) -> list[Path]:
    """All of a folder, in order."""
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in MIDI_SUFFIXES)


def genre_of(name: str) -> tuple[str, ...] | None:
    """A genre of the dictionary by a name of its like, as Pop_Rock.

    >>> genre_of("Pop_Rock"), genre_of("polka")
    (('Pop Rock',), None)
    """
    wanted = _plain(name)
    return next(((genre,) for genre in GENRES if _plain(genre) == wanted), None)


def artist_of(name: str) -> str | None:
    """An artist of the dictionary by a composer's full name; None of several, or of another one.

    >>> artist_of("Johann Sebastian Bach"), artist_of("Antonín Dvořák"), artist_of("Franz Schubert / Franz Liszt")
    ('J. S. Bach', 'Dvorak', None)
    """
    words = name.split()
    if not words or "/" in name or _plain(name) in _OTHER_BACHS:
        return None
    surname = _plain(words[-1])
    return next((artist for artist in ARTISTS if _plain(artist.split()[-1]) == surname), None)


_OTHER_BACHS = ("carlphilippemanuelbach", "johannchristianbach", "wilhelmfriedemannbach", "cpebach")


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).lower()
    return "".join(letter for letter in letters if letter.isalnum() and letter.isascii())


def _rows(corpus: Corpus, pieces: Iterable[Piece]) -> Iterator[manifest.ScoreRow]:
    for piece in pieces:
        seconds = _seconds(piece.midi)
        if seconds:
            yield manifest.ScoreRow(
                id=piece.identifier,
                midi=str(piece.midi.resolve()),
                duration_seconds=seconds,
                captions=piece.captions,
                split=piece.split or split_of(piece.together or piece.identifier),
                licence=corpus.licence,
                source=corpus.name,
                attributes=piece.attributes,
                performed=piece.performed,
            )


def _seconds(file: Path) -> float:
    """0 of what is no music."""
    try:
        return midi.read(file).duration_seconds
    except InvalidInput:
        return 0.0
