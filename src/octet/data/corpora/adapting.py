"""What all adapters of real corpora share: measuring audio files, choosing a test split, and writing the manifest.

An adapter is a function `adapt(path, folder) -> int`: `path` is the corpus as its authors ship it, `folder` gets a
manifest whose audio paths are absolute, so nothing is copied. The answer is the number of utterances.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import soundfile

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.symbolic.attributes import Attributes

_TEST_SHARE = 50  # one sentence in so many is for testing
AUDIO_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus")


@dataclass(frozen=True)
class Corpus:
    """What is the same for every utterance of a real corpus."""

    name: str
    language: str
    licence: str
    expected: str  # the layout, for messages


@dataclass(frozen=True)
class Utterance:
    audio: Path
    text: str
    speaker: str
    identifier: str = ""  # the file's name, if empty
    split: str = ""  # chosen by the text, if empty
    language: str = ""  # the corpus's own, if empty


@dataclass(frozen=True)
class Piece:
    """A piece of music, or a part of one: `end_seconds` is the file's end where it is None."""

    audio: Path
    captions: tuple[str, ...]
    identifier: str
    split: str = ""  # chosen by the identifier, if empty
    licence: str = ""  # the corpus's own, if empty
    start_seconds: float = 0.0
    end_seconds: float | None = None
    attributes: Attributes | None = None


def write(folder: Path, corpus: Corpus, path: Path, utterances: Iterable[Utterance]) -> int:
    """Write the manifest of `utterances` found in `path`; those without audio are left out.

    Raises:
        InvalidInput: there are none, which means that `path` is not laid out as this corpus.
    """
    rows = list(_rows(corpus, utterances))
    if not rows:
        raise InvalidInput(f"{path} holds no {corpus.name}: expected {corpus.expected}")
    manifest.write(folder, rows)
    return len(rows)


def write_music(folder: Path, corpus: Corpus, path: Path, pieces: Iterable[Piece]) -> int:
    """Write the manifest of `pieces` found in `path`; those without audio are left out.

    Raises:
        InvalidInput: there are none, which means that `path` is not laid out as this corpus.
    """
    rows = [_music_row(corpus, piece) for piece in pieces if piece.audio.is_file()]
    if not rows:
        raise InvalidInput(f"{path} holds no {corpus.name}: expected {corpus.expected}")
    manifest.write(folder, rows)
    return len(rows)


def read_lines(path: Path, corpus: Corpus) -> list[str]:
    """The lines of a text file of a corpus that are not blank.

    Raises:
        InvalidInput: it is not there or not UTF-8.
    """
    # Not splitlines, which also divides at characters that texts may hold, such as U+2028.
    return [line for line in read_text(path, corpus).split("\n") if line.strip()]


def read_text(path: Path, corpus: Corpus) -> str:
    """A text file of a corpus.

    Raises:
        InvalidInput: it is not there or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError:
        raise InvalidInput(f"{path} is missing: {corpus.name} needs {corpus.expected}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not UTF-8 text; convert it") from None


def read_table(path: Path, corpus: Corpus) -> list[list[str]]:
    """The rows of a CSV file of a corpus, those of column names included.

    Raises:
        InvalidInput: it is not there, not UTF-8, or not CSV.
    """
    try:
        return list(csv.reader(io.StringIO(read_text(path, corpus), newline="")))
    except csv.Error as error:
        raise InvalidInput(f"{path} is not a table of comma-separated values ({error}); fetch it again") from None


def fields(line: str, separator: str, least: int, path: Path, corpus: Corpus) -> list[str]:
    """A line's fields.

    Raises:
        InvalidInput: fewer than `least`.
    """
    found = [field.strip() for field in line.split(separator)]
    if len(found) < least:
        raise InvalidInput(f"{path}: {line[:60]!r} has {len(found)} fields, {corpus.name} has at least {least}")
    return found


def _rows(corpus: Corpus, utterances: Iterable[Utterance]) -> Iterator[manifest.Row]:
    for utterance in utterances:
        text = " ".join(utterance.text.split())
        if not utterance.audio.is_file() or not text:
            continue
        sample_rate_hz, duration_seconds = measured(utterance.audio)
        yield manifest.Row(
            id=utterance.identifier or utterance.audio.stem,
            audio=str(utterance.audio.resolve()),
            sample_rate_hz=sample_rate_hz,
            duration_seconds=duration_seconds,
            text=text,
            language=utterance.language or corpus.language,
            speaker=utterance.speaker,
            split=utterance.split or split_of(text),
            licence=corpus.licence,
            source=corpus.name,
        )


def _music_row(corpus: Corpus, piece: Piece) -> manifest.MusicRow:
    sample_rate_hz, seconds = measured(piece.audio)
    texts = dict.fromkeys(" ".join(caption.split()) for caption in piece.captions)
    return manifest.MusicRow(
        id=piece.identifier,
        audio=str(piece.audio.resolve()),
        sample_rate_hz=sample_rate_hz,
        duration_seconds=min(piece.end_seconds or seconds, seconds) - piece.start_seconds,
        start_seconds=piece.start_seconds,
        captions=tuple(manifest.Caption(text=text, language=corpus.language) for text in texts if text),
        split=piece.split or split_of(piece.identifier),
        licence=piece.licence or corpus.licence,
        source=corpus.name,
        attributes=piece.attributes,
    )


def measured(audio: Path) -> tuple[int, float]:
    """Sample rate in Hz and duration in seconds of a sound file.

    Raises:
        InvalidInput: not readable, or without sound.
    """
    try:
        info = soundfile.info(audio)
    except soundfile.LibsndfileError:
        raise InvalidInput(f"{audio} is not readable audio; fetch it again or remove it") from None
    if not info.frames:
        raise InvalidInput(f"{audio} holds no sound; fetch it again or remove it")
    return info.samplerate, info.frames / info.samplerate


def split_of(text: str) -> str:
    """A split by the text alone, so that a sentence read twice is never in both."""
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    return "test" if number % _TEST_SHARE == 0 else "train"
