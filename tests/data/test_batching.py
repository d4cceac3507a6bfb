import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.data.batching import Batches, Position

lengths = st.lists(st.integers(1, 60), min_size=1, max_size=40)


@given(lengths, st.integers(60, 300), st.integers(0, 5), st.integers(0, 3))
@settings(max_examples=60)
def test_every_example_comes_once_an_epoch_and_no_batch_exceeds_its_frames(lengths, batch_frames, seed, epoch):
    batches = Batches(lengths, batch_frames, seed=seed).epoch(epoch)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(max(lengths[i] for i in batch) * len(batch) <= batch_frames for batch in batches)


@given(lengths, st.integers(1, 5))
@settings(max_examples=60)
def test_the_processes_shares_are_the_batch_and_even(lengths, processes):
    batches = Batches(lengths, 300)
    for batch in batches.epoch(0):
        shares = [batches.share(batch, process, processes) for process in range(processes)]
        taken = [index for share in shares if share.frames for index in share.indices]
        assert sorted(taken) == sorted(batch)
        assert sum(share.frames for share in shares) == sum(lengths[i] for i in batch)
        sizes = [len(share.indices) for share in shares]
        assert min(sizes) >= 1
        assert max(sizes) - min(sizes) <= 1


@given(lengths, st.integers(1, 4), st.integers(0, 12))
@settings(max_examples=60)
def test_a_position_continues_the_stream_where_it_was_left(lengths, batches_per_step, taken):
    batches = Batches(lengths, 120, seed=3)
    whole = batches.steps(Position(), batches_per_step)
    position = Position()
    for _ in range(taken):
        _, position = next(whole)
    continued = Batches(lengths, 120, seed=3).steps(position, batches_per_step)
    assert [next(continued) for _ in range(6)] == [next(whole) for _ in range(6)]


def test_order_and_company_change_with_epoch_and_seed():
    lengths = list(range(20, 60))
    batches = Batches(lengths, 200)
    assert batches.epoch(0) != batches.epoch(1)
    assert set(map(frozenset, batches.epoch(0))) != set(map(frozenset, batches.epoch(1)))
    assert batches.epoch(0) != Batches(lengths, 200, seed=1).epoch(0)
    assert batches.epoch(1) == Batches(lengths, 200).epoch(1)


def test_little_is_padding_on_a_corpus_of_sentences():
    lengths = np.random.default_rng(0).lognormal(5.5, 0.5, 3000).astype(int).clip(40, 1500)
    batches = Batches(lengths, 8000).epoch(0)
    padded = sum(lengths[list(batch)].max() * len(batch) for batch in batches)
    assert padded / lengths.sum() < 1.06
    assert padded / len(batches) > 0.9 * 8000  # and batches are full


@pytest.mark.parametrize(
    ("lengths", "message"),
    [([], "no examples"), ([5, 0], "example 1 of the corpus has no frames"), ([5, 101], "plan.batch_frames=101")],
)
def test_an_unusable_corpus_is_refused_by_one_line(lengths, message):
    with pytest.raises(InvalidInput, match=message) as caught:
        Batches(lengths, 100)
    assert "\n" not in str(caught.value)
