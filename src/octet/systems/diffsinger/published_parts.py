"""Parts of the public DiffSinger weights that differ from the papers' (MoonInTheRiver's, built on NATSpeech's blocks).

Blocks are pre-LN, attention has no bias, the convolution's output is scaled by the root of its kernel, GELU follows,
and a last normalisation closes a stack. Positions begin at 1 in tables whose halves are sines and cosines. The encoder
of some versions ("rel_pos") scales its input once more and counts positions down from 4999.

B batch, P phones, T frames, D width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from octet.nn.attention import SelfAttention

EPSILON: Final = 1e-12  # of the predictors' normalisation
LAST_POSITION: Final = 4999
F0_ROWS: Final = 300
_LEAST_F0_HZ, _MOST_F0_HZ, _BINS = 50.0, 1100.0, 256


class PreNormBlock(nn.Module):
    """Attention, then a convolution and a linear layer, each on a normalised input, each added to it."""

    def __init__(self, width: int, heads: int, inner_width: int, kernel: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads, bias=False)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.expand = nn.Conv1d(width, inner_width, kernel, padding=kernel // 2)
        self.contract = nn.Linear(inner_width, width)
        self.scale = kernel**-0.5

    def forward(self, x: Tensor) -> Tensor:
        """(1, T, D) -> (1, T, D)."""
        x = x + self.attention(self.attention_norm(x), None)
        inner = self.expand(self.feed_forward_norm(x).mT).mT * self.scale
        return x + self.contract(F.gelu(inner))


class PreNormStack(nn.Module):
    """Blocks and the last normalisation; `alpha` scales the positions of a decoder's."""

    def __init__(self, blocks: Sequence[PreNormBlock], width: int, *, decodes: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(width)
        self.alpha = nn.Parameter(torch.ones(1)) if decodes else None

    def forward(self, x: Tensor) -> Tensor:
        if self.alpha is not None:
            x = x + self.alpha * half_sinusoids(x.shape[1], x.shape[2]).to(x)
        for block in self.blocks:
            x = block(x)
        normalised: Tensor = self.norm(x)
        return normalised


class ConvolutionPredictor(nn.Module):
    """Several times [Conv1d, ReLU, normalisation], and a linear layer; `positions` adds scaled ones first."""

    def __init__(self, widths: Sequence[int], kernel: int, outputs: int, *, positions: bool) -> None:
        super().__init__()
        pairs = list(pairwise(widths))
        self.convolutions = nn.ModuleList(nn.Conv1d(a, b, kernel, padding=(kernel - 1) // 2) for a, b in pairs)
        self.norms = nn.ModuleList(nn.LayerNorm(b, eps=EPSILON) for _, b in pairs)
        self.out = nn.Linear(widths[-1], outputs)
        self.alpha = nn.Parameter(torch.ones(1)) if positions else None

    def forward(self, x: Tensor) -> Tensor:
        """(1, T, D) -> (1, T, outputs)."""
        if self.alpha is not None:
            x = x + self.alpha * half_sinusoids(x.shape[1], x.shape[2]).to(x)
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = norm(convolution(x.mT).relu().mT)
        predicted: Tensor = self.out(x)
        return predicted


class PitchExtractor(nn.Module):
    """F0 from a mel (version MIDI-B's, for the vocoder): a prenet, residual convolutions, a predictor."""

    def __init__(self, mel_bins: int, width: int, predictor: ConvolutionPredictor, residual_layers: int) -> None:
        super().__init__()
        inputs = (mel_bins, width, width)
        self.prenet = nn.ModuleList(nn.Conv1d(size, width, 5, padding=2) for size in inputs)
        self.prenet_norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in inputs)
        self.prenet_out = nn.Linear(width, width)
        self.enter = nn.Linear(width, width)
        self.residual = nn.ModuleList(nn.Conv1d(width, width, 5, padding=2) for _ in range(residual_layers))
        self.residual_norms = nn.ModuleList(nn.GroupNorm(width // 16, width) for _ in range(residual_layers))
        self.leave = nn.Linear(width, width)
        self.predictor = predictor

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Mel (1, M, T) -> F0 in Hz (1, T) of every frame, and which are voiced (1, T)."""
        x = mel
        for convolution, norm in zip(self.prenet, self.prenet_norms, strict=True):
            x = norm(convolution(x).relu())
        x = self.enter(self.prenet_out(x.mT)).mT
        for convolution, norm in zip(self.residual, self.residual_norms, strict=True):
            x = x + norm(convolution(x)).relu()
        log_f0, unvoiced = self.predictor(self.leave(x.mT)).unbind(2)
        return 2**log_f0, unvoiced <= 0


def half_sinusoids(length: int, width: int, first: int = 1) -> Tensor:
    """Positions from `first` on (length, width): sines in the first half of the channels, cosines in the second."""
    rates = torch.exp(torch.arange(width // 2) * -(math.log(10_000) / (width // 2 - 1)))
    angles = torch.arange(first, first + length)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def falling_sinusoids(length: int, width: int) -> Tensor:
    """Positions from 4999 down (length, width): sines in even channels, cosines in odd ones."""
    rates = torch.exp(torch.arange(0, width, 2) * -(math.log(10_000) / width))
    angles = torch.arange(LAST_POSITION, LAST_POSITION - length, -1)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)


def f0_rows(f0_hz: Tensor) -> Tensor:
    """Rows of the F0 embedding: 1 where unvoiced (0 Hz), else up to 255, even in mel between 50 and 1100 Hz."""
    low, high = (1127 * math.log(1 + hz / 700) for hz in (_LEAST_F0_HZ, _MOST_F0_HZ))
    mel = 1127 * torch.log(1 + f0_hz / 700)
    rows = torch.where(mel > 0, (mel - low) * (_BINS - 2) / (high - low) + 1, mel).clamp(1, _BINS - 1)
    return (rows + 0.5).long()
