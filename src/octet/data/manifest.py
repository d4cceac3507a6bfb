"""The one manifest of every corpus: a JSON line an utterance, readable by eye and by `jq`.

A corpus folder holds `manifest.jsonl`, the audio it names, and `features/` (see `octet.data.features`).
Times are seconds from the start of the row's own audio.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from octet.core.errors import InvalidInput
from octet.core.files import write_text

MANIFEST = "manifest.jsonl"


class PhoneTime(BaseModel):
    """A phone (symbol and accent of `octet.text.phonemes`) and when it sounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    symbol: str
    accent: str = ""
    start_seconds: float
    end_seconds: float


class Row(BaseModel):
    """One utterance. `phones` are the corpus's own times, exact where the corpus was made, else absent."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    audio: str  # relative to the corpus folder, or absolute
    sample_rate_hz: int
    duration_seconds: float
    text: str
    language: str
    speaker: str
    split: str = "train"  # train | test
    licence: str = ""
    source: str = ""
    phones: tuple[PhoneTime, ...] | None = None


def read(folder: Path) -> Iterator[Row]:
    """The rows of a corpus folder.

    Raises:
        InvalidInput: no manifest there, or a line that is not a row (its number is named).
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InvalidInput(f"no {MANIFEST} in {folder}: make a corpus with  octet prepare voices --out {folder}")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield Row.model_validate_json(line)
            except ValidationError as error:
                raise InvalidInput(f"{path}, line {number}: {error.errors()[0]['msg']}") from None


def write(folder: Path, rows: Iterable[Row]) -> None:
    """Write the manifest in one step, so that an interrupted run leaves the old one or none."""
    text = "".join(row.model_dump_json(exclude_none=True) + "\n" for row in rows)
    write_text(folder / MANIFEST, text)
