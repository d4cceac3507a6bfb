"""The loss on utterances that are not trained on: the same at every evaluation but for the weights."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import torch

from octet.core.training import Plan
from octet.data.batching import Batches
from octet.training.loader import Dataset

EXAMPLES = 64


def some(count: int, at_most: int) -> list[int]:
    """Indices spread evenly over `count`, at most so many.

    >>> some(10, 4)
    [0, 2, 5, 7]
    """
    return [int(index) for index in np.arange(min(count, at_most)) * max(1.0, count / at_most)]


def held_out_losses(model: Any, dataset: Dataset, plan: Plan, step: int) -> dict[str, float]:
    """Total (`loss`) and parts of the loss over up to 64 examples, weighed by their frames as in training.

    Examples longer than a batch of the plan are left out.
    """
    chosen = [i for i in some(len(dataset.lengths), EXAMPLES) if dataset.lengths[i] <= plan.batch_frames]
    if not chosen:
        return {}
    lengths = [int(dataset.lengths[i]) for i in chosen]
    device = next(model.parameters()).device
    sums: dict[str, float] = defaultdict(float)
    for batch in Batches(lengths, plan.batch_frames).epoch(0):
        items = [dataset[chosen[index]] for index in sorted(batch)]
        tensors = model.collate(items, torch.Generator().manual_seed(0))
        losses = model.loss({name: value.to(device) for name, value in tensors.items()}, step=step)
        weight = sum(lengths[index] for index in batch) / sum(lengths)
        for name, value in {"loss": losses.total, **losses.parts}.items():
            sums[name] += float(value.detach()) * weight
    return dict(sums)
