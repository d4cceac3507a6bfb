"""Quantised matrices: error bounds, exactness where it can be, the way to a file and back."""

from __future__ import annotations

from typing import Literal

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.families.token_lm.examples import SMALL, decoder

from octet.engines.prepare import flat, prepared, unflat
from octet.engines.quantize import LARGEST, Quantized, quantized, restored

BITS = st.sampled_from([4, 8])


def matrix(outputs: int, inputs: int, seed: int, size: float = 1.0) -> torch.Tensor:
    return size * torch.randn(outputs, inputs, generator=torch.Generator().manual_seed(seed))


@given(BITS, st.integers(1, 5), st.sampled_from([2, 6, 64, 128, 384]), st.integers(0, 99), st.floats(1e-6, 1e6))
def test_no_weight_is_further_than_half_a_scale(
    bits: Literal[4, 8], outputs: int, inputs: int, seed: int, size: float
) -> None:
    weight = matrix(outputs, inputs, seed, size)
    kept = quantized(weight, bits)
    assert kept.shape == (outputs, inputs)
    error = (restored(kept) - weight).abs().reshape(outputs, kept.scales.shape[1], -1)
    assert (error <= 0.5001 * kept.scales[:, :, None]).all()
    largest = weight.abs().reshape(error.shape).amax(2)
    torch.testing.assert_close(kept.scales * LARGEST[bits], largest)


@given(BITS, st.integers(0, 99))
def test_what_was_quantised_once_stays(bits: Literal[4, 8], seed: int) -> None:
    once = restored(quantized(matrix(4, 256, seed), bits))
    torch.testing.assert_close(restored(quantized(once, bits)), once)


@pytest.mark.parametrize("bits", [4, 8])
def test_all_codes_are_kept_and_signs_too(bits: Literal[4, 8]) -> None:
    codes = torch.arange(-LARGEST[bits], LARGEST[bits] + 1).float()
    weight = torch.stack([torch.cat([codes, codes[-1:]]), -torch.cat([codes, codes[-1:]])])
    assert torch.equal(restored(quantized(weight, bits)), weight)


def test_four_bits_are_half_of_eight_and_have_a_scale_for_128() -> None:
    weight = matrix(6, 384, 0)
    eight, four = quantized(weight, 8), quantized(weight, 4)
    assert (eight.codes.dtype, eight.codes.shape, eight.scales.shape) == (torch.int8, (6, 384), (6, 1))
    assert (four.codes.dtype, four.codes.shape, four.scales.shape) == (torch.uint8, (6, 192), (6, 3))
    assert quantized(torch.tensor([[7.0, -1.0]]), 4).codes.item() == 7 + 16 * 15


@pytest.mark.parametrize("bits", [4, 8])
def test_rows_and_groups_do_not_share_scales(bits: Literal[4, 8]) -> None:
    weight = matrix(2, 256, 0)
    weight[0] *= 1000
    kept = restored(quantized(weight, bits))
    assert torch.equal(kept[1:], restored(quantized(weight[1:], bits)))


@pytest.mark.parametrize("bits", [4, 8])
def test_nothing_stays_nothing(bits: Literal[4, 8]) -> None:
    assert torch.equal(restored(quantized(torch.zeros(2, 8), bits)), torch.zeros(2, 8))


def test_half_precision_can_be_quantised() -> None:
    weight = matrix(4, 64, 0).bfloat16()
    assert torch.equal(quantized(weight, 8).codes, quantized(weight.float(), 8).codes)


def test_what_is_prepared() -> None:
    model = decoder()
    for precision, bits in (("int8", 8), ("int4", 4)):
        weights = prepared(model, precision)  # type: ignore[arg-type]
        kinds = {name: weight.bits if isinstance(weight, Quantized) else 32 for name, weight in weights.items()}
        assert kinds["layers.1.cross_attention.key_value.weight"] == bits
        assert kinds["layers.0.self_norm.weight"] == kinds["embeddings.3.weight"] == 32
        assert kinds["heads.weight"] == 8
    for precision in ("fp32", "bf16"):
        weights = prepared(model, precision)  # type: ignore[arg-type]
        assert torch.equal(weights["heads.weight"][16:32], model.heads[1].weight)  # type: ignore[index]
        assert torch.equal(weights["layers.0.up.weight"], model.layers[0].up.weight)  # type: ignore[arg-type]
    assert len(weights) == len(model.state_dict()) - SMALL.codebooks + 1


@pytest.mark.parametrize("precision", ["fp32", "int8", "int4"])
def test_prepared_weights_come_back_from_a_file(precision: Literal["fp32", "int8", "int4"]) -> None:
    weights = prepared(decoder(), precision)
    back = unflat(flat(weights))
    assert back.keys() == weights.keys()
    for name, weight in weights.items():
        found = back[name]
        if isinstance(weight, Quantized):
            assert isinstance(found, Quantized)
            assert torch.equal(restored(found), restored(weight))
        else:
            assert torch.equal(found, weight)  # type: ignore[arg-type]
