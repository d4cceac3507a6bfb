"""Seeds that follow from where a run is, so that a continued run needs no saved generator states."""

from __future__ import annotations

import random

import numpy as np
import torch


def seed(*numbers: int) -> int:
    """A seed from several numbers, such that neighbours have unrelated streams (numpy's `SeedSequence`)."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint32)[0])


def seed_step(run_seed: int, step: int, process: int) -> None:
    """Seed every global generator (Python, numpy, torch on CPU and CUDA), so that a step depends on none before it."""
    number = seed(run_seed, step, process)
    random.seed(number)
    np.random.seed(number)
    torch.default_generator.manual_seed(number)
    # Not `torch.manual_seed`: where CUDA is not in use, that only lengthens a queue of calls for when it will be.
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(number)
