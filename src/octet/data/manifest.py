"""The one manifest of every corpus: a JSON line an utterance or a piece of music, readable by eye and by `jq`.

A corpus folder holds `manifest.jsonl`, the audio it names, and `features/` (see `octet.data.features`).
Times are seconds from the start of the row's own audio.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar, overload

from pydantic import BaseModel, ConfigDict, ValidationError

from octet.core.errors import InvalidInput
from octet.core.files import write_text
from octet.symbolic.attributes import Attributes

MANIFEST = "manifest.jsonl"
BREATH = "AP"  # a phone of what is sung, besides those of `octet.text.phonemes`
CURVE_STEP_SECONDS = 0.005


class PhoneTime(BaseModel):
    """A phone (symbol and accent of `octet.text.phonemes`) and when it sounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    symbol: str
    accent: str = ""
    start_seconds: float
    end_seconds: float


class SungNote(BaseModel):
    """A note of a score, or a rest (`pitch` is None). `pitch` is a MIDI number, which may have a fraction."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    start_seconds: float
    end_seconds: float
    pitch: float | None = None
    lyric: str = ""  # the word that begins here; "+" its next syllable, "-" the same syllable held on


class WordTime(BaseModel):
    """A word of the lyrics and when its phones sound."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: str
    start_seconds: float
    end_seconds: float


class Sung(BaseModel):
    """The score of a row that is sung. Notes and rests follow each other without gaps from 0 to the row's end."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    song: str  # rows of one song are pieces of it
    notes: tuple[SungNote, ...]
    phone_notes: tuple[int, ...] = ()  # for each of the row's phones, the first note of its syllable, or its rest
    words: tuple[WordTime, ...] = ()
    bpm: float | None = None
    midi: str | None = None
    curves: str | None = None  # safetensors, from 0 on in steps of 5 ms: f0_hz, voiced, `octet.audio.curves`


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
    sung: Sung | None = None


class Caption(BaseModel):
    """A description of a piece, and what it says: other attributes are left open, `without` names what is absent."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: str
    language: str = "en"
    says: Attributes | None = None
    without: tuple[str, ...] = ()


class MusicRow(BaseModel):
    """One piece of music. `midi`, `stems` and `attributes` are exact where the corpus was made, else absent."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    audio: str  # relative to the corpus folder, or absolute, as are `midi` and `stems`
    sample_rate_hz: int
    duration_seconds: float
    captions: tuple[Caption, ...] = ()
    split: str = "train"  # train | test
    licence: str = ""
    source: str = ""
    start_seconds: float = 0.0  # where the piece begins in a longer file
    midi: str | None = None
    stems: dict[str, str] | None = None  # by instrument
    attributes: Attributes | None = None


class ScoreRow(BaseModel):
    """One piece of music as notes, without a sound. `attributes` are those that are known of the whole piece.

    A piece that was `performed` freely has no bars and beats, whatever its file says of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    midi: str  # relative to the corpus folder, or absolute
    duration_seconds: float
    captions: tuple[Caption, ...] = ()
    split: str = "train"  # train | test
    licence: str = ""
    source: str = ""
    attributes: Attributes | None = None
    performed: bool = False


AnyRow = TypeVar("AnyRow", Row, MusicRow, ScoreRow)
_WHAT: Mapping[type[BaseModel], str] = {Row: "speech", MusicRow: "music", ScoreRow: "scores"}


@overload
def read(folder: Path) -> Iterator[Row]: ...
@overload
def read(folder: Path, kind: type[AnyRow]) -> Iterator[AnyRow]: ...
def read(folder: Path, kind: type[Row] | type[MusicRow] | type[ScoreRow] = Row) -> Iterator[Row | MusicRow | ScoreRow]:
    """The rows of a corpus folder, of speech, of music or of scores.

    Raises:
        InvalidInput: no manifest there, or a line that is not such a row (its number is named).
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InvalidInput(f"no {MANIFEST} in {folder}: make a corpus with  octet prepare CORPUS --out {folder}")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield kind.model_validate_json(line)
            except ValidationError as error:
                raise InvalidInput(f"{path}, line {number}: {_problem(line, kind, error)}") from None


def read_any(folder: Path) -> Iterator[Row] | Iterator[MusicRow]:
    """The rows of a corpus folder, whichever it is of.

    Raises:
        InvalidInput: as `read`.
    """
    try:
        next(read(folder, MusicRow), None)
    except InvalidInput:
        return read(folder)  # which says what is wrong with it, if it is not of speech either
    return read(folder, MusicRow)


def write(folder: Path, rows: Iterable[Row | MusicRow | ScoreRow]) -> None:
    """Write the manifest in one step, so that an interrupted run leaves the old one or none."""
    text = "".join(row.model_dump_json(exclude_none=True) + "\n" for row in rows)
    write_text(folder / MANIFEST, text)


def _problem(line: str, kind: type[BaseModel], error: ValidationError) -> str:
    for other in _WHAT:
        if other is not kind and _is_row(line, other):
            return f"{_WHAT[kind]} was expected, this is {_WHAT[other]}"
    return str(error.errors()[0]["msg"])


def _is_row(line: str, kind: type[BaseModel]) -> bool:
    try:
        kind.model_validate_json(line)
    except ValidationError:
        return False
    return True
