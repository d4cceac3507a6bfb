"""The shallow diffusion mechanism (arXiv 2105.02446, section 3.2, figures 1 and 3): what follows the auxiliary decoder.

    blurry mel -> noisy at step k, in closed form -> k reverse steps by the denoiser -> mel

DiffSinger and DiffSpeech share it. B batch, M mel bins, T frames, D condition channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from octet.families.diffusion import schedule as schedules
from octet.families.diffusion.course import course, falling_steps
from octet.families.diffusion.denoisers import WaveNetDenoiser
from octet.families.diffusion.prediction import target
from octet.families.diffusion.samplers import SAMPLERS, Denoiser
from octet.systems.diffsinger.boundary import (
    BoundaryPredictor,
    boundary_loss,
    divergence_boundary,
    learned_boundary,
)
from octet.systems.diffsinger.config import DiffusionConfig, MelRange, SamplerName

WARMUP, BOUNDARY, DENOISING = range(3)  # the stages of training
MEASURED_FRAMES: Final = 128  # of a mel, where a boundary is looked for
_KEPT: Final = 0.95  # of the running means of both boundaries, a step


@dataclass(frozen=True)
class Sampling:
    """How to sample; what is None is as the model's configuration, and its training, say."""

    sampler: SamplerName | None = None
    steps: int | None = None
    depth: int | None = None  # k


class ShallowDiffusion(nn.Module):
    """Denoiser, boundary predictor, and both boundaries as they were found in training, as running means."""

    low: Tensor
    high: Tensor
    learned_depth: Tensor
    divergence_depth: Tensor

    def __init__(self, config: DiffusionConfig, mel: MelRange, condition_channels: int) -> None:
        super().__init__()
        self.config = config
        self.schedule = schedules.build(config.schedule)
        self.denoiser = WaveNetDenoiser(config.denoiser, len(mel.low), condition_channels)
        self.boundary = BoundaryPredictor(len(mel.low), config.boundary_channels)
        self.register_buffer("low", torch.tensor(mel.low)[:, None], persistent=False)
        self.register_buffer("high", torch.tensor(mel.high)[:, None], persistent=False)
        for name in ("learned_depth", "divergence_depth"):
            self.register_buffer(name, torch.tensor(float(self.schedule.steps)))

    @property
    def depth(self) -> int:
        """k: how many steps are undone. All of them where diffusion is not shallow."""
        if not self.config.shallow:
            return self.schedule.steps
        return self.config.depth or max(1, round(float(self.learned_depth)))

    def normalised(self, mel: Tensor) -> Tensor:
        """Each bin of (B, M, T) from its range to [-1, 1]."""
        return (mel - self.low) / (self.high - self.low) * 2 - 1

    def restored(self, x: Tensor) -> Tensor:
        """The opposite of `normalised`."""
        return (x + 1) / 2 * (self.high - self.low) + self.low

    def enter_stage(self, number: int) -> None:
        """Train what a stage trains."""
        self.boundary.requires_grad_(number == BOUNDARY)
        self.denoiser.requires_grad_(number == DENOISING)

    def boundary_step(self, mel: Tensor, blurry: Tensor, valid: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """The boundary predictor's loss (section 3.3); training also goes on measuring where the boundary lies."""
        true, blurry = self.normalised(mel), self.normalised(blurry)
        steps, noise = self._steps(batch["moments"], self.schedule.steps), batch["noise"]
        logits = [self.boundary(self.schedule.diffuse(side, steps, noise), steps) for side in (true, blurry)]
        if self.training:
            self._measure(true, blurry, valid, noise)
        return boundary_loss(*logits, valid)

    def loss(self, mel: Tensor, condition: Tensor, weights: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """The denoiser's (equation 4), at steps below k, over frames by their weights (B, T), 0 where padded."""
        clean, noise = self.normalised(mel), batch["noise"]
        steps = self._steps(batch["moments"], self.depth)
        wanted = target(self.config.prediction, self.schedule, clean, noise, steps)
        error = self.denoiser(self.schedule.diffuse(clean, steps, noise), steps, condition, weights > 0) - wanted
        cost = (error.abs() if self.config.error == "absolute" else error.square()).mean(1)
        return (cost * weights).sum() / weights.sum().clamp(min=1)

    def sample(
        self, condition: Tensor, blurry: Tensor, valid: Tensor, rng: torch.Generator, how: Sampling
    ) -> Iterator[Tensor]:
        """Mels (B, M, T), one after each step of the sampler, of a condition (B, D, T) and a blurry mel (B, M, T).

        Where not `valid` (B, T), a mel is at the bottom of its range.
        """
        depth = min(how.depth or self.depth, self.schedule.steps)
        count = min(how.steps or self.config.steps, depth)
        points = course(self.schedule, falling_steps(depth, count))
        noise = torch.randn(blurry.shape, generator=rng, device=rng.device).to(blurry)
        start = noise
        if self.config.shallow:
            start = points[0].signal * self.normalised(blurry) + points[0].noise * noise
        shares = self.denoiser.shares(condition)
        denoiser = Denoiser(
            lambda x, moments: self.denoiser.denoise(x, moments, shares, valid), self.config.prediction, limit=1.0
        )
        for x in SAMPLERS[how.sampler or self.config.sampler](denoiser, start, points, rng):
            yield torch.where(valid[:, None], self.restored(x), self.low)

    def _steps(self, moments: Tensor, depth: int) -> Tensor:
        """Uniform numbers in [0, 1) as steps below a depth."""
        return (moments * depth).long().clamp(max=depth - 1)

    @torch.no_grad()
    def _measure(self, true: Tensor, blurry: Tensor, valid: Tensor, noise: Tensor) -> None:
        """The boundaries of the batch's first mel, into the running means."""
        frames = slice(0, min(MEASURED_FRAMES, int(valid[0].sum())))
        pieces = [mel[0, :, frames] for mel in (true, blurry, noise)]
        found = learned_boundary(self.boundary, self.schedule, *pieces)
        by_rule = divergence_boundary(self.schedule, *pieces[:2])
        for mean, value in ((self.learned_depth, found), (self.divergence_depth, by_rule)):
            mean.copy_(_KEPT * mean + (1 - _KEPT) * value)


def draws(shape: tuple[int, int, int], rng: torch.Generator) -> dict[str, Any]:
    """The random numbers of a training step for a batch of mels (B, M, T)."""
    return {"moments": torch.rand(shape[0], generator=rng), "noise": torch.randn(shape, generator=rng)}
