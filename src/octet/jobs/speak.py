"""The verb `speak`: a request and a model make a sound file that says how it was made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core.errors import InvalidInput
from octet.core.files import atomic_path, require_writable
from octet.core.progress import Progress, Step, silent
from octet.jobs.load import load, require_made_with

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.systems.fastspeech2.generate import Speaker, SpeechRequest, Spoken, WordTime


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

    Raises:
        InvalidInput: an option, the text or the model's name cannot be used.
        InvalidArtifact: damaged or hostile weights.
    """
    from octet.systems.fastspeech2.generate import request_of

    request = request_of(**options)
    return said(_speaker(model), request, on_progress)


def speak_to_file(
    model: Model,
    options: dict[str, Any],
    output: Path,
    timestamps: Path | None = None,
    on_progress: Progress = silent,
) -> Report:
    """Speak into a sound file, and the words' times into another: both files appear, or neither.

    What can be known to fail is found out before the work: formats, folders, and room for the request in the file.

    Raises:
        InvalidInput: as `speak`; also an unknown suffix, and a file that cannot be written.
        InvalidArtifact: damaged or hostile weights.
    """
    from octet.systems.fastspeech2.generate import request_of

    _require_outputs(output, timestamps)
    request = request_of(**options)
    speaker = _speaker(model)
    _require_room(output, speaker, request)
    report = said(speaker, request, on_progress)
    _save(report, output, timestamps)
    return report


def stream(model: Model, options: dict[str, Any]) -> Iterator[Spoken]:
    """The sentences of a request, as they are made.

    Raises:
        InvalidInput: as `speak`, before the first sentence is asked for.
        InvalidArtifact: damaged or hostile weights.
    """
    from octet.systems.fastspeech2.generate import request_of

    request = request_of(**options)
    return _speaker(model).stream(request)


def replay(file: Path, metadata: dict[str, Any], output: Path, on_progress: Progress = silent) -> Waveform:
    """Make the speech of a file again, from what it says of itself, into `output`.

    Raises:
        InvalidInput: the file's own words are damaged, or the model's weights are not those any more.
    """
    from octet.systems.fastspeech2.generate import request_of

    try:
        model, request = Model(**metadata["model"]), request_of(**metadata["request"])
    except (KeyError, TypeError):
        raise InvalidInput(f"what {file} says of how it was made is damaged: it cannot be replayed") from None
    speaker = _speaker(model)
    require_made_with(file, metadata, speaker.source, {"model_hash": model.name, "vocoder_hash": "its vocoder"})
    report = said(speaker, request, on_progress)
    report.audio.save(output)
    return report.audio


def subtitles(words: tuple[WordTime, ...]) -> str:
    """SubRip text, an entry a word."""
    entries = [
        f"{number}\n{_clock(word.start_seconds)} --> {_clock(word.end_seconds)}\n{word.text}\n"
        for number, word in enumerate(words, start=1)
    ]
    return "\n".join(entries)


def times_json(words: tuple[WordTime, ...]) -> str:
    """A JSON list of `{"text", "start_seconds", "end_seconds"}`."""
    return json.dumps([asdict(word) for word in words], indent=1, ensure_ascii=False) + "\n"


_TIMESTAMPS = {".json": times_json, ".srt": subtitles}


def said(speaker: Speaker, request: SpeechRequest, on_progress: Progress = silent) -> Report:
    """A whole request by a loaded model, a step of progress a sentence."""
    from octet.systems.fastspeech2.generate import join

    parts: list[Spoken] = []
    for number, spoken in enumerate(speaker.stream(request), start=1):
        parts.append(spoken)
        on_progress(Step("sentences", number, 0))
    audio = replace(join([part.audio for part in parts]), metadata=speaker.provenance(request))
    words = tuple(word for part in parts for word in part.words)
    return Report(audio, words, "".join(part.unpronounced for part in parts))


def _speaker(model: Model) -> Speaker:
    from octet.systems.fastspeech2.generate import Speaker

    loaded = load(model.name, vocoder=model.vocoder)
    if not isinstance(loaded, Speaker):
        raise InvalidInput(f"{model.name} plays music and does not speak: give it to octet music")
    return loaded


def _require_outputs(output: Path, timestamps: Path | None) -> None:
    from octet.audio.files import require_format

    require_format(output)
    if timestamps is not None and timestamps.suffix.lower() not in _TIMESTAMPS:
        suffix = timestamps.suffix or "without a suffix"
        raise InvalidInput(f"timestamps are written as {' or '.join(_TIMESTAMPS)}, not {suffix}: {timestamps}")
    for path in [output] if timestamps is None else [output, timestamps]:
        require_writable(path)


def _require_room(output: Path, speaker: Speaker, request: SpeechRequest) -> None:
    """A moment of silence, encoded, tells whether the format takes the model's rate and the request's length."""
    import numpy as np

    from octet.audio.files import encode

    rate = speaker.chain.spec.sample_rate_hz
    encode(np.zeros((1, rate // 10), dtype=np.float32), rate, output.suffix, speaker.provenance(request))


def _save(report: Report, output: Path, timestamps: Path | None) -> None:
    if timestamps is None:
        report.audio.save(output)
        return
    with atomic_path(timestamps) as temporary:
        temporary.write_text(_TIMESTAMPS[timestamps.suffix.lower()](report.words), encoding="utf-8")
        report.audio.save(output)


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02},{rest % 1000:03}"
