"""The feed-forward Transformer block of FastSpeech (arXiv 1905.09263, section 3.1; FastSpeech 2, figure 1).

Self-attention, then two 1-D convolutions instead of the position-wise layers, each with a residual connection and
layer normalisation *after* it (post-LN). B batch, T positions, D width.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from octet.nn.attention import SelfAttention
from octet.nn.positions import sinusoids


class ConvolutionFeedForward(nn.Module):
    """Conv1d (kernel k1, D -> F), ReLU, Conv1d (kernel k2, F -> D)."""

    def __init__(self, width: int, inner_width: int, kernels: Sequence[int]) -> None:
        super().__init__()
        self.expand = nn.Conv1d(width, inner_width, kernels[0], padding=kernels[0] // 2)
        self.contract = nn.Conv1d(inner_width, width, kernels[1], padding=kernels[1] // 2)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        out: Tensor = self.contract(self.expand(x.transpose(1, 2)).relu())
        return out.transpose(1, 2)


class FFTBlock(nn.Module):
    """One block. Padding is zeroed after each sublayer, else the convolutions would let it leak in."""

    def __init__(self, width: int, heads: int, inner_width: int, kernels: Sequence[int], dropout: float) -> None:
        super().__init__()
        self.attention = SelfAttention(width, heads, dropout)
        self.attention_norm = nn.LayerNorm(width)
        self.feed_forward = ConvolutionFeedForward(width, inner_width, kernels)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """x (B, T, D), valid (B, T) -> (B, T, D), zero where not valid."""
        keep = valid[:, :, None]
        x = self.attention_norm(x + self.dropout(self.attention(x, valid))) * keep
        refined: Tensor = self.feed_forward_norm(x + self.dropout(self.feed_forward(x))) * keep
        return refined


class FFTStack(nn.Module):
    """Positions, then blocks: the encoder's body and the mel decoder's (figure 1a)."""

    def __init__(self, blocks: Sequence[FFTBlock]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """x (B, T, D), valid (B, T) -> (B, T, D)."""
        x = (x + sinusoids(x.shape[1], x.shape[2]).to(x)) * valid[:, :, None]
        for block in self.blocks:
            x = block(x, valid)
        return x
