import random

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from octet.training.randomness import seed, seed_step


def draws():
    return random.random(), np.random.rand(), torch.rand(()).item()


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=5), st.integers(0, 4))
def test_a_seed_follows_from_its_numbers_and_changes_with_each(numbers, place):
    assert seed(*numbers) == seed(*numbers)
    assert 0 <= seed(*numbers) < 2**32
    place %= len(numbers)
    other = [number + (index == place) for index, number in enumerate(numbers)]
    assert seed(*numbers) != seed(*other)


def test_a_steps_random_numbers_depend_on_the_step_alone():
    seed_step(7, 100, 0)
    first = draws()
    draws()
    seed_step(7, 100, 0)
    assert draws() == first
    for other in ((8, 100, 0), (7, 101, 0), (7, 100, 1)):
        seed_step(*other)
        assert not set(draws()) & set(first)


def test_a_long_run_queues_nothing_for_a_gpu_that_is_not_used():
    queued = len(torch.cuda._queued_calls)
    for step in range(5):
        seed_step(0, step, 0)
    assert len(torch.cuda._queued_calls) == queued
