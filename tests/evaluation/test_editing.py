"""Edit counts against algebra and against jiwer; the bootstrap against what it must do."""

import math

import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.evaluation.editing import NO_EDITS, Edits, confidence_interval, edits, pooled

SEQUENCES = st.lists(st.sampled_from("abcd"), max_size=12)


@given(SEQUENCES, SEQUENCES)
@settings(max_examples=200)
def test_counts_explain_both_lengths_and_swap_with_the_sides(reference, hypothesis):
    found, mirrored = edits(reference, hypothesis), edits(hypothesis, reference)
    assert found.length == len(reference)
    assert len(reference) - found.deletions + found.insertions == len(hypothesis)
    assert found.substitutions + found.deletions <= len(reference)
    assert (found.errors, found.deletions) == (mirrored.errors, mirrored.insertions)
    assert (found.errors == 0) == (reference == hypothesis)


@given(SEQUENCES, SEQUENCES, SEQUENCES)
@settings(max_examples=100)
def test_distance_is_a_metric(a, b, c):
    assert edits(a, c).errors <= edits(a, b).errors + edits(b, c).errors


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), SEQUENCES)
@settings(max_examples=100)
def test_agrees_with_jiwer(reference, hypothesis):
    oracle = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    found = edits(reference, hypothesis)
    assert found.errors == oracle.substitutions + oracle.deletions + oracle.insertions
    assert found.rate == pytest.approx(oracle.wer, abs=1e-12)


def test_known_edits():
    assert edits("abcdefgh", "xbdefgzh") == Edits(substitutions=1, deletions=1, insertions=1, length=8)


def test_empty_sides():
    assert edits([], []) == NO_EDITS
    assert math.isnan(edits([], ["a"]).rate)
    assert edits(["a", "b"], []) == Edits(0, 2, 0, 2)


def test_a_set_is_pooled_so_that_long_sentences_weigh_more():
    assert pooled([Edits(1, 0, 0, 1), Edits(0, 0, 0, 9)]).rate == pytest.approx(0.1)


def test_interval_holds_the_rate_narrows_with_the_set_and_repeats():
    sentences = [Edits(1, 0, 0, 10), Edits(0, 1, 2, 8), Edits(0, 0, 0, 12), Edits(2, 0, 0, 6)]
    low, high = confidence_interval(sentences)
    many_low, many_high = confidence_interval(sentences * 25)
    assert low < many_low < pooled(sentences).rate < many_high < high
    assert confidence_interval(sentences) == (low, high)
    spread = [Edits(errors, 0, 0, 10 + errors) for errors in range(10)]
    assert confidence_interval(spread, seed=1) != confidence_interval(spread)


def test_interval_of_equal_sentences_is_a_point_and_of_none_is_nan():
    assert confidence_interval([Edits(1, 0, 0, 4)] * 5) == (0.25, 0.25)
    assert all(math.isnan(bound) for bound in confidence_interval([]))
    assert all(math.isnan(bound) for bound in confidence_interval([Edits(0, 0, 1, 0)]))


def test_wider_level_gives_a_wider_interval():
    sentences = [Edits(errors, 0, 0, 10) for errors in (0, 1, 1, 2, 5, 0, 3)]
    narrow, wide = confidence_interval(sentences, level=0.5), confidence_interval(sentences, level=0.99)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
