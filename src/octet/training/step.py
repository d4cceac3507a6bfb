"""One optimiser step: losses, gradients, weights, average. Under several processes the same as under one.

A loss is a mean over what a batch holds, and processes and accumulated batches hold unequally much. So each loss is
multiplied by its batch's share of the step's frames (`StepData.weights`), and gradients are summed: the step then
follows the mean over all frames of the step, however it was split. A mean of the processes' means would not. Parts of
a loss that are means over something else (phones, say) are weighted by frames as well, and are then exact only up to
how evenly the shares are made.

The adversarial step: the generator's and the discriminator's gradients are both taken before either is stepped. As the
discriminator sees the generated audio detached, this equals stepping the generator first, and it holds for accumulated
batches too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from octet.core.training import Batch, Plan
from octet.training.checkpoint import Trained
from octet.training.loader import StepData

Parts = dict[str, Tensor]


class Sides(nn.Module):
    """A model as one module whose `forward` leads to either loss, since only `forward` passes through DDP's hooks."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model: Any = model

    def forward(self, batch: Batch | None, audio: tuple[Tensor, Tensor] | None, step: int) -> tuple[Tensor, Parts, Any]:
        """Total, detached parts, and (of the generator's side) the detached fake and real audio."""
        if audio is not None:
            losses = self.model.discriminator_loss(*audio, step=step)
            return losses.total, _detached(losses.parts), None
        losses = self.model.loss(batch, step=step)
        generated = losses.generated and tuple(side.detach() for side in losses.generated)
        return losses.total, {"loss": losses.total.detach(), **_detached(losses.parts)}, generated


@dataclass(frozen=True)
class Stepper:
    """What a step needs: the wrapped model, its optimisers (generator, then discriminator) and the plan."""

    accelerator: Any
    sides: nn.Module
    trained: Trained
    plan: Plan

    def step(self, data: StepData, step: int, rate_factor: float) -> Parts:
        """Take step `step` (from 0). Returns this process's share of losses and gradient norms: shares add up."""
        totals: Parts = defaultdict(lambda: torch.zeros((), device=self.accelerator.device))
        last = len(data.batches) - 1
        for number, (batch, weight) in enumerate(zip(data.batches, data.weights, strict=True)):
            # Gradients are exchanged once a step, with the last of its batches.
            with nullcontext() if number == last else self.accelerator.no_sync(self.sides):
                for name, value in self._backward(batch, weight, step):
                    totals[name] = totals[name] + value.float() * weight
        return {**totals, **self._update(step, rate_factor)}

    def _backward(self, batch: Batch, weight: float, step: int) -> Iterator[tuple[str, Tensor]]:
        scale = weight * self.accelerator.num_processes  # DDP divides the sum of gradients by the processes
        batch = {name: value.to(self.accelerator.device, non_blocking=True) for name, value in batch.items()}
        total, parts, generated = self.sides(batch, None, step)
        self.accelerator.backward(total * scale)
        yield from parts.items()
        if generated is not None and len(self.trained.optimizers) > 1:
            total, parts, _ = self.sides(None, generated, step)
            self.accelerator.backward(total * scale)
            yield from parts.items()

    def _update(self, step: int, rate_factor: float) -> Parts:
        rates = (self.plan.learning_rate, self.plan.discriminator_learning_rate)
        norms = {}
        for name, rate, optimizer in zip(("", "discriminator_"), rates, self.trained.optimizers, strict=False):
            for group in optimizer.param_groups:
                group["lr"] = rate * rate_factor
            weights = [weight for group in optimizer.param_groups for weight in group["params"]]
            # 0 clips nothing: the norm is still wanted.
            norm = self.accelerator.clip_grad_norm_(weights, self.plan.clip_norm or torch.inf)
            norms[f"{name}gradient_norm"] = norm / self.accelerator.num_processes
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        self.trained.ema.update(step)
        return norms


def _detached(parts: Mapping[str, Tensor]) -> Parts:
    return {name: value.detach() for name, value in parts.items()}
