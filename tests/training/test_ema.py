import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from octet.training.ema import EMA

values = st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=30)


def average(values, decay):
    weight = nn.Parameter(torch.tensor([values[0]]))
    ema = EMA({"w": weight}, decay)
    for step, value in enumerate(values[1:]):
        weight.data.fill_(value)
        ema.update(step)
    with ema.applied():
        return float(weight.detach())


@given(values, st.sampled_from([0.5, 0.9, 0.999]))
@settings(max_examples=50)
def test_an_average_is_the_weighted_sum_its_recursion_says_and_lies_within_the_values(values, decay):
    expected = values[0]
    for step, value in enumerate(values[1:]):
        keep = min(decay, (1 + step) / (10 + step))
        expected = keep * expected + (1 - keep) * value
    result = average(values, decay)
    assert result == pytest.approx(expected, abs=1e-4)
    assert min(values) - 1e-4 <= result <= max(values) + 1e-4


@given(values, values)
@settings(max_examples=25)
def test_averaging_is_linear(a, b):
    length = min(len(a), len(b))
    together = average([x + y for x, y in zip(a, b, strict=False)], 0.9)
    assert together == pytest.approx(average(a[:length], 0.9) + average(b[:length], 0.9), abs=1e-3)


def test_a_constant_is_its_own_average():
    assert average([3.0] * 10, 0.9) == 3.0


def test_decay_0_keeps_none_and_the_weights_stand_in():
    assert average([1.0, 2.0, 7.0], 0) == 7.0


def test_the_weights_come_back_also_after_an_error():
    weight = nn.Parameter(torch.tensor([1.0]))
    ema = EMA({"w": weight}, 0.5)
    weight.data.fill_(2.0)
    seen = []

    def fail():
        with ema.applied():
            seen.append(weight.item())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert seen == [1.0]
    assert weight.item() == 2.0
    assert float(ema.averages["w"]) == 1.0
