"""Tacotron 2's postnet (Shen et al., arXiv 1712.05884, section 2.2): a residual refinement of the mel spectrogram.

Not in FastSpeech 2's paper; popular public weights have it. B batch, M mel bins, T frames.
"""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn


class Postnet(nn.Module):
    """Five Conv1d of kernel 5 (512 channels in the paper) with batch normalisation, tanh after all but the last."""

    def __init__(self, mel_bins: int, width: int, layers: int = 5, dropout: float = 0.5) -> None:
        super().__init__()
        widths = [mel_bins, *[width] * (layers - 1), mel_bins]
        pairs = list(pairwise(widths))
        self.convolutions = nn.ModuleList(nn.Conv1d(a, b, 5, padding=2) for a, b in pairs)
        self.norms = nn.ModuleList(nn.BatchNorm1d(b) for _, b in pairs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, mel: Tensor) -> Tensor:
        """(B, M, T) -> (B, M, T), to be added to the input."""
        x = mel
        for layer, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True), start=1):
            x = norm(convolution(x))
            x = self.dropout(x.tanh() if layer < len(self.convolutions) else x)
        return x
