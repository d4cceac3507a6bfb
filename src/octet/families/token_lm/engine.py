"""What runs a decoder step by step, and torch's way of doing it.

An engine is a decoder's weights, ready to run. `start` begins a sequence: it takes what is told and the steps that are
known already (step 0 of the pattern, and an audio prompt), reads all of them at once, and answers with a session, which
holds the past of this one sequence. `step` reads one more step. So nothing is ever read twice, sessions of one engine
do not disturb each other, and all that samples, guides or streams is written once, above.

For whoever writes another engine: rows of the batch never mix; rows beyond those of `conditions.cross` get nothing from
cross-attention; positions begin with the prefix, and leave out those of its vectors that are not valid, which nothing
attends to; `steps` bounds how many steps will be read in all, the known ones included, and the prefix not.

Legend: B batch, K codebooks, S known steps, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from octet.families.token_lm.cache import Cache
from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.transformer import DecoderConfig, TokenDecoder


class Session(Protocol):
    """One sequence, as far as it has been read."""

    @property
    def logits(self) -> Tensor:
        """(B, K, V) float32, predictions for the step that comes next."""

    def step(self, tokens: Tensor) -> Tensor:
        """Read one step, int64 (B, K), special tokens where nothing stands; the next `logits` (B, K, V)."""


class Engine(Protocol):
    """A decoder that can run."""

    @property
    def config(self) -> DecoderConfig:
        """The decoder's sizes."""

    def start(self, conditions: Conditions, known: Tensor, steps: int) -> Session:
        """Begin a sequence whose first S >= 1 steps are `known`, int64 (B, K, S), of `steps` at most."""


@dataclass
class TorchSession:
    """See `Session`."""

    decoder: TokenDecoder
    conditions: Conditions
    cache: Cache
    logits: Tensor

    @torch.inference_mode()
    def step(self, tokens: Tensor) -> Tensor:
        self.logits = _read(self.decoder, tokens[:, :, None], self.conditions, self.cache)
        return self.logits


@dataclass(frozen=True)
class TorchEngine:
    """A `TokenDecoder` as it is, on its own device."""

    decoder: TokenDecoder

    @property
    def config(self) -> DecoderConfig:
        return self.decoder.config

    @torch.inference_mode()
    def start(self, conditions: Conditions, known: Tensor, steps: int) -> TorchSession:
        cache = self.decoder.cache(len(known), steps + conditions.prefix_length)
        return TorchSession(self.decoder, conditions, cache, _read(self.decoder, known, conditions, cache))


def _read(decoder: TokenDecoder, tokens: Tensor, conditions: Conditions, cache: Cache) -> Tensor:
    return decoder.logits(decoder.hidden(tokens, conditions, cache)[:, -1:])[:, :, 0].float()
