"""The one-dimensional ConvNeXt block of Vocos (Siuzdak 2023, arXiv 2306.00814, section 3.2).

Depthwise convolution over time, layer norm over channels, an inverted bottleneck of two pointwise layers with
GELU between, a learned scale per channel ("layer scale"), and a residual. Parameter names are those of the public
Vocos checkpoints: `dwconv`, `norm`, `pwconv1`, `pwconv2`, `gamma`.

Legend: B batch, C channels, T frames.
"""

from __future__ import annotations

import torch
from torch import nn

KERNEL_FRAMES = 7


class ConvNeXtBlock(nn.Module):
    """(B, C, T) -> (B, C, T)."""

    def __init__(self, channels: int, hidden_channels: int, *, layer_scale: float) -> None:
        """`layer_scale` is the initial value of `gamma`; Vocos takes 1 / number of blocks."""
        super().__init__()
        self.dwconv = nn.Conv1d(channels, channels, KERNEL_FRAMES, padding=KERNEL_FRAMES // 2, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.pwconv1 = nn.Linear(channels, hidden_channels)
        self.act = nn.GELU()
        self.pwconv2 = nn.Linear(hidden_channels, channels)
        self.gamma = nn.Parameter(torch.full((channels,), layer_scale))

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """A residual step.

        Args:
            x: (B, C, T) float.
            mask: (B, T) bool, True = valid (`octet.nn.masks`). Padding is zeroed before the convolution, as its
                own edge padding is, so a row's result does not depend on what it is batched with.

        Returns:
            (B, C, T); positions outside the mask hold values of no meaning.
        """
        real = x if mask is None else x * mask[:, None].to(x.dtype)
        inner: torch.Tensor = self.dwconv(real).transpose(1, 2)
        inner = self.pwconv2(self.act(self.pwconv1(self.norm(inner))))
        return x + (self.gamma * inner).transpose(1, 2)


def initialise(module: nn.Module) -> None:
    """Vocos's initialisation of one layer, for `Module.apply`: normal weights of deviation 0.02, zero biases."""
    if isinstance(module, nn.Conv1d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
