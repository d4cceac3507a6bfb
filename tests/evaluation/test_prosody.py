"""Timing and energy metrics on cases worked out by hand and under changes whose effect is known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.evaluation import prosody

REFERENCE = [0.10, 0.05, 0.20, 0.15]
ESTIMATE = [0.12, 0.05, 0.15, 0.15]  # ends off by 20, 20, 30 and 30 ms
PAUSES = [False, False, False, True]


def test_worked_example_in_order():
    scores = prosody.evaluate([REFERENCE], [ESTIMATE], [PAUSES])
    assert list(scores) == [
        *("duration_mae_ms", "boundary_mae_ms", "boundary_median_ms", "boundary_within_20_ms", "speech_rate_ratio"),
    ]
    assert list(scores.values()) == pytest.approx([17.5, 25.0, 25.0, 0.5, 0.35 / 0.32])


@given(st.lists(st.floats(0.01, 0.5), min_size=1, max_size=20), st.floats(0.5, 2.0))
@settings(max_examples=50)
def test_faster_speech_has_that_rate_and_a_reference_is_perfect(durations, speed):
    durations = np.array(durations)
    pauses = np.zeros(len(durations), dtype=bool)
    assert prosody.speech_rate_ratio(durations, durations / speed, pauses) == pytest.approx(speed)
    same = prosody.evaluate([durations], [durations], [pauses])
    assert list(same.values()) == [0, 0, 0, 1, 1]


def test_each_phone_of_the_set_weighs_the_same():
    scores = prosody.evaluate([[0.1], [0.1, 0.1, 0.1]], [[0.2], [0.1, 0.1, 0.1]], [[False], [False] * 3])
    assert scores["duration_mae_ms"] == pytest.approx(25)
    assert scores["boundary_median_ms"] == 0


def test_energy_is_in_deviations_of_the_reference():
    references = [[1.0, 3.0], [5.0, 7.0]]
    estimates = [[2.0, 4.0], [4.0, 6.0]]
    assert prosody.evaluate_energy(references, estimates) == {"energy_mae": pytest.approx(1 / math.sqrt(5))}
    louder = prosody.evaluate_energy(10 * np.array(references), 10 * np.array(estimates))
    assert louder["energy_mae"] == pytest.approx(1 / math.sqrt(5))


def test_what_cannot_be_measured_is_nan():
    assert math.isnan(prosody.evaluate_energy([[2.0, 2.0]], [[1.0, 3.0]])["energy_mae"])
    assert math.isnan(prosody.evaluate_energy([[]], [[]])["energy_mae"])
    assert math.isnan(prosody.evaluate([[0.1]], [[0.1]], [[True]])["speech_rate_ratio"])
    assert all(math.isnan(score) for score in prosody.evaluate([[]], [[]], [[]]).values())


@pytest.mark.parametrize(
    ("references", "estimates", "pauses"),
    [
        ([], [], []),
        ([REFERENCE], [REFERENCE[:-1]], [PAUSES]),
        ([REFERENCE], [ESTIMATE], [PAUSES[:-1]]),
        ([REFERENCE], [ESTIMATE], []),
        ([REFERENCE], [[0.1, -0.1, 0.2, 0.3]], [PAUSES]),
        ([REFERENCE], [[0.1, math.inf, 0.2, 0.3]], [PAUSES]),
    ],
)
def test_durations_that_make_no_sense_are_refused(references, estimates, pauses):
    with pytest.raises(InvalidInput):
        prosody.evaluate(references, estimates, pauses)
