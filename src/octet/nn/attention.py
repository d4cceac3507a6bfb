"""Multi-head self-attention (Vaswani 2017, section 3.2). B batch, T positions, D width, H heads."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


class SelfAttention(nn.Module):
    """Unmasked among valid positions; padding is never attended to."""

    def __init__(self, width: int, heads: int, dropout: float = 0.0, *, bias: bool = True) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"width {width} does not divide into {heads} heads")
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width, bias=bias)
        self.out = nn.Linear(width, width, bias=bias)

    def forward(self, x: Tensor, valid: Tensor | None) -> Tensor:
        """x (B, T, D), valid (B, T) True where real -> (B, T, D)."""
        batch, length, width = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)  # each (B, H, T, D/H)
        mask = None if valid is None else valid[:, None, None, :]
        rate = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=rate)
        joined: Tensor = self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        return joined
