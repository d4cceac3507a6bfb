"""FMA, the Free Music Archive's data set (Defferrard et al. 2017): `tracks.csv` and tracks of 30 s, or whole ones.

`fma_metadata/tracks.csv` has two lines of column names, group and name; track 2 lies in `000/000002.mp3` below any
folder. Its authors' validation and test sets are the test split. A caption is the genre.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting

CORPUS = adapting.Corpus("FMA", "en", "", "fma_metadata/tracks.csv and tracks as 000/000002.mp3")
_NEEDED = (("set", "split"), ("track", "genre_top"))
_LICENCE = ("track", "license")
_DIGITS = 6  # of a track's number in its file's name
_HEADER_LINES = 3  # groups, names, and one that only says `track_id`


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of FMA in `path` to `folder`; number of tracks.

    Raises:
        InvalidInput: `path` is not laid out as FMA, or a column is missing.
    """
    table = next(iter(sorted(path.rglob("tracks.csv"))), path / "fma_metadata" / "tracks.csv")
    rows = adapting.read_table(table, CORPUS)
    if len(rows) < _HEADER_LINES:
        raise InvalidInput(f"{table} lacks its lines of column names; fetch it again")
    columns = {name: index for index, name in enumerate(zip(rows[0], rows[1], strict=False))}
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise InvalidInput(f"{table} has no column {' '.join(missing[0])}; fetch it again")
    audio = {file.stem: file for file in sorted(path.rglob("*")) if file.suffix.lower() in adapting.AUDIO_SUFFIXES}
    return adapting.write_music(folder, CORPUS, path, _pieces(rows[_HEADER_LINES:], columns, audio))


def _pieces(
    rows: list[list[str]], columns: Mapping[tuple[str, str], int], audio: Mapping[str, Path]
) -> Iterator[adapting.Piece]:
    def value(row: list[str], name: tuple[str, str]) -> str:
        index = columns.get(name, len(row))
        return row[index].strip() if index < len(row) else ""

    for row in rows:
        file = audio.get(row[0].zfill(_DIGITS)) if row else None
        if file is not None:
            genre = value(row, ("track", "genre_top"))
            yield adapting.Piece(
                audio=file,
                captions=(f"{genre} music",) if genre else (),
                identifier=file.stem,
                split="train" if value(row, ("set", "split")) == "training" else "test",
                licence=value(row, _LICENCE),
            )
