"""Right and wrong answers are counted as they should be."""

import math

import pytest
import torch

from octet.core.errors import InvalidInput
from octet.encoders.attributes.judge import Heard
from octet.evaluation.attributes import Asked, asked_of, chance, evaluate
from octet.symbolic.attributes import TEMPO_CLASSES, Attributes
from octet.symbolic.instruments import CLASSES


def heard(*instruments: str, tempo: str = "slow", mode: str = "major") -> Heard:
    """The surest first; the others are not heard at all."""
    probabilities = torch.zeros(len(CLASSES))
    for place, name in enumerate(instruments):
        probabilities[CLASSES.index(name)] = 0.9 - 0.1 * place
    tempi = torch.tensor([float(name == tempo) for name in TEMPO_CLASSES])
    return Heard(probabilities, tempi, torch.tensor([float(mode == "major"), float(mode == "minor")]))


def test_a_question_is_what_is_known_of_a_piece() -> None:
    known = Attributes(instruments=("piano", "drum"), bpm=140.0, mode="minor")
    assert asked_of(known) == Asked(("piano",), "fast", "minor", drums=True)
    assert asked_of(known, ("piano",)) == Asked(("piano",), "fast", "minor", drums=False)
    assert asked_of(Attributes(instruments=("drum",))) == Asked(None, None, None, drums=True)
    assert asked_of(Attributes()) == Asked()


def test_the_surest_instruments_are_counted_and_drums_apart() -> None:
    asked = [Asked(("piano", "flute"), "slow", "major", drums=True), Asked(("cello",), "fast", None, drums=False)]
    answers = [heard("drum", "piano", "cello"), heard("cello", tempo="fast")]
    assert evaluate(asked, answers) == {"instruments": 0.75, "tempo": 1.0, "mode": 1.0, "drums": 1.0}


def test_what_is_not_asked_is_not_scored() -> None:
    scores = evaluate([Asked()], [heard("piano")])
    assert all(math.isnan(value) for value in scores.values())


def test_chance_is_the_share_of_other_answers_that_fit() -> None:
    asked = [Asked(("piano",), "slow"), Asked(("cello",), "slow")]
    answers = [heard("piano"), heard("cello")]
    assert evaluate(asked, answers)["instruments"] == 1.0
    assert chance(asked, answers)["instruments"] == 0.0
    assert chance(asked, answers)["tempo"] == 1.0
    with pytest.raises(InvalidInput, match="two questions"):
        chance(asked[:1], answers[:1])
    with pytest.raises(InvalidInput, match="pairs"):
        evaluate(asked, answers[:1])
