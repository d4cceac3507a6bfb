"""From what is told to the vectors a decoder attends to or reads first (MusicGen, section 2.3).

Nothing told is a vector of zeros for text, put there after the projection, whose bias would otherwise speak; for melody
it is what silence gives, the first chroma bin in every frame.

Legend: B batch, L text tokens, F chroma frames, P frames of the melody prefix, D width of the decoder.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from octet.core.errors import InvalidInput
from octet.encoders.text.contract import TextEncoder, TextTokens

CHROMA_BINS = 12


class TextConditioner(nn.Module):
    """A text encoder, and the projection to the decoder's width."""

    def __init__(self, encoder: TextEncoder, width: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.projection = nn.Linear(encoder.width, width)

    def forward(self, tokens: TextTokens, told: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (B, L, D) and which of them are real (B, L), of texts of which `told` (B,) bool are not empty.

        An untold text is one vector of zeros.
        """
        vectors = self.projection(self.encoder(tokens).to(self.projection.weight.dtype))
        first = torch.zeros_like(tokens.valid)
        first[:, 0] = True
        real = tokens.valid & told[:, None]
        return vectors * real[:, :, None], torch.where(told[:, None], tokens.valid, first)


class ChromaConditioner(nn.Module):
    """Which of twelve pitch classes sounds in each frame, projected; as many frames as the longest music has."""

    def __init__(self, frames: int, width: int) -> None:
        super().__init__()
        self.frames = frames
        self.projection = nn.Linear(CHROMA_BINS, width)

    def forward(self, chroma: Tensor) -> Tensor:
        """Chroma (B, F, 12) -> (B, P, D), cut or repeated to P frames.

        Raises:
            InvalidInput: another shape.
        """
        if chroma.dim() != 3 or chroma.shape[2] != CHROMA_BINS or not chroma.shape[1]:
            raise InvalidInput(f"chroma must be (batch, frames, {CHROMA_BINS}), given {tuple(chroma.shape)}")
        repeats = -(-self.frames // chroma.shape[1])
        fitted = chroma.repeat(1, repeats, 1)[:, : self.frames]
        projected: Tensor = self.projection(fitted.to(self.projection.weight.dtype))
        return projected


def silence(batch: int, frames: int = 1) -> Tensor:
    """The chroma (B, F, 12) of no melody."""
    chroma = torch.zeros(batch, frames, CHROMA_BINS)
    chroma[..., 0] = 1
    return chroma
