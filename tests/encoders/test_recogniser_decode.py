from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.encoders.recogniser.decode import BLANK, greedy, merge, prefix_beam, restrict
from octet.text.phonemes import PAUSES, SYMBOL_IDS, SYMBOLS


def _log_probs(seed: int, steps: int, symbols: int) -> np.ndarray:
    return np.log(np.random.default_rng(seed).dirichlet(np.ones(symbols), size=steps)).astype(np.float32)


def _most_probable_labelling(log_probs: np.ndarray) -> list[int]:
    """By the definition: the probabilities of all paths, added up over those that mean the same."""
    totals: dict[tuple[int, ...], float] = defaultdict(float)
    for path in product(range(log_probs.shape[1]), repeat=len(log_probs)):
        labels = tuple(symbol for symbol, _ in groupby(path) if symbol != BLANK)
        totals[labels] += float(np.exp(log_probs[np.arange(len(path)), path].sum()))
    return list(max(totals, key=lambda labels: totals[labels]))


@settings(max_examples=60)
@given(st.integers(0, 2**31), st.integers(1, 5), st.integers(2, 4))
def test_a_wide_beam_finds_the_most_probable_labelling(seed: int, steps: int, symbols: int) -> None:
    log_probs = _log_probs(seed, steps, symbols)
    assert prefix_beam(log_probs, width=500) == _most_probable_labelling(log_probs)


def test_the_beam_sums_paths_where_greedy_sees_one() -> None:
    log_probs = np.log(np.array([[0.4, 0.35, 0.25], [0.4, 0.35, 0.25]], np.float32))
    assert greedy(log_probs) == []
    assert prefix_beam(log_probs) == [1]  # 0.35 * 0.35 + 2 * 0.4 * 0.35 = 0.40 against 0.16


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3), max_size=12))
def test_merge_removes_repeats_and_then_blanks(path: list[int]) -> None:
    assert merge(np.array(path, dtype=np.int64)) == [symbol for symbol, _ in groupby(path) if symbol != BLANK]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 3), max_size=12))
def test_sure_posteriors_leave_one_answer(path: list[int]) -> None:
    log_probs = np.log(np.eye(4, dtype=np.float32)[path] * 0.99 + 0.0025).reshape(-1, 4)
    assert greedy(log_probs) == merge(np.array(path, dtype=np.int64))
    assert prefix_beam(log_probs) == greedy(log_probs)


def test_no_steps_say_nothing() -> None:
    empty = np.zeros((0, 5), np.float32)
    assert greedy(empty) == prefix_beam(empty) == []


def test_what_is_ruled_out_is_never_decoded() -> None:
    log_probs = _log_probs(0, 30, len(SYMBOLS))
    allowed = {"a", "m", "s"}
    limited = restrict(log_probs, SYMBOLS, allowed)
    for labels in (greedy(limited), prefix_beam(limited)):
        assert labels
        assert {SYMBOLS[label] for label in labels} <= allowed


def test_pauses_are_ruled_out_and_the_rest_is_left() -> None:
    limited = restrict(np.zeros((2, len(SYMBOLS)), np.float32), SYMBOLS)
    assert (limited[:, [SYMBOL_IDS[pause] for pause in PAUSES]] == -np.inf).all()
    assert np.isfinite(limited).sum() == 2 * (len(SYMBOLS) - len(PAUSES))


def test_unknown_symbols_and_no_beam_are_refused() -> None:
    with pytest.raises(InvalidInput, match="zz"):
        restrict(np.zeros((1, len(SYMBOLS)), np.float32), SYMBOLS, ["a", "zz"])
    with pytest.raises(InvalidInput, match="width 0"):
        prefix_beam(np.zeros((1, 2), np.float32), width=0)
