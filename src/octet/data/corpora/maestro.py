"""MAESTRO (Hawthorne et al. 2019): performances of piano competitions, `maestro-v3.0.0.csv` and MIDI files by year.

Its authors' validation and test sets are the test split. Composers are artists where MuseCoco's dictionary has them.
Performances follow no bars and beats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting
from octet.data.corpora.score_adapting import Piece, artist_of, write
from octet.symbolic.attributes import Attributes

CORPUS = adapting.Corpus(
    "MAESTRO", "en", "CC BY-NC-SA 4.0", "maestro-v3.0.0.csv and the MIDI files that it names, as 2018/MIDI-....midi"
)
_COLUMNS = ("canonical_composer", "split", "midi_filename")


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of MAESTRO in `path` to `folder`; number of performances.

    Raises:
        InvalidInput: `path` is not laid out as MAESTRO, or a column is missing.
        MissingExtra: symusic is not installed.
    """
    table = next(iter(sorted(path.rglob("maestro-v*.csv"))), path / "maestro-v3.0.0.csv")
    columns, *rows = adapting.read_table(table, CORPUS) or [[]]
    missing = [name for name in _COLUMNS if name not in columns]
    if missing:
        raise InvalidInput(f"{table} has no column {missing[0]}; MAESTRO has {', '.join(_COLUMNS)}")
    whole = (dict(zip(columns, row, strict=True)) for row in rows if len(row) == len(columns))
    return write(folder, CORPUS, path, _pieces(whole, table.parent))


def _pieces(rows: Iterator[Mapping[str, str]], folder: Path) -> Iterator[Piece]:
    for row in rows:
        file = folder / row["midi_filename"]
        labels = Attributes(artist=artist_of(row["canonical_composer"]), genres=("Classical",))
        split = "train" if row["split"].strip() == "train" else "test"
        yield Piece(file, file.stem, split=split, attributes=labels, performed=True)
