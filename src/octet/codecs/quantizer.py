"""Residual vector quantisation (SoundStream, arXiv 2107.03312, section III-C and algorithm 1).

A latent vector becomes the number of its nearest code vector; what that leaves over is quantised by the next codebook,
and so on, so that the first codebooks alone give a coarser version of the same sound. How codebooks are learnt is in
`learning.py`: here they only stand.

Legend: B batch, D latent dimension, T frames, K codebooks, V vectors of a codebook.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from octet.core.errors import InvalidInput


class Codebook(nn.Module):
    """V vectors, found by Euclidean distance. No gradient reaches them: they follow averages of what they stand for."""

    def __init__(self, size: int, dimension: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(size, dimension), requires_grad=False)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """Latents (..., D) -> the nearest vectors' numbers (...) int64."""
        # |x - v|^2 less |x|^2, which is the same for all v
        distances = torch.addmm(self.vectors.square().sum(1), x.flatten(0, -2), self.vectors.t(), alpha=-2)
        return distances.argmin(dim=1).view(x.shape[:-1])

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Numbers (...) -> vectors (..., D)."""
        return nn.functional.embedding(codes, self.vectors)


class ResidualQuantizer(nn.Module):
    """K codebooks, each for what those before it left over."""

    def __init__(self, dimension: int, codebooks: int, codebook_size: int) -> None:
        super().__init__()
        self.codebook_size = codebook_size
        self.codebooks = nn.ModuleList(Codebook(codebook_size, dimension) for _ in range(codebooks))

    @property
    def levels(self) -> list[Codebook]:
        """The codebooks, coarse to fine."""
        return cast(list[Codebook], list(self.codebooks))

    def encode(self, latent: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        """Latents (B, D, T) -> codes (B, K, T) int64, of the first `codebooks` or of all.

        Raises:
            InvalidInput: more codebooks than there are, or none.
        """
        used = require_codebooks(codebooks, len(self.codebooks))
        residual, codes = latent.transpose(1, 2), []
        for codebook in self.levels[:used]:
            codes.append(codebook.encode(residual))
            residual = residual - codebook.decode(codes[-1])
        return torch.stack(codes, dim=1)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, K, T) of the first K codebooks -> latents (B, D, T).

        Raises:
            InvalidInput: not three dimensions of integers, more codebooks than there are, or codes outside them.
        """
        require_codes(codes, len(self.codebooks), self.codebook_size)
        used = self.levels[: codes.shape[1]]
        parts = [codebook.decode(codes[:, level]) for level, codebook in enumerate(used)]
        return torch.stack(parts).sum(dim=0).transpose(1, 2)


def require_codebooks(wanted: int | None, available: int) -> int:
    """How many codebooks to use: those that are wanted, or all.

    Raises:
        InvalidInput: more than there are, or none.
    """
    used = available if wanted is None else wanted
    if not 1 <= used <= available:
        raise InvalidInput(f"{used} codebooks were asked for; this codec has 1 to {available}")
    return used


def require_codes(codes: torch.Tensor, codebooks: int, codebook_size: int) -> None:
    """Refuse what such codebooks cannot decode.

    Raises:
        InvalidInput: not integers (B, K, T) with 1 to `codebooks` and at least one frame, or codes outside them.
    """
    if codes.dim() != 3 or codes.is_floating_point() or not 1 <= codes.shape[1] <= codebooks or not codes.numel():
        raise InvalidInput(
            f"codes of shape {tuple(codes.shape)} and type {codes.dtype} were given; integers (batch, codebooks, "
            f"frames) of 1 to {codebooks} codebooks and at least one frame are expected"
        )
    if not 0 <= int(codes.min()) <= int(codes.max()) < codebook_size:
        raise InvalidInput(
            f"codes from {int(codes.min())} to {int(codes.max())} were given; each must be 0 to {codebook_size - 1}: "
            "special tokens of a language model have no sound"
        )
