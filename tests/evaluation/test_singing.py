import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.evaluation import singing

NOTES = np.array([0.0] * 40 + [60.0] * 80 + [64.0] * 80 + [0.0] * 40)


def sung(cents: float = 0.0) -> np.ndarray:
    return np.where(NOTES > 0, 440 * 2 ** ((NOTES + cents / 100 - 69) / 12), 0.0)


@given(st.floats(-400, 400))
def test_a_voice_that_is_off_is_off_by_that_much(cents: float) -> None:
    found = singing.evaluate([NOTES], [sung(cents)], 80)
    assert found["f0_error_median_cents"] == pytest.approx(abs(cents), abs=1e-6)
    assert found["f0_error_95th_percentile_cents"] == pytest.approx(abs(cents), abs=1e-6)
    assert found["voicing_error"] == 0


def test_glides_between_notes_do_not_count() -> None:
    glide = sung()
    glide[120:130] = np.linspace(glide[119], glide[131], 10)
    assert singing.evaluate([NOTES], [glide], 80)["f0_error_95th_percentile_cents"] == pytest.approx(0, abs=1e-6)


def test_voicing_counts_notes_that_fall_silent_and_rests_that_sound() -> None:
    silent = sung()
    silent[60:90] = 0
    assert 0.1 < singing.evaluate([NOTES], [silent], 80)["voicing_error"] < 0.5
    loud = np.maximum(sung(), 100.0)
    assert singing.evaluate([NOTES], [loud], 80)["voicing_error"] > 0.1


def test_short_notes_and_silence_cannot_be_scored() -> None:
    found = singing.evaluate([np.array([60.0] * 10)], [np.full(10, 300.0)], 80)
    assert np.isnan(found["f0_error_median_cents"])
    assert np.isnan(found["voicing_error"])


def test_onsets_are_counted_within_thirty_milliseconds() -> None:
    found = singing.evaluate_onsets([[1.0, 2.0], [3.0, 4.0]], [[1.01, 2.05], [2.98, 4.0]])
    assert found["onsets_on_the_beat"] == pytest.approx(0.75)
    assert found["onset_error_mean_ms"] == pytest.approx(20.0)


def test_what_does_not_pair_up_is_refused() -> None:
    with pytest.raises(InvalidInput):
        singing.evaluate([NOTES], [], 80)
    with pytest.raises(InvalidInput):
        singing.evaluate([NOTES], [sung()[:-1]], 80)
    with pytest.raises(InvalidInput, match="must not be negative"):
        singing.evaluate([NOTES], [-sung()], 80)
    with pytest.raises(InvalidInput):
        singing.evaluate_onsets([[1.0]], [[1.0, 2.0]])
