"""What may be drawn, and how often it is."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import TopKLogitsWarper, TopPLogitsWarper

from octet.nn.sampling import GREEDY, Sampling, draw, keep_top_k, keep_top_p


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_logits(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 4, 16, generator=rng(seed)) * 2


@given(st.integers(0, 1000), st.integers(1, 20))
def test_top_k_as_transformers_has_it(seed: int, k: int) -> None:
    logits = random_logits(seed).flatten(0, 1)
    assert torch.equal(keep_top_k(logits, k), TopKLogitsWarper(k)(None, logits))


@given(st.integers(0, 1000), st.floats(0.05, 0.95))
def test_top_p_as_transformers_has_it(seed: int, p: float) -> None:
    logits = random_logits(seed).flatten(0, 1)
    assert torch.equal(keep_top_p(logits, p), TopPLogitsWarper(p)(None, logits))


def test_equals_of_the_last_kept_stay() -> None:
    assert keep_top_k(torch.tensor([1.0, 3, 3, 0]), 1).isfinite().tolist() == [False, True, True, False]


def test_the_likeliest_always_stays() -> None:
    assert keep_top_p(torch.tensor([9.0, 0, 0]), 1e-9).isfinite().tolist() == [True, False, False]


def test_temperature_zero_is_greedy_and_draws_nothing() -> None:
    generator = rng()
    state = generator.get_state()
    assert torch.equal(GREEDY(random_logits(), generator), random_logits().argmax(-1))
    assert torch.equal(generator.get_state(), state)


def test_draws_follow_the_distribution() -> None:
    probabilities = torch.tensor([0.5, 0.3, 0.2])
    drawn = draw(probabilities.log().expand(20_000, 3), rng())
    torch.testing.assert_close(torch.bincount(drawn) / 20_000, probabilities, atol=0.02, rtol=0)


def test_temperature_sharpens() -> None:
    logits = torch.tensor([1.0, 0.0]).expand(20_000, 2)
    cold = Sampling(temperature=0.5, top_k=0)(logits, rng()).float().mean()
    assert cold == pytest.approx(1 / (1 + torch.e**2), abs=0.01)


def test_filters_work_together_and_apart() -> None:
    logits = torch.tensor([4.0, 3.9, 3.8, 0.0])
    kept = {
        (k, p): Sampling(top_k=k, top_p=p).filter(logits).isfinite().sum().item()
        for k in (0, 2)
        for p in (0.0, 0.2, 0.9)
    }
    assert kept == {(0, 0.0): 4, (0, 0.2): 1, (0, 0.9): 3, (2, 0.0): 2, (2, 0.2): 1, (2, 0.9): 2}


def test_one_seed_one_draw() -> None:
    sampling = Sampling()
    assert torch.equal(sampling(random_logits(), rng(3)), sampling(random_logits(), rng(3)))
    assert sampling(random_logits(), rng(3)).shape == (2, 4)


@pytest.mark.parametrize("wrong", [{"temperature": -1}, {"temperature": float("nan")}, {"top_p": 1.5}, {"top_k": -1}])
def test_impossible_values_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Sampling.model_validate(wrong)
