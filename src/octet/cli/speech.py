"""Commands that speak, and that make sound of all kinds: `speak`, `demo`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import typer

from octet.cli.progress import progress_bar
from octet.cli.streaming import play, require_no_terminal
from octet.core.errors import InvalidInput

SPEAK_HELP = """Speak text in one of the bundled voices, or with weights of your own.

Examples:

    octet speak "Hello, world." -o hello.wav

    octet speak "안녕하세요. 만나서 반갑습니다." -o hello-ko.wav

    octet speak --file chapter.txt --voice slt --speed 1.2 --timestamps chapter.srt -o chapter.mp3

    echo "Pipe me." | octet speak - --stream | aplay
"""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(help=SPEAK_HELP)(speak)
    app.command()(demo)


def speak(
    text: str | None = typer.Argument(None, help="What to say; - reads it from standard input."),
    output: Path | None = typer.Option(None, "-o", "--output", help="Sound file: .wav .flac .ogg .opus .mp3"),
    file: Path | None = typer.Option(None, "--file", help="Read the text from this UTF-8 file."),
    voice: str | None = typer.Option(None, help="A voice's name; octet models lists them."),
    language: str | None = typer.Option(None, help="en ko zh ja de fr es; found out where not given."),
    speed: float = typer.Option(1.0, help="Above 1 is faster."),
    pitch: float = typer.Option(0.0, help="Semitones up or down."),
    energy: float = typer.Option(1.0, help="Above 1 is louder, with the voice's effort."),
    ssml: bool = typer.Option(False, "--ssml", help="The text is SSML."),
    lexicon: Path | None = typer.Option(None, help="Your pronunciations: word<TAB>respelling or /IPA/, a line each."),
    seed: int = typer.Option(0, help="Part of the request; FastSpeech 2 itself draws nothing."),
    system: Literal["fastspeech2", "fastspeech2s", "diffspeech"] | None = typer.Option(
        None, help="By default fastspeech2."
    ),
    model: str | None = typer.Option(None, help="Weights instead: a name, a hub id or a path."),
    vocoder: str | None = typer.Option(None, help="The vocoder for --model: a name, a hub id or a path."),
    timestamps: Path | None = typer.Option(None, help="Write word times to this .json or .srt file."),
    stream: bool = typer.Option(False, "--stream", help="WAV to standard output, sentence by sentence."),
    as_json: bool = typer.Option(False, "--json", help="Report as JSON."),
) -> None:
    from octet.jobs.speak import Model

    _require_one_way_out(output, stream, timestamps, as_json)
    if system and model:
        raise InvalidInput("give --system for a bundled model or --model for other weights, not both")
    options: dict[str, Any] = {
        "text": _text(text, file),
        "voice": voice,
        "language": language,
        "speed": speed,
        "pitch_semitones": pitch,
        "energy": energy,
        "ssml": ssml,
        "lexicon": _read_text(lexicon) if lexicon else "",
        "seed": seed,
    }
    chosen = Model(model or system or "fastspeech2", vocoder)
    if output is None:
        _stream(chosen, options)
    else:
        _speak_to_file(chosen, options, output, timestamps, as_json)


def demo(
    folder: Path = typer.Argument(Path("octet-demo"), help="Where the files and index.html go."),
    as_json: bool = typer.Option(False, "--json", help="Report as JSON."),
) -> None:
    """Make sound with everything that is bundled, and a page to listen to it.

    Example:

        octet demo && open octet-demo/index.html
    """
    from octet.jobs.demo import demo as make

    with progress_bar(as_json) as on_progress:
        made = make(folder, on_progress)
    if as_json:
        files = [str(sound) for sound in made.sounds]
        typer.echo(json.dumps({"page": str(made.page), "files": files, "left_out": made.left_out}, ensure_ascii=False))
        return
    for line in made.left_out:
        typer.echo(f"left out: {line}")
    typer.echo(f"{len(made.sounds)} sounds. Open {made.page} in a browser to listen.")


def _speak_to_file(model: Any, options: dict[str, Any], output: Path, timestamps: Path | None, as_json: bool) -> None:
    from octet.jobs import speak as job

    with progress_bar(as_json) as on_progress:
        report = job.speak_to_file(model, options, output, timestamps, on_progress)
    facts = {"file": str(output), "seconds": round(report.audio.duration_seconds, 3)}
    if as_json:
        facts |= {"unpronounced": report.unpronounced, "model_hash": report.audio.metadata["model_hash"]}
        facts |= {"timestamps": str(timestamps)} if timestamps else {}
        typer.echo(json.dumps(facts, ensure_ascii=False))
    else:
        _tell_unpronounced(report.unpronounced)
        typer.echo(f"{output}: {facts['seconds']} s")


def _stream(model: Any, options: dict[str, Any]) -> None:
    from octet.jobs import speak as job

    unpronounced = []

    def heard() -> Iterator[Any]:
        for spoken in job.stream(model, options):
            unpronounced.append(spoken.unpronounced)
            yield spoken.audio

    play(heard())
    _tell_unpronounced("".join(unpronounced))


def _tell_unpronounced(characters: str) -> None:
    if characters:
        sys.stderr.write(f"octet: no pronunciation for {characters!r}: spoken around\n")


def _require_one_way_out(output: Path | None, stream: bool, timestamps: Path | None, as_json: bool) -> None:
    if (output is None) == (not stream):
        raise InvalidInput("say where the sound goes: -o FILE, or --stream for standard output")
    if stream and (timestamps or as_json):
        raise InvalidInput("--timestamps and --json tell of a finished file: give -o FILE instead of --stream")
    if stream:
        require_no_terminal()


def _text(text: str | None, file: Path | None) -> str:
    if (text is None) == (file is None):
        raise InvalidInput("give the text once: as an argument, as - for standard input, or with --file")
    if file is not None:
        return _read_text(file)
    if text != "-":
        return text or ""
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"standard input is not UTF-8 text (byte {error.start}): convert it first") from None


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text (byte {error.start}): convert it first") from None
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from None
