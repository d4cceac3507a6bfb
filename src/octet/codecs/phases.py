"""Phases of STFT magnitudes, found from left to right, so that a sound can be heard before its end is known.

Alternating projections (Griffin and Lim 1984; momentum of Perraudin 2013, as in `octet.vocoders.griffin_lim`) work on a
block of frames and a few ahead of it, while the frames before it stay as they were found; so has it been done for
sound in real time (Beauregard, Zhu and Wyse 2005, an inversion with look-ahead). A frame depends on those before it and
on `AHEAD_FRAMES` behind its block, and on nothing else: not on how long the sound is, nor on what it is batched with.

Legend: B batch, F frequencies, T frames.
"""

from __future__ import annotations

import torch
from torch import Tensor

from octet.vocoders.griffin_lim import Framing, projected

BLOCK_FRAMES = 25
AHEAD_FRAMES = 4
MOMENTUM = 0.99


@torch.no_grad()
def audio_of(magnitude: Tensor, framing: Framing, *, iterations: int) -> Tensor:
    """Magnitudes (B, F, T) -> audio (B, T * hop)."""
    found = torch.polar(magnitude, _first_phases(magnitude))
    for start in range(0, magnitude.shape[2], BLOCK_FRAMES):
        before = found[:, :, max(0, start - spanned(framing)) : start]
        block = slice(start, start + BLOCK_FRAMES + AHEAD_FRAMES)
        found[:, :, block] = projected(
            found[:, :, block], framing, iterations=iterations, momentum=MOMENTUM, before=before
        )
    return framing.audio(found)


def spanned(framing: Framing) -> int:
    """How many hops a window reaches over, begun ones too."""
    return -(-len(framing.window) // framing.hop_samples)


def _first_phases(magnitude: Tensor) -> Tensor:
    """The same random ones for every block and row."""
    _, frequencies, frames = magnitude.shape
    drawn = torch.rand(frequencies, BLOCK_FRAMES, generator=torch.Generator().manual_seed(0))
    return (2 * torch.pi * drawn).to(magnitude).repeat(1, -(-frames // BLOCK_FRAMES))[:, :frames].expand_as(magnitude)
