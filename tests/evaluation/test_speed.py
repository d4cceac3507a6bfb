"""Timings of callables whose duration is known from below."""

import time

import pytest
import torch
from tests.families.token_lm.test_generate import Recorder

from octet.core.errors import InvalidInput
from octet.evaluation.speed import Timing, evaluate, measure, measure_first, real_time_factor, steps_per_second
from octet.families.token_lm.conditions import Conditions


def test_warm_ups_are_called_and_not_counted():
    calls = []

    def slow_once():
        time.sleep(0.0 if calls else 0.2)
        calls.append(1)

    timing = measure(slow_once, warmups=1, repeats=3)
    assert len(calls) == 4
    assert len(timing.seconds) == 3
    assert timing.median_seconds < 0.1
    assert timing.threads == torch.get_num_threads()


def test_every_repeat_takes_as_long_as_the_work():
    timing = measure(lambda: time.sleep(0.01), warmups=0, repeats=3)
    assert min(timing.seconds) >= 0.01
    assert real_time_factor(timing, 0.5) == timing.median_seconds / 0.5


def test_one_slow_repeat_does_not_move_the_median():
    assert Timing((1.0, 9.0, 2.0), threads=1).median_seconds == 2.0


def test_only_the_first_piece_of_a_stream_is_waited_for():
    def stream():
        yield 1
        raise AssertionError("the second piece was asked for")

    assert measure_first(stream, repeats=2).median_seconds < 0.1


class Sleeper(Recorder):
    """An engine that takes ten milliseconds a step."""

    def step(self, step):
        time.sleep(0.01)
        return super().step(step)


def test_steps_are_counted_and_timed():
    engine = Sleeper()
    found = steps_per_second(engine, Conditions(), rows=2, steps=8, warmups=0, repeats=1)
    assert 10 < found < 8 / 0.07
    assert [tuple(read.shape) for read in engine.read] == [(2, 4, 1)] * 8
    assert engine.promised == 8
    with pytest.raises(InvalidInput, match="0 steps of 2 rows"):
        steps_per_second(engine, Conditions(), rows=2, steps=0)


def test_scores_in_order():
    scores = evaluate(Timing((2.0,), 4), Timing((0.5,), 4), audio_seconds=8.0)
    assert list(scores.items()) == [
        ("real_time_factor", 0.25), ("seconds", 2.0), ("first_sound_seconds", 0.5), ("threads", 4.0),
    ]  # fmt: skip


@pytest.mark.parametrize("counts", [{"repeats": 0}, {"warmups": -1}])
def test_measuring_nothing_is_refused(counts):
    with pytest.raises(InvalidInput, match="at least 0 and 1"):
        measure(lambda: None, **counts)


def test_no_sound_an_empty_stream_and_mixed_threads_are_refused():
    with pytest.raises(InvalidInput, match="needs sound"):
        real_time_factor(Timing((1.0,), 1), 0.0)
    with pytest.raises(InvalidInput, match="first piece"):
        measure_first(list)
    with pytest.raises(InvalidInput, match="threads"):
        evaluate(Timing((1.0,), 1), Timing((1.0,), 2), 1.0)
