"""Where shallow diffusion begins: the step k from which the blurry mel, made noisy, passes for the true one.

Two ways, both of the paper (arXiv 2105.02446): the boundary predictor of section 3.3, a classifier trained to tell
the two apart at every step, and the comparison of divergences of its appendix, which needs no training.

B batch, M mel bins, T frames, S steps of the schedule. Mels are normalised to [-1, 1].
"""

from __future__ import annotations

from math import gcd
from typing import Final

import torch
from torch import Tensor, nn

from octet.families.diffusion.denoisers import StepEmbedding
from octet.families.diffusion.schedule import NoiseSchedule

LAYERS: Final = 5
NORM_GROUPS: Final = 8
SIMILAR: Final = 0.4  # the classifier's two answers differ by less ...
SHARE: Final = 0.95  # ... at this share of the steps from k on
MOST_STEPS: Final = 100  # of the schedule that a boundary is looked for at


class BoundaryPredictor(nn.Module):
    """A residual network of five convolutions that reads a noisy mel and its step: true, or blurry?

    It answers for every frame, and a mel's answer is the mean. Each convolution reads what is normalised over the whole
    mel: without, what tells the two apart, which is small beside the mel itself, is hardly found in a few hundred
    steps.
    """

    def __init__(self, mel_bins: int, channels: int) -> None:
        super().__init__()
        self.embedding = StepEmbedding(channels)
        self.enter = nn.Conv1d(mel_bins, channels, 3, padding=1)
        groups = gcd(NORM_GROUPS, channels)
        self.norms = nn.ModuleList(nn.GroupNorm(groups, channels) for _ in range(LAYERS))
        self.layers = nn.ModuleList(nn.Conv1d(channels, channels, 3, padding=1) for _ in range(LAYERS))
        self.leave = nn.Conv1d(channels, 1, 1)

    def forward(self, mel: Tensor, steps: Tensor) -> Tensor:
        """Noisy mel (B, M, T) at steps (B,) -> the logit (B, T) that it is of a true one."""
        x = self.enter(mel) + self.embedding(steps)[:, :, None]
        for norm, layer in zip(self.norms, self.layers, strict=True):
            x = x + layer(norm(x).relu())
        logits: Tensor = self.leave(x.relu())[:, 0]
        return logits


def boundary_loss(true: Tensor, blurry: Tensor, valid: Tensor) -> Tensor:
    """Cross-entropy of the logits (B, T) of both sides over valid frames (equation 6)."""
    cost = nn.functional.softplus(-true) + nn.functional.softplus(blurry)
    return (cost * valid).sum() / (2 * valid.sum().clamp(min=1))


@torch.no_grad()
def learned_boundary(
    predictor: BoundaryPredictor, schedule: NoiseSchedule, true: Tensor, blurry: Tensor, noise: Tensor
) -> float:
    """k' of one mel: true, blurry and noise (M, T) each."""
    count = min(MOST_STEPS, schedule.steps)
    steps = torch.linspace(0, schedule.steps - 1, count, device=true.device).round().long()
    answers = [
        predictor(schedule.diffuse(mel.expand(count, -1, -1), steps, noise.expand(count, -1, -1)), steps)
        for mel in (true, blurry)
    ]
    gaps = (answers[0].sigmoid().mean(1) - answers[1].sigmoid().mean(1)).abs()
    return float(steps[first_similar(gaps)]) + 1


def first_similar(gaps: Tensor) -> int:
    """The first index from which on at least `SHARE` of the gaps (S,) are below `SIMILAR`; the last where none is.

    >>> first_similar(torch.tensor([0.9, 0.8, 0.1, 0.5, 0.1, 0.1])), first_similar(torch.ones(3))
    (4, 2)
    """
    below = (gaps < SIMILAR).double().flip(0).cumsum(0).flip(0)
    shares = below / torch.arange(len(gaps), 0, -1, device=gaps.device)
    found = (shares >= SHARE).nonzero()
    return int(found[0]) if len(found) else len(gaps) - 1


def divergence_boundary(schedule: NoiseSchedule, true: Tensor, blurry: Tensor) -> float:
    """k' of one mel by the rule of the appendix: true and blurry (M, T).

    It is the first step at which the divergence between the two, made noisy, is no more than that between the true mel
    after all steps and pure noise. Both are of Gaussians, per number.
    """
    kept = schedule.alphas_cumprod
    between = kept / (2 * (1 - kept)) * float((true - blurry).square().mean())
    last = float(kept[-1])
    to_noise = 0.5 * (last * float(true.square().mean()) - last - float(torch.log1p(-kept[-1])))
    found = (between <= to_noise).nonzero()
    return float(found[0]) + 1 if len(found) else float(schedule.steps)
