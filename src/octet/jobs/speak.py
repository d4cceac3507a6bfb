"""The verb `speak`: a request and a model make a sound file that says where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet import __version__
from octet.core.artifacts import CONFIG, WEIGHTS
from octet.core.errors import InvalidInput
from octet.core.files import write_text
from octet.core.progress import Progress, Step, silent
from octet.jobs.load import load, resolve

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.systems.fastspeech2.generate import Spoken, WordTime


@dataclass(frozen=True)
class Model:
    """Which weights speak: a name, id or path each, as `octet.load` takes them."""

    name: str
    vocoder: str | None = None


@dataclass(frozen=True)
class Report:
    """What was said: duration, word times, and characters that were spoken around."""

    audio: Waveform
    words: tuple[WordTime, ...]
    unpronounced: str


def speak(model: Model, options: dict[str, Any], on_progress: Progress = silent) -> Report:
    """Speak a whole request; `options` are the fields of `SpeechRequest`, `text` among them.

    The waveform's metadata hold the request and the model's hash, so that `replay` can make the sound again.
    """
    parts: list[Spoken] = []
    for number, spoken in enumerate(stream(model, options), start=1):
        parts.append(spoken)
        on_progress(Step("sentences", number, 0))
    return report_of(parts, provenance(model, options))


def stream(model: Model, options: dict[str, Any]) -> Iterator[Spoken]:
    """The sentences of a request, as they are made."""
    from octet.systems.fastspeech2.generate import request_of

    request = request_of(**options)
    yield from load(model.name, vocoder=model.vocoder).stream(request)


def report_of(parts: list[Spoken], metadata: dict[str, Any]) -> Report:
    """Sentences put together."""
    from dataclasses import replace

    from octet.systems.fastspeech2.generate import join

    audio = replace(join([part.audio for part in parts]), metadata=metadata)
    words = tuple(word for part in parts for word in part.words)
    return Report(audio, words, "".join(part.unpronounced for part in parts))


def provenance(model: Model, options: dict[str, Any]) -> dict[str, Any]:
    """What a file of ours says of itself: version, model, its hash, and the request."""
    return {
        "octet": __version__,
        "verb": "speak",
        "model": asdict(model),
        "model_hash": model_hash(resolve(model.name)),
        "request": {name: value for name, value in options.items() if value is not None},
    }


def model_hash(path: Path) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of configuration and weights."""
    digest = hashlib.sha256()
    for file in [path / CONFIG, path / WEIGHTS] if path.is_dir() else [path]:
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def replay(file: Path, on_progress: Progress = silent) -> Report:
    """Make a file's sound again from what it says of itself.

    Raises:
        InvalidInput: no provenance of Octet in the file, or the model's weights are not those any more.
    """
    from octet.audio.files import read_metadata

    metadata = read_metadata(file)
    if metadata.get("verb") != "speak" or "request" not in metadata:
        raise InvalidInput(f"{file} does not say how it was made; only files written by octet speak can be replayed")
    model = Model(**metadata["model"])
    found = model_hash(resolve(model.name))
    if found != metadata["model_hash"]:
        raise InvalidInput(
            f"{file} was made by model {metadata['model_hash']}; {model.name} here is {found}: load that model"
        )
    return speak(model, metadata["request"], on_progress)


def write_timestamps(path: Path, words: tuple[WordTime, ...]) -> None:
    """Word times as JSON (a list of text, start_seconds, end_seconds) or SRT, by the suffix.

    Raises:
        InvalidInput: another suffix.
    """
    match path.suffix.lower():
        case ".json":
            write_text(path, json.dumps([asdict(word) for word in words], indent=1, ensure_ascii=False) + "\n")
        case ".srt":
            write_text(path, subtitles(words))
        case other:
            raise InvalidInput(f"timestamps are written as .json or .srt, not {other or 'without a suffix'}: {path}")


def subtitles(words: tuple[WordTime, ...]) -> str:
    """SubRip text, an entry a word."""
    entries = [
        f"{number}\n{_clock(word.start_seconds)} --> {_clock(word.end_seconds)}\n{word.text}\n"
        for number, word in enumerate(words, start=1)
    ]
    return "\n".join(entries)


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02},{rest % 1000:03}"
