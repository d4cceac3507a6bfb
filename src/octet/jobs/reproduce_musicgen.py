"""The verb `reproduce` for MusicGen (arXiv 2306.05284): codebook patterns, and melodies, on a corpus of ours.

Each variant is trained anew for the same time on the same tokens, then plays held-out captions, which a judge hears
that was trained on recordings alone. The paper compares patterns by Frechet distance, KL divergence and listeners;
here it is the share of what was asked for that is heard, and the likelihood of the corpus's test pieces: every pattern
is a way to factorise that of all codebooks together, so nats a frame can be compared. A finding is decided when the
difference is at least twice its own deviation, and undecided otherwise, or where a variant has learned no more than
chance.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.evaluation import attributes
from octet.evaluation.arrays import deviation_of_mean, mean
from octet.evaluation.report import Report, environment, write
from octet.families.token_lm import patterns
from octet.families.token_lm.patterns import PatternSpec
from octet.jobs.evaluate_codec import load_judge
from octet.jobs.evaluate_musicgen import MOST_MELODIES, Settings, answers_to, melodies, player_of, prompts
from octet.jobs.recipes import recipe_of
from octet.jobs.train import configured, split_of, train
from octet.training.held_out import EXAMPLES, some

RECIPE = "musicgen-tiny"
PATTERNS = {
    "delay": patterns.delay,
    "parallel": patterns.parallel,
    "flatten": patterns.flatten,
    "coarse first": patterns.coarse_first,
}
WITHOUT_MELODY = "without melody"
LEAST_MELODY_GAIN = 0.1  # of the cosine: far above what windows of a melody share with those of another
_DEVIATIONS = 2.0

Scores = dict[str, dict[str, float]]


def reproduce_musicgen(
    data: Path,
    out: Path,
    settings: Settings,
    *,
    minutes: float,
    overrides: Mapping[str, str] | None = None,
    on_progress: Progress = silent,
) -> Report:
    """Train the variants for `minutes` each, measure them by `settings`, and write report.json and report.md to `out`.

    `overrides` are settings of every variant, as of `train`. Trainings that were interrupted continue when the same
    command is given again.

    Raises:
        InvalidInput: a corpus without tokens of the codec, no judge, or fewer than two captions.
    """
    if settings.captions < 2:
        raise InvalidInput(f"at least 2 captions are needed, given {settings.captions}")
    judge, shared = load_judge(settings.judge), dict(overrides or {})
    config, _ = configured(recipe_of(RECIPE), [data], shared)
    results: dict[str, Scores] = {"captions": {}, "melody": {}}
    nats: dict[str, NDArray[np.float64]] = {}
    for name, own in variants(config.decoder.codebooks).items():
        run = out / "runs" / name.replace(" ", "-")
        train(RECIPE, data, run, overrides=shared | own, budget_minutes=minutes, on_progress=on_progress)
        player = player_of(str(run), settings)
        nats[name] = nats_a_frame(player.model, data)
        results["captions"][name] = _followed(player, judge, settings, on_progress)
        if name == "delay" and player.model.melody is not None:
            count = min(settings.captions, MOST_MELODIES)
            results["melody"][name] = melodies(player, count, settings.seconds, on_progress)
    report = Report(
        title="MusicGen, reproduced on the corpus bands",
        environment=environment(_command(minutes, settings.captions, shared), time.strftime("%Y-%m-%d")),
        results={topic: rows for topic, rows in results.items() if rows} | {"likelihood": _likelihood(nats)},
        notes=[*findings(results["captions"], results["melody"], settings.captions), *likelihood_findings(nats)],
    )
    write(report, out)
    return report


def variants(codebooks: int) -> dict[str, dict[str, str]]:
    """Settings of each variant: the paper's pattern, the others, and a model that hears no melodies."""
    by_pattern = {name: {"model.pattern": spec(codebooks).model_dump_json()} for name, spec in PATTERNS.items()}
    return by_pattern | {WITHOUT_MELODY: by_pattern["delay"] | {"model.chroma_frames": "0"}}


def _followed(player: Any, judge: Any, settings: Settings, on_progress: Progress) -> dict[str, float]:
    """What is heard of the captions, all of it as one share, the same by chance, and the decoder's steps."""
    config = player.model.config
    asked = prompts(settings.captions)
    texts, questions = [prompt.text for prompt in asked], [prompt.asked for prompt in asked]
    answers = answers_to(player, judge, texts, settings, config.guidance_scale, on_progress).heard
    scores = attributes.evaluate(questions, answers)
    chance = attributes.chance(questions, answers)
    shares = {"right": mean(list(scores.values())), "chance": mean(list(chance.values()))}
    return scores | shares | {"steps": float(steps_of(config.pattern, settings.seconds * config.frame_rate_hz))}


