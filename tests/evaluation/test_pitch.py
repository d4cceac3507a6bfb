"""Pitch metrics against scipy and librosa (frozen) and against shifts whose effect is known."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.evaluation import pitch

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "evaluation.json").read_text())["pitch"]
CONTOUR = np.array([0.0, 200.0, 210.0, 220.0, 0.0, 180.0, 190.0, 0.0])


def test_golden_scores_in_order():
    scores = pitch.evaluate(GOLDEN["reference"], GOLDEN["estimate"])
    expected = [*GOLDEN["reference_moments"], *GOLDEN["moments"], GOLDEN["dtw_hz"], GOLDEN["median_semitones"]]
    assert list(scores) == [
        *("reference_standard_deviation_hz", "reference_skewness", "reference_excess_kurtosis"),
        *("standard_deviation_hz", "skewness", "excess_kurtosis", "dtw_distance_hz", "median_ratio_semitones"),
    ]
    assert list(scores.values()) == pytest.approx(expected, rel=1e-12)


def test_kurtosis_is_excess():
    normal = 200 + 20 * np.random.default_rng(0).normal(size=200_000)
    deviation_hz, skewness, kurtosis = pitch.moments([normal])
    assert (deviation_hz, skewness, kurtosis) == pytest.approx((20, 0, 0), abs=0.05)


@given(semitones=st.floats(-11, 11))
@settings(max_examples=30)
def test_a_transposed_voice_is_off_by_just_that(semitones):
    higher = CONTOUR * 2 ** (semitones / 12)
    assert pitch.median_ratio_semitones([CONTOUR], [higher]) == pytest.approx(semitones, abs=1e-9)
    assert pitch.rmse_cents(CONTOUR, higher) == pytest.approx(100 * abs(semitones), abs=1e-7)
    off = abs(2 ** (semitones / 12) - 1)
    assert pitch.gross_pitch_error(CONTOUR, higher) == (off > 0.2)
    assert pitch.voicing_decision_error(CONTOUR, higher) == 0


@given(repeats=st.lists(st.integers(1, 4), min_size=8, max_size=8))
@settings(max_examples=30)
def test_warping_forgives_timing_and_unvoiced_frames(repeats):
    assert pitch.warped_distance_hz(CONTOUR, np.repeat(CONTOUR, repeats)) == 0


def test_frame_metrics_count_frames():
    estimate = np.array([0.0, 200.0, 0.0, 220.0, 100.0, 180.0, 95.0, 0.0])
    scores = pitch.evaluate_aligned([CONTOUR], [estimate])
    assert list(scores) == ["rmse_cents", "voicing_decision_error", "gross_pitch_error"]
    assert scores["voicing_decision_error"] == 2 / 8
    assert scores["gross_pitch_error"] == 1 / 4
    assert scores["rmse_cents"] == pytest.approx(600)  # one of four frames an octave off: sqrt(1200^2 / 4)


def test_nothing_voiced_is_not_measurable():
    silent = np.zeros(8)
    scores = pitch.evaluate([CONTOUR], [silent])
    assert math.isnan(scores["dtw_distance_hz"])
    assert math.isnan(scores["median_ratio_semitones"])
    assert math.isnan(scores["standard_deviation_hz"])
    aligned = pitch.evaluate_aligned([CONTOUR], [silent])
    assert math.isnan(aligned["rmse_cents"])
    assert math.isnan(aligned["gross_pitch_error"])
    assert aligned["voicing_decision_error"] == 5 / 8
    assert all(math.isnan(score) for score in pitch.evaluate_aligned([[]], [[]]).values())


def test_one_silent_utterance_does_not_spoil_the_set():
    alone = pitch.evaluate([CONTOUR], [CONTOUR + 10])["dtw_distance_hz"]
    assert pitch.evaluate([CONTOUR, CONTOUR], [CONTOUR + 10, np.zeros(3)])["dtw_distance_hz"] == alone


def test_a_constant_pitch_has_no_shape():
    deviation_hz, skewness, kurtosis = pitch.moments([np.full(1000, 123.456)])
    assert deviation_hz == pytest.approx(0, abs=1e-9)
    assert math.isnan(skewness)
    assert math.isnan(kurtosis)


@pytest.mark.parametrize(
    ("references", "estimates"),
    [([], []), ([CONTOUR], []), ([CONTOUR], [-CONTOUR]), ([CONTOUR], [CONTOUR * np.nan]), ([CONTOUR[None]], [CONTOUR])],
)
def test_contours_that_make_no_sense_are_refused(references, estimates):
    with pytest.raises(InvalidInput):
        pitch.evaluate(references, estimates)


def test_frame_by_frame_needs_one_length():
    with pytest.raises(InvalidInput, match="frame by frame"):
        pitch.evaluate_aligned([CONTOUR], [CONTOUR[:-1]])
