"""How fast to learn at a step, as a factor of the peak learning rate."""

from __future__ import annotations

import math

from octet.core.training import Plan


def fraction_done(plan: Plan, step: int, seconds: float, budget_minutes: float | None) -> float:
    """How much of the run is over, in [0, 1]: of its steps or of its time, whichever is further."""
    of_time = seconds / (60 * budget_minutes) if budget_minutes else 0.0
    return min(1.0, max(step / plan.steps, of_time))


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
