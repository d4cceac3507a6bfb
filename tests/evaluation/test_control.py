"""Accuracies whose answer is known."""

from __future__ import annotations

import pytest

from octet.core.errors import InvalidInput
from octet.evaluation import control


def test_pieces_count_alike_and_those_that_meet_nothing_count() -> None:
    met = [{"a": True, "b": True}, {"a": False}, {"a": True, "b": False, "c": False, "d": False}, {}]
    assert control.average_sample_wise_accuracy(met) == pytest.approx((1 + 0 + 0.25) / 3)


def test_the_published_way_drops_zeros_and_bars_without_a_class() -> None:
    met = [{"a": True, "b": False}, {"a": False}, {"b": False, "c": True}]
    assert control.published_accuracy(met, [(), (), ("b",)]) == pytest.approx((0.5 + 1) / 2)


def test_understanding_is_of_what_is_said_and_of_what_is_not() -> None:
    said = [{"a": 1, "b": 2}, {}]
    heard = [{"a": 1, "b": 0}, {"c": 3}]
    assert control.understanding(said, heard, ["a", "b", "c"]) == {
        "said_accuracy": 0.5,
        "unsaid_accuracy": 0.75,
        "exact_texts": 0.0,
    }
    assert control.by_key(said, heard, {"a": "x", "b": "x", "c": "y"}) == {"x": 0.5}
    with pytest.raises(InvalidInput, match="as many of each"):
        control.understanding(said, [], ["a"])
