"""Opencpop (Wang et al. 2022): 100 Mandarin songs by one singer in 3,756 segments, 5.2 hours, with notes.

Tested on are the five songs that DiffSinger's authors left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting, sung_labels
from octet.symbolic import transcriptions

CORPUS = adapting.Corpus(
    "Opencpop", "zh", "CC BY-NC-ND 4.0", "segments/transcriptions.txt and the recordings in segments/wavs"
)
_TEST_SONGS = ("2044", "2086", "2092", "2093", "2100")


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of Opencpop in `path` to `folder`; number of segments.

    Raises:
        InvalidInput: `path` is not laid out as Opencpop.
    """
    root = path / "segments" if (path / "segments").is_dir() else path
    if not (root / "transcriptions.txt").is_file():
        raise InvalidInput(f"{path} holds no Opencpop: expected {CORPUS.expected}")
    return sung_labels.write(folder, CORPUS, path, _pieces(root))


def _pieces(root: Path) -> Iterator[sung_labels.Piece]:
    for name, phrase in transcriptions.read(root / "transcriptions.txt").items():
        labels, notes = sung_labels.labels_of(phrase)
        song = name[:4]  # 2001000001 is the first segment of song 2001
        yield sung_labels.Piece(
            audio=root / "wavs" / f"{name}.wav",
            identifier=name,
            song=song,
            singer="opencpop",
            language="zh",
            labels=labels,
            notes=notes,
            text=phrase.text,
            split="test" if song in _TEST_SONGS else "train",
        )
