"""The exponential moving average of the weights: what is evaluated and saved.

The decay rises as (1 + n) / (10 + n) with the number n of updates until it meets the plan's, so that short runs
are not dominated by the initial weights (Abadi et al. 2016, TensorFlow, `ExponentialMovingAverage`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch


class EMA:
    """The average of `weights`, which it keeps referring to. With decay 0 there is none and the weights stand in."""

    def __init__(self, weights: Mapping[str, torch.nn.Parameter], decay: float) -> None:
        self.decay = decay
        self.weights = dict(weights) if decay else {}
        self.averages = {name: weight.detach().clone() for name, weight in self.weights.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights as they are after step `step` (from 0)."""
        if self.averages:
            keep = min(self.decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(list(self.averages.values()), list(self.weights.values()), 1 - keep)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block the model has the averaged weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, average in self.averages.items():
            live = self.weights[name].clone()
            self.weights[name].copy_(average)
            average.copy_(live)
