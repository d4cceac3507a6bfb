"""What a denoiser predicts, and how one prediction becomes another.

"epsilon" is the noise (Ho et al., arXiv 2006.11239), "sample" the clean x_0, "velocity" sqrt(a_t) noise - sqrt(1 - a_t)
x_0 (Salimans and Ho, arXiv 2202.00512). B batch.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor

from octet.families.diffusion.schedule import NoiseSchedule, levels

PredictionKind = Literal["epsilon", "sample", "velocity"]


class Estimate(NamedTuple):
    """What is thought to be in x_t: the clean x_0 and the noise, both shaped as x_t."""

    clean: Tensor
    noise: Tensor


def target(kind: PredictionKind, schedule: NoiseSchedule, clean: Tensor, noise: Tensor, steps: Tensor) -> Tensor:
    """What the denoiser should say of `schedule.diffuse(clean, steps, noise)`: (B, ...), steps (B,) -> (B, ...)."""
    if kind == "epsilon":
        return noise
    if kind == "sample":
        return clean
    signal, share = levels(schedule, steps, clean)
    return signal * noise - share * clean


def estimate(kind: PredictionKind, x: Tensor, predicted: Tensor, signal: float, noise: float) -> Estimate:
    """Both parts of x_t = signal x_0 + noise epsilon, of a prediction of one of three kinds."""
    if kind == "epsilon":
        return Estimate((x - noise * predicted) / signal, predicted)
    if kind == "sample":
        return Estimate(predicted, (x - signal * predicted) / noise)
    return Estimate(signal * x - noise * predicted, noise * x + signal * predicted)
