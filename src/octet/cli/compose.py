"""The command that composes: `compose`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import typer

from octet.cli.progress import progress_bar
from octet.core.errors import InvalidInput

COMPOSE_HELP = """Compose a score from words and attributes, with MuseCoco: a MIDI file, and what you want beside it.

What the text was understood to say is printed as options, which can be changed and given again.

Examples:

    octet compose "a fast happy tune for violin and piano in 3/4, about 30 seconds" -o tune.mid --render tune.wav

    octet compose "슬픈 피아노 곡, 8마디" -o sad.mid --musicxml sad.musicxml

    octet compose "" --instrument cello --key "D minor" --tempo 72 --bars 16 --samples 4 -o cello.mid

    octet compose "livelier, with drums" --continue tune.mid -o longer.mid
"""
_CLASSES = {"bars": "B1s1", "tempo": "T1s1", "seconds": "TM1"}  # keys of options that take a number or a class


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(help=COMPOSE_HELP)(compose)


def compose(
    prompt: str = typer.Argument("", help="What the piece is like, in English or Korean; options count before it."),
    output: Path = typer.Option(..., "-o", "--output", help="The MIDI file: .mid or .midi"),
    render: Path | None = typer.Option(None, help="A sound file of it: .wav .flac .ogg .opus .mp3"),
    musicxml: Path | None = typer.Option(None, help="A sheet of it: .musicxml .xml .mxl"),
    report: Path | None = typer.Option(None, help="What was asked and met, as JSON."),
    instrument: list[str] = typer.Option([], help="To be heard; may be repeated."),
    without: list[str] = typer.Option([], help="Instruments that are not to be heard; may be repeated."),
    genre: list[str] = typer.Option([], help="May be repeated."),
    artist: str | None = typer.Option(None, help="A composer to write like, where the model knows any."),
    emotion: Literal["happy", "tense", "sad", "calm"] | None = typer.Option(None),
    tempo: str | None = typer.Option(None, help="Quarter notes a minute, or slow, moderate, fast."),
    metre: str | None = typer.Option(None, help="As 3/4 or 6/8."),
    key: str | None = typer.Option(None, help='A tonic, a mode or both: "D minor", "Bb", major.'),
    bars: str | None = typer.Option(None, help="A number, or 1-4, 5-8, 9-12, 13-16; those of --continue count."),
    seconds: str | None = typer.Option(None, help='At most so many; or "up to 15", 15-30, 30-45, 45-60, "over 60".'),
    octaves: int | None = typer.Option(None, help="From the lowest note to the highest."),
    intensity: Literal["low", "medium", "high"] | None = typer.Option(None, help="How dense the rhythm is."),
    danceable: bool | None = typer.Option(None, "--danceable/--not-danceable", help="Drums on strong beats."),
    continue_from: Path | None = typer.Option(None, "--continue", help="A MIDI or MusicXML file to go on from."),
    lyrics: Path | None = typer.Option(None, help="A text file of words, set to the tune a syllable a note."),
    samples: int = typer.Option(1, help="Pieces to make, of which the one that meets most is kept."),
    enforce: bool = typer.Option(True, "--enforce/--as-wishes", help="Hold metre, tempo and instruments by force."),
    temperature: float = typer.Option(1.0, help="0 takes the likeliest, above 1 dares more."),
    top_k: int = typer.Option(15, help="Draw from so many likeliest tokens; 0 from all."),
    top_p: float = typer.Option(0.0, help="Draw from the likeliest that have this share together; 0 from all."),
    seed: int = typer.Option(0, help="Another seed, another piece."),
    model: str = typer.Option("musecoco", help="Weights: a name, a hub id or a path."),
    reader: str | None = typer.Option(None, help="What understands the text: likewise."),
    engine: Literal["auto", "torch", "openvino"] | None = typer.Option(None, help="By default openvino, if installed."),
    weights: Literal["fp32", "int8"] | None = typer.Option(None, help="int8 is smaller and faster; of openvino."),
    as_json: bool = typer.Option(False, "--json", help="Report as JSON."),
) -> None:
    from octet.jobs import compose as job

    options: dict[str, Any] = {
        "prompt": prompt,
        "instruments": instrument or None,
        "without": without,
        "genres": genre or None,
        "artist": artist,
        "emotion": emotion,
        "octaves": octaves,
        "intensity": intensity,
        "danceable": danceable,
        "continue_from": continue_from,
        "candidates": samples,
        "enforce": enforce,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "seed": seed,
        **_measured({"bars": bars, "tempo": tempo, "seconds": seconds}, metre),
        **_key(key),
    }
    words = "" if lyrics is None else job.read_lyrics(lyrics)
    outputs = job.Outputs(output, render, musicxml, report)
    with progress_bar(as_json) as on_progress:
        made = job.compose_to_files(
            job.Model(model, reader, engine, weights), options, outputs, lyrics=words, on_progress=on_progress
        )
    if as_json:
        typer.echo(json.dumps({"file": str(output), **job.report_document(made)}, ensure_ascii=False))
    else:
        _tell(made, output)


def _measured(given: dict[str, str | None], metre: str | None) -> dict[str, Any]:
    """Numbers as they are, names of classes as the dictionary has them."""
    options: dict[str, Any] = {"metre": metre}
    classes: dict[str, int] = {}
    for name, text in given.items():
        if text is not None and _is_number(text):
            options["bpm" if name == "tempo" else name] = int(text) if text.isdecimal() else float(text)
        elif text is not None:
            classes[_CLASSES[name]] = _class(name, text)
    if metre == "other":
        options["metre"] = None
        classes["TS1s1"] = _class("metre", metre)
    return options | ({"classes": classes} if classes else {})


def _class(name: str, text: str) -> int:
    from octet.systems.musecoco.wishes import value_of

    try:
        return value_of(_CLASSES.get(name, "TS1s1"), text)
    except ValueError as error:
        raise InvalidInput(f"--{name} takes a number, or a class: {error}; given {text!r}") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _key(text: str | None) -> dict[str, Any]:
    """Tonic and mode of a key's name."""
    words = (text or "").split()
    mode = words.pop() if words and words[-1].lower() in ("major", "minor") else None
    found: dict[str, Any] = {} if mode is None else {"mode": mode.lower()}
    return found | ({"tonic": " ".join(words)} if words else {})


def _tell(made: Any, output: Path) -> None:
    from octet.evaluation.report import table

    facts = made.report
    typer.echo(f"{output}: {made.score.duration_seconds:.1f} s, {len(made.score.bars())} bars")
    marks = {True: "yes", False: "no", None: "-"}
    rows = [
        (line.name, line.value, "" if line.confidence is None else f"{line.confidence:.0%}", marks[line.met])
        for line in facts.lines()
    ]
    if rows:
        typer.echo(table(("asked for", "value", "sure", "met"), rows))
        typer.echo(f"as options: {made.flags}")
    for line in (*facts.contradictions, *made.notes):
        typer.echo(f"note: {line}")
