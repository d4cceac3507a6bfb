"""Commands that make music, and that make any sound again: `music`, `replay`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import typer

from octet.cli.progress import progress_bar
from octet.cli.streaming import play, require_no_terminal
from octet.core.errors import InvalidInput

WeightsOption = Literal["fp32", "bf16", "int8", "int4", "w8a8", "w4a8"]
MUSIC_HELP = """Make music from words, a melody, or a beginning, with MusicGen.

The bundled model is small and works offline; --model takes one that you trained, or public weights.

Examples:

    octet music "slow sad piano and strings" -o sad.wav

    octet music "a brass band" --melody hummed.wav --seconds 20 -o band.wav

    octet music "warm lo-fi piano" --model facebook/musicgen-small --weights int8 -o warm.wav

    octet music "" --continue beginning.wav --model runs/mine --stream | aplay
"""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(help=MUSIC_HELP)(music)
    app.command()(replay)


def music(
    prompt: str = typer.Argument("", help="What the music is like; without words it comes as it will."),
    output: Path | None = typer.Option(None, "-o", "--output", help="Sound file: .wav .flac .ogg .opus .mp3"),
    model: str = typer.Option("musicgen", help="Weights: a hub id, or a path to a folder, a run or a checkpoint."),
    melody: Path | None = typer.Option(None, help="A tune to follow, hummed or played; needs a melody model."),
    continue_from: Path | None = typer.Option(None, "--continue", help="A beginning, which counts in --seconds."),
    style: Path | None = typer.Option(None, help="Music to sound like; needs a style model."),
    seconds: float = typer.Option(10.0, help="How long."),
    guidance_scale: float | None = typer.Option(None, help="How closely to follow; by default the model's own."),
    temperature: float | None = typer.Option(None, help="0 takes the likeliest; by default the model's own."),
    top_k: int = typer.Option(250, help="Draw from so many likeliest tokens; 0 from all."),
    top_p: float = typer.Option(0.0, help="Draw from the likeliest that have this share together; 0 from all."),
    seed: int = typer.Option(0, help="Another seed, other music."),
    codec: str | None = typer.Option(None, help="The codec, where the model names or holds none."),
    text_encoder: str | None = typer.Option(None, help="What reads prompts; of audiocraft's weights t5-base."),
    engine: Literal["auto", "torch", "openvino"] | None = typer.Option(None, help="By default openvino, if installed."),
    weights: WeightsOption | None = typer.Option(None, help="By default the model's own; torch has no w4a8."),
    normalise: bool = typer.Option(True, "--normalise/--as-it-is", help="Bring the file to -14 LUFS."),
    stream: bool = typer.Option(False, "--stream", help="WAV to standard output while it is made."),
    as_json: bool = typer.Option(False, "--json", help="Report as JSON."),
) -> None:
    from octet.jobs import music as job

    if (output is None) == (not stream):
        raise InvalidInput("say where the sound goes: -o FILE, or --stream for standard output")
    options: dict[str, Any] = {
        "prompt": prompt,
        "melody": melody,
        "style": style,
        "continue_from": continue_from,
        "duration_seconds": seconds,
        "guidance_scale": guidance_scale,
        "temperature": temperature,
        "top_k": top_k,
        "top_p": top_p,
        "seed": seed,
    }
    chosen = job.Model(model, codec, text_encoder, engine, weights)
    if output is None:
        if as_json:
            raise InvalidInput("--json tells of a finished file: give -o FILE instead of --stream")
        require_no_terminal()
        play(job.stream(chosen, options))
        return
    with progress_bar(as_json) as on_progress:
        made = job.music_to_file(chosen, options, output, normalise=normalise, on_progress=on_progress)
    facts = {"file": str(output), "seconds": round(made.duration_seconds, 3), "prompt": prompt}
    told = "" if prompt.strip() else " (without words: as it came)"
    typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else f"{output}: {facts['seconds']} s{told}")


def replay(
    file: Path = typer.Argument(..., help="A sound or MIDI file that Octet wrote."),
    output: Path = typer.Option(..., "-o", "--output", help="The sound or score made again."),
) -> None:
    """Make the sound of a file again from the request that it carries.

    Example:

        octet replay hello.wav -o again.wav
    """
    from octet.jobs.replay import replay as again

    with progress_bar() as on_progress:
        made = again(file, output, on_progress)
    typer.echo(f"{output}: {made.duration_seconds:.2f} s")
