"""Variance predictor and quantised variance embedding (FastSpeech 2, section 2.3, figure 1c).

B batch, T positions (phones or frames), D width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class VariancePredictor(nn.Module):
    """`layers` times [Conv1d, ReLU, LayerNorm, dropout], then a linear layer to `outputs` values a position."""

    def __init__(
        self, width: int, channels: int, kernel: int, dropout: float, outputs: int = 1, layers: int = 2
    ) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv1d(inputs, channels, kernel, padding=kernel // 2) for inputs in (width, *[channels] * (layers - 1))
        )
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(channels, outputs)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """x (B, T, D), valid (B, T) -> (B, T, outputs), zero where not valid."""
        keep = valid[:, :, None]
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = convolution(x.transpose(1, 2)).transpose(1, 2).relu()
            x = self.dropout(norm(x)) * keep
        predicted: Tensor = self.out(x) * keep
        return predicted


class QuantizedEmbedding(nn.Module):
    """A value a position, quantised by 255 edges into 256 bins, each with a learned vector."""

    edges: Tensor

    def __init__(self, edges: Tensor, width: int) -> None:
        super().__init__()
        self.register_buffer("edges", edges)
        self.embedding = nn.Embedding(len(edges) + 1, width)

    def forward(self, values: Tensor) -> Tensor:
        """(B, T) -> (B, T, D); values outside the range take the first or last bin."""
        embedded: Tensor = self.embedding(torch.bucketize(values, self.edges))
        return embedded


def log_edges(low: float, high: float, bins: int) -> Tensor:
    """Inner edges of `bins` equal steps in the logarithm, as the paper quantises F0."""
    return torch.logspace(0, 1, bins - 1, base=high / low) * low


def uniform_edges(low: float, high: float, bins: int) -> Tensor:
    """Inner edges of `bins` equal steps, as the paper quantises energy."""
    return torch.linspace(low, high, bins - 1)
