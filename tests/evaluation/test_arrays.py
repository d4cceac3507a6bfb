"""The common checks: what passes, and that a refusal says what was given."""

import math

import numpy as np
import pytest

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import deviation_of_mean, finite, mean, same_count, same_shape


def test_values_become_float64_vectors():
    assert finite("a", [1, 2]).dtype == np.float64
    assert finite("a", np.zeros((2, 3), np.float32), dimensions=2).shape == (2, 3)


def test_refusals_name_what_was_given():
    with pytest.raises(InvalidInput, match=r"pitch has shape \(1, 2\)"):
        finite("pitch", [[1, 2]])
    with pytest.raises(InvalidInput, match="pitch holds nan"):
        finite("pitch", [1, math.nan])
    with pytest.raises(InvalidInput, match=r"\(2,\).*\(3,\)"):
        same_shape("pitch", np.zeros(2), np.zeros(3))
    with pytest.raises(InvalidInput, match="2 references and 1 others"):
        same_count("sentences", [1, 2], [1])
    with pytest.raises(InvalidInput, match="at least one"):
        same_count("sentences", np.zeros((0, 3)), [])


def test_mean_of_nothing_is_nan():
    assert mean([1.0, 2.0]) == 1.5
    assert math.isnan(mean([]))


def test_a_mean_of_more_values_deviates_less() -> None:
    assert deviation_of_mean([1.0, 3.0]) == pytest.approx(1 / 2**0.5)
    assert deviation_of_mean([1.0, 3.0] * 4) == pytest.approx(1 / 8**0.5)
    assert math.isnan(deviation_of_mean([]))
