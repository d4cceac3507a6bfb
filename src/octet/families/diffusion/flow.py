"""Rectified flow (Liu et al., arXiv 2209.03003): straight lines from noise, at time 0, to data, at time 1.

    x_t = (1 - t) noise + t data,   velocity = data - noise

Time runs against a diffusion's steps, and a network is told `TIME_SCALE` times as much, as it would be told steps. A
shallow start is the same as a diffusion's: a blurry guess, made noisy, at a time above 0. B batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import torch
from torch import Tensor

from octet.core.errors import InvalidInput

TIME_SCALE = 1000.0

Velocity = Callable[[Tensor, Tensor], Tensor]  # x (B, ...) and scaled times (B,) -> a velocity (B, ...)


def interpolate(data: Tensor, times: Tensor, noise: Tensor) -> Tensor:
    """x_t: data and noise (B, ...), times (B,) in [0, 1] -> (B, ...)."""
    share = times.to(data).view(-1, *[1] * (data.dim() - 1))
    return (1 - share) * noise + share * data


def times(count: int, start: float = 0.0) -> list[float]:
    """`count` equal steps from `start` to 1: count + 1 times.

    >>> times(4), times(2, 0.5)
    ([0.0, 0.25, 0.5, 0.75, 1.0], [0.5, 0.75, 1.0])

    Raises:
        InvalidInput: no step, or a start outside [0, 1).
    """
    if count < 1 or not 0 <= start < 1:
        raise InvalidInput(f"{count} steps from time {start:g}: give at least 1 step and a start in [0, 1)")
    return [start + (1 - start) * step / count for step in range(count + 1)]


def euler(velocity: Velocity, x: Tensor, moments: list[float]) -> Iterator[Tensor]:
    """A straight step in between each two times: yields x at every time but the first."""
    for now, after in pairwise(moments):
        x = x + (after - now) * _at(velocity, x, now)
        yield x


def heun(velocity: Velocity, x: Tensor, moments: list[float]) -> Iterator[Tensor]:
    """Second order: the mean of the velocities at a step's both ends. Asks twice a step, but for the last, once.

    At time 1 there is nothing left of the noise that a network could tell, so the last step is Euler's.
    """
    for now, after in pairwise(moments):
        slope = _at(velocity, x, now)
        if after < 1:
            slope = (slope + _at(velocity, x + (after - now) * slope, after)) / 2
        x = x + (after - now) * slope
        yield x


FLOW_SAMPLERS: Mapping[str, Callable[[Velocity, Tensor, list[float]], Iterator[Tensor]]] = {
    "euler": euler,
    "heun": heun,
}


def _at(velocity: Velocity, x: Tensor, time: float) -> Tensor:
    return velocity(x, torch.full((len(x),), time * TIME_SCALE, device=x.device, dtype=x.dtype))
