"""Warping against a plain cell-by-cell programme, and the properties of its path."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from octet.core.errors import InvalidInput
from octet.evaluation.time_warping import warping_path

TABLES = arrays(np.float64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 9).map(float))


def cell_by_cell(costs):
    total = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for a, b in np.ndindex(*costs.shape):
        total[a + 1, b + 1] = costs[a, b] + min(total[a, b], total[a, b + 1], total[a + 1, b])
    return total[-1, -1]


@given(TABLES)
@settings(max_examples=150)
def test_cost_is_the_least_and_is_that_of_the_path(costs):
    cost, path = warping_path(costs)
    assert cost == cell_by_cell(costs)
    assert cost == costs[path[:, 0], path[:, 1]].sum()


@given(TABLES)
@settings(max_examples=100)
def test_path_runs_from_corner_to_corner_by_single_steps(costs):
    _, path = warping_path(costs)
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [costs.shape[0] - 1, costs.shape[1] - 1]
    assert {tuple(step) for step in np.diff(path, axis=0)} <= {(1, 1), (1, 0), (0, 1)}


def test_ties_take_the_diagonal():
    assert warping_path(np.zeros((4, 4)))[1].tolist() == [[i, i] for i in range(4)]


@pytest.mark.parametrize("costs", [np.zeros((0, 3)), np.array([[-1.0]]), np.array([[np.nan]]), np.zeros(3)])
def test_tables_that_make_no_sense_are_refused(costs):
    with pytest.raises(InvalidInput):
        warping_path(costs)
