"""What every text encoder is to the rest of Octet. B texts, L tokens of the longest, W width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from torch import Tensor


class TextTokens(NamedTuple):
    """Texts as numbers."""

    ids: Tensor  # (B, L) or (B, L, ...) int64
    valid: Tensor  # (B, L) bool, True at the first L_b >= 1 tokens of each text


class TextEncoder(Protocol):
    """From texts to vectors. One that trains with its model is a `torch.nn.Module`; a frozen one is not."""

    @property
    def width(self) -> int:
        """W."""

    def tokenize(self, texts: Sequence[str]) -> TextTokens:
        """On the CPU; any text is legal, the empty one too, and has a token at least."""

    def __call__(self, tokens: TextTokens) -> Tensor:
        """(B, L, W) float32 on the tokens' device; a text's vectors do not depend on what it is batched with."""
