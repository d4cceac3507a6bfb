"""`octet bench musecoco` on sizes that take a moment; what is fast is not tested."""

from __future__ import annotations

import pytest
import torch
from tests.systems.musecoco.examples import model, small

from octet.core.errors import InvalidInput
from octet.engines.openvino_graph import installed
from octet.jobs.bench_musecoco import Shapes, bench_musecoco, random_weights

SMALL = small(width=16)


def test_every_way_is_timed_at_every_length() -> None:
    rows = bench_musecoco(Shapes(SMALL, lengths=(3, 9), large=SMALL, steps=2), threads=torch.get_num_threads())
    ways = ("recurrent, torch", "recomputed", "softmax, cached", "recurrent / recomputed", "recurrent / softmax")
    assert all(rows[f"{way}, at {length}"] > 0 for way in ways for length in (3, 9))
    assert not installed() or rows["1.2B shape, int8: share of the bandwidth's limit"] > 0


def test_random_weights_have_the_names_and_sizes_of_a_model() -> None:
    made = {name: tuple(weight.shape) for name, weight in random_weights(SMALL).items()}
    state = {name: tuple(weight.shape) for name, weight in model(width=16).state_dict().items()}
    assert made == {name: shape for name, shape in state.items() if not name.startswith("embedding.")}


def test_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one length"):
        bench_musecoco(Shapes(SMALL, lengths=()))
