"""The decoder of a token language model, as in MusicGen (section 2.4): K streams of tokens in, K out.

A step's input is the sum of its K tokens' embeddings and a sinusoid; its output are K rows of logits for the step that
follows. Layers are pre-norm: self-attention, cross-attention where there is any, and two linear layers around an exact
GELU. Linear layers have no biases. What is told is either attended to by each layer (`cross`) or put in front of the
tokens (`prefix`), where positions count it. With `rotary`, queries and keys are also turned by their positions
(RoFormer, arXiv 2104.09864, section 3.2), so that distances are seen, a beat or a bar ago, as well as places.

Legend: B batch, K codebooks, S steps, T past and present steps, L attended vectors, P prefix, D width, H heads, E width
of a head, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Annotated, NamedTuple, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from octet.families.token_lm.cache import Cache, LayerCache
from octet.families.token_lm.conditions import Conditions

Width = Annotated[int, Field(ge=4, le=16_384)]


class DecoderConfig(BaseModel):
    """Sizes. The special token, which fills empty places, is number `vocabulary`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    codebooks: int = Field(default=4, ge=1, le=64)
    vocabulary: int = Field(default=2048, ge=2, le=65_536)
    width: Width = 1024
    heads: int = Field(default=16, ge=1, le=256)
    layers: int = Field(default=24, ge=1, le=200)
    inner_width: int = Field(default=4096, ge=1, le=65_536)
    cross_attention: bool = True
    rotary: bool = False  # the published training code has it as `sin_rope`, and no published model uses it

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.width % 2 or self.width % self.heads:
            raise ValueError(f"width {self.width} must be even and divide into {self.heads} heads")
        if self.rotary and self.head_width % 2:
            raise ValueError(f"rotary positions turn pairs, and a head of {self.head_width} is odd")
        return self

    @property
    def head_width(self) -> int:
        """Of queries, keys and values."""
        return self.width // self.heads

    @property
    def special(self) -> int:
        """The token that stands where there is none."""
        return self.vocabulary


class Places(NamedTuple):
    """What steps may attend to (`causal_mask`), and how rotary positions turn them (`rotations`)."""

    mask: Tensor | None
    turns: Tensor | None = None


class SelfAttention(nn.Module):
    """Causal."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x: Tensor, places: Places, past: LayerCache | None, start: int) -> Tensor:
        """x (B, S, D) at positions from `start` on -> (B, S, D)."""
        q, k, v = (_split(part, self.heads) for part in self.qkv(x).chunk(3, dim=-1))
        if places.turns is not None:
            q, k = turned(q, places.turns), turned(k, places.turns)
        if past is not None:
            k, v = past.write(start, k, v)
        causal = places.mask is None and q.shape[2] > 1
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=places.mask, is_causal=causal)
        return _joined(self.out, mixed)


class CrossAttention(nn.Module):
    """To vectors that do not change over the steps."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def project(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, each (B, H, L, D/H), of vectors (B, L, D)."""
        keys, values = self.key_value(vectors).chunk(2, dim=-1)
        return _split(keys, self.heads), _split(values, self.heads)

    def forward(self, x: Tensor, keys_values: tuple[Tensor, Tensor], valid: Tensor | None) -> Tensor:
        """x (B, S, D), what `project` gave, valid (B, L) -> (B, S, D)."""
        mask = None if valid is None else valid[:, None, None, :]
        mixed = F.scaled_dot_product_attention(_split(self.query(x), self.heads), *keys_values, attn_mask=mask)
        return _joined(self.out, mixed)


class DecoderLayer(nn.Module):
    """One block."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        width = config.width
        self.self_norm = nn.LayerNorm(width)
        self.self_attention = SelfAttention(width, config.heads)
        self.cross_norm = nn.LayerNorm(width) if config.cross_attention else None
        self.cross_attention = CrossAttention(width, config.heads) if config.cross_attention else None
        self.inner_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, config.inner_width, bias=False)
        self.down = nn.Linear(config.inner_width, width, bias=False)

    def forward(self, x: Tensor, places: Places, conditions: Conditions, past: LayerCache | None, start: int) -> Tensor:
        """(B, S, D) -> (B, S, D)."""
        x = x + self.self_attention(self.self_norm(x), places, past, start)
        x = self._cross(x, conditions, past)
        inner: Tensor = self.down(F.gelu(self.up(self.inner_norm(x))))
        return x + inner

    def _cross(self, x: Tensor, conditions: Conditions, past: LayerCache | None) -> Tensor:
        if self.cross_attention is None or self.cross_norm is None or conditions.cross is None:
            return x
        keys_values = past.cross if past is not None else None
        if keys_values is None:
            keys_values = self.cross_attention.project(conditions.cross.to(x))
            if past is not None:
                past.cross = keys_values
        rows = len(conditions.cross)
        seeing = x[:rows] + self.cross_attention(self.cross_norm(x[:rows]), keys_values, conditions.cross_valid)
        return seeing if rows == len(x) else torch.cat([seeing, x[rows:]])


class TokenDecoder(nn.Module):
    """The whole decoder; names of parameters are part of its contract with the engines."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = nn.ModuleList(
            nn.Embedding(config.vocabulary + 1, config.width) for _ in range(config.codebooks)
        )
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
        self.heads = nn.ModuleList(
            nn.Linear(config.width, config.vocabulary, bias=False) for _ in range(config.codebooks)
        )
        _initialise(self)

    def forward(self, tokens: Tensor, conditions: Conditions) -> Tensor:
        """Logits (B, K, S, V) after each of the steps of `tokens` (B, K, S)."""
        return self.logits(self.hidden(tokens, conditions))

    def hidden(self, tokens: Tensor, conditions: Conditions, cache: Cache | None = None) -> Tensor:
        """The last layer's output (B, S, D) for S steps that follow those in `cache`, which is then longer."""
        start = 0 if cache is None else cache.length
        x, places = entering(self.config, self.embeddings, tokens, conditions, start)
        if cache is not None:
            cache.grow(start + x.shape[1])
        for number, layer in enumerate(self.layers):
            x = layer(x, places, conditions, None if cache is None else cache.layers[number], start)
        hidden: Tensor = self.norm(x[:, -tokens.shape[2] :])
        return hidden

    def logits(self, hidden: Tensor) -> Tensor:
        """(B, S, D) -> (B, K, S, V)."""
        return torch.stack([head(hidden) for head in self.heads], dim=1)

    def cache(self, rows: int, capacity: int) -> Cache:
        """An empty cache for `capacity` positions, the prefix included."""
        config = self.config
        shape = (rows, config.heads, capacity, config.head_width)
        return Cache.empty(config.layers, shape, self.norm.weight)


