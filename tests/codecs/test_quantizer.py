"""Residual quantisation: nearest vectors, level by level, and codes that cannot be decoded are refused."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.codecs.quantizer import Codebook, ResidualQuantizer
from octet.core.errors import InvalidInput


def quantizer(codebooks=4, size=16, dimension=3):
    torch.manual_seed(0)
    return ResidualQuantizer(dimension, codebooks, size)


def latent(frames=50, dimension=3, seed=1):
    return torch.randn(2, dimension, frames, generator=torch.Generator().manual_seed(seed))


def test_a_codebook_finds_the_vector_that_is_nearest():
    torch.manual_seed(0)
    codebook, x = Codebook(20, 5), torch.randn(3, 7, 5)
    assert torch.equal(codebook.encode(x), torch.cdist(x, codebook.vectors[None]).argmin(dim=-1))
    assert torch.equal(codebook.encode(codebook.vectors), torch.arange(20))
    assert torch.equal(codebook.decode(torch.arange(20)), codebook.vectors)


def test_no_gradient_reaches_a_codebook():
    assert not any(parameter.requires_grad for parameter in quantizer().parameters())


def test_each_codebook_quantises_what_those_before_it_left_over():
    levels, x = quantizer(), latent()
    codes = levels.encode(x)
    assert codes.shape == (2, 4, 50)
    assert codes.dtype == torch.int64
    for level in range(1, 4):
        left_over = (x - levels.decode(codes[:, :level])).transpose(1, 2)
        assert torch.equal(codes[:, level], levels.codebooks[level].encode(left_over))


@settings(max_examples=20)
@given(st.integers(1, 4), st.integers(1, 9), st.integers(0, 99))
def test_fewer_codebooks_give_the_first_codes_of_more(used, frames, seed):
    levels, x = quantizer(), latent(frames, seed=seed)
    assert torch.equal(levels.encode(x, used), levels.encode(x)[:, :used])


def test_codes_whose_vectors_can_be_told_apart_come_back():
    levels = quantizer(codebooks=3)
    for depth, codebook in enumerate(levels.codebooks):  # each level far finer than the one before
        codebook.vectors.copy_((torch.arange(16)[:, None] * 32.0**-depth).expand(16, 3))
    codes = torch.randint(16, (2, 3, 30), generator=torch.Generator().manual_seed(0))
    assert torch.equal(levels.encode(levels.decode(codes)), codes)


@pytest.mark.parametrize("used", [0, 5, -1])
def test_codebooks_that_there_are_not_are_refused(used):
    with pytest.raises(InvalidInput, match=f"{used} codebooks were asked for; this codec has 1 to 4"):
        quantizer().encode(latent(), used)


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (torch.full((1, 4, 2), 16), "codes from 16 to 16 were given; each must be 0 to 15"),
        (torch.full((1, 4, 2), -1), "codes from -1 to -1"),
        (torch.zeros(1, 5, 2, dtype=torch.int64), r"shape \(1, 5, 2\)"),
        (torch.zeros(1, 0, 2, dtype=torch.int64), r"shape \(1, 0, 2\)"),
        (torch.zeros(4, 2, dtype=torch.int64), r"shape \(4, 2\)"),
        (torch.zeros(1, 4, 2), "torch.float32"),
    ],
)
def test_codes_without_a_sound_are_refused(codes, said):
    with pytest.raises(InvalidInput, match=said):
        quantizer().decode(codes)
