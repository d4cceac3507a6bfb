"""The WaveNet denoiser of DiffSinger (arXiv 2105.02446, section 4.1 and figure 5), after DiffWave (arXiv 2009.09761).

    x -> 1x1 -> N residual blocks, each told the step and the condition -> sum of skips -> 1x1 -> 1x1

B batch, M data channels, C channels, D condition channels, T frames, N blocks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

Channels = Annotated[int, Field(ge=2, le=4096)]


class WaveNetConfig(BaseModel):
    """Defaults are the paper's: 20 blocks of 256 channels, no dilation (`dilation_cycle` 1; the public weights of the
    MIDI versions have 4, so 1, 2, 4, 8)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    channels: Channels = 256
    layers: int = Field(default=20, ge=1, le=200)
    dilation_cycle: int = Field(default=1, ge=1, le=12)


class StepEmbedding(nn.Module):
    """Sinusoids of the diffusion step, then two linear layers with Mish."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.rates = [math.exp(-math.log(10_000) * i / max(1, half - 1)) for i in range(half)]
        self.expand = nn.Linear(2 * half, 4 * channels)
        self.contract = nn.Linear(4 * channels, channels)

    def forward(self, steps: Tensor) -> Tensor:
        """Steps (B,), whole or not -> (B, C)."""
        weight = self.expand.weight
        angles = steps.to(weight)[:, None] * torch.tensor(self.rates, device=weight.device, dtype=weight.dtype)
        waves = torch.cat([angles.sin(), angles.cos()], dim=1)
        embedded: Tensor = self.contract(nn.functional.mish(self.expand(waves)))
        return embedded


class DenoiserBlock(nn.Module):
    """One residual block: step added, dilated convolution plus condition, gate, residual and skip."""

    def __init__(self, channels: int, condition: int, dilation: int) -> None:
        super().__init__()
        self.step = nn.Linear(channels, channels)
        self.condition = nn.Conv1d(condition, 2 * channels, 1)
        self.dilated = nn.Conv1d(channels, 2 * channels, 3, padding=dilation, dilation=dilation)
        self.out = nn.Conv1d(channels, 2 * channels, 1)
        for layer in (self.condition, self.dilated, self.out):
            nn.init.kaiming_normal_(layer.weight)

    def forward(self, x: Tensor, step: Tensor, share: Tensor, keep: Tensor | None) -> tuple[Tensor, Tensor]:
        """x (B, C, T), step (B, C), share of the condition (B, 2C, T) -> the next block's x, and a skip."""
        told = x + self.step(step)[:, :, None]
        gate, signal = (self.dilated(told if keep is None else told * keep) + share).chunk(2, dim=1)
        residual, skip = self.out(gate.sigmoid() * signal.tanh()).chunk(2, dim=1)
        return (x + residual) * 0.5**0.5, skip


class WaveNetDenoiser(nn.Module):
    """Noisy data, its step and a condition in; a prediction of the data's shape out.

    The last layer starts at zero, so an untrained denoiser predicts nothing.
    """

    def __init__(self, config: WaveNetConfig, data_channels: int, condition_channels: int) -> None:
        super().__init__()
        channels = config.channels
        self.enter = nn.Conv1d(data_channels, channels, 1)
        self.embedding = StepEmbedding(channels)
        self.blocks = nn.ModuleList(
            DenoiserBlock(channels, condition_channels, 2 ** (layer % config.dilation_cycle))
            for layer in range(config.layers)
        )
        self.mix = nn.Conv1d(channels, channels, 1)
        self.leave = nn.Conv1d(channels, data_channels, 1)
        for layer in (self.enter, self.mix):
            nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(self.leave.weight)

    def shares(self, condition: Tensor) -> list[Tensor]:
        """What each block adds of a condition (B, D, T): the same at every step, so computed once for a sampling."""
        return [block.condition(condition) for block in self._blocks()]

    def denoise(self, x: Tensor, steps: Tensor, shares: Sequence[Tensor], valid: Tensor | None = None) -> Tensor:
        """x (B, M, T), steps (B,), the blocks' shares of the condition -> (B, M, T).

        Frames that are not `valid` (B, T) are as if they were not there.
        """
        keep = None if valid is None else valid[:, None]
        x, step = self.enter(x).relu(), self.embedding(steps)
        total = torch.zeros_like(x)
        for block, share in zip(self._blocks(), shares, strict=True):
            x, skip = block(x, step, share, keep)
            total = total + skip
        predicted: Tensor = self.leave(self.mix(total / math.sqrt(len(self.blocks))).relu())
        return predicted

    def forward(self, x: Tensor, steps: Tensor, condition: Tensor, valid: Tensor | None = None) -> Tensor:
        """x (B, M, T), steps (B,), condition (B, D, T) -> (B, M, T); `valid` as of `denoise`."""
        return self.denoise(x, steps, self.shares(condition), valid)

    def _blocks(self) -> list[DenoiserBlock]:
        return [block for block in self.blocks if isinstance(block, DenoiserBlock)]
