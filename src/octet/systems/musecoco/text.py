"""MuseCoco, stage 1: text to attributes (Lu et al., arXiv 2306.00110, section 3.2).

    one query a key, words -> BERT's layers over all of them -> of the queries: linear, tanh -> a classifier a key

A query is a learnt vector without a position that goes through all layers with the words; its classifier chooses among
the key's values and, last, "not said".

Departures from the paper and from the published code:
    * the queries are the vectors that enter the first layer; the published code makes them of unused words of BERT's
      vocabulary and normalises them on the way, which comes to the same;
    * the small reader takes words apart into hashed pieces (see `octet.encoders.text.tiny`), so that it needs no
      vocabulary and reads Korean too, and hears a tonic besides.

B texts, L tokens, K keys, W width.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from octet.core import artifacts
from octet.core.training import Batch, Losses
from octet.encoders.text.contract import TextTokens
from octet.encoders.text.tiny import TinyTextConfig, TinyTextEncoder
from octet.nn.attention import SelfAttention
from octet.nn.filled import filled
from octet.systems.musecoco.config import ReaderConfig
from octet.systems.musecoco.examples import TextExample
from octet.systems.musecoco.wordpiece import WordPieceEmbedding

KIND = "musecoco-text"
_EPSILON = 1e-12  # of BERT's norms
_SIGNS = {"#": "sharp", "♯": "sharp", "b": "flat", "♭": "flat"}
_ACCIDENTAL = re.compile(r"\b([A-G])([#♯♭]|b\b)")


class Understood(NamedTuple):
    """A key that a text says something about, the value, and how probable it is held to be."""

    key: str
    value: int
    confidence: float


class Layer(nn.Module):
    """BERT's: attention, then two linear layers with GELU between them, each with a norm after its residual."""

    def __init__(self, width: int, heads: int, inner_width: int, dropout: float) -> None:
        super().__init__()
        self.attention = SelfAttention(width, heads, dropout)
        self.attention_norm = nn.LayerNorm(width, eps=_EPSILON)
        self.up = nn.Linear(width, inner_width)
        self.down = nn.Linear(inner_width, width)
        self.norm = nn.LayerNorm(width, eps=_EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """x (B, K + L, W), valid (B, K + L) -> (B, K + L, W)."""
        x = self.attention_norm(x + self.dropout(self.attention(x, valid)))
        refined: Tensor = self.norm(x + self.dropout(self.down(F.gelu(self.up(x)))))
        return refined


class AttributeReader(nn.Module):
    """Trainable as `octet.core.training.Trainable`; `read` says what texts say."""

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        width, text = config.text.width, config.text
        self.words = TinyTextEncoder(text) if isinstance(text, TinyTextConfig) else WordPieceEmbedding(text)
        self.queries = nn.Parameter(torch.randn(len(config.values), width))
        self.layers = nn.ModuleList(
            Layer(width, config.heads, config.inner_width, config.dropout) for _ in range(config.layers)
        )
        self.pooler = nn.Linear(width, width)
        self.heads = nn.ModuleList(nn.Linear(width, count + 1) for count in config.values.values())
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tokens: TextTokens) -> list[Tensor]:
        """A text's logits, a key (B, values + 1), the last for "not said"."""
        pooled = self.dropout(self.pooler(self.encoded(tokens)[:, : len(self.queries)]).tanh())
        return [head(pooled[:, number]) for number, head in enumerate(self.heads)]

    def encoded(self, tokens: TextTokens) -> Tensor:
        """Queries and words after all layers, (B, K + L, W)."""
        words = self.dropout(self.words(tokens))
        x = torch.cat([self.queries.expand(len(words), -1, -1), words], dim=1)
        valid = F.pad(tokens.valid, (len(self.queries), 0), value=True)
        for layer in self.layers:
            x = layer(x, valid)
        return x

    @torch.inference_mode()
    def read(self, texts: Sequence[str]) -> list[tuple[Understood, ...]]:
        """Of each text, what it says, in the order of the prefix. Any text is legal; an empty one says nothing."""
        written_out = [spelled(text) for text in texts]
        tokens = TextTokens(*(tensor.to(self.queries.device) for tensor in self.words.tokenize(written_out)))
        chosen = [logits.softmax(-1).max(-1) for logits in self(tokens)]
        return [
            tuple(
                Understood(key, int(best.indices[row]), float(best.values[row]))
                for (key, unsaid), best in zip(self.config.values.items(), chosen, strict=True)
                if best.indices[row] != unsaid and text.strip()
            )
            for row, text in enumerate(texts)
        ]

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's signature
        """The sum over keys of each classifier's cross-entropy."""
        logits = self(TextTokens(batch["text"], batch["text_valid"]))
        errors = [F.cross_entropy(scores.float(), batch["told"][:, key]) for key, scores in enumerate(logits)]
        return Losses(torch.stack(errors).sum())

    def collate(self, items: Sequence[TextExample], rng: torch.Generator) -> Batch:  # noqa: ARG002 - the protocol's
        """`text` and `text_valid` as the words' tokens, `told` (B, K) the value of each key."""
        tokens = self.words.tokenize([item.text for item in items])
        told = [[item.told.get(key, unsaid) for key, unsaid in self.config.values.items()] for item in items]
        return {"text": tokens.ids, "text_valid": tokens.valid, "told": torch.tensor(told)}

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        """Kind, configuration and weights, as `octet.core.artifacts.save` takes them."""
        return KIND, self.config.model_dump(mode="json"), self.state_dict()


