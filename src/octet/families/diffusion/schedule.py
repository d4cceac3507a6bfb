"""Noise schedules of diffusion models (Ho et al., arXiv 2006.11239), and the forward process that they define.

    x_t = sqrt(a_t) x_0 + sqrt(1 - a_t) noise,   a_t the product of (1 - beta) up to step t (equation 4)

Steps are counted from 0, as indices into the schedule. B batch; T steps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor

ScheduleKind = Literal["linear", "scaled_linear", "cosine"]
_COSINE_OFFSET = (
    0.008  # keeps the first steps from being too small (Nichol and Dhariwal, arXiv 2102.09672, section 3.2)
)
_COSINE_LARGEST_BETA = 0.999  # the same, against a singularity at the end


class ScheduleConfig(BaseModel):
    """A schedule's shape. `beta_start` and `beta_end` say nothing of "cosine", which is fixed by its length.

    DiffSinger's is linear, 100 steps from 1e-4 to 0.06 (or 1000 steps to 0.02); latent diffusion's is scaled linear,
    1000 steps from 0.0015 to 0.0195.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    kind: ScheduleKind = "linear"
    steps: int = Field(default=100, ge=1, le=100_000)
    beta_start: float = Field(default=1e-4, gt=0, lt=1)
    beta_end: float = Field(default=0.06, gt=0, lt=1)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.beta_start > self.beta_end:
            raise ValueError(f"beta_start, {self.beta_start:g}, must not exceed beta_end, {self.beta_end:g}")
        return self


@dataclass(frozen=True)
class NoiseSchedule:
    """How much of the data is left after each step: `alphas_cumprod` (T,) float64, falling."""

    alphas_cumprod: Tensor

    @property
    def steps(self) -> int:
        return len(self.alphas_cumprod)

    def signal(self, steps: Tensor) -> Tensor:
        """sqrt(a_t) at each of these steps, float64."""
        return self.alphas_cumprod.to(steps.device)[steps].sqrt()

    def noise(self, steps: Tensor) -> Tensor:
        """sqrt(1 - a_t) at each of these steps, float64."""
        return (1 - self.alphas_cumprod.to(steps.device)[steps]).sqrt()

    def diffuse(self, clean: Tensor, steps: Tensor, noise: Tensor) -> Tensor:
        """x_t of x_0 in closed form (equation 4): clean and noise (B, ...), steps (B,) int64 -> (B, ...)."""
        signal, share = levels(self, steps, clean)
        return signal * clean + share * noise


def levels(schedule: NoiseSchedule, steps: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    """Signal and noise of steps (B,), shaped to multiply `like` (B, ...)."""
    shape = (-1, *[1] * (like.dim() - 1))
    return schedule.signal(steps).to(like).view(shape), schedule.noise(steps).to(like).view(shape)


def build(config: ScheduleConfig) -> NoiseSchedule:
    """The schedule of a configuration."""
    match config.kind:
        case "linear":
            betas = torch.linspace(config.beta_start, config.beta_end, config.steps, dtype=torch.float64)
        case "scaled_linear":
            ends = math.sqrt(config.beta_start), math.sqrt(config.beta_end)
            betas = torch.linspace(*ends, config.steps, dtype=torch.float64).square()
        case "cosine":
            betas = _cosine_betas(config.steps)
    return NoiseSchedule((1 - betas).cumprod(0))


def _cosine_betas(steps: int) -> Tensor:
    times = torch.arange(steps + 1, dtype=torch.float64) / steps
    left = ((times + _COSINE_OFFSET) / (1 + _COSINE_OFFSET) * math.pi / 2).cos().square()
    return (1 - left[1:] / left[:-1]).clamp(max=_COSINE_LARGEST_BETA)
