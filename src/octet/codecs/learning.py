"""How codebooks are learnt: k-means at the start, moving averages, and a new life for vectors that nothing is near to.

SoundStream (arXiv 2107.03312), section III-C; EnCodec (arXiv 2210.13438), section 3.2 and its commitment loss
(equation 3); the averages are those of VQ-VAE (arXiv 1711.00937), appendix A.1.

Departures: a vector is dead when its moving count falls below a share of what each would get if all were used alike;
the papers' count of 2 is more than that in small batches. A new vector starts with a full count (in the public code it
is overwritten before it is used once). The averages are short at first, for latents move fast then: with long ones
from the start nearly all codes were lost within fifty steps. Codebooks learn from dropped items too.

Legend: B batch, D latent dimension, T frames, K codebooks, V vectors of a codebook, n = B * T latents.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import nn

from octet.codecs.processes import of_the_first, summed
from octet.codecs.quantizer import Codebook, ResidualQuantizer

KMEANS_STEPS = 50
BEGIN_STEPS = 15  # over many latents, which are slow to assign
SETTLED_UPDATES = 1000  # as many that averages are long from the start
SMOOTHING = 1e-5  # added to every count


class Quantised(NamedTuple):
    """Latents (B, D, T) quantised, through which gradients pass unchanged; the loss that draws latents to their vectors
    (); and how many vectors of a codebook are in use here, as the mean perplexity of its codes ()."""

    latent: torch.Tensor
    commitment: torch.Tensor
    perplexity: torch.Tensor


class CodebookLearner(nn.Module):
    """The moving averages of one codebook."""

    updates: torch.Tensor
    counts: torch.Tensor
    sums: torch.Tensor

    def __init__(self, size: int, dimension: int, *, decay: float, dead_share: float) -> None:
        super().__init__()
        self.decay, self.dead_share = decay, dead_share
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))
        self.register_buffer("counts", torch.zeros(size))
        self.register_buffer("sums", torch.zeros(size, dimension))

    @torch.no_grad()
    def start(self, codebook: Codebook, x: torch.Tensor) -> None:
        """Place the vectors by k-means over the first latents (n, D), once."""
        if not self.updates:
            means, counts = kmeans(x, len(self.counts))
            self.counts.copy_(of_the_first(counts.clamp(min=1)))  # a mean without points is kept too
            self.sums.copy_(of_the_first(means) * self.counts[:, None])
            codebook.vectors.copy_(of_the_first(means))

    @torch.no_grad()
    def begin(self, codebook: Codebook, x: torch.Tensor, steps: int) -> None:
        """Place the vectors by k-means over many latents (n, D) before training, which then moves them slowly."""
        means, counts = kmeans(x, len(self.counts), steps)
        self.updates.fill_(SETTLED_UPDATES)
        self.counts.copy_(counts.clamp(min=1) * len(counts) / max(1, len(x)))  # about one each, as of a batch
        self.sums.copy_(means * self.counts[:, None])
        codebook.vectors.copy_(means)

    @torch.no_grad()
    def learn(self, codebook: Codebook, x: torch.Tensor, codes: torch.Tensor) -> None:
        """Move the vectors towards the latents (n, D) that have their codes (n), and replace dead ones."""
        counts = summed(torch.bincount(codes, minlength=len(self.counts)).to(self.counts))
        sums = summed(torch.zeros_like(self.sums).index_add_(0, codes, x.to(self.sums)))
        self.updates += 1
        follow = (9 / (self.updates + 9)).clamp(min=1 - self.decay)  # fast at first, as the latents are
        self.counts.lerp_(counts, follow)
        self.sums.lerp_(sums, follow)
        self._revive(x, fair_count=float(counts.sum()) / len(counts))
        total = self.counts.sum()
        smoothed = (self.counts + SMOOTHING) / (total + len(self.counts) * SMOOTHING) * total
        codebook.vectors.copy_(self.sums / smoothed[:, None])

    def _revive(self, x: torch.Tensor, fair_count: float) -> None:
        dead = self.counts < self.dead_share * fair_count
        if dead.any():
            drawn = of_the_first(x[torch.randint(len(x), (len(dead),), device=x.device)].to(self.sums))
            self.counts[dead] = fair_count
            self.sums[dead] = fair_count * drawn[dead]


class QuantizerLearner(nn.Module):
    """Quantises in training. A share `dropout` of the items is left with a random number of codebooks (bitrates).

    Codebooks that are `frozen` do not move.
    """

    def __init__(
        self,
        quantizer: ResidualQuantizer,
        *,
        decay: float,
        dead_share: float,
        dropout: float,
        frozen: bool = False,
    ) -> None:
        super().__init__()
        self.dropout, self.frozen = dropout, frozen
        self.learners = nn.ModuleList(
            CodebookLearner(*codebook.vectors.shape, decay=decay, dead_share=dead_share)
            for codebook in quantizer.levels
        )

    @property
    def levels(self) -> list[CodebookLearner]:
        """One for each codebook."""
        return cast(list[CodebookLearner], list(self.learners))

    def forward(self, quantizer: ResidualQuantizer, latent: torch.Tensor) -> Quantised:
        """Latents (B, D, T). Codebooks move only in training mode, and nothing is dropped outside it."""
        frames = latent.float().transpose(1, 2)
        residual, total = frames, torch.zeros_like(frames)
        used = self._used(len(frames), frames.device)
        distances, perplexities = [], []
        for level, (codebook, learner) in enumerate(zip(quantizer.levels, self.levels, strict=True)):
            codes, vectors = self._quantised(codebook, learner, residual.detach())
            kept = (level < used).to(frames)[:, None, None]
            distances.append(kept * (residual - vectors).square())
            perplexities.append(perplexity(codes, quantizer.codebook_size))
            residual, total = residual - vectors, total + kept * vectors
        commitment = torch.stack([distance.mean() for distance in distances]).sum() / used.to(frames).mean()
        straight = frames + (total - frames).detach()
        return Quantised(straight.transpose(1, 2).to(latent), commitment, torch.stack(perplexities).mean())

    @torch.no_grad()
    def begin(self, quantizer: ResidualQuantizer, latents: torch.Tensor) -> None:
        """Place all codebooks by k-means, each over what those before it leave over of latents (n, D)."""
        residual = latents
        for codebook, learner in zip(quantizer.levels, self.levels, strict=True):
            learner.begin(codebook, residual, BEGIN_STEPS)
            residual = residual - codebook.decode(codebook.encode(residual))

    def _quantised(
        self, codebook: Codebook, learner: CodebookLearner, residual: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Codes (n) and vectors (B, T, D), which stay as they are while the codebook moves."""
        flat = residual.flatten(0, 1)
        moving = self.training and not self.frozen
        if moving:
            learner.start(codebook, flat)
        codes = codebook.encode(flat)
        vectors = codebook.decode(codes).clone().view_as(residual)
        if moving:
            learner.learn(codebook, flat, codes)
        return codes, vectors

    def _used(self, items: int, device: torch.device) -> torch.Tensor:
        """How many codebooks each item is left with: (B,)."""
        levels = len(self.learners)
        all_of_them = torch.full((items,), levels, device=device)
        if not self.training or not self.dropout:
            return all_of_them
        fewer = torch.randint(1, levels + 1, (items,), device=device)
        return torch.where(torch.rand(items, device=device) < self.dropout, fewer, all_of_them)


