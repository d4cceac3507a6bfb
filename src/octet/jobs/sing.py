"""The verb `sing`: a score with words and a model make a sound file that says how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from octet.core.errors import InvalidInput
from octet.core.files import require_writable
from octet.core.progress import Progress, Step, silent
from octet.core.version import VERSION
from octet.jobs.choir import aligned, distinct, mixed
from octet.jobs.load import load, require_made_with
from octet.jobs.sheet import Sheet, songs_of, speed_of

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.symbolic.song import Phrase, Song
    from octet.systems.diffsinger.generate import Singer, Take
    from octet.systems.diffsinger.published_generate import PublishedSinger
    from octet.systems.diffsinger.request import Line, SingingRequest
    from octet.systems.diffsinger.voicebank import Voicebank

    AnySinger = Singer | PublishedSinger | Voicebank

DEFAULT = "diffsinger-tiny"


@dataclass(frozen=True)
class Model:
    """Which weights sing: a name, id or path each, as `octet.load` takes them; None for the bundled singer."""

    name: str | None = None
    vocoder: str | None = None


@dataclass(frozen=True)
class Outputs:
    """Where it goes: the sound, a `.ds` file of all that was decided, and a file beside the sound for each part."""

    sound: Path
    ds: Path | None = None
    stems: bool = False

    def stem(self, name: str) -> Path:
        """The file of a part: song.wav has song.Soprano.wav."""
        safe = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in name).strip() or "part"
        return self.sound.with_name(f"{self.sound.stem}.{safe}{self.sound.suffix}")


@dataclass(frozen=True)
class Report:
    """What was sung: the sound of all parts, the files written, and how many phrases and notes."""

    audio: Waveform
    files: tuple[Path, ...]
    phrases: int
    notes: int


def sing_to_file(
    model: Model, sheet: Sheet, options: dict[str, Any], outputs: Outputs, on_progress: Progress = silent
) -> Report:
    """Sing a sheet into files; `options` are the fields of `SingingRequest` but for its lines.

    What can be known to fail is found out before the work.

    Raises:
        InvalidInput: the sheet, its words, an option or the model's name cannot be used; a file that cannot be written.
        InvalidArtifact: damaged or hostile weights.
    """
    from octet.systems.diffsinger.request import request_of

    _require_outputs(outputs, sheet)
    given = None if model.name is None else _singer(model)  # the bundled one is looked for when all else is well
    songs = songs_of(sheet, own_names=given is not None and not _is_ours(given))
    told = options | {"speed": speed_of(sheet, songs[0], options.get("speed", 1.0))}
    requests = [request_of(song, **told) for song in songs]
    return performed(given or _singer(model), songs, requests, outputs, on_progress)


def performed(
    singer: AnySinger,
    songs: Sequence[Song],
    requests: Sequence[SingingRequest],
    outputs: Outputs,
    on_progress: Progress = silent,
) -> Report:
    """Songs sung together by a loaded model into files, each with a request of its own.

    Raises:
        InvalidInput: a line that this model cannot sing, before the first is sung; a file that cannot be written.
    """
    if outputs.ds is not None and not _is_ours(singer):
        raise InvalidInput("only Octet's own DiffSinger tells what it decided: leave --ds out")
    takes, sounds = _sung(singer, requests, outputs, on_progress)
    audio = replace(mixed(sounds), metadata=_provenance(singer, requests))
    files = _save(audio, sounds, songs, takes[0] if takes else [], outputs)
    notes = sum(1 for song in songs for _ in song.timed_notes())
    return Report(audio, files, sum(len(request.lines) for request in requests), notes)


def replay(file: Path, metadata: dict[str, Any], output: Path, on_progress: Progress = silent) -> Waveform:
    """Sing a file again, from what it says of itself, into `output`.

    Raises:
        InvalidInput: the file's own words are damaged, or the model's weights are not those any more.
    """
    from pydantic import ValidationError

    from octet.systems.diffsinger.request import SingingRequest

    try:
        model = Model(**metadata["model"])
        requests = [SingingRequest.model_validate(part) for part in metadata["request"]["parts"]]
    except (KeyError, TypeError, ValidationError):
        raise InvalidInput(f"what {file} says of how it was made is damaged: it cannot be replayed") from None
    singer = _singer(model)
    require_made_with(file, metadata, singer.source, {"model_hash": str(model.name), "vocoder_hash": "its vocoder"})
    _, sounds = _sung(singer, requests, Outputs(output), on_progress)
    audio = replace(mixed(sounds), metadata=_provenance(singer, requests))
    audio.save(output)
    return audio


def _singer(model: Model) -> AnySinger:
    loaded = load(model.name or DEFAULT, vocoder=model.vocoder)
    if not hasattr(loaded, "sung") and not _is_ours(loaded):
        raise InvalidInput(f"{model.name} does not sing: give a DiffSinger or a voicebank with --model")
    return cast("AnySinger", loaded)


def _is_ours(singer: object) -> TypeGuard[Singer]:
    """Octet's own DiffSinger, which knows the shared phones; others have dictionaries of their own."""
    from octet.systems.diffsinger.generate import Singer

    return isinstance(singer, Singer)


