import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.training.toys import plan

from octet.training.schedule import fraction_done, learning_rate_factor

names = st.sampled_from(["constant", "cosine", "inverse_sqrt"])


@given(names, st.integers(0, 50), st.integers(1, 500))
def test_a_factor_is_between_0_and_1_and_rises_through_the_warmup(name, warmup, steps):
    schedule = plan(schedule=name, warmup_steps=warmup, steps=steps)
    factors = [learning_rate_factor(schedule, step, step / steps) for step in range(steps)]
    assert all(0 <= factor <= 1 for factor in factors)
    if name != "cosine":  # the cosine falls already while the warm-up rises
        assert factors[:warmup] == sorted(factors[:warmup])
        assert max(factors) == pytest.approx(min(1.0, steps / max(1, warmup)))
    after = factors[warmup:]
    assert after == sorted(after, reverse=True)


def test_the_schedules_are_the_published_curves():
    at = {name: plan(schedule=name, warmup_steps=100, steps=1000) for name in ("constant", "cosine", "inverse_sqrt")}
    assert learning_rate_factor(at["constant"], 0, 0.0) == 0.01
    assert learning_rate_factor(at["constant"], 900, 0.9) == 1
    assert learning_rate_factor(at["cosine"], 500, 0.5) == pytest.approx(0.5)
    assert learning_rate_factor(at["cosine"], 999, 0.999) < 1e-5
    assert learning_rate_factor(at["inverse_sqrt"], 399, 0.4) == pytest.approx(0.5)
    # Vaswani's formula, width^-1/2 * min(n^-1/2, n * warmup^-3/2), over its peak
    for step in (0, 49, 99, 100, 700):
        n = step + 1
        formula = min(n**-0.5, n * 100**-1.5) / 100**-0.5
        assert learning_rate_factor(at["inverse_sqrt"], step, 0.0) == pytest.approx(formula)


@given(st.integers(0, 1000), st.floats(0, 7200), st.one_of(st.none(), st.floats(1, 120)))
def test_a_run_is_as_far_as_its_steps_or_its_time(step, seconds, budget_minutes):
    done = fraction_done(plan(steps=1000), step, seconds, budget_minutes)
    assert done >= step / 1000
    if budget_minutes is not None:
        assert done == pytest.approx(min(1, max(step / 1000, seconds / 60 / budget_minutes)))
        assert fraction_done(plan(steps=1000), step, 60 * budget_minutes, budget_minutes) == 1


def test_a_cosine_anneals_when_the_time_is_over_however_few_steps_were_made():
    schedule = plan(schedule="cosine", steps=10**6, warmup_steps=1)
    fraction = fraction_done(schedule, 50, seconds=59.9, budget_minutes=1)
    assert learning_rate_factor(schedule, 50, fraction) < 1e-4
    assert math.isclose(learning_rate_factor(schedule, 0, 0.0), 1)
