"""Three forms of one attention: equal, causal, steady over thousands of positions, and safe to branch."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.families.linear_attention import (
    LinearAttention,
    Memory,
    chunked,
    feature,
    parallel,
    recurrent,
)

CLOSE = {"atol": 1e-4, "rtol": 1e-4}
SIZES = st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 40), st.integers(1, 7), st.integers(1, 5))


def queries_keys_values(sizes, seed=0, scale=1.0):
    batch, heads, length, width, values = sizes
    rng = torch.Generator().manual_seed(seed)
    q, k = (scale * torch.randn(batch, heads, length, width, generator=rng) for _ in range(2))
    return q, k, torch.randn(batch, heads, length, values, generator=rng)


def one_by_one(q, k, v, memory):
    outs = []
    for t in range(q.shape[2]):
        out, memory = recurrent(q[:, :, t : t + 1], k[:, :, t : t + 1], v[:, :, t : t + 1], memory)
        outs.append(out)
    return torch.cat(outs, 2), memory


@given(SIZES, st.integers(1, 16), st.integers(0, 1000))
@settings(max_examples=25)
def test_parallel_chunked_and_recurrent_are_equal(sizes, chunk, seed):
    q, k, v = queries_keys_values(sizes, seed)
    empty = Memory.empty(q, v.shape[-1])
    expected = parallel(q, k, v)
    by_chunks, after_chunks = chunked(q, k, v, empty, chunk)
    by_steps, after_steps = one_by_one(q, k, v, empty)
    torch.testing.assert_close(by_chunks, expected, **CLOSE)
    torch.testing.assert_close(by_steps, expected, **CLOSE)
    torch.testing.assert_close(after_chunks, after_steps, **CLOSE)


def test_it_is_the_papers_formula():
    q, k, v = queries_keys_values((1, 1, 5, 3, 2), seed=4)
    phi = [[torch.nn.functional.elu(x) + 1 for x in side[0, 0]] for side in (q, k)]
    for t in range(5):
        weights = torch.stack([phi[0][t] @ phi[1][j] for j in range(t + 1)])
        expected = (weights[:, None] * v[0, 0, : t + 1]).sum(0) / (weights.sum() + 1e-6)
        torch.testing.assert_close(parallel(q, k, v)[0, 0, t], expected)


@given(st.integers(1, 30), st.integers(1, 30))
@settings(max_examples=15)
def test_reading_in_two_parts_is_reading_at_once(first, second):
    q, k, v = queries_keys_values((2, 2, first + second, 4, 3))
    empty = Memory.empty(q, 3)
    whole, after = chunked(q, k, v, empty, 8)
    one, memory = chunked(q[:, :, :first], k[:, :, :first], v[:, :, :first], empty, 8)
    two, memory = chunked(q[:, :, first:], k[:, :, first:], v[:, :, first:], memory, 8)
    torch.testing.assert_close(torch.cat([one, two], 2), whole, **CLOSE)
    torch.testing.assert_close(memory, after, **CLOSE)


def test_the_future_is_not_seen():
    q, k, v = queries_keys_values((1, 2, 20, 4, 3))
    changed = [torch.cat([side[:, :, :13], torch.randn_like(side[:, :, 13:])], 2) for side in (q, k, v)]
    before, after = (chunked(*sides, Memory.empty(q, 3), 8)[0] for sides in ((q, k, v), changed))
    assert torch.equal(before[:, :, :13], after[:, :, :13])
    assert not torch.allclose(before[:, :, 13:], after[:, :, 13:])


def test_thousands_of_positions_do_not_drift():
    q, k, v = queries_keys_values((1, 1, 5000, 8, 4), scale=3.0)
    by_chunks, _ = chunked(q, k, v, Memory.empty(q, 4))
    by_steps, _ = one_by_one(q, k, v, Memory.empty(q, 4))
    assert by_steps.isfinite().all()
    torch.testing.assert_close(by_chunks, by_steps, **CLOSE)


def test_branches_share_a_memory_without_touching_it():
    q, k, v = queries_keys_values((2, 2, 6, 4, 3))
    _, memory = chunked(q, k, v, Memory.empty(q, 3))
    kept = Memory(memory.products.clone(), memory.features.clone())
    branches = memory.rows(torch.tensor([1, 1, 0]))
    recurrent(*(torch.randn(3, 2, 1, width) for width in (4, 4, 3)), branches)
    recurrent(q[:, :, :1], k[:, :, :1], v[:, :, :1], memory)
    assert torch.equal(memory.products, kept.products)
    assert torch.equal(memory.features, kept.features)
    assert torch.equal(branches.features, kept.features[[1, 1, 0]])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_features_are_positive_in_any_precision(dtype):
    x = torch.tensor([-30.0, -9.0, -1.0, 0.0, 1.0, 300.0]).to(dtype)
    assert (feature(x) > 0).all()
    assert feature(x).dtype == torch.float32
    assert feature(torch.tensor([0.0, 2.0])).tolist() == [1.0, 3.0]


def test_gradients_of_the_chunked_form_are_those_of_the_parallel_one():
    sides = [side.requires_grad_() for side in queries_keys_values((1, 2, 19, 3, 3))]
    found = torch.autograd.grad(chunked(*sides, Memory.empty(sides[0], 3), 4)[0].square().sum(), sides)
    expected = torch.autograd.grad(parallel(*sides).square().sum(), sides)
    torch.testing.assert_close(found, expected, **CLOSE)


def test_heads_need_not_add_up_to_the_width():
    attention = LinearAttention(width=18, heads=4)  # 4 x 4 = 16
    assert attention.qkv.weight.shape == (48, 18)
    x = torch.randn(2, 9, 18)
    whole, after = attention(x, None)
    first, memory = attention(x[:, :8], None)
    last, memory = attention(x[:, 8:], memory)
    torch.testing.assert_close(torch.cat([first, last], 1), whole, **CLOSE)
    torch.testing.assert_close(memory, after, **CLOSE)


def test_half_precision_keeps_its_sums_in_float32():
    attention = LinearAttention(8, 2).to(torch.bfloat16)
    out, memory = attention(200 * torch.randn(1, 70, 8).to(torch.bfloat16), None)
    assert (out.dtype, memory.products.dtype) == (torch.bfloat16, torch.float32)
    assert out.isfinite().all()
