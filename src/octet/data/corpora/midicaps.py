"""MidiCaps (Melechovsky et al. 2024): captions of the Lakh MIDI dataset, `train.json` and the files that it names.

Each line of `train.json` has a file's `location` below the folder, its `caption`, and the features that the caption was
written from. A caption is taken to say those features that it names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting
from octet.data.corpora.score_adapting import Piece, genre_of, write
from octet.data.manifest import Caption
from octet.symbolic.attributes import Attributes
from octet.symbolic.instruments import CLASSES, NEAREST

CORPUS = adapting.Corpus(
    "MidiCaps", "en", "captions CC BY-SA 4.0, files CC BY 4.0", "train.json and the files that it names, as lmd_full/0/"
)
_KEY = re.compile(r"^([A-G])(#|b)? (major|minor)$")
_TONICS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_GENRES: Mapping[str, str] = {
    "pop": "Pop Rock",
    "rock": "Pop Rock",
    "soundtrack": "Stage",
    "hiphop": "Rap",
    "world": "International",
    "ambient": "New Age",
    "christmas": "Holiday",
    "orchestral": "Symphony",
}
_WORDS: Mapping[str, str] = {"drums": "drum", "saxophone": "sax", "synth": "synthesizer", "vocal": "voice"}


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of MidiCaps in `path` to `folder`; number of files with music.

    Raises:
        InvalidInput: `path` is not laid out as MidiCaps, or a line is none of its.
        MissingExtra: symusic is not installed.
    """
    table = next(iter(sorted(path.rglob("train.json"))), path / "train.json")
    lines = adapting.read_lines(table, CORPUS)
    return write(folder, CORPUS, path, (_piece(line, table) for line in lines))


def _piece(line: str, table: Path) -> Piece:
    try:
        row = json.loads(line)
        file = table.parent / row["location"]
        text = " ".join(row["caption"].split())
        caption = Caption(text=text, says=_said(row, text.lower()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InvalidInput(f"{table}: {line[:60]!r} is no line of MidiCaps; fetch the file again") from None
    if not file.resolve().is_relative_to(table.parent.resolve()):
        raise InvalidInput(f"{table} names {row['location']}, which lies outside of its folder; fetch the file again")
    return Piece(file, file.stem, (caption,), split="test" if row.get("test_set") is True else "")


def _said(row: Mapping[str, Any], text: str) -> Attributes:
    """The features that a caption in small letters names."""
    said: dict[str, Any] = {}
    key = _KEY.match(str(row.get("key", "")))
    if key and key[0].lower() in text:
        said |= {"tonic": (_TONICS[key[1]] + {"#": 1, "b": -1}.get(key[2], 0)) % 12, "mode": key[3]}
    metre = str(row.get("time_signature", ""))
    if re.fullmatch(r"[1-9]\d?/(2|4|8|16)", metre) and metre in text:
        said["metre"] = metre
    tempo_word = str(row.get("tempo_word") or "").lower()
    if _names(row, "tempo", text) or (tempo_word and tempo_word in text and _is_number(row.get("tempo"))):
        said["bpm"] = float(row["tempo"])
    if _names(row, "duration", text):
        said["seconds"] = float(row["duration"])
    said["genres"] = next(filter(None, (_genre(name, text) for name in row.get("genre") or ())), None)
    said["instruments"] = tuple(_instruments(row.get("instrument_summary") or (), text)) or None
    return Attributes(**said)


def _names(row: Mapping[str, Any], feature: str, text: str) -> bool:
    """Whether a number is in the text."""
    value = row.get(feature)
    return _is_number(value) and re.search(rf"\b{value:g}\b", text) is not None


def _is_number(value: Any) -> bool:
    """One that makes sense, of a tempo or of seconds."""
    return isinstance(value, int | float) and 10 <= value <= 3600


def _genre(name: str, text: str) -> tuple[str, ...] | None:
    found = genre_of(_GENRES.get(name.lower(), name))
    return found if name.lower() in text else None


def _instruments(names: list[str], text: str) -> Iterator[str]:
    for name in names:
        lower = name.lower()
        if lower in text:
            known = {**{one: one for one in CLASSES}, **NEAREST, **_WORDS}
            yield from [known[word] for word in known if word in lower][:1]
