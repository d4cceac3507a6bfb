"""The verb `reproduce` for MuseCoco: both stages trained anew, and what comes of texts that training never saw.

The paper says that two stages joined by attributes follow a text's objective attributes about a fifth better than
models that go from text to music directly (arXiv 2306.00110, abstract). What is compared here is what a corpus of ours
can tell: music from texts by way of attributes that were understood, from the attributes that the texts truly say, and
from nothing. A finding counts as reproduced when it points the same way.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.evaluation import control
from octet.evaluation.report import Report, Target, environment, write
from octet.jobs.composer import load_model, load_reader
from octet.jobs.evaluate_musecoco import held_out_texts
from octet.jobs.train import train
from octet.symbolic.attributes import extract
from octet.systems.musecoco import wishes
from octet.systems.musecoco.batch import compose_each
from octet.systems.musecoco.config import READABLE
from octet.systems.musecoco.model import MuseCoco
from octet.systems.musecoco.request import ScoreRequest

TEXTS = 200
PAPER_GAIN = 0.2  # of objective control accuracy, over models without attributes between
STAGES = ("musecoco-reader-tiny", "musecoco-tiny")


def reproduce_musecoco(
    data: Path,
    out: Path,
    *,
    minutes: float = 20.0,
    texts: int = TEXTS,
    overrides: Mapping[str, Mapping[str, str]] | None = None,
    on_progress: Progress = silent,
) -> Report:
    """Train both stages so many minutes each, compose from texts, and write report.json and report.md to `out`.

    `overrides` are settings by recipe.

    Raises:
        InvalidInput: a corpus without texts or scores, or fewer than two texts.
    """
    if texts < 2:
        raise InvalidInput(f"at least 2 texts are needed, given {texts}")
    reader, model = (
        train(
            recipe,
            data,
            out / recipe,
            overrides=(overrides or {}).get(recipe),
            budget_minutes=minutes,
            on_progress=on_progress,
        )
        for recipe in STAGES
    )
    examples = [one for one in held_out_texts(texts) if wishes.objective(_classes(one.told))]
    asked = [wishes.objective(_classes(one.told)) for one in examples]
    heard = load_reader(reader).eval().read([one.text for one in examples])
    told: dict[str, list[Mapping[str, int]]] = {
        "text": [_possible({one.key: one.value for one in of_text}) for of_text in heard],
        "true attributes": [_possible(one.told) for one in examples],
        "nothing": [{} for _ in examples],
    }
    composer = load_model(model).eval()
    results: dict[str, Any] = {
        "control_accuracy": {who: {"asa": _accuracy(composer, given, asked)} for who, given in told.items()}
    }
    report = _report(results, minutes)
    write(report, out)
    return report


def _report(results: Mapping[str, Any], minutes: float) -> Report:
    found = {who: scores["asa"] for who, scores in results["control_accuracy"].items()}
    return Report(
        title="MuseCoco: two stages joined by attributes",
        environment=environment(f"octet reproduce musecoco --minutes {minutes:g}", time.strftime("%Y-%m-%d")),
        results=results,
        targets=[
            Target("gain of text over nothing", PAPER_GAIN, found["text"] - found["nothing"], direction="at least"),
            Target("loss by reading the text", PAPER_GAIN, found["true attributes"] - found["text"]),
        ],
        notes=[
            "`asa` is the average sample-wise accuracy over the objective attributes that a text says; nothing is "
            "enforced but what makes a piece."
        ],
    )


def _accuracy(model: MuseCoco, told: Sequence[Mapping[str, int]], asked: Sequence[Mapping[str, int]]) -> float:
    made = compose_each(model, [ScoreRequest(classes=dict(one), enforce=False) for one in told])
    met = [wishes.met(one, wishes.told_by(extract(piece.score))) for one, piece in zip(asked, made, strict=True)]
    return control.average_sample_wise_accuracy(met)


def _classes(told: Mapping[str, int]) -> dict[str, int]:
    """Without a tonic, to which music is moved afterwards."""
    return {key: value for key, value in told.items() if key in READABLE}


def _possible(told: Mapping[str, int]) -> dict[str, int]:
    """What of it does not contradict itself: where it does, the length is left open, or danceability."""
    found = _classes(told)
    while conflict := next(wishes.contradictions(found), None):
        del found[next(key for key in conflict.keys if key in found)]
    return found
