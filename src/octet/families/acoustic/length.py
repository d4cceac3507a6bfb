"""Durations and the length regulator (FastSpeech, section 3.2). B batch, P phones, T frames, D width."""

from __future__ import annotations

import torch
from torch import Tensor


def round_cumulatively(durations: Tensor) -> Tensor:
    """Real durations (..., P) -> whole frames whose running sum is never more than half a frame off.

    Rounding each phone by itself would let errors add up: a sentence at speed 1.25 would not be 1.25 times shorter.
    """
    ends = durations.clamp(min=0).double().cumsum(-1).round()
    starts = torch.cat([torch.zeros_like(ends[..., :1]), ends[..., :-1]], dim=-1)
    return (ends - starts).long()


def regulate(hidden: Tensor, durations: Tensor) -> Tensor:
    """Repeat each phone's vector for its frames: (B, P, D), (B, P) int64 -> (B, T, D), zero-padded."""
    return gather_frames(hidden, frame_to_phone(durations), durations.sum(1))


def frame_to_phone(durations: Tensor) -> Tensor:
    """The index of the phone that sounds in each frame: (B, P) int64 -> (B, T) int64; past the end, the last phone."""
    ends = durations.cumsum(1)
    frames = torch.arange(int(ends[:, -1].max()), device=durations.device)
    index = torch.searchsorted(ends, frames.expand(len(ends), -1).contiguous(), right=True)
    return index.clamp(max=durations.shape[1] - 1)


def gather_frames(hidden: Tensor, phone_of_frame: Tensor, lengths: Tensor) -> Tensor:
    """(B, P, D), (B, T), (B,) -> (B, T, D), zero past each length."""
    frames = hidden.gather(1, phone_of_frame[:, :, None].expand(-1, -1, hidden.shape[2]))
    valid = torch.arange(phone_of_frame.shape[1], device=hidden.device)[None] < lengths[:, None]
    return frames * valid[:, :, None]


def average_by_phone(values: Tensor, durations: Tensor) -> Tensor:
    """Mean of a frame-level curve over each phone: (B, T), (B, P) -> (B, P); zero for phones without frames."""
    ends = durations.cumsum(1)
    sums = torch.cat([torch.zeros_like(values[:, :1]), values.cumsum(1)], dim=1)
    limit = values.shape[1]
    total = sums.gather(1, ends.clamp(max=limit)) - sums.gather(1, (ends - durations).clamp(max=limit))
    return total / durations.clamp(min=1)
