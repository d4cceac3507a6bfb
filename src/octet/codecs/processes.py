"""Statistics that all processes of a training must agree on. With one process nothing happens."""

from __future__ import annotations

import torch
from torch import distributed


def summed(x: torch.Tensor) -> torch.Tensor:
    """The sum over processes, in place."""
    if distributed.is_initialized() and distributed.get_world_size() > 1:
        distributed.all_reduce(x)
    return x


def averaged(x: torch.Tensor) -> torch.Tensor:
    """The mean over processes."""
    count = distributed.get_world_size() if distributed.is_initialized() else 1
    return summed(x) / count


def of_the_first(x: torch.Tensor) -> torch.Tensor:
    """What the first process has, on all of them: for what was drawn at random."""
    if distributed.is_initialized() and distributed.get_world_size() > 1:
        x = x.contiguous()
        distributed.broadcast(x, src=0)
    return x
