"""Commands of the laboratory: `prepare`, `train`, `evaluate`, `bench`, `reproduce`, `export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import typer

from octet.cli.music import WeightsOption
from octet.cli.progress import progress_bar
from octet.core.errors import InvalidInput

PREPARE_HELP = """Make or adapt a corpus, with features ready for training, or compute a codec's tokens of one.

Examples:

    octet prepare voices --hours 8 --out data/voices

    octet prepare singing --hours 4 --out data/singing

    octet prepare ljspeech --from ~/LJSpeech-1.1 --out data/lj

    octet prepare folder --from ~/my-recordings --out data/mine

    octet prepare bands --hours 8 --out data/bands

    octet prepare musiccaps --from ~/musiccaps --out data/caps

    octet prepare tokens --out data/bands --codec runs/codec

    octet prepare scores --pieces 20000 --out data/scores

    octet prepare lakh --from ~/lmd_full --out data/lakh

    octet prepare copies --from data/singing --model runs/singer --hours 1 --out data/copies  # for its vocoder
"""
TRAIN_HELP = """Train a recipe on a prepared corpus, or continue the run in --out.

Examples:

    octet train fastspeech2-tiny --data data/voices --out runs/fs2

    octet train vocoder-tiny --data data/voices --out runs/voc --budget-minutes 30 --set plan.batch_frames=4096

    octet train codec-tiny --data data/bands --data data/voices --out runs/codec

    octet train musicgen-tiny --data data/bands --out runs/music --set model.codec=runs/codec

    octet train musecoco-tiny --data data/scores --out runs/musecoco --budget-minutes 30
