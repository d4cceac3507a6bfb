"""Causal linear attention (Katharopoulos et al. 2020, arXiv 2006.16236): softmax replaced by a product of features.

    phi(x) = elu(x) + 1        out_t = phi(q_t) S_t / (phi(q_t) . z_t + 1e-6)
    S_t = S_(t-1) + phi(k_t) v_t^T        z_t = z_(t-1) + phi(k_t)

There is no scaling by the square root of the width. Three forms of it are equal: `parallel` costs the square of the
length; `chunked`, for training and for reading a prefix, is parallel inside chunks and carries (S, z) between them;
`recurrent` takes one position in time and memory that do not depend on those before. All compute in float32, for sums
of features leave float16's range, and bfloat16 rounds elu(x) + 1 to nothing below -8.

Legend: B batch, H heads, T positions, C chunks of L, E width of queries and keys, M width of values, D model width.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EPSILON = 1e-6  # added to the denominator, as in the published code
CHUNK = 128


class Memory(NamedTuple):
    """All that attention keeps of what it has read. It is never changed in place, so branches may share one."""

    products: Tensor  # S (B, H, E, M) float32
    features: Tensor  # z (B, H, E) float32

    @classmethod
    def empty(cls, like: Tensor, values_width: int) -> Self:
        """Of nothing, for queries (B, H, T, E)."""
        batch, heads, _, width = like.shape
        sizes = (batch, heads, width)
        return cls(torch.zeros(*sizes, values_width, device=like.device), torch.zeros(sizes, device=like.device))

    def rows(self, index: Tensor) -> Memory:
        """The memories of some sequences of the batch, by number (N,); one may be taken several times."""
        return Memory(self.products[index], self.features[index])


def feature(x: Tensor) -> Tensor:
    """elu(x) + 1 in float32; above 0 everywhere, also where elu(x) would round to -1."""
    x = x.float()
    return F.relu(x) + x.clamp(max=0).exp()  # several times faster than a choice, and the same to the last bit


def parallel(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """q, k (B, H, T, E), v (B, H, T, M) -> (B, H, T, M) float32, every position at once."""
    scores = (feature(q) @ feature(k).mT).tril()
    return scores @ v.float() / (scores.sum(-1, keepdim=True) + EPSILON)


def chunked(q: Tensor, k: Tensor, v: Tensor, memory: Memory, chunk: int = CHUNK) -> tuple[Tensor, Memory]:
    """As `parallel`, after what `memory` holds; and the memory of both. Linear in T."""
    length = q.shape[2]
    # Zeros fill the last chunk: without features they add nothing to any sum.
    q, k, v = (_in_chunks(x, chunk) for x in (feature(q), feature(k), v.float()))
    products = _running(memory.products, k.mT @ v)  # (B, H, C + 1, E, M)
    features = _running(memory.features, k.sum(3))  # (B, H, C + 1, E)
    scores = (q @ k.mT).tril()
    above = scores @ v + q @ products[:, :, :-1]
    below = scores.sum(-1) + (q @ features[:, :, :-1, :, None]).squeeze(-1)
    out = (above / (below[..., None] + EPSILON)).flatten(2, 3)
    return out[:, :, :length], Memory(products[:, :, -1], features[:, :, -1])


def recurrent(q: Tensor, k: Tensor, v: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
    """As `chunked` for one position: q, k (B, H, 1, E), v (B, H, 1, M) -> (B, H, 1, M)."""
    q, k, v = feature(q), feature(k), v.float()
    memory = Memory(memory.products + k.mT @ v, memory.features + k.squeeze(2))
    below = (q * memory.features[:, :, None]).sum(-1, keepdim=True)
    return q @ memory.products / (below + EPSILON), memory


class LinearAttention(nn.Module):
    """Causal self-attention of heads that are `width // heads` wide, which need not add up to the model's width."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        inner = width // heads * heads
        self.qkv = nn.Linear(width, 3 * inner)
        self.out = nn.Linear(inner, width)

    def forward(self, x: Tensor, memory: Memory | None) -> tuple[Tensor, Memory]:
        """x (B, T, D), what was read before -> (B, T, D), what has been read now."""
        batch, length, _ = x.shape
        q, k, v = self.qkv(x).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        with torch.autocast(x.device.type, enabled=False):
            memory = memory or Memory.empty(q, v.shape[-1])
            mixed, memory = recurrent(q, k, v, memory) if length == 1 else chunked(q, k, v, memory)
        joined: Tensor = self.out(mixed.transpose(1, 2).reshape(batch, length, -1).to(x.dtype))
        return joined, memory


def _in_chunks(x: Tensor, chunk: int) -> Tensor:
    """(B, H, T, W) -> (B, H, C, L, W)."""
    batch, heads, length, width = x.shape
    filled = F.pad(x, (0, 0, 0, -length % chunk))
    return filled.reshape(batch, heads, -1, chunk, width)


def _running(start: Tensor, added: Tensor) -> Tensor:
    """Sums (B, H, C + 1, ...) before each chunk and after the last, of what each chunk adds (B, H, C, ...)."""
    return torch.cat([start[:, :, None], added], dim=2).cumsum(2)