class ReaderTextEncoder:
    """See `octet.encoders.text.contract.TextEncoder`: what a reader makes of a text before it classifies it.

    A token for each key, less what the key is where nothing is said: of a short text most are near zero, and the few
    that are not say what it says. Words stand behind as tokens that are not valid. Frozen, hence no module.
    """

    def __init__(self, reader: AttributeReader) -> None:
        self._reader = reader.eval().requires_grad_(False)
        self._keys = len(reader.queries)
        self._unsaid = self._encoded(self.tokenize([""]))

    @property
    def width(self) -> int:
        """W."""
        return self._reader.config.text.width

    def tokenize(self, texts: Sequence[str]) -> TextTokens:
        """Zeros, one a key, and then the words' ids from 1, with zeros behind them."""
        ids, valid = self._reader.words.tokenize([spelled(text) for text in texts])
        counted = (ids + 1) * valid.view(*valid.shape, *[1] * (ids.dim() - 2))
        ids = F.pad(counted, (0, 0) * (ids.dim() - 2) + (self._keys, 0))
        return TextTokens(ids, torch.arange(ids.shape[1]).expand(len(ids), -1) < self._keys)

    def __call__(self, tokens: TextTokens) -> Tensor:
        """(B, K + L, W), zero where words stand."""
        said = self._encoded(tokens) - self._unsaid.to(tokens.ids.device)
        return F.pad(said, (0, 0, 0, tokens.ids.shape[1] - self._keys))

    @torch.no_grad()
    def _encoded(self, tokens: TextTokens) -> Tensor:
        """The keys' vectors (B, K, W)."""
        self._reader.to(tokens.ids.device)
        counted = tokens.ids[:, self._keys :]
        words = TextTokens((counted - 1).clamp(min=0), counted.flatten(2).any(2) if counted.dim() > 2 else counted > 0)
        with torch.autocast(tokens.ids.device.type, enabled=False):
            return self._reader.encoded(words)[:, : self._keys]


def spelled(text: str) -> str:
    """With sharps and flats of keys in words, for signs are no part of any word.

    >>> spelled("a waltz in C# minor, or Bb major")
    'a waltz in C sharp minor, or B flat major'
    """
    return _ACCIDENTAL.sub(lambda found: f"{found[1]} {_SIGNS[found[2]]}", text)


def load(folder: Path) -> AttributeReader:
    """The reader of an artifact folder.

    Raises:
        InvalidArtifact: damaged, or not a first stage of MuseCoco.
    """
    _, document = artifacts.load_config(folder, KIND)
    config = artifacts.validated(ReaderConfig, document, folder)
    return filled(lambda: AttributeReader(config), folder)
