"""A small codec whose samples depend on frames around them, and none of whose codes sound alike."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional as F

HOP = 8


@dataclass(frozen=True)
class SmoothCodec:
    """Each code is a level; a sample is a weighted mean of the levels `reach` frames around it, and of the first.

    The first frame is heard in all samples when `memory` says so, as an LSTM would have it.
    """

    channels: int = 1
    codebooks: int = 4
    codebook_size: int = 16
    ahead: int = 2
    memory: float = 0.1
    sample_rate_hz: int = 80
    frame_rate_hz: float = 10.0

    def encode(self, audio: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        frames = -(-audio.shape[2] // HOP)
        padded = F.pad(audio, (0, frames * HOP - audio.shape[2]))
        loudness = padded.view(len(audio), -1, frames, HOP).abs().mean((1, 3))
        code = (loudness * self.codebook_size).long().clamp(max=self.codebook_size - 1)
        return torch.stack([(code + k) % self.codebook_size for k in range(codebooks or self.codebooks)], dim=1)

    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        scale = torch.tensor([0.5**k for k in range(self.codebooks)])
        level = ((codes.float() / self.codebook_size) * scale[:, None]).sum(1) / 4
        ahead = F.pad(level, (0, self.ahead))[:, self.ahead :]
        mixed = level + 0.5 * ahead + self.memory * level[:, :1]
        return mixed.repeat_interleave(HOP, dim=1)[:, None].expand(-1, self.channels, -1)
