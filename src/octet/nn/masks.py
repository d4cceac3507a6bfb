"""Padding masks, in one convention everywhere: True marks what is real, False what only fills up the batch.

Legend: B batch, T time (frames, phones or tokens).
"""

from __future__ import annotations

import torch


def padding_mask(lengths: torch.Tensor, maximum: int | None = None) -> torch.Tensor:
    """Which positions of a padded batch are real.

    >>> padding_mask(torch.tensor([1, 3]), 3).tolist()
    [[True, False, False], [True, True, True]]

    Args:
        lengths: (B,) integers, the real length of every row.
        maximum: T; the longest row where absent. Needed where shapes must not depend on values.

    Returns:
        (B, T) bool, True = valid.
    """
    if maximum is None:
        maximum = int(lengths.max()) if lengths.numel() else 0
    positions = torch.arange(maximum, device=lengths.device)
    return positions < lengths[:, None]
