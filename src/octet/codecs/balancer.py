"""EnCodec's loss balancer (Defossez 2022, arXiv 2210.13438, section 3.4, equation 5).

Losses of unlike scales are hard to weigh. All of them act on the generated audio, so the gradient that each sends there
is divided by the moving average of its own norm: a weight then says which share of the gradient a loss has.

Legend: B batch, C channels, N samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import nn

from octet.codecs.processes import averaged

Losses = Mapping[str, torch.Tensor]
LEAST_NORM = 1e-12


class Balancer(nn.Module):
    """Makes one loss of several on audio. Without `balanced` it is their weighted sum."""

    norms: torch.Tensor
    seen: torch.Tensor

    def __init__(self, weights: Mapping[str, float], *, balanced: bool, decay: float = 0.999) -> None:
        super().__init__()
        self.weights, self.balanced, self.decay = dict(weights), balanced, decay
        self.register_buffer("norms", torch.zeros(len(weights)))  # moving sums of gradient norms, and of ones
        self.register_buffer("seen", torch.zeros(len(weights)))

    def forward(self, audio: torch.Tensor, losses_of: Callable[[torch.Tensor], Losses]) -> tuple[torch.Tensor, Losses]:
        """The loss of audio (B, C, N), and its parts, of which those without weight are only reported.

        `losses_of` must depend on the model through the audio alone. It is differentiated with respect to the audio, so
        that no gradient reaches a discriminator. Averages move in training mode only.
        """
        if not torch.is_grad_enabled():
            losses = losses_of(audio)
            return self._weighed(losses, self._factors(losses)), losses
        leaf = audio.detach().requires_grad_()
        losses = losses_of(leaf)
        gradients = {name: self._gradient(losses[name], leaf) for name in losses if self.weights.get(name)}
        if self.training:
            self._follow(gradients)
        factors = self._factors(losses)
        gradient = torch.stack([factors[name] * g for name, g in gradients.items()]).sum(dim=0)
        through = (audio * gradient).sum()
        parts = {name: loss.detach() for name, loss in losses.items()}
        return self._weighed(parts, factors) + through - through.detach(), parts

    def _gradient(self, loss: torch.Tensor, leaf: torch.Tensor) -> torch.Tensor:
        return torch.autograd.grad(loss, leaf, retain_graph=True)[0]

    @torch.no_grad()
    def _follow(self, gradients: Losses) -> None:
        for index, name in enumerate(self.weights):
            if name in gradients:
                norm = averaged(torch.linalg.vector_norm(gradients[name].flatten(1), dim=1).mean())
                self.norms[index] = self.decay * self.norms[index] + norm
                self.seen[index] = self.decay * self.seen[index] + 1

    def _factors(self, losses: Losses) -> dict[str, torch.Tensor]:
        """What each loss is multiplied by."""
        present = {name: weight for name, weight in self.weights.items() if weight and name in losses}
        if not self.balanced:
            return {name: torch.tensor(weight, device=self.norms.device) for name, weight in present.items()}
        mean = dict(zip(self.weights, self.norms / self.seen.clamp(min=1), strict=True))
        total = sum(present.values())
        return {name: weight / total / (mean[name] + LEAST_NORM) for name, weight in present.items()}

    def _weighed(self, losses: Losses, factors: Losses) -> torch.Tensor:
        return torch.stack([factor * losses[name] for name, factor in factors.items()]).sum()