@torch.no_grad()
def nats_a_frame(model: Any, data: Path) -> NDArray[np.float64]:
    """What a frame of all codebooks costs in each piece of the test split, up to 64, with its caption and melody."""
    dataset = split_of(recipe_of(RECIPE), [data], model.config, "test")
    costs = []
    for index in some(len(dataset.lengths), EXAMPLES):
        batch = model.collate([dataset[index]], torch.Generator().manual_seed(0))
        costs.append(sum(float(part) for part in model.loss(batch, step=0).parts.values()))
    return np.array(costs)


def _likelihood(nats: Mapping[str, NDArray[np.float64]]) -> Scores:
    return {
        name: {"nats a frame": mean(own), "less for delay": mean(more), "deviation of that": deviation_of_mean(more)}
        for name, own in nats.items()
        for more in [own - nats["delay"]]
    }


def likelihood_findings(nats: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Whether the delay pattern foretells pieces better than the others, as it plays better in the paper.

    Flattening loses nothing by its order, and is the better one in the paper's ablation too, at many times the steps.
    """
    claims = (
        ("the delay pattern foretells frames better than all codebooks at once", "delay", "parallel"),
        ("the delay pattern foretells frames better than coarse first", "delay", "coarse first"),
        ("flattening foretells frames better than the delay pattern", "flatten", "delay"),
    )
    return [_foretold(what, nats[one], nats[other]) for what, one, other in claims]


def _foretold(claim: str, one: NDArray[np.float64], other: NDArray[np.float64]) -> str:
    gain, deviation = mean(other - one), deviation_of_mean(other - one)
    figures = f"({mean(one):.4g} against {mean(other):.4g} nats a frame, {gain:.2g} +- {deviation:.1g})"
    if abs(gain) < _DEVIATIONS * deviation:
        return f"Undecided: {claim} {figures}."
    return f"{'Reproduced' if gain > 0 else 'Not reproduced'}: {claim} {figures}."


def steps_of(pattern: PatternSpec, frames: float) -> int:
    """How many steps so many frames take, the empty first one not counted."""
    return pattern.steps(max(1, round(frames))) - 1


def findings(scores: Scores, melody: Scores, captions: int) -> list[str]:
    """The paper's claims, each with the two figures here that decide it."""
    # Of a difference of two shares, at most.
    noise = _DEVIATIONS * math.sqrt(2 * 0.25 / (captions * len(attributes.METRICS)))
    claims = (  # what, of whom, than whom, and how much more is enough
        ("the delay pattern plays better than all codebooks at once", "delay", "parallel", noise),
        ("the delay pattern plays better than coarse first", "delay", "coarse first", noise),
        ("the delay pattern plays as well as flattening, in fewer steps", "delay", "flatten", 0.0),
        ("hearing melodies takes nothing from following captions", "delay", WITHOUT_MELODY, 0.0),
    )
    found = [_verdict(what, scores[one], scores[other], enough, noise) for what, one, other, enough in claims]
    return [*found, *(_kept(row) for row in melody.values())]


def _verdict(claim: str, one: Mapping[str, float], other: Mapping[str, float], enough: float, noise: float) -> str:
    gain = one["right"] - other["right"]
    figures = f"({one['right']:.3g} against {other['right']:.3g}, in {one['steps']:.0f} and {other['steps']:.0f} steps)"
    if max(row["right"] - row["chance"] for row in (one, other)) < noise:
        return f"Undecided: {claim} {figures}: neither follows its captions yet; give more --minutes."
    if -noise <= gain < enough:
        return f"Undecided: {claim} {figures}: the difference is within the noise of {noise:.2g}."
    return f"{'Reproduced' if gain >= enough else 'Not reproduced'}: {claim} {figures}."


def _kept(row: Mapping[str, float]) -> str:
    gain = row["given_melody"] - row["another_melody"]
    verdict = "Reproduced" if gain >= LEAST_MELODY_GAIN else "Not reproduced"
    return (
        f"{verdict}: a given melody is kept (cosine {row['given_melody']:.3g}, with another one "
        f"{row['another_melody']:.3g})."
    )


def _command(minutes: float, captions: int, overrides: Mapping[str, str]) -> str:
    settings = [f"--set {name}={value}" for name, value in overrides.items()]
    return " ".join([f"octet reproduce musicgen --minutes {minutes:g} --captions {captions}", *settings])
