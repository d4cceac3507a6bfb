"""What pulse clarity says of sounds whose beat is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.evaluation.rhythm import evaluate, onset_curve, validate

RATE = 16_000


def clicks(times: np.ndarray, seconds: float = 10.0) -> np.ndarray:
    """Decaying bursts of noise."""
    sound = np.zeros(round(seconds * RATE) + RATE)
    burst = np.random.default_rng(0).standard_normal(RATE // 5) * np.exp(-np.arange(RATE // 5) / 800)
    for time in times:
        start = round(time * RATE)
        sound[start : start + len(burst)] += burst
    return 0.2 * sound[: round(seconds * RATE)]


@settings(max_examples=20, deadline=None)
@given(bpm=st.floats(55, 180), gain=st.sampled_from([0.01, 1.0]))
def test_a_metronome_is_clear_at_any_tempo_and_loudness(bpm: float, gain: float) -> None:
    assert evaluate(gain * clicks(np.arange(0, 9.9, 60 / bpm)), RATE)["pulse_clarity"] > 0.6


def test_bursts_at_random_and_noise_are_not() -> None:
    rng = np.random.default_rng(1)
    assert evaluate(clicks(rng.uniform(0, 9.8, 20)), RATE)["pulse_clarity"] < 0.45
    assert evaluate(0.1 * rng.standard_normal(10 * RATE), RATE)["pulse_clarity"] < 0.25


def test_onsets_are_where_bursts_begin() -> None:
    curve = onset_curve(clicks(np.array([2.0])), RATE)
    assert abs(int(curve.argmax()) - 80) <= 2


def test_silence_has_no_beat() -> None:
    assert evaluate(np.zeros(2 * RATE), RATE)["pulse_clarity"] == 0


def test_a_held_chord_that_flickers_regularly_has_no_beat() -> None:
    """What a language model of tokens plays that goes round in a loop."""
    time = np.arange(10 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * hz * time) for hz in (220, 277, 330, 440, 660, 1320))
    assert evaluate(0.05 * chord * (1 + 0.1 * np.sin(2 * np.pi * 3 * time)), RATE)["pulse_clarity"] < 0.01


@pytest.mark.parametrize("sound", [np.zeros((2, RATE)), np.zeros(RATE - 1), np.full(RATE, np.nan)])
def test_what_cannot_be_measured_is_refused(sound: np.ndarray) -> None:
    with pytest.raises(InvalidInput, match="rhythm is measured"):
        validate(sound, RATE)
