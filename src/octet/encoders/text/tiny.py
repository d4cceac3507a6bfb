"""A text encoder small enough to be trained with a small model, for any script and without a vocabulary file.

    words -> pieces of three letters, hashed -> mean of their embeddings -> transformer

A word is the mean of the embeddings of itself and of its pieces, found by hash (after fastText, Bojanowski et al.
2017, arXiv 1607.04606), so that no word is unknown, and "piano" and "pianos" are close. Hangul is taken apart into its
letters first, which does the same for Korean endings and particles.

Legend: B texts, L words, G pieces of a word, W width.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from octet.encoders.text.contract import TextTokens
from octet.nn.attention import SelfAttention
from octet.nn.positions import sinusoids

PIECE_LETTERS = 3
WORD_PIECES = 24  # of a longer word, the first
TEXT_WORDS = 128  # of a longer text, the first
_WORD = re.compile(r"[^\W\d_]+|\d+", re.UNICODE)
_MARKS = "Mn"  # accents, once NFKD has set them apart: "café" and "cafe" are one word


class TinyTextConfig(BaseModel):
    """Sizes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["tiny"] = "tiny"
    buckets: int = Field(default=4096, ge=2, le=1_000_000)
    width: int = Field(default=128, ge=2, le=4096)
    heads: int = Field(default=4, ge=1, le=64)
    layers: int = Field(default=2, ge=0, le=24)

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        return self


class Block(nn.Module):
    """Pre-norm attention and two linear layers."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.inner_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """x (B, L, W), valid (B, L) -> (B, L, W)."""
        x = x + self.attention(self.attention_norm(x), valid)
        inner: Tensor = self.down(F.gelu(self.up(self.inner_norm(x))))
        return x + inner


class TinyTextEncoder(nn.Module):
    """See `TextEncoder`; its ids are (B, L, G), 0 where a word has no more pieces."""

    def __init__(self, config: TinyTextConfig) -> None:
        super().__init__()
        self.config = config
        self.pieces = nn.Embedding(config.buckets + 1, config.width, padding_idx=0)
        self.blocks = nn.ModuleList(Block(config.width, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)

    @property
    def width(self) -> int:
        """W."""
        return self.config.width

    def tokenize(self, texts: Sequence[str]) -> TextTokens:
        """Words beyond `TEXT_WORDS` are left out; a text without words is one word without pieces."""
        split = [words(text)[:TEXT_WORDS] or [""] for text in texts]
        length = max((len(found) for found in split), default=1)
        ids = torch.zeros(len(split), length, WORD_PIECES, dtype=torch.long)
        valid = torch.zeros(len(split), length, dtype=torch.bool)
        for row, found in enumerate(split):
            valid[row, : len(found)] = True
            for position, word in enumerate(found):
                hashed = hashes(word, self.config.buckets)
                ids[row, position, : len(hashed)] = torch.tensor(hashed, dtype=torch.long)
        return TextTokens(ids, valid)

    def forward(self, tokens: TextTokens) -> Tensor:
        """(B, L, W)."""
        held = (tokens.ids > 0).sum(-1, keepdim=True).clamp(min=1)
        x = self.pieces(tokens.ids).sum(2) / held
        x = x + sinusoids(x.shape[1], x.shape[2]).to(x)
        for block in self.blocks:
            x = block(x, tokens.valid)
        encoded: Tensor = self.norm(x)
        return encoded


def words(text: str) -> list[str]:
    """Runs of letters and of digits, lower case, Hangul taken apart, without accents.

    >>> words("Warm Café piano, 90 bpm!")
    ['warm', 'cafe', 'piano', '90', 'bpm']
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(letter for letter in apart if unicodedata.category(letter) != _MARKS))


@lru_cache(maxsize=4096)
def hashes(word: str, buckets: int) -> tuple[int, ...]:
    """Numbers from 1 to `buckets` of a word and its pieces; none of an empty word."""
    if not word:
        return ()
    edged = f"<{word}>"
    pieces = [edged[start : start + PIECE_LETTERS] for start in range(len(edged) - PIECE_LETTERS + 1)]
    distinct = dict.fromkeys([edged, *pieces])
    return tuple(1 + zlib.crc32(piece.encode()) % buckets for piece in list(distinct)[:WORD_PIECES])
