"""Classifier-free guidance (Ho and Salimans 2022; MusicGen, section 3.1): away from what untold music sounds like.

Each sequence is read as several rows with the same tokens and different conditions; their logits are combined into one
distribution. The rows share each step's reading of the weights, so that guidance is nearly free where weights are read
from memory.

Legend: B sequences, R rows of each, K codebooks, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from octet.families.token_lm.conditions import Conditions, stack


@dataclass(frozen=True)
class Guided:
    """Conditions of R x B rows, and the weights (R) with which their logits are summed.

    Rows come sequence after sequence within a kind of condition, and weights sum to one.
    """

    conditions: Conditions
    weights: tuple[float, ...]

    def repeat(self, tokens: Tensor) -> Tensor:
        """Tokens (B, ...) for all rows, (R * B, ...)."""
        return tokens if len(self.weights) == 1 else tokens.repeat(len(self.weights), *[1] * (tokens.dim() - 1))

    def combine(self, logits: Tensor) -> Tensor:
        """Logits (R * B, K, V) as one distribution each, (B, K, V)."""
        rows = logits.chunk(len(self.weights))
        if len(rows) == 1:
            return logits
        # Differences to the last row rather than a plain sum: equal rows then give exactly themselves.
        combined = rows[-1]
        for row, weight in zip(rows[:-1], self.weights[:-1], strict=True):
            combined = combined + weight * (row - rows[-1])
        return combined


def unguided(conditions: Conditions) -> Guided:
    """Conditions as they are."""
    return Guided(conditions, (1.0,))


def guided(told: Conditions, untold: Conditions, scale: float) -> Guided:
    """untold + scale * (told - untold). With a scale of 1, only `told` is run."""
    return unguided(told) if scale == 1 else Guided(stack([told, untold]), (scale, 1 - scale))


def doubly_guided(rows: Sequence[Conditions], scale: float, text_scale: float) -> Guided:
    """Of `rows` all told, style only, nothing told: nothing + scale * (style + text_scale * (all - style) - nothing).

    Double guidance (Rouard et al. 2024, arXiv 2407.12563), in which text is heard above a style that says much more.
    """
    weights = (scale * text_scale, scale * (1 - text_scale), 1 - scale)
    return Guided(stack(rows), weights)