"""


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(help=PREPARE_HELP)(prepare)
    app.command(help=TRAIN_HELP)(train)
    app.command()(evaluate)
    app.command()(bench)
    app.command()(reproduce)
    app.command()(export)


def prepare(
    corpus: str = typer.Argument(
        ..., help="voices, singing, bands, scores, tokens, features, copies, or the layout of a corpus you have"
    ),
    out: Path = typer.Option(..., "-o", "--out", help="The corpus folder."),
    source: Path | None = typer.Option(None, "--from", help="Where an existing corpus lies."),
    hours: float = typer.Option(8.0, help="Of `voices`, `singing`, `bands` and `copies`: how much to make."),
    pieces: int = typer.Option(20_000, help="Of `scores`: how many to make."),
    seed: int = typer.Option(1, help="Of what is made: another seed, other sentences or pieces."),
    speakers: int = typer.Option(0, help="Of `voices`: warped speakers beside the ten."),
    stems: bool = typer.Option(False, "--stems", help="Of `bands`: each instrument's sound too."),
    codec: str = typer.Option("codec-tiny", help="Of `tokens`: a name, a hub id or a path."),
    model: str = typer.Option("diffsinger-tiny", help="Of `copies`: what says or sings the corpus again."),
    spec: Literal["tiny", "ljspeech", "popcs"] = typer.Option("tiny", help="Of voices: the features' mel spectrogram."),
    workers: int = typer.Option(2, help="Processes."),
    as_json: bool = typer.Option(False, "--json", help="Progress as JSON lines."),
) -> None:
    from octet.jobs.prepare import Making
    from octet.jobs.prepare import prepare as job

    made = {"hours": hours, "pieces": pieces, "seed": seed, "speakers": speakers, "stems": stems}
    making = Making(**made, codec=codec, source=source, model=model)
    with progress_bar(as_json) as on_progress:
        summary = job(corpus, out, making, spec=spec, workers=workers, on_progress=on_progress)
    what = "pieces" if "pieces" in summary else "utterances"
    typer.echo(json.dumps(summary) if as_json else f"{out}: {summary[what]} {what}, {summary['hours']:.2f} h")


def train(
    recipe: str = typer.Argument(..., help="A recipe's name; a wrong one lists them."),
    data: list[Path] = typer.Option(..., "--data", help="A prepared corpus; codecs and MusicGen take several."),
    out: Path = typer.Option(..., "--out", help="The run's folder."),
    settings: list[str] = typer.Option([], "--set", help="NAME=VALUE of plan.* or model.*; may be repeated."),
    init_from: str | None = typer.Option(None, help="Begin with these weights, as far as they fit."),
    budget_minutes: float | None = typer.Option(None, help="End, annealed, within this time."),
    device: Literal["auto", "cpu", "cuda"] = typer.Option("auto", help="Where to train."),
    threads: int | None = typer.Option(None, help="CPU threads."),
    as_json: bool = typer.Option(False, "--json", help="Progress as JSON lines."),
) -> None:
    from octet.jobs.train import train as job
    from octet.training.compute import Compute

    with progress_bar(as_json) as on_progress:
        checkpoint = job(
            recipe,
            data,
            out,
            overrides=_settings(settings),
            init_from=init_from,
            budget_minutes=budget_minutes,
            compute=Compute(device=device, threads=threads),
            on_progress=on_progress,
        )
    typer.echo(json.dumps({"checkpoint": str(checkpoint)}) if as_json else f"trained: {checkpoint}")


def evaluate(
    subject: str = typer.Argument(
        ..., help="fastspeech2, fastspeech2s, diffspeech, codec, musicgen, musecoco, diffsinger"
    ),
    out: Path = typer.Option(Path("report"), "--out", help="Folder for report.json, report.md and pictures."),
    model: str | None = typer.Option(None, help="Weights: a name, a hub id or a path; by default the bundled ones."),
    sentences: int = typer.Option(100, help="Held-out sentences, a voice or in all; of diffsinger, songs."),
    captions: int = typer.Option(100, help="Of music: held-out captions or pieces."),
    pieces: int = typer.Option(1000, help="Of musecoco: pieces to compose, and texts to read."),
    reader: str | None = typer.Option(None, help="Of musecoco: what reads texts, by default the bundled one."),
    judge: str | None = typer.Option(None, help="Of music: the judge of attributes, by default the bundled one."),
    engine: Literal["auto", "torch", "openvino"] | None = typer.Option(None, help="Of musicgen: what runs it."),
    weights: WeightsOption | None = typer.Option(None, help="Of musicgen: by default the model's own."),
    data: Path | None = typer.Option(
        None, "--data", help="Of diffsinger: a corpus of singing; of musicgen: of tokens."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the report as JSON."),
) -> None:
    """Measure a model on what it never saw, next to what it learned from.

    Examples:

        octet evaluate fastspeech2 --out report

        octet evaluate codec --sentences 100 --captions 100

        octet evaluate musicgen --captions 100 --weights int8

        octet evaluate musecoco --pieces 1000
    """
    with progress_bar(as_json) as on_progress:
        if subject == "codec":
            from octet.jobs.evaluate_codec import evaluate_codec

            evaluate_codec(out, model=model, judge=judge, sentences=sentences, pieces=captions, on_progress=on_progress)
        elif subject == "musicgen":
            from octet.jobs.evaluate_musicgen import Settings, evaluate_musicgen

            settings = Settings(model, judge, engine, weights, captions, data=data)
            evaluate_musicgen(out, settings, on_progress=on_progress)
        elif subject == "musecoco":
            from octet.jobs import evaluate_musecoco as musecoco

            wanted = musecoco.Settings(model, reader, pieces, texts=pieces)
            musecoco.evaluate_musecoco(out, wanted, on_progress=on_progress)
        else:
            from octet.jobs.evaluate import evaluate as job

            job(subject, out, model=model, sentences=sentences, data=data, on_progress=on_progress)
    typer.echo((out / ("report.json" if as_json else "report.md")).read_text(encoding="utf-8"))


def bench(
    subject: str = typer.Argument("fastspeech2", help="fastspeech2, musicgen, musecoco or diffsinger"),
    threads: int = typer.Option(2, help="CPU threads."),
    seconds: float = typer.Option(10.0, help="Of musicgen: how much music; a longer past makes longer steps."),
    peer: str | None = typer.Option(None, help="Of musicgen: transformers, to be compared with."),
    as_json: bool = typer.Option(False, "--json", help="Print as JSON."),
) -> None:
    """Measure speed, next to a peer in the same run where it is installed.

    Examples:

        octet bench fastspeech2

        octet bench musicgen --peer transformers --seconds 10

        octet bench musecoco
    """
    from octet.evaluation.report import table

    with progress_bar(as_json) as on_progress:
        if subject == "musicgen":
            from octet.jobs.bench_musicgen import bench_musicgen

            rows = bench_musicgen(seconds=seconds, peer=peer, threads=threads, on_progress=on_progress)
        elif subject == "musecoco":
            from octet.jobs.bench_musecoco import bench_musecoco

            rows = bench_musecoco(threads=threads, on_progress=on_progress)
        else:
            from octet.jobs.bench import bench as job

            rows = job(subject, threads=threads, on_progress=on_progress)
    if as_json:
        typer.echo(json.dumps(rows))
    else:
        typer.echo(table(("measure", "value"), [(name, f"{value:.4g}") for name, value in rows.items()]))


def reproduce(
    paper: str = typer.Argument("fastspeech2", help="fastspeech2, musicgen, musecoco or diffsinger"),
    data: Path = typer.Option(..., "--data", help="A prepared corpus, for musicgen with a codec's tokens."),
    out: Path = typer.Option(Path("reproduction"), "--out", help="Folder for runs and the report."),
    minutes: float = typer.Option(20.0, help="Training time of each variant."),
    settings: list[str] = typer.Option([], "--set", help="NAME=VALUE of plan.* or model.*; may be repeated."),
    captions: int = typer.Option(50, help="Of musicgen: held-out captions a variant."),
    judge: str | None = typer.Option(None, help="Of musicgen: the judge of attributes, by default the bundled one."),
    init_from: str | None = typer.Option(None, "--init-from", help="Of diffsinger: what its warm-up begins with."),
    as_json: bool = typer.Option(False, "--json", help="Print as JSON."),
) -> None:
    """Run the paper's comparisons on a corpus and say which of its findings hold.

    Examples:

        octet reproduce fastspeech2 --data data/voices --minutes 20

        octet reproduce musicgen --data data/bands --minutes 30

        octet reproduce musecoco --data data/scores --minutes 20

        octet reproduce diffsinger --data data/singing --minutes 10 --init-from diffsinger-tiny
    """
    shared = _settings(settings)
    with progress_bar(as_json) as on_progress:
        if paper == "musicgen":
            from octet.jobs.evaluate_musicgen import Settings
            from octet.jobs.reproduce_musicgen import reproduce_musicgen

            chosen = Settings(judge=judge, captions=captions)
            reproduce_musicgen(data, out, chosen, minutes=minutes, overrides=shared, on_progress=on_progress)
        elif paper == "musecoco":
            from octet.jobs.reproduce_musecoco import STAGES, reproduce_musecoco

            both = dict.fromkeys(STAGES, shared)
            reproduce_musecoco(data, out, minutes=minutes, overrides=both, on_progress=on_progress)
        elif paper == "diffsinger":
            from octet.jobs.reproduce_diffsinger import reproduce_diffsinger as job

            job(data, out, minutes=minutes, init_from=init_from, overrides=shared, on_progress=on_progress)
        elif paper == "fastspeech2":
            from octet.jobs.reproduce import reproduce_fastspeech2

            reproduce_fastspeech2(data, out, minutes=minutes, overrides=shared, on_progress=on_progress)
        else:
            known = "fastspeech2, musicgen, musecoco, diffsinger"
            raise InvalidInput(f"no reproduction called {paper!r}: there are {known}")
    typer.echo((out / ("report.json" if as_json else "report.md")).read_text(encoding="utf-8"))


def _settings(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidInput(f"--set takes NAME=VALUE, such as plan.steps=100; given {pair!r}")
        settings[name] = value
    return settings


def export(
    model: str = typer.Argument(..., help="A run of `octet train`, an artifact folder, or a bundled model."),
    out: Path = typer.Option(..., "--out", "-o", help="Folder to write."),
    bits: int = typer.Option(16, help="Of a stored number: 32, 16, or 8 (matrices, with a scale a row)."),
) -> None:
    """Write a model as a folder of its own: configuration, weights, card.

    Examples:

        octet export runs/music --out music-model

        octet export runs/music --bits 8 --out small-model
    """
    from octet.jobs.export import export as job

    if bits not in (8, 16, 32):
        raise InvalidInput(f"--bits {bits}: give 8, 16 or 32")
    written = job(model, out, bits=bits)  # type: ignore[arg-type]  # checked above
    size = sum(path.stat().st_size for path in written.iterdir())
    typer.echo(f"{written}: {size / 2**20:.1f} MiB")
