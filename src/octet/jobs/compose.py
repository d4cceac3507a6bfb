"""The verb `compose`: a prompt and attributes make a MIDI file, and at will a sound, a sheet of music and a report."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from octet.core.errors import InvalidInput
from octet.core.files import atomic_path, require_writable, write_text
from octet.core.progress import Progress, silent
from octet.jobs.load import load, require_made_with

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.engines.prepare import Precision
    from octet.engines.select import EngineName
    from octet.symbolic.score import Score
    from octet.systems.musecoco.generate import Composer, Composition, Report

SAMPLE_RATE_HZ = 44_100
LOUDNESS_LUFS = -14.0  # of sound files
MIDI = (".mid", ".midi")
MUSICXML = (".musicxml", ".xml", ".mxl")
_MOST_LYRICS_BYTES = 1 << 20


@dataclass(frozen=True)
class Model:
    """Which weights compose: a name, id or path each, as `octet.load` takes them."""

    name: str = "musecoco"
    reader: str | None = None
    engine: EngineName | None = None
    weights: Precision | None = None


@dataclass(frozen=True)
class Outputs:
    """Where to; what is None is not made."""

    midi: Path
    render: Path | None = None
    musicxml: Path | None = None
    report: Path | None = None


@dataclass(frozen=True)
class Made:
    """A piece, the report on it, and what a person is told besides."""

    score: Score
    report: Report
    flags: str  # which ask for the same again
    notes: tuple[str, ...]


def compose_to_files(
    model: Model,
    options: dict[str, Any],
    outputs: Outputs,
    *,
    lyrics: str = "",
    on_progress: Progress = silent,
) -> Made:
    """Compose into files; `options` are the fields of `ScoreRequest`, `lyrics` words that are set to the tune.

    Raises:
        InvalidInput: an option, the beginning or the model's name cannot be used, attributes that contradict each
            other, or a file that cannot be written.
        InvalidArtifact: damaged or hostile weights.
        MissingExtra: symusic is not installed, or for a sound a SoundFont.
    """
    from octet.systems.musecoco.request import request_of

    _require_outputs(outputs)
    request_of(**options)
    made = _composition(_composer(model), options, lyrics, on_progress)
    metadata = dict(made.metadata)
    _write_midi(made.score, outputs.midi, metadata)
    if outputs.render is not None:
        rendered(made.score, metadata).save(outputs.render)
    if outputs.musicxml is not None:
        from octet.symbolic.musicxml import write_musicxml

        write_musicxml(made.score, outputs.musicxml)
    done = Made(made.score, made.report, flags(made.report), tuple(_notes(made, options, lyrics)))
    if outputs.report is not None:
        document = json.dumps(report_document(done), indent=2, ensure_ascii=False)
        write_text(outputs.report, document + "\n")
    return done


def read_beginning(path: Path) -> Score:
    """The score of a MIDI or MusicXML file.

    Raises:
        InvalidInput: it cannot be read.
        MissingExtra: symusic is not installed.
    """
    if path.suffix.lower() in MUSICXML:
        from octet.symbolic.musicxml import read_musicxml

        return read_musicxml(path)
    from octet.symbolic import midi

    return midi.read(path)


def read_lyrics(path: Path) -> str:
    """The words of a text file.

    Raises:
        InvalidInput: missing, larger than a megabyte, not UTF-8, or without a word.
    """
    from octet.core.bounded import decoded, read_bytes

    text = decoded(read_bytes(path, _MOST_LYRICS_BYTES, "a song's text"), ["utf-8"])
    if not text.strip():
        raise InvalidInput(f"{path} has no words: leave --lyrics out, or give some")
    return text


def rendered(score: Score, metadata: Mapping[str, Any] | None = None) -> Waveform:
    """The score played by the SoundFont that is installed, in stereo.

    Raises:
        MissingExtra: none is.
        InvalidInput: OCTET_SOUNDFONT names no SoundFont, or the piece is too long.
    """
    from octet.audio import loudness
    from octet.audio.waveform import Waveform
    from octet.symbolic.sampler import Sampler

    mix = Sampler(sample_rate_hz=SAMPLE_RATE_HZ, channels=2).render(score).mix
    return Waveform(loudness.normalise(mix, SAMPLE_RATE_HZ, LOUDNESS_LUFS), SAMPLE_RATE_HZ, dict(metadata or {}))


def said_by_midi(file: Path) -> dict[str, Any]:
    """What a MIDI file says of how it was made; nothing where another program wrote it.

    Raises:
        InvalidInput: it cannot be read.
    """
    from octet.core.bounded import read_bytes
    from octet.symbolic.midi_comment import comment_of

    try:
        found = json.loads(comment_of(read_bytes(file, 16 << 20, "a piece of music")))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def replay(file: Path, metadata: dict[str, Any], output: Path, on_progress: Progress = silent) -> Score:
    """Make the piece of a file again, from what it says of itself: as MIDI, sound or MusicXML, as `output` is named.

    Raises:
        InvalidInput: the file's own words are damaged, the model's weights are not those any more, or the beginning
            that it continues is not what it was.
    """
    try:
        model, options = Model(**metadata["model"]), dict(metadata["request"])
        lyrics, beginning = str(metadata.get("lyrics", "")), metadata.get("beginning_hash")
    except (KeyError, TypeError, ValueError):
        raise InvalidInput(f"what {file} says of how it was made is damaged: it cannot be replayed") from None
    composer = _composer(model)
    require_made_with(file, metadata, composer.source, {"model_hash": model.name, "reader_hash": "its reader"})
    made = _composition(composer, options, lyrics, on_progress)
    if made.metadata.get("beginning_hash") != beginning:
        raise InvalidInput(f"{options.get('continue_from')} is not what it was when {file} continued it")
    _write_as(made, output)
    return made.score


def flags(report: Report) -> str:
    """The options of `octet compose` that ask for everything that was asked for, to be changed and given again."""
    return shlex.join(word for flag in _flags(report) for word in flag)


def report_document(made: Made) -> dict[str, Any]:
    """The report for programs."""
    return {
        "flags": made.flags,
        "attributes": [line._asdict() for line in made.report.lines()],
        "accuracy": made.report.accuracy,
        "accuracies": list(made.report.accuracies),
        "contradictions": list(made.report.contradictions),
        "notes": list(made.notes),
        "found": _found(made.score),
    }


def require_score_format(output: Path) -> None:
    """See that a file's name is one of a kind that `replay` writes.

    Raises:
        InvalidInput: it is not.
    """
    if output.suffix.lower() not in (*MIDI, *MUSICXML):
        from octet.audio.files import require_format

        require_format(output)


def _composer(model: Model) -> Composer:
    from octet.systems.musecoco.generate import Composer

    loaded = load(model.name, reader=model.reader, engine=model.engine, weights=model.weights)
    if not isinstance(loaded, Composer):
        raise InvalidInput(f"{model.name} composes no scores: load a MuseCoco")
    return loaded


def _composition(composer: Composer, options: dict[str, Any], lyrics: str, on_progress: Progress) -> Composition:
    given = options.get("continue_from")
    beginning = None if given is None else Path(given)
    score = {} if beginning is None else {"continue_from": read_beginning(beginning)}
    made = composer.generate(**{**options, **score}, on_progress=on_progress)
    facts: dict[str, Any] = {"request": {**made.metadata["request"]}}
    if beginning is not None:
        facts["request"]["continue_from"] = str(beginning)
        facts["beginning_hash"] = hashlib.sha256(beginning.read_bytes()).hexdigest()[:16]
    if lyrics:
        from octet.symbolic.lyrics import sung, syllables

        facts["lyrics"] = lyrics
        made = replace(made, score=sung(made.score, syllables(lyrics))[0])
    return replace(made, metadata={**made.metadata, **facts})


def _write_as(made: Composition, output: Path) -> None:
    if output.suffix.lower() in MIDI:
        _write_midi(made.score, output, made.metadata)
    elif output.suffix.lower() in MUSICXML:
        from octet.symbolic.musicxml import write_musicxml

        write_musicxml(made.score, output)
    else:
        rendered(made.score, made.metadata).save(output)


def _write_midi(score: Score, path: Path, metadata: Mapping[str, Any]) -> None:
    from octet.symbolic import midi
    from octet.symbolic.midi_comment import with_comment

    data = with_comment(midi.encode(score), json.dumps(metadata, ensure_ascii=False))
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def _require_outputs(outputs: Outputs) -> None:
    if outputs.midi.suffix.lower() not in MIDI:
        raise InvalidInput(f"a score is written as MIDI; {outputs.midi} should end in {' or '.join(MIDI)}")
    if outputs.musicxml is not None and outputs.musicxml.suffix.lower() not in MUSICXML:
        raise InvalidInput(f"{outputs.musicxml} should end in {', '.join(MUSICXML)}")
    if outputs.render is not None:
        from octet.audio.files import require_format
        from octet.symbolic.soundfont import default_path

        require_format(outputs.render)
        default_path()
    for path in asdict(outputs).values():
        if path is not None:
            require_writable(path)


def _notes(made: Composition, options: Mapping[str, Any], lyrics: str) -> Iterator[str]:
    if str(options.get("prompt", "")).strip() and not made.report.understood:
        yield "nothing in the text was understood as music: the piece came as it would"
    if lyrics:
        from octet.symbolic.lyrics import syllables

        spare = len(syllables(lyrics)) - len(made.score.lyrics)
        if spare > 0:
            yield f"the last {spare} syllables found no note: ask for more bars, or give fewer words"


def _found(score: Score) -> dict[str, Any]:
    from octet.symbolic.attributes import extract

    return extract(score).model_dump(exclude_none=True, mode="json")


def _flags(report: Report) -> Iterator[tuple[str, ...]]:
    exact = report.exact
    numbers = {"bars": exact.bars, "tempo": exact.bpm, "seconds": exact.seconds}
    asked = {line.name: line.value for line in report.lines()}
    for line in report.lines():
        yield from _flag(line.name, line.value)
    for name, number in numbers.items():
        value = asked.get(name) if number is None else f"{number:g}"
        if value is not None:
            yield f"--{name}", value
    if "metre" in asked:
        yield "--metre", exact.metre or asked["metre"]
    key = " ".join(asked[name] for name in ("tonic", "mode") if name in asked)
    if key:
        yield "--key", key


def _flag(name: str, value: str) -> Iterator[tuple[str, ...]]:
    from octet.symbolic.attributes import GENRES
    from octet.symbolic.instruments import CLASSES

    if name in CLASSES:
        yield ("--instrument" if value == "yes" else "--without"), name
    elif name in GENRES and value == "yes":
        yield "--genre", name
    elif name == "danceable":
        yield ("--danceable" if value == "yes" else "--not-danceable",)
    elif name in ("intensity", "artist", "octaves", "emotion"):
        yield f"--{name}", value