def _sung(
    singer: AnySinger, requests: Sequence[SingingRequest], outputs: Outputs, on_progress: Progress
) -> tuple[list[list[Take]], list[Waveform]]:
    """What was taken, by a model that tells it, and the sound of each part: all on one timeline.

    That part whose first consonant comes before its beat starts first.
    """
    from octet.systems.diffsinger.generate import joined

    origins = [min(0.0, *(line.start_seconds for line in request.lines)) / request.speed for request in requests]
    if _is_ours(singer):
        _require_room(singer, requests, outputs)
        takes = _taken(singer, requests, on_progress)
        sounds = [joined(own, request.speed) for own, request in zip(takes, requests, strict=True)]
        return takes, aligned(sounds, origins)
    sounds = []
    for number, request in enumerate(requests, start=1):
        sounds.append(singer.generate(request.lines, **_options(request)))
        on_progress(Step("singing", number, len(requests)))
    return [], aligned(sounds, origins)


def _options(request: SingingRequest) -> dict[str, Any]:
    """What a request asks for beyond its lines and defaults."""
    told = request.model_dump(exclude_defaults=True)
    return {name: value for name, value in told.items() if name != "lines"}


def _taken(singer: Singer, requests: Sequence[SingingRequest], on_progress: Progress) -> list[list[Take]]:
    """The phrases of each request."""
    streams = [singer.stream(request) for request in requests]  # every line is checked before the first is sung
    total, done = sum(len(request.lines) for request in requests), 0
    takes: list[list[Take]] = [[] for _ in requests]
    for own, stream in zip(takes, streams, strict=True):
        for take in stream:
            own.append(take)
            done += 1
            on_progress(Step("singing", done, total))
    return takes


def _provenance(singer: AnySinger, requests: Sequence[SingingRequest]) -> dict[str, Any]:
    parts = [request.model_dump(mode="json", exclude_defaults=True) for request in requests]
    return {"octet": VERSION, "verb": "sing", **singer.source, "request": {"parts": parts}}


def _save(
    audio: Waveform, sounds: Sequence[Waveform], songs: Sequence[Song], takes: Sequence[Take], outputs: Outputs
) -> tuple[Path, ...]:
    from octet.symbolic import ds

    files = [outputs.sound]
    if outputs.ds is not None:
        ds.write(outputs.ds, decided(songs[0], takes))
        files.append(outputs.ds)
    if outputs.stems:
        names = distinct([song.title or f"part {number}" for number, song in enumerate(songs, start=1)])
        for sound, name in zip(sounds, names, strict=True):
            replace(sound, metadata=audio.metadata).save(outputs.stem(name))
            files.append(outputs.stem(name))
    audio.save(outputs.sound)
    return tuple(files)


def decided(song: Song, takes: Sequence[Take]) -> Song:
    """A song with what its singer decided: durations of phones, F0 and curves."""
    return replace(
        song,
        phrases=tuple(_decided(phrase, take.line) for phrase, take in zip(song.phrases, takes, strict=True)),
    )


def _decided(phrase: Phrase, line: Line) -> Phrase:
    """Phones and curves of a line; F0 goes on where it is unvoiced, as `.ds` files have it."""
    import torch

    from octet.families.acoustic.batch import continuous
    from octet.symbolic.song import F0, Curve, SungPhone

    curves = {name: Curve(curve.step_seconds, curve.values) for name, curve in line.curves.items()}
    if F0 in curves:
        voiced = tuple(continuous(torch.tensor(curves[F0].values)).tolist())
        curves[F0] = replace(curves[F0], values=voiced)
    phones = tuple(
        SungPhone(phone.symbol, phone.note, phone.accent, phone.leads, phone.seconds, phone.language)
        for phone in line.phones
    )
    return replace(phrase, phones=phones, curves=dict(phrase.curves) | curves)


def _require_room(singer: Singer, requests: Sequence[SingingRequest], outputs: Outputs) -> None:
    """A moment of silence, encoded, tells whether the format takes the model's rate and the requests' length."""
    import numpy as np

    from octet.audio.files import encode

    rate = singer.model.config.spec.sample_rate_hz
    encode(np.zeros((1, rate // 10), dtype=np.float32), rate, outputs.sound.suffix, _provenance(singer, requests))


def _require_outputs(outputs: Outputs, sheet: Sheet) -> None:
    from octet.audio.files import require_format

    require_format(outputs.sound)
    if outputs.ds is not None and outputs.ds.suffix.lower() != ".ds":
        raise InvalidInput(f"{outputs.ds} must end in .ds")
    if outputs.ds is not None and len(sheet.parts) > 1:
        raise InvalidInput("a .ds file holds one voice: name one --part to write it")
    for path in [outputs.sound] if outputs.ds is None else [outputs.sound, outputs.ds]:
        require_writable(path)
