"""Weights in 8 and 4 bits: a matrix as small whole numbers and scales, symmetric around zero.

    int8    one scale a row (an output of the layer): weight = code * scale, codes from -127 to 127
    int4    one scale for 128 numbers of a row, codes from -7 to 7, two to a byte, the first in the lower half

A weight is at most half a scale from what is stored, and a scale is the largest weight of its group over 127 or 7.

Legend: O outputs, I inputs, G groups of a row.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

GROUP = 128
LARGEST = {8: 127, 4: 7}


@dataclass(frozen=True)
class Quantized:
    """A matrix (O, I)."""

    codes: Tensor  # int8 (O, I), or uint8 (O, I / 2) where two stand in a byte
    scales: Tensor  # float32 (O, G)
    bits: Literal[4, 8]

    @property
    def shape(self) -> tuple[int, int]:
        """(O, I)."""
        outputs, columns = self.codes.shape
        return outputs, columns * 8 // self.bits


def quantized(matrix: Tensor, bits: Literal[4, 8]) -> Quantized:
    """The nearest codes of a matrix (O, I) of any floating-point type; I is even.

    >>> quantized(torch.tensor([[0.5, -1.27], [0.0, 0.0]]), 8).codes.tolist()
    [[50, -127], [0, 0]]
    """
    outputs, inputs = matrix.shape
    group = inputs if bits == 8 else math.gcd(inputs, GROUP)
    grouped = matrix.detach().float().reshape(outputs, inputs // group, group)
    scales = grouped.abs().amax(2).clamp(min=torch.finfo(torch.float32).tiny) / LARGEST[bits]
    codes = (grouped / scales[:, :, None]).round().to(torch.int8).reshape(outputs, inputs)
    return Quantized(codes if bits == 8 else _packed(codes), scales, bits)


def restored(weight: Quantized) -> Tensor:
    """The float32 matrix (O, I) that is stored."""
    codes = weight.codes if weight.bits == 8 else unpacked(weight.codes)
    outputs, inputs = weight.shape
    grouped = codes.float().reshape(outputs, weight.scales.shape[1], -1) * weight.scales[:, :, None]
    return grouped.reshape(outputs, inputs)


def _packed(codes: Tensor) -> Tensor:
    low, high = codes.view(torch.uint8).reshape(len(codes), -1, 2).unbind(2)
    return (low & 15) | (high << 4)


def unpacked(packed: Tensor) -> Tensor:
    halves = torch.stack([packed & 15, packed >> 4], dim=2).flatten(1)
    return torch.where(halves > 7, halves.to(torch.int8) - 16, halves.to(torch.int8))
