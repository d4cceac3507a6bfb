"""A corpus of scores as MuseCoco reads it: notes as tokens, computed once, and captions with what they say.

Tokens lie in `notes/remigen2/`, a file (see `octet.data.computed`) for 256 pieces. A file holds the tokens of all
examples of its pieces end to end; its index has an entry a piece, with the attributes and the place of each example. A
piece whose file cannot be read, or holds no notes, has none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.data import manifest
from octet.data.computed import Entry, OpenFiles, compute, entries, require_all, store, stored_digest
from octet.data.manifest import ScoreRow
from octet.symbolic import midi
from octet.symbolic.attributes import Attributes
from octet.systems.musecoco.examples import MuseCocoExample, TextExample, pieces, said_by
from octet.systems.musecoco.wishes import PREFIX_TOKENS

VERSION = 1  # raise it whenever the same input would give other tokens
_SHARD = 256
_FOLDER = Path("notes") / "remigen2"


def prepare(folder: Path, *, workers: int = 1, on_progress: Progress = silent) -> Path:
    """Compute what is missing of a corpus's tokens and return the folder they lie in.

    Raises:
        InvalidInput: the corpus is empty or not of scores.
        MissingExtra: symusic is not installed.
    """
    rows = list(manifest.read(folder, ScoreRow))
    if not rows:
        raise InvalidInput(f"the corpus in {folder} has no pieces")
    target, make = folder / _FOLDER, partial(_make_shard, folder)
    compute(target, rows, _SHARD, make, workers=workers, phase="reading notes", on_progress=on_progress)
    return target


class ScoreDataset:
    """The examples of one split: of a piece of up to 16 bars one, of a longer one three.

    Raises:
        InvalidInput: tokens are missing, all or some, or the split has no pieces with notes.
    """

    def __init__(self, folder: Path, split: str = "train") -> None:
        found = entries(folder / _FOLDER)
        expected = sum(1 for _ in manifest.read(folder, ScoreRow))
        remedy = f"compute them with the command that made the corpus:  octet prepare CORPUS --out {folder}"
        require_all(len(found), expected, "tokens", "pieces", folder, remedy)
        self._examples = [(path, one) for path, entry in found if entry["split"] == split for one in entry["examples"]]
        if not self._examples:
            raise InvalidInput(f"{folder} has no pieces of split {split!r}")
        self.lengths: list[int] = [PREFIX_TOKENS + one["tokens"] + 1 for _, one in self._examples]
        self._files = OpenFiles()

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, index: int) -> MuseCocoExample:
        path, one = self._examples[index]
        tokens = self._files.piece(path, "tokens", one["first_token"], one["tokens"])
        return MuseCocoExample(one["id"], tuple(tokens.tolist()), Attributes.model_validate(one["attributes"]))


class TextDataset:
    """The captions of one split that know what they say.

    Raises:
        InvalidInput: there are none.
    """

    def __init__(self, folder: Path, split: str = "train") -> None:
        self._items = list(_texts(folder, split))
        if not self._items:
            raise InvalidInput(f"{folder} has no captions of split {split!r} that know what they say")
        self.lengths: list[int] = [item.length for item in self._items]

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> TextExample:
        return self._items[index]


def _texts(folder: Path, split: str) -> Iterator[TextExample]:
    for row in manifest.read(folder, ScoreRow):
        for number, caption in enumerate(row.captions if row.split == split else ()):
            if caption.says is not None:
                yield said_by(f"{row.id}-{number}", caption)


def _make_shard(folder: Path, path: Path, rows: Sequence[ScoreRow]) -> None:
    digest = _digest(rows)
    if stored_digest(path) == digest:
        return
    examples = [_examples(folder, row) for row in rows]
    tokens = [token for of_one in examples for example in of_one for token in example.tokens]
    store(path, {"tokens": torch.tensor(tokens, dtype=torch.int16)}, digest, list(_index(rows, examples)))


def _examples(folder: Path, row: ScoreRow) -> list[MuseCocoExample]:
    """None of a file that cannot be read: real corpora have some."""
    try:
        return list(pieces(row.id, midi.read(folder / row.midi), row.attributes, performed=row.performed))
    except InvalidInput:
        return []


def _index(rows: Sequence[ScoreRow], examples: Sequence[Sequence[MuseCocoExample]]) -> Iterator[Entry]:
    first = 0
    for row, of_one in zip(rows, examples, strict=True):
        placed: list[dict[str, Any]] = []
        for example in of_one:
            attributes = example.attributes.model_dump(exclude_none=True, mode="json")
            count = len(example.tokens)
            placed.append({"id": example.id, "attributes": attributes, "first_token": first, "tokens": count})
            first += count
        yield {"id": row.id, "split": row.split, "examples": placed}


def _digest(rows: Sequence[ScoreRow]) -> str:
    content = hashlib.sha256(f"{VERSION}\n".encode())
    for row in rows:
        content.update(row.model_copy(update={"captions": ()}).model_dump_json().encode())
    return content.hexdigest()
