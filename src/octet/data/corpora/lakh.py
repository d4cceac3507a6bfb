"""The Lakh MIDI dataset (Raffel 2016): `lmd_full` or `lmd_matched`, files named by their MD5, each taken once.

The folders of `lmd_matched` are named by tracks of the Million Song Dataset. Where a list of their genres lies beside
(MAGD of Schindler et al. 2012: `*GenreAssignment.cls`, a track and a genre a line), its genres are those of MuseCoco.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from octet.data.corpora import adapting
from octet.data.corpora.score_adapting import Piece, genre_of, midi_files, write
from octet.symbolic.attributes import Attributes

CORPUS = adapting.Corpus(
    "Lakh MIDI", "en", "CC BY 4.0", "files named by their MD5, as lmd_full/0/0a1b...mid or lmd_matched/A/B/C/TR.../"
)
_MD5_LETTERS = frozenset("0123456789abcdef")


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of the Lakh MIDI dataset in `path` to `folder`; number of files with music.

    Raises:
        InvalidInput: `path` is not laid out as the Lakh MIDI dataset.
        MissingExtra: symusic is not installed.
    """
    return write(folder, CORPUS, path, _pieces(path))


def _pieces(path: Path) -> Iterator[Piece]:
    genres = _genres(path)
    seen: set[str] = set()
    for file in midi_files(path):
        name = file.stem.lower()
        if len(name) == 32 and set(name) <= _MD5_LETTERS and name not in seen:
            seen.add(name)
            genre = genre_of(genres.get(file.parent.name, ""))
            yield Piece(file, name, attributes=None if genre is None else Attributes(genres=genre))


def _genres(path: Path) -> dict[str, str]:
    """By track."""
    lists = sorted(path.rglob("*enreAssignment*.cls"))
    lines = (line for file in lists for line in adapting.read_lines(file, CORPUS) if not line.startswith("#"))
    return {track: genre for track, _, genre in (line.strip().partition("\t") for line in lines)}
