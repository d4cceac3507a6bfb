"""How fast to learn at a step, as a factor of the peak learning rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from octet.core.training import Plan


def fraction_done(plan: Plan, step: int, seconds: float, budget_minutes: float | None) -> float:
    """How much of the run is over, in [0, 1]: of its steps or of its time, whichever is further."""
    of_time = seconds / (60 * budget_minutes) if budget_minutes else 0.0
    return min(1.0, max(step / plan.steps, of_time))


class Stage(NamedTuple):
    """Where a run stands in one of its stages: which (from 0), its own step, and how much of it is over."""

    number: int
    step: int
    fraction: float


def stage_at(shares: Sequence[float], step: int, fraction: float) -> Stage:
    """The stage of a run at a step, of which `fraction` is over; a stage's own steps are counted by that fraction.

    >>> stage_at((0.5, 0.5), 30, 0.75), stage_at((1.0,), 30, 0.75)
    (Stage(number=1, step=10, fraction=0.5), Stage(number=0, step=30, fraction=0.75))
    """
    starts = [0.0, *list(accumulate(shares))[:-1]]
    number = max(index for index, start in enumerate(starts) if fraction >= start)
    start, share = starts[number], shares[number]
    own = round(step * (1 - start / fraction)) if start else step
    return Stage(number, own, min(1.0, (fraction - start) / share))


def learning_rate_factor(plan: Plan, step: int, fraction: float) -> float:
    """The factor of the learning rate for step `step` (from 0), in [0, 1].

    All rise linearly over `warmup_steps`. `cosine` then falls to 0 at `fraction` 1, so that a run that ends by the
    clock ends annealed (Loshchilov and Hutter 2017); `inverse_sqrt` falls with the root of the step (Vaswani 2017,
    section 5.3, scaled to a peak of 1); `constant` stays.
    """
    warmup = max(1, plan.warmup_steps)
    rise = min(1.0, (step + 1) / warmup)
    match plan.schedule:
        case "constant":
            return rise
        case "cosine":
            return rise * 0.5 * (1 + math.cos(math.pi * min(1.0, fraction)))
        case "inverse_sqrt":
            return min(rise, math.sqrt(warmup / (step + 1)))
