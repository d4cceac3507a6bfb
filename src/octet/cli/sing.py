"""The command that sings: `sing`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer

from octet.cli.progress import progress_bar

SING_HELP = """Sing a score with words, with DiffSinger.

Scores are MusicXML, MIDI with lyrics, openvpi's .ds, UST, USTX, or a line of transcriptions.

Examples:

    octet sing song.musicxml -o song.wav

    octet sing tune.mid --lyrics words.txt --key -3 --vibrato 1.5 -o song.wav

    octet sing choir.mxl --part Soprano --part Alto --stems -o choir.wav

    octet sing song.ustx --steps 20 --sampler dpm++ --breath 3 --ds sung.ds -o song.flac
"""


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(help=SING_HELP)(sing)


def sing(
    score: Path = typer.Argument(..., help="The score: .musicxml .xml .mxl .mid .kar .ds .ust .ustx .csv .txt"),
    output: Path = typer.Option(..., "-o", "--output", help="Sound file: .wav .flac .ogg .opus .mp3"),
    lyrics: Path | None = typer.Option(None, help="Words for the melody: UTF-8 text, a syllable a note, - holds on."),
    part: list[str] = typer.Option([], help="Which part, by name or number; give several to sing them together."),
    verse: int = typer.Option(1, help="Which verse."),
    language: str | None = typer.Option(None, help="en ko zh ja de fr es; found out where not given."),
    lexicon: Path | None = typer.Option(None, help="Your pronunciations: word<TAB>respelling or /IPA/, a line each."),
    singer: str | None = typer.Option(None, help="A singer's name; octet models lists them."),
    key: float = typer.Option(0.0, help="Semitones up or down."),
    octaves: bool = typer.Option(False, "--octaves", help="Sing in another octave what is out of the singer's range."),
    tempo: float | None = typer.Option(None, help="Quarter notes a minute, instead of the first that the score says."),
    speed: float = typer.Option(1.0, help="Above 1 is faster."),
    expression: float = typer.Option(1.0, help="How freely the pitch moves about the notes; 0 keeps to them."),
    vibrato: float = typer.Option(1.0, help="Above 1 is more."),
    energy: float = typer.Option(0.0, help="Louder or softer singing, in dB."),
    breath: float = typer.Option(0.0, help="More or less breath in the voice, in dB."),
    voicing: float = typer.Option(0.0, help="More or less voice in it, in dB."),
    tension: float = typer.Option(0.0, help="Above 0 is more pressed, below more relaxed."),
    steps: int | None = typer.Option(None, help="Steps of the diffusion; by default the model's own."),
    sampler: str | None = typer.Option(None, help="ddpm ddim pndm dpm++ unipc ...; by default the model's own."),
    seed: int = typer.Option(0, help="Another seed, another take."),
    model: str | None = typer.Option(None, help="Weights: a name, a hub id or a path; by default the bundled singer."),
    vocoder: str | None = typer.Option(None, help="The vocoder for --model."),
    ds: Path | None = typer.Option(None, "--ds", help="Write all that the singer decided to this .ds file."),
    stems: bool = typer.Option(False, "--stems", help="A sound file for each part, too."),
    as_json: bool = typer.Option(False, "--json", help="Report as JSON."),
) -> None:
    from octet.jobs import sing as job
    from octet.jobs.sheet import Sheet

    options: dict[str, Any] = {
        "singer": singer,
        "key_semitones": key,
        "octaves_to_range": octaves,
        "speed": speed,
        "expressiveness": expression,
        "vibrato": vibrato,
        "energy_db": energy,
        "breathiness_db": breath,
        "voicing_db": voicing,
        "tension": tension,
        "num_inference_steps": steps,
        "sampler": sampler,
        "seed": seed,
    }
    sheet = Sheet(score, tuple(part), verse, lyrics, language, lexicon, tempo)
    with progress_bar(as_json) as on_progress:
        report = job.sing_to_file(
            job.Model(model, vocoder), sheet, options, job.Outputs(output, ds, stems), on_progress
        )
    facts = {
        "file": str(output),
        "seconds": round(report.audio.duration_seconds, 3),
        "phrases": report.phrases,
        "notes": report.notes,
        "files": [str(path) for path in report.files],
    }
    told = f"{output}: {facts['seconds']} s, {report.notes} notes in {report.phrases} phrases"
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else told)
