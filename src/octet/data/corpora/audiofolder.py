"""Hugging Face's audiofolder: `metadata.csv` or `metadata.jsonl` with `file_name` and a text, next to or above the audio.

The text's column is `text`, `transcription` or `sentence`. Columns `speaker` (or `speaker_id`), `language` and `split`
are used where they are there; a folder named test, dev or validation is the test split.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting
from octet.text.detect import detect

CORPUS = adapting.Corpus("audiofolder", "", "", "metadata.csv or metadata.jsonl with file_name and text")
_TEXT_COLUMNS = ("text", "transcription", "sentence")
_TEST_FOLDERS = ("test", "dev", "validation")


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of the audiofolder `path` to `folder`; number of utterances.

    Raises:
        InvalidInput: no metadata, or columns that are needed are missing.
    """
    found = sorted(file for name in ("metadata.csv", "metadata.jsonl") for file in path.rglob(name))
    return adapting.write(folder, CORPUS, path, (utterance for file in found for utterance in _utterances(file)))


def _utterances(metadata: Path) -> Iterator[adapting.Utterance]:
    for record in _records(metadata):
        column = next((name for name in _TEXT_COLUMNS if name in record), None)
        if "file_name" not in record or column is None:
            raise InvalidInput(
                f"{metadata} has the columns {', '.join(record)}; needed are file_name and one of {', '.join(_TEXT_COLUMNS)}"
            )
        text = record[column]
        split = record.get("split", "") or metadata.parent.name
        yield adapting.Utterance(
            audio=metadata.parent / record["file_name"],
            text=text,
            speaker=record.get("speaker") or record.get("speaker_id") or "speaker",
            identifier=record["file_name"],
            split="test" if split in _TEST_FOLDERS else "train" if split == "train" else "",
            language=record.get("language") or detect(text),
        )


def _records(metadata: Path) -> Iterator[Mapping[str, str]]:
    lines = adapting.read_lines(metadata, CORPUS)
    if metadata.suffix == ".csv":
        yield from csv.DictReader(lines)
        return
    for number, line in enumerate(lines, start=1):
        try:
            yield {key: str(value) for key, value in json.loads(line).items()}
        except (ValueError, AttributeError):
            raise InvalidInput(f"{metadata}, line {number} is not a JSON object") from None
