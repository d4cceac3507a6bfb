import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.training.toys import Corpus, Toy, ToyConfig, plan

from octet.training.held_out import held_out_losses, some


@given(st.integers(0, 300), st.integers(1, 80))
def test_some_are_distinct_in_order_and_as_many_as_wished(count, at_most):
    indices = some(count, at_most)
    assert indices == sorted(set(indices))
    assert len(indices) == min(count, at_most)
    assert all(0 <= index < count for index in indices)


def test_the_loss_is_the_mean_over_all_frames_however_they_are_batched():
    corpus, model = Corpus(), Toy(ToyConfig(noise=0.3)).eval()
    items = [corpus[index] for index in range(8)]
    with torch.no_grad():
        whole = float(model.loss(model.collate(items, torch.Generator()), step=0).total)
    assert held_out_losses(model, corpus, plan(batch_frames=160), 0)["loss"] == pytest.approx(whole, rel=1e-5)
    small = held_out_losses(model, corpus, plan(batch_frames=20), 0)
    assert small == {"loss": pytest.approx(whole, rel=1e-5), "mel": pytest.approx(whole, rel=1e-5)}


def test_examples_longer_than_a_batch_are_left_out():
    model = Toy(ToyConfig())
    long = held_out_losses(model, Corpus([10, 500]), plan(batch_frames=20), 0)
    assert long == held_out_losses(model, Corpus([10]), plan(batch_frames=20), 0)
    assert held_out_losses(model, Corpus([500]), plan(batch_frames=20), 0) == {}
