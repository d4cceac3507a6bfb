"""EnCodec's multi-scale STFT discriminator (Defossez 2022, arXiv 2210.13438, section 3.4, figure 2).

Convolutions over time and frequency of the complex STFT, real and imaginary parts as two channels, at five window
lengths. Channels of stereo sound are judged apart.

Legend: B batch, C channels, N samples, T frames, F frequencies.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from octet.vocoders.discriminators import Judgement

WINDOWS = (2048, 1024, 512, 256, 128)
DILATIONS = (1, 2, 4)  # in time
SLOPE = 0.2  # of the leaky ReLU


class STFTDiscriminator(nn.Module):
    """One window length, with a hop of a quarter of it."""

    window: torch.Tensor

    def __init__(self, window_samples: int, filters: int = 32) -> None:
        super().__init__()
        window = torch.hann_window(window_samples)
        self.register_buffer("window", window / torch.linalg.vector_norm(window), persistent=False)
        strided = [
            weight_norm(nn.Conv2d(filters, filters, (3, 9), (1, 2), dilation=(dilation, 1), padding=(dilation, 4)))
            for dilation in DILATIONS
        ]
        last = weight_norm(nn.Conv2d(filters, filters, 3, padding=1))
        self.convs = nn.ModuleList([nn.Conv2d(2, filters, (3, 9), padding=(1, 4)), *strided, last])
        self.post = weight_norm(nn.Conv2d(filters, 1, 3, padding=1))

    def forward(self, audio: torch.Tensor) -> Judgement:
        """(B, N)."""
        size = len(self.window)
        spectrum = torch.stft(audio, size, size // 4, window=self.window, center=False, return_complex=True)
        x = torch.view_as_real(spectrum).permute(0, 3, 2, 1)  # (B, 2, T, F)
        features = []
        for conv in self.convs:
            x = F.leaky_relu(conv(x), SLOPE)
            features.append(x)
        return Judgement(self.post(x).flatten(1), features)


class MultiScaleSTFTDiscriminator(nn.Module):
    """One discriminator for each window length."""

    def __init__(self, windows: Sequence[int] = WINDOWS, filters: int = 32) -> None:
        super().__init__()
        self.parts = nn.ModuleList(STFTDiscriminator(window, filters) for window in windows)

    def forward(self, audio: torch.Tensor) -> list[Judgement]:
        """(B, C, N), at least as long as the longest window."""
        mono = audio.float().flatten(0, 1)
        return [part(mono) for part in self.parts]
