"""Hugging Face's audiofolder: `metadata.csv` or `metadata.jsonl` with `file_name` and text, next to or above the audio.

The text's column is `text`, `transcription` or `sentence`. Columns `speaker` (or `speaker_id`), `language` and `split`
are used where they are there; audio in a folder named test, dev or validation is the test split.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting
from octet.text.detect import detect
from octet.text.phonemes import LANGUAGES

CORPUS = adapting.Corpus("audiofolder", "", "", "metadata.csv or metadata.jsonl with file_name and text")
_TEXT_COLUMNS = ("text", "transcription", "sentence")
_TEST_FOLDERS = frozenset({"test", "dev", "validation"})


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of the audiofolder `path` to `folder`; number of utterances.

    Raises:
        InvalidInput: no metadata, columns that are needed are missing, or a language that is not one of the seven.
    """
    found = sorted(file for name in ("metadata.csv", "metadata.jsonl") for file in path.rglob(name))
    return adapting.write(folder, CORPUS, path, (utterance for file in found for utterance in _utterances(file, path)))


def _utterances(metadata: Path, path: Path) -> Iterator[adapting.Utterance]:
    for record in _records(metadata):
        column = next((name for name in _TEXT_COLUMNS if name in record), None)
        if "file_name" not in record or column is None:
            raise InvalidInput(
                f"{metadata} has the columns {', '.join(record)}; needed are file_name and a text in one of "
                f"{', '.join(_TEXT_COLUMNS)}"
            )
        text, place = record[column], metadata.parent.relative_to(path) / record["file_name"]
        yield adapting.Utterance(
            audio=path / place,
            text=text,
            speaker=record.get("speaker") or record.get("speaker_id") or "speaker",
            identifier=str(place),
            split=_split(record.get("split", ""), place),
            language=_language(record.get("language", ""), metadata) or detect(text),
        )


def _split(named: str, place: Path) -> str:
    """As named, or by the folder; empty where neither tells."""
    names = {named} if named else set(place.parts[:-1])
    return "test" if names & _TEST_FOLDERS else "train" if "train" in names else ""


def _language(named: str, metadata: Path) -> str:
    """Of "ko", "ko-KR" or "ko_KR" the first part; empty where none is named."""
    language = named.lower().replace("_", "-").split("-")[0]
    if language and language not in LANGUAGES:
        raise InvalidInput(f"{metadata} has the language {named!r}; Octet speaks {', '.join(LANGUAGES)}")
    return language


def _records(metadata: Path) -> Iterator[Mapping[str, str]]:
    """Every value as text: what is null or missing is empty, fields beyond the columns are left out."""
    if metadata.suffix == ".csv":
        rows = csv.DictReader(io.StringIO(adapting.read_text(metadata, CORPUS), newline=""))
        yield from ({name: value or "" for name, value in row.items() if name} for row in rows)
        return
    for number, line in enumerate(adapting.read_lines(metadata, CORPUS), start=1):
        try:
            yield {name: "" if value is None else str(value) for name, value in json.loads(line).items()}
        except (ValueError, AttributeError):
            raise InvalidInput(f"{metadata}, line {number} is not a JSON object") from None
