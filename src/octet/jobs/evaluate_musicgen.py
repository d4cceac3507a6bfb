"""The verb `evaluate` for MusicGen: whether music is what held-out captions ask for, and follows held-out melodies.

Captions are written from templates that are kept apart, of pieces that no corpus has; each says instruments, tempo and
mode. The judge was trained on recordings alone and conditions no model. Every answer is also compared with the other
captions, which is chance, and with what the model makes when it is told nothing; and whether there is a beat at all
(`octet.evaluation.rhythm`) with recordings.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.data.corpora import bands
from octet.data.corpora.captions import caption
from octet.data.corpora.composer.plan import draw
from octet.evaluation import attributes, rhythm
from octet.evaluation.arrays import mean
from octet.evaluation.codec import melody_cosine
from octet.evaluation.report import Report, Target, environment, write
from octet.jobs.evaluate_codec import load_judge
from octet.jobs.hearing import hearing, held_out_pieces
from octet.jobs.load import load
from octet.jobs.music import BUNDLED
from octet.symbolic.attributes import Attributes

if TYPE_CHECKING:
    from octet.encoders.attributes.judge import Heard
    from octet.encoders.attributes.model import AttributeJudge
    from octet.systems.musicgen.generate import Musician

SCALES = (1.0, 2.0, 3.0, 4.0, 5.0)
MOST_MELODIES = 20
RECORDINGS = 20  # that a beat is compared with
SAID = frozenset({"instruments", "bpm", "mode"})
LEAST_MELODY_GAIN = 0.3
_MOST_INSTRUMENTS = 4  # all of which a caption says
_TRIES = 1000


@dataclass(frozen=True)
class Settings:
    """What is measured: weights, the judge's, and how they are run; `batch` captions are made at once.

    With a corpus of tokens, `data`, what of captions is heard is measured too (`octet.jobs.hearing`).
    """

    model: str | None = None
    judge: str | None = None
    engine: Any = None
    weights: Any = None
    captions: int = 100
    seconds: float = 10.0
    batch: int = 10
    data: Path | None = None


@dataclass(frozen=True)
class Answers:
    """What the judge hears in each piece of music, and how clear their pulse is on average."""

    heard: list[Heard]
    pulse_clarity: float


@dataclass(frozen=True)
class Prompt:
    """A caption, and what it asks for."""

    text: str
    asked: attributes.Asked


def evaluate_musicgen(out: Path, settings: Settings, *, on_progress: Progress = silent) -> Report:
    """Measure music by so many captions, and write report.json and report.md to `out`.

    Raises:
        InvalidInput: no such model or judge, fewer than two captions, an engine that cannot run, or a corpus without
            tokens of the model's codec.
        MissingExtra: packages of the extra `music` or the engine are not installed.
    """
    if settings.captions < 2:
        raise InvalidInput(f"at least 2 captions are needed, given {settings.captions}")
    player, judge = player_of(settings.model or BUNDLED, settings), load_judge(settings.judge)
    pieces = held_out_pieces(player.model.config, settings.data) if settings.data else []  # before the long work
    asked = prompts(settings.captions)
    questions = [prompt.asked for prompt in asked]
    scales = {
        scale: answers_to(player, judge, [prompt.text for prompt in asked], settings, scale, on_progress)
        for scale in sorted({*SCALES, player.model.config.guidance_scale})
    }
    untold = answers_to(player, judge, [""] * len(asked), settings, 1.0, on_progress)
    results = _tables(questions, scales, player.model.config.guidance_scale, untold)
    results["beat"]["recordings"] = {"pulse_clarity": pulse_of_recordings(settings.seconds)}
    if pieces:
        whole = player_of(settings.model or BUNDLED, Settings(engine="torch")).model  # an engine's may be hollow
        results["hearing"] = hearing(whole, pieces, on_progress=on_progress)
    if player.model.melody is not None:
        results["melody"] = melodies(player, min(settings.captions, MOST_MELODIES), settings.seconds, on_progress)
    report = Report(
        title=f"musicgen: {settings.model or 'bundled'}",
        environment=environment(_command(settings), time.strftime("%Y-%m-%d")),
        results=results,
        targets=targets(results),
    )
    write(report, out)
    return report


def _tables(
    questions: Sequence[attributes.Asked], scales: Mapping[float, Answers], own: float, untold: Answers
) -> dict[str, Any]:
    """What answers at each guidance scale, its own among them, say, next to those of a model that is told nothing."""
    answers = scales[own]
    return {
        "attributes": {
            "prompted": attributes.evaluate(questions, answers.heard),
            "told nothing": attributes.evaluate(questions, untold.heard),
            "chance": attributes.chance(questions, answers.heard),
        },
        "by_guidance": {
            f"{scale:g}": attributes.evaluate(questions, found.heard) | {"pulse_clarity": found.pulse_clarity}
            for scale, found in scales.items()
        },
        "beat": {
            "prompted": {"pulse_clarity": answers.pulse_clarity},
            "told nothing": {"pulse_clarity": untold.pulse_clarity},
        },
    }


def prompts(count: int) -> list[Prompt]:
    """So many captions, always the same."""
    rng = random.Random("captions held out")
    return [_prompt(rng) for _ in range(count)]


def _prompt(rng: random.Random) -> Prompt:
    """Of a small band, whose instruments can all be said."""
    for _ in range(_TRIES):
        known = draw(Attributes(), rng).attributes
        if known.mode is None or len(known.instruments or ()) > _MOST_INSTRUMENTS:
            continue
        written = caption(known, "en", rng, test=True)
        if written.says is not None and written.says.model_fields_set >= SAID:
            return Prompt(written.text, attributes.asked_of(known))
    raise InvalidInput("no template for testing says instruments, tempo and mode: mend the templates of captions")


def melodies(player: Musician, count: int, seconds: float, on_progress: Progress) -> dict[str, float]:
    """How much of a held-out melody is kept, next to how much of another one is there by accident."""
    sounds = [Waveform(held.mix, bands.SAMPLE_RATE_HZ) for held in bands.held_out(count)]
    sounds = [sound for sound in sounds if sound.duration_seconds >= seconds] or sounds
    made = []
    for number, sound in enumerate(sounds, start=1):
        made.append(player.generate("", melody=_beginning(sound, seconds), duration_seconds=seconds, seed=number))
        on_progress(Step("following melodies", number, len(sounds)))
    given = [_melody(sound, music) for sound, music in zip(sounds, made, strict=True)]
    others = [_melody(sound, music) for sound, music in zip([*sounds[1:], sounds[0]], made, strict=True)]
    return {"given_melody": mean(given), "another_melody": mean(others)}


def targets(results: Mapping[str, Any]) -> list[Target]:
    """Right twice as often as chance, or, where chance is half, wrong half as often; melodies kept; guidance helps."""
    prompted, chance = results["attributes"]["prompted"], results["attributes"]["chance"]
    promises = [Target(name, _wanted(chance[name]), value, direction="at least") for name, value in prompted.items()]
    rising = [row["instruments"] for row in results["by_guidance"].values()]
    promises.append(Target("instruments: gain by guidance", 0.0, max(rising[1:]) - rising[0], direction="at least"))
    if "melody" in results:
        gain = results["melody"]["given_melody"] - results["melody"]["another_melody"]
        promises.append(Target("melody: gain over another", LEAST_MELODY_GAIN, gain, direction="at least"))
    return promises


def _wanted(chance: float) -> float:
    return min(2 * chance, (1 + chance) / 2)


def answers_to(
    player: Musician,
    judge: AttributeJudge,
    texts: Sequence[str],
    settings: Settings,
    scale: float,
    on_progress: Progress = silent,
) -> Answers:
    """Music for each text, listened to."""
    from octet.encoders.attributes.judge import listen

    heard, clarity = [], []
    for sound in made(player, texts, settings, scale, on_progress):
        heard += listen(judge, [sound])
        clarity.append(rhythm.evaluate(sound.mono().samples[0], sound.sample_rate_hz)["pulse_clarity"])
    return Answers(heard, mean(clarity))


def pulse_of_recordings(seconds: float) -> float:
    """How clear a pulse the beginnings of held-out recordings have."""
    length = round(seconds * bands.SAMPLE_RATE_HZ)
    mixes = (held.mix[:length] for held in bands.held_out(RECORDINGS))
    return mean([rhythm.evaluate(mix, bands.SAMPLE_RATE_HZ)["pulse_clarity"] for mix in mixes])


def made(
    player: Musician, texts: Sequence[str], settings: Settings, scale: float, on_progress: Progress = silent
) -> Iterator[Waveform]:
    """Music for each text, in batches, which have a seed each."""
    for first in range(0, len(texts), settings.batch):
        yield from player.generate_all(
            texts[first : first + settings.batch],
            duration_seconds=settings.seconds,
            guidance_scale=scale,
            seed=first,
        )
        on_progress(Step(f"guidance {scale:g}", min(first + settings.batch, len(texts)), len(texts)))


def player_of(model: str, settings: Settings) -> Musician:
    """A model as `settings` run it.

    Raises:
        InvalidInput: no such model, or one that plays no music.
    """
    from octet.systems.musicgen.generate import Musician

    found = load(model, engine=settings.engine, weights=settings.weights)
    if not isinstance(found, Musician):
        raise InvalidInput(f"{model} speaks and plays no music: give a MusicGen with --model")
    return found


def _beginning(sound: Waveform, seconds: float) -> Waveform:
    return replace(sound, samples=sound.samples[:, : round(seconds * sound.sample_rate_hz)])


def _melody(sound: Waveform, music: Waveform) -> float:
    given = sound.resample(music.sample_rate_hz).mono().samples[0]
    return melody_cosine(given.astype(np.float64), music.mono().samples[0].astype(np.float64), music.sample_rate_hz)


def _command(settings: Settings) -> str:
    command = f"octet evaluate musicgen --captions {settings.captions}"
    given = {name: getattr(settings, name) for name in ("model", "engine", "weights", "data")}
    return command + "".join(f" --{name} {value}" for name, value in given.items() if value)