def entering(
    config: DecoderConfig,
    embeddings: Iterable[Callable[[Tensor], Tensor]],
    tokens: Tensor,
    conditions: Conditions,
    start: int,
) -> tuple[Tensor, Places]:
    """What the first layer reads, (B, P + S, D), of `tokens` (B, K, S) after `start` others, and where that stands."""
    x = torch.stack([embed(tokens[:, k]) for k, embed in enumerate(embeddings)]).sum(0)
    if start == 0 and conditions.prefix is not None:
        x = torch.cat([conditions.prefix.to(x), x], dim=1)
    end = start + x.shape[1]
    valid = _valid_positions(conditions, end)
    positions = _positions(valid, start, end, x.device)
    x = x + sinusoids(positions, x.shape[2]).to(x)
    turns = rotations(positions, config.head_width).to(x) if config.rotary else None
    return x, Places(causal_mask(valid, start, end, x.device), turns)


def rotations(positions: Tensor, width: int) -> Tensor:
    """Cosines and sines (2, B or 1, 1, S, E) by which positions (S,) or (B, S) turn the pairs of a head's E numbers.

    The first half is paired with the second; rates fall from 1 to almost 1/10000.
    """
    pairs = torch.arange(0, width, 2, dtype=torch.float64, device=positions.device)
    angles = positions[..., None] * torch.exp(pairs * (-math.log(1e4) / width))
    angles = torch.cat([angles, angles], dim=-1)
    return torch.stack([angles.cos(), angles.sin()]).float().view(2, -1, 1, positions.shape[-1], width)


def turned(x: Tensor, turns: Tensor) -> Tensor:
    """Queries or keys (B, H, S, E), turned."""
    first, second = x.chunk(2, dim=-1)
    return x * turns[0] + torch.cat([-second, first], dim=-1) * turns[1]


def sinusoids(positions: Tensor, width: int) -> Tensor:
    """Cosines, then sines, of positions (...) at `width` / 2 rates from 1 down to 1/10000 -> (..., width).

    Angles in float64: of a position in the thousands, half precision keeps nothing.
    """
    half = width // 2
    rates = torch.exp(torch.arange(half, dtype=torch.float64, device=positions.device) * (-math.log(1e4) / (half - 1)))
    angles = positions[..., None] * rates
    return torch.cat([angles.cos(), angles.sin()], dim=-1).float()


def causal_mask(valid: Tensor | None, start: int, end: int, device: torch.device) -> Tensor | None:
    """What the positions from `start` to `end` may attend to: (B or 1, 1, end - start, end) bool.

    None where plain causality, or none at all for a single position, says it.
    """
    if valid is None and (start == 0 or end - start == 1):
        return None
    everything = torch.ones(end - start, end, dtype=torch.bool, device=device)
    causal = everything.tril(diagonal=start)[None, None]
    return causal if valid is None else causal & valid[:, None, None, :]


def _valid_positions(conditions: Conditions, end: int) -> Tensor | None:
    """(B, end) bool; tokens are all real."""
    if conditions.prefix_valid is None:
        return None
    return F.pad(conditions.prefix_valid, (0, end - conditions.prefix_length), value=True)


def _positions(valid: Tensor | None, start: int, end: int, device: torch.device) -> Tensor:
    """(S,), or (B, S) where rows leave out what is invalid in front."""
    if valid is None:
        return torch.arange(start, end, device=device)
    return (valid.cumsum(1) - 1)[:, start:]


def _split(x: Tensor, heads: int) -> Tensor:
    """(B, S, D) -> (B, H, S, D/H)."""
    batch, steps, width = x.shape
    return x.view(batch, steps, heads, width // heads).transpose(1, 2)


def _joined(out: nn.Module, mixed: Tensor) -> Tensor:
    joined: Tensor = out(mixed.transpose(1, 2).flatten(2))
    return joined


def _initialise(decoder: TokenDecoder) -> None:
    """Normal weights of deviation 1 / sqrt(inputs), cut at three deviations; less by sqrt(2 l) in the l-th layer."""
    for depth, layer in enumerate(decoder.layers, start=1):
        for module in layer.modules():
            if isinstance(module, nn.Linear):
                _truncated_normal(module.weight, module.in_features, divisor=math.sqrt(2 * depth))
    for table in (*decoder.embeddings, *decoder.heads):
        _truncated_normal(table.weight, decoder.config.width, divisor=1.0)


def _truncated_normal(weight: Tensor, inputs: int, *, divisor: float) -> None:
    deviation = 1 / (math.sqrt(inputs) * divisor)
    nn.init.trunc_normal_(weight, std=deviation, a=-3 * deviation, b=3 * deviation)
