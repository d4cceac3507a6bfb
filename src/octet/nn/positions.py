"""Sinusoidal positions (Vaswani 2017, section 3.5): even channels sine, odd channels cosine."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def sinusoids(length: int, width: int) -> Tensor:
    """The table (length, width) of PE(pos, 2i) = sin(pos / 10000^(2i/width)), PE(pos, 2i+1) = cos(same).

    Computed for any length, so that no text is too long for it; angles in float64, since they grow to thousands.
    """
    rates = torch.exp(torch.arange(0, width, 2, dtype=torch.float64) * (-math.log(10000.0) / width))
    angles = torch.arange(length)[:, None] * rates
    table = torch.empty(length, width)
    table[:, 0::2] = angles.sin()
    table[:, 1::2] = angles.cos()[:, : width // 2]
    return table
