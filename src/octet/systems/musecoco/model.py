"""MuseCoco, stage 2: attributes to music (Lu et al., arXiv 2306.00110, section 3.3).

    </s>, 63 attributes, <sep>, music ... </s> -> embeddings + positions
        -> layers of linear attention and two linear layers, each after a norm -> norm -> logits

Departures from the paper and from the published code:
    * music is decoded recurrently, with one state of constant size a layer; the published code computes the whole
      sequence again for every token. Both give the same logits;
    * `positions`: in training the prefix has none, and <sep> the first (row 2, as fairseq counts). The published
      generator counts from the last attribute on, so that all rows are one too high: "released" does the same;
    * there is no gradient checkpointing.

B batch, T tokens, D width, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from octet.core import artifacts
from octet.core.training import Batch, Losses
from octet.families.linear_attention import LinearAttention, Memory
from octet.nn.filled import filled
from octet.symbolic.remigen import IDS, PADDING
from octet.systems.musecoco.config import Config
from octet.systems.musecoco.examples import MuseCocoExample, sequence
from octet.systems.musecoco.wishes import PREFIX_TOKENS

KIND = "musecoco"
_PAD = IDS[PADDING]
_FIRST_ROW = 2  # of positions; rows 0 and 1 are fairseq's zero and padding


@dataclass(frozen=True)
class State:
    """What a model has read: how many tokens, and a memory a layer."""

    tokens: int
    memories: tuple[Memory, ...]

    def rows(self, index: Tensor) -> State:
        """The states of some sequences of the batch, by number (N,)."""
        return State(self.tokens, tuple(memory.rows(index) for memory in self.memories))


class Layer(nn.Module):
    """Attention, then two linear layers with GELU between them, each in a residual branch after a norm."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(config.width)
        self.attention = LinearAttention(config.width, config.heads)
        self.inner_norm = nn.LayerNorm(config.width)
        self.up = nn.Linear(config.width, config.inner_width)
        self.down = nn.Linear(config.inner_width, config.width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, memory: Memory | None) -> tuple[Tensor, Memory]:
        """x (B, T, D) -> (B, T, D)."""
        attended, memory = self.attention(self.attention_norm(x), memory)
        x = x + self.dropout(attended)
        inner: Tensor = self.down(F.gelu(self.up(self.inner_norm(x))))
        return x + self.dropout(inner), memory


class MuseCoco(nn.Module):
    """Trainable as `octet.core.training.Trainable`; `octet.systems.musecoco.generate` composes with it."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.head = nn.Linear(config.width, config.vocabulary, bias=False)
        self.dropout = nn.Dropout(config.dropout)
        for table in (self.embedding, self.head):
            nn.init.normal_(table.weight, std=config.width**-0.5)

    def forward(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Tokens (B, T), after what `state` has read -> logits (B, T, V) of each next one, and the state then.

        One token costs the same however many were read.
        """
        start = 0 if state is None else state.tokens
        x = self.dropout(self.entering(tokens, start))
        memories: list[Memory] = []
        for number, layer in enumerate(self.layers):
            x, memory = layer(x, None if state is None else state.memories[number])
            memories.append(memory)
        return self.head(self.norm(x)), State(start + tokens.shape[1], tuple(memories))

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embedding.weight.device

    def entering(self, tokens: Tensor, start: int) -> Tensor:
        """What enters the first layer (B, T, D) for tokens (B, T) from number `start` on."""
        x: Tensor = self.embedding(tokens) * math.sqrt(self.config.width)
        return x + self._positions(start, tokens.shape[1]).to(x)

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's signature
        """Cross-entropy of music and of its end; the prefix is read, never predicted."""
        tokens = batch["tokens"]
        logits, _ = self(tokens[:, :-1])
        targets = tokens[:, PREFIX_TOKENS:]
        scores = logits[:, PREFIX_TOKENS - 1 :].float().flatten(0, 1)
        error = F.cross_entropy(scores, targets.flatten(), ignore_index=_PAD, reduction="sum")
        return Losses(error / (targets != _PAD).sum().clamp(min=1))

    def collate(self, items: Sequence[MuseCocoExample], rng: torch.Generator) -> Batch:
        """`tokens` (B, T), padded; in training a random few of the attributes are told, else all."""
        rows = [torch.tensor(sequence(item, rng if self.training else None)) for item in items]
        return {"tokens": pad_sequence(rows, batch_first=True, padding_value=_PAD)}

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        """Kind, configuration and weights, as `octet.core.artifacts.save` takes them."""
        return KIND, self.config.model_dump(mode="json"), self.state_dict()

    def _positions(self, start: int, count: int) -> Tensor:
        """(count, D) of the tokens from number `start` on, zero where they have none."""
        first = PREFIX_TOKENS - (1 if self.config.positions == "train" else 2)
        places = torch.arange(start, start + count, device=self.device) - first
        return sinusoids(places + _FIRST_ROW, self.config.width) * (places >= 0)[:, None]


def sinusoids(rows: Tensor, width: int) -> Tensor:
    """fairseq's positions (T, width) of row numbers (T,): all sines first, then all cosines, of falling frequencies.

    The last frequency is exactly 1/10000. Computed for any row, so that no piece is too long for it.
    """
    half = width // 2
    rates = torch.exp(torch.arange(half, dtype=torch.float64) * (-math.log(10000.0) / max(half - 1, 1)))
    angles = rows[:, None].double() * rates.to(rows.device)
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()


def load(folder: Path) -> MuseCoco:
    """The model of an artifact folder, ready to compose.

    Raises:
        InvalidArtifact: damaged, or not a second stage of MuseCoco.
    """
    _, document = artifacts.load_config(folder, KIND)
    config = artifacts.validated(Config, document, folder)
    return filled(lambda: MuseCoco(config), folder)
