"""The verb `sing`: a score with words and a model make a sound file that says how it was made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core.errors import InvalidInput
from octet.core.files import require_writable
from octet.core.progress import Progress, Step, silent
from octet.jobs.load import BUNDLED, load, require_made_with
from octet.jobs.sheet import Sheet, songs_of, speed_of

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.symbolic.song import Phrase, Song
    from octet.systems.diffsinger.generate import Singer, Take
    from octet.systems.diffsinger.request import Line, SingingRequest

DEFAULT = "diffsinger-tiny"
LOUDEST = 0.98  # peak of a mixture of parts


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
    songs = songs_of(sheet)
    told = options | {"speed": speed_of(sheet, songs[0], options.get("speed", 1.0))}
    requests = [request_of(song, **told) for song in songs]
    return performed(_singer(model), songs, requests, outputs, on_progress)


def performed(
    singer: Singer,
    songs: Sequence[Song],
    requests: Sequence[SingingRequest],
    outputs: Outputs,
    on_progress: Progress = silent,
) -> Report:
    """Songs sung together by a loaded model into files, each with a request of its own.

    Raises:
        InvalidInput: a line that this model cannot sing, before the first is sung; a file that cannot be written.
    """
    _require_room(singer, requests, outputs)
    takes = _taken(singer, requests, on_progress)
    sounds = _together(takes, requests)
    audio = replace(mixed(sounds), metadata=_provenance(singer, requests))
    files = _save(audio, sounds, [(song, own) for song, own in zip(songs, takes, strict=True)], outputs)
    notes = sum(1 for song in songs for _ in song.timed_notes())
    return Report(audio, files, sum(map(len, takes)), notes)


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
    sounds = _together(_taken(singer, requests, on_progress), requests)
    audio = replace(mixed(sounds), metadata=_provenance(singer, requests))
    audio.save(output)
    return audio


def _singer(model: Model) -> Singer:
    from octet.systems.diffsinger.generate import Singer

    if model.name is None and not (BUNDLED / DEFAULT).is_dir():
        raise InvalidInput(
            f"no singer is bundled with this version: train one with  octet train {DEFAULT} --data FOLDER  and give it "
            "with --model RUN"
        )
    loaded = load(model.name or DEFAULT, vocoder=model.vocoder)
    if not isinstance(loaded, Singer):
        raise InvalidInput(f"{model.name} does not sing: give a DiffSinger with --model")
    return loaded


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


def _together(takes: Sequence[Sequence[Take]], requests: Sequence[SingingRequest]) -> list[Waveform]:
    """The sound of each part on one timeline: that whose first consonant comes before its beat starts first."""
    import numpy as np

    from octet.systems.diffsinger.generate import joined

    sounds = [joined(own, request.speed) for own, request in zip(takes, requests, strict=True)]
    origins = [
        min(0.0, *(take.start_seconds for take in own)) / r.speed for own, r in zip(takes, requests, strict=True)
    ]
    rate = sounds[0].sample_rate_hz
    leads = [round((origin - min(origins)) * rate) for origin in origins]
    length = max(lead + sound.samples.shape[1] for lead, sound in zip(leads, sounds, strict=True))
    return [
        replace(sound, samples=np.pad(sound.samples, ((0, 0), (lead, length - lead - sound.samples.shape[1]))))
        for lead, sound in zip(leads, sounds, strict=True)
    ]


def mixed(sounds: Sequence[Waveform]) -> Waveform:
    """The sum of all parts, turned down where it would be too loud."""
    import numpy as np

    if len(sounds) == 1:
        return sounds[0]
    total = np.sum([sound.samples for sound in sounds], axis=0)
    return replace(sounds[0], samples=total * min(1.0, LOUDEST / max(float(np.abs(total).max()), 1e-9)))


def _provenance(singer: Singer, requests: Sequence[SingingRequest]) -> dict[str, Any]:
    said = [singer.provenance(request) for request in requests]
    return {**said[0], "request": {"parts": [one["request"] for one in said]}}


def _save(
    audio: Waveform, sounds: Sequence[Waveform], sung: Sequence[tuple[Song, Sequence[Take]]], outputs: Outputs
) -> tuple[Path, ...]:
    from octet.symbolic import ds

    files = [outputs.sound]
    if outputs.ds is not None:
        ds.write(outputs.ds, decided(*sung[0]))
        files.append(outputs.ds)
    if outputs.stems:
        names = distinct([song.title or f"part {number}" for number, (song, _) in enumerate(sung, start=1)])
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


def distinct(names: Sequence[str]) -> list[str]:
    """Names of which no two are one, whatever their capitals."""
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        taken = name.lower() in {other.lower() for other in found}
        found.append(f"{name} {number}" if taken else name)
    return found


def _require_outputs(outputs: Outputs, sheet: Sheet) -> None:
    from octet.audio.files import require_format

    require_format(outputs.sound)
    if outputs.ds is not None and outputs.ds.suffix.lower() != ".ds":
        raise InvalidInput(f"{outputs.ds} must end in .ds")
    if outputs.ds is not None and len(sheet.parts) > 1:
        raise InvalidInput("a .ds file holds one voice: name one --part to write it")
    for path in [outputs.sound] if outputs.ds is None else [outputs.sound, outputs.ds]:
        require_writable(path)
