"""POP909 (Wang et al. 2020): 909 piano arrangements of Mandarin pop songs, as `POP909/001/001.mid`.

Other `versions` of a song stay out, so that none is in both splits.
"""

from __future__ import annotations

from pathlib import Path

from octet.data.corpora import adapting
from octet.data.corpora.score_adapting import Piece, midi_files, write
from octet.symbolic.attributes import Attributes

CORPUS = adapting.Corpus("POP909", "en", "MIT", "folders of songs, as POP909/001/001.mid")
_LABELS = Attributes(genres=("Pop Rock",))


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of POP909 in `path` to `folder`; number of songs.

    Raises:
        InvalidInput: `path` is not laid out as POP909.
        MissingExtra: symusic is not installed.
    """
    songs = [file for file in midi_files(path) if file.stem.isdecimal() and file.stem == file.parent.name]
    return write(folder, CORPUS, path, (Piece(song, song.stem, attributes=_LABELS) for song in songs))
