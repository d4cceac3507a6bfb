"""MusicGen-Style (Rouard et al. 2024, arXiv 2407.12563): music in the style of a few seconds of other music.

    features of an excerpt (MERT's, 75 a second) -> linear -> transformer, not causal -> batch norm
        -> residual vector quantiser, of which few levels let style through, and no notes -> every 15th -> projection

The features are the input here, as MERT comes with code of its own. The quantiser is not trained: style models are
generated with, and their weights are published ones.

Legend: B batch, F features, P = ceil(F / every) vectors, S width of the style encoder, D width of the decoder.
"""

from __future__ import annotations

from typing import Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn

from octet.core.errors import InvalidInput
from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.transformer import DecoderConfig, DecoderLayer, Places, sinusoids


class StyleConfig(BaseModel):
    """Defaults are those of the published model."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    features: int = Field(default=768, ge=1, le=16_384)
    width: int = Field(default=512, ge=4, le=8192)
    heads: int = Field(default=8, ge=1, le=128)
    layers: int = Field(default=8, ge=1, le=100)
    codebooks: int = Field(default=6, ge=1, le=64)
    codebook_size: int = Field(default=1024, ge=1, le=65_536)
    heard_codebooks: int = Field(default=3, ge=1, le=64)  # fewer is a vaguer style
    every: int = Field(default=15, ge=1, le=1000)
    excerpt_seconds: float = Field(default=3.0, gt=0, le=60)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.width % 2 or self.width % self.heads:
            raise ValueError(f"width {self.width} must be even and divide into {self.heads} heads")
        if self.heard_codebooks > self.codebooks:
            raise ValueError(f"{self.heard_codebooks} codebooks cannot be heard of {self.codebooks}")
        return self


class StyleConditioner(nn.Module):
    """Features (B, F, features) -> vectors (B, P, D)."""

    def __init__(self, config: StyleConfig, width: int) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Linear(config.features, config.width)
        self.layers = nn.ModuleList(DecoderLayer(_layer(config)) for _ in range(config.layers))
        self.norm = nn.BatchNorm1d(config.width, affine=False)
        self.codebooks = nn.ModuleList(
            nn.Embedding(config.codebook_size, config.width) for _ in range(config.codebooks)
        ).requires_grad_(False)
        self.projection = nn.Linear(config.width, width)

    def forward(self, features: Tensor) -> Tensor:
        """As above.

        Raises:
            InvalidInput: another shape.
        """
        if features.dim() != 3 or features.shape[2] != self.config.features or not features.shape[1]:
            wanted = f"(batch, time, {self.config.features})"
            raise InvalidInput(f"features of a style must be {wanted}, given {tuple(features.shape)}")
        x = self.embed(features.to(self.embed.weight))
        count = x.shape[1]
        x = x + sinusoids(torch.arange(count, device=x.device), x.shape[2]).to(x)
        everything = Places(torch.ones(1, 1, count, count, dtype=torch.bool, device=x.device))
        for layer in self.layers:
            x = layer(x, everything, Conditions(), None, 0)
        quantised = self._quantised(self.norm(x.mT).mT)
        projected: Tensor = self.projection(quantised[:, :: self.config.every])
        return projected

    def _quantised(self, x: Tensor) -> Tensor:
        """(B, F, S) -> the sum of the nearest codes, level after level, of which distances are taken in float32."""
        total = torch.zeros_like(x)
        for codebook in self.codebooks[: self.config.heard_codebooks]:
            nearest = torch.cdist((x - total).float(), codebook.weight.float()[None]).argmin(-1)
            total = total + codebook(nearest)
        return total


def _layer(config: StyleConfig) -> DecoderConfig:
    return DecoderConfig(width=config.width, heads=config.heads, inner_width=4 * config.width, cross_attention=False)
