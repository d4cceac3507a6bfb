"""Audiocraft's data sets (MusicGen's training format): `data.jsonl` names audio files, each with a JSON file beside it.

A line of `data.jsonl` (or `data.jsonl.gz`) has a `path`; the JSON file next to the audio has `description`, `genre`,
`moods`, `keywords`, `instrument`, `bpm` and `key`, any of which may be missing. Folders named valid, evaluate, eval or
test are the test split.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting
from octet.symbolic.attributes import Attributes

CORPUS = adapting.Corpus(
    "audiocraft", "en", "", "data.jsonl with a path a line, and a JSON file next to each audio file"
)
_TEST_FOLDERS = frozenset({"valid", "validation", "evaluate", "eval", "test"})
_DESCRIBING = ("genre", "moods", "instrument", "keywords")
_MOST_BYTES = 1 << 30  # of a list, unpacked
_KEY = re.compile(r"([A-Ga-g])\s*(#|sharp|♯|b|flat|♭)?\s*(major|minor|maj|min|m)?", re.IGNORECASE)
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of the lists in `path`, a folder or one `data.jsonl`, to `folder`; number of pieces.

    Raises:
        InvalidInput: no list, or a line or a JSON file that is none.
    """
    root = path if path.is_dir() else path.parent
    lists = sorted(path.rglob("data.jsonl*")) if path.is_dir() else [path]
    return adapting.write_music(folder, CORPUS, path, (piece for file in lists for piece in _pieces(file, root)))


def _pieces(file: Path, root: Path) -> Iterator[adapting.Piece]:
    for number, line in enumerate(filter(str.strip, _content(file).split("\n")), start=1):
        entry = _object(line, f"{file}, line {number}")
        audio = _found(str(entry.get("path", "")), file.parent, root)
        if audio is not None:
            yield _piece(audio, file)


def _content(file: Path) -> str:
    if file.suffix != ".gz":
        return adapting.read_text(file, CORPUS)
    try:
        with gzip.open(file) as packed:
            content = packed.read(_MOST_BYTES + 1)
    except (OSError, EOFError):
        raise InvalidInput(f"{file} is not readable gzip; fetch it again") from None
    if len(content) > _MOST_BYTES:
        raise InvalidInput(f"{file} unpacks to more than {_MOST_BYTES >> 30} GiB; split it")
    return content.decode("utf-8", errors="replace")


def _found(named: str, *roots: Path) -> Path | None:
    """The audio as named, absolutely or from one of some folders; None where it is not."""
    candidates = (root / named for root in roots) if named else ()
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _piece(audio: Path, file: Path) -> adapting.Piece:
    beside = audio.with_suffix(".json")
    info = _object(adapting.read_text(beside, CORPUS), str(beside)) if beside.is_file() else {}
    words = ", ".join(filter(None, (_words(info.get(name)) for name in _DESCRIBING)))
    return adapting.Piece(
        audio=audio,
        captions=(_words(info.get("description")), words),
        identifier=audio.stem,
        split="test" if _TEST_FOLDERS & set(file.parts[-3:-1]) else "train",
        attributes=_attributes(info),
    )


def _words(value: Any) -> str:
    """A text, or the texts of a list."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else ""


def _attributes(info: Mapping[str, Any]) -> Attributes | None:
    """Tempo and key, where they can be read."""
    tonic, mode = _key(info.get("key"))
    try:
        bpm = float(info["bpm"]) if info.get("bpm") else None
    except (TypeError, ValueError):
        bpm = None
    found = Attributes(bpm=bpm if bpm and 4 <= bpm <= 10_000 else None, tonic=tonic, mode=mode)  # type: ignore[arg-type]
    return None if found == Attributes() else found


def _key(value: Any) -> tuple[int | None, str | None]:
    """Of "C# minor", "Am" or "B flat major"; a letter alone does not say the mode."""
    found = _KEY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None, None
    sign = (found[2] or "").lower()
    tonic = _LETTERS[found[1].upper()] + (0 if not sign else 1 if sign in ("#", "♯", "sharp") else -1)
    mode = (found[3] or "").lower()
    return tonic % 12, ("major" if mode in ("major", "maj") else "minor") if mode else None


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInput(f"{where} is not a JSON object; fetch it again")
    return found
