"""Keys and values of the past, in memory that is taken once.

Legend: B batch, H heads, C capacity, L attended vectors, E width of a head.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass
class LayerCache:
    """Of one layer: its own past, as far as the `Cache` is filled, and the projected `cross` vectors."""

    keys: Tensor  # (B, H, C, E)
    values: Tensor
    cross: tuple[Tensor, Tensor] | None = None  # keys and values (B', H, L, E), computed once

    def write(self, start: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put (B, H, S, E) at `start`; returns views of all from the beginning to there."""
        end = start + keys.shape[2]
        self.keys[:, :, start:end] = keys
        self.values[:, :, start:end] = values
        return self.keys[:, :, :end], self.values[:, :, :end]


@dataclass
class Cache:
    """Of a whole decoder."""

    layers: list[LayerCache]
    length: int = 0

    @classmethod
    def empty(cls, layers: int, shape: tuple[int, int, int, int], like: Tensor) -> Cache:
        """A cache of shape (B, H, C, E), of the number type and on the device of `like`."""
        return cls([LayerCache(like.new_zeros(shape), like.new_zeros(shape)) for _ in range(layers)])

    def grow(self, end: int) -> None:
        """Count positions up to `end` as written; call before they are.

        Raises:
            ValueError: there is no room for them.
        """
        capacity = self.layers[0].keys.shape[2]
        if end > capacity:
            raise ValueError(f"position {end} in a cache for {capacity}")
        self.length = end