def kmeans(x: torch.Tensor, clusters: int, steps: int = KMEANS_STEPS) -> tuple[torch.Tensor, torch.Tensor]:
    """Lloyd's algorithm from randomly drawn points: (n, D) -> means (clusters, D) and how many points each has.

    Where there are fewer points than clusters, some begin on the same point; a mean without points stays where it is.
    """
    points = x.float()
    draw = torch.randperm(len(x), device=x.device) if len(x) >= clusters else torch.randint(len(x), (clusters,))
    means = points[draw[:clusters].to(x.device)]
    counts = means.new_zeros(clusters)
    for _ in range(steps):
        nearest = torch.addmm(means.square().sum(1), points, means.t(), alpha=-2).argmin(dim=1)
        counts = torch.bincount(nearest, minlength=clusters).to(means)
        sums = torch.zeros_like(means).index_add_(0, nearest, points)
        means = torch.where(counts[:, None] > 0, sums / counts.clamp(min=1)[:, None], means)
    return means, counts


def perplexity(codes: torch.Tensor, codebook_size: int) -> torch.Tensor:
    """How many vectors codes (n) use, as that number of equally frequent ones would have their entropy: ().

    >>> round(float(perplexity(torch.tensor([0, 0, 1, 1, 3, 3]), 8)), 3)
    3.0
    """
    shares = torch.bincount(codes, minlength=codebook_size) / max(1, len(codes))
    used: torch.Tensor = torch.special.entr(shares).sum().exp()
    return used


def codebook_usage(codes: torch.Tensor, codebook_size: int) -> list[float]:
    """Codes (B, K, T) -> for each codebook, which share of its vectors occurs.

    >>> codebook_usage(torch.tensor([[[0, 1, 1, 3], [2, 2, 2, 2]]]), 4)
    [0.75, 0.25]
    """
    return [F.one_hot(level.flatten(), codebook_size).amax(dim=0).float().mean().item() for level in codes.unbind(1)]
