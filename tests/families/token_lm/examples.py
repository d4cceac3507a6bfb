"""Tiny decoders with weights large enough that attention attends, and conditions for them."""

from __future__ import annotations

import torch

from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.transformer import DecoderConfig, TokenDecoder

SMALL = DecoderConfig(codebooks=4, vocabulary=16, width=32, heads=4, layers=2, inner_width=64)


def decoder(config: DecoderConfig = SMALL, seed: int = 0) -> TokenDecoder:
    made = TokenDecoder(config).eval()
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(torch.randn(weight.shape, generator=rng) * 0.15)
    return made


def tokens(batch: int, steps: int, config: DecoderConfig = SMALL, seed: int = 1) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randint(0, config.vocabulary, (batch, config.codebooks, steps), generator=rng)


def vectors(batch: int, length: int, seed: int = 2, width: int = SMALL.width) -> torch.Tensor:
    return torch.randn(batch, length, width, generator=torch.Generator().manual_seed(seed))


def lengths_mask(*lengths: int) -> torch.Tensor:
    return torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]


def told(*lengths: int) -> Conditions:
    """Vectors to attend to, of unequal lengths."""
    return Conditions(cross=vectors(len(lengths), max(lengths)), cross_valid=lengths_mask(*lengths))
