"""What a token language model is told besides the tokens.

Legend: B batch, L vectors to attend to, P vectors in front, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Conditions:
    """Vectors that every layer attends to (`cross`), and vectors in front of the first token (`prefix`).

    Both are optional. `cross` may have fewer rows than the batch: the first rows of the batch see it, and the rest see
    nothing, which is the same as seeing zeros, since attention here has no biases, but costs nothing. Masks are True
    where a vector is real; without one, all are. A row needs a real vector at least.
    """

    cross: Tensor | None = None  # (B' <= B, L, D)
    cross_valid: Tensor | None = None  # (B', L) bool
    prefix: Tensor | None = None  # (B, P, D)
    prefix_valid: Tensor | None = None  # (B, P) bool

    @property
    def prefix_length(self) -> int:
        """P."""
        return 0 if self.prefix is None else self.prefix.shape[1]


def stack(parts: Sequence[Conditions]) -> Conditions:
    """Several batches as one. Parts without `cross` come last; all prefixes are equally long, or there are none."""
    seeing = [part for part in parts if part.cross is not None]
    if seeing != list(parts[: len(seeing)]):
        raise ValueError("parts without vectors to attend to must follow those with")
    return Conditions(
        cross=_rows([part.cross for part in seeing]),
        cross_valid=_rows(_masks([(part.cross, part.cross_valid) for part in seeing])),
        prefix=_rows([part.prefix for part in parts]),
        prefix_valid=_rows(_masks([(part.prefix, part.prefix_valid) for part in parts])),
    )


def _rows(tensors: Sequence[Tensor | None]) -> Tensor | None:
    present = [tensor for tensor in tensors if tensor is not None]
    return torch.cat(present) if present else None


def _masks(pairs: Sequence[tuple[Tensor | None, Tensor | None]]) -> list[Tensor | None]:
    """Masks, all true where some parts have one and others none."""
    if all(valid is None for _, valid in pairs):
        return []
    return [_all_valid(vectors) if valid is None else valid for vectors, valid in pairs]


def _all_valid(vectors: Tensor | None) -> Tensor | None:
    return None if vectors is None else torch.ones(vectors.shape[:2], dtype=torch.bool, device=vectors.device)
