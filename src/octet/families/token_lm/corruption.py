"""Tokens as a language model that errs would have read them, so that it learns to go on from its own mistakes.

In training a model reads only what was really played; in generation it reads what it wrote itself, and small models
drift from their first errors into a note that is held for ever. So in training some of what they read is wrong, while
what they are to predict stays true: tokens are exchanged for others of the same codebook (word dropout, Bowman 2016,
arXiv 1511.06349, has an unknown word in their place), and stretches go round in loops. Not in MusicGen's paper.

Legend: B batch, K codebooks, S steps.
"""

from __future__ import annotations

import torch
from torch import Tensor

LONGEST_STRETCH_STEPS = 80
LONGEST_LOOP_STEPS = 8


def corrupted(tokens: Tensor, special: int, share: float) -> Tensor:
    """Tokens (B, K, S), each row without up to twice a `share` of them, half of the rows with a stretch that loops.

    Drawn from torch's own generator. Special tokens stay, and no other becomes one.
    """
    return _looped(_exchanged(tokens, special, share), special)


def _exchanged(tokens: Tensor, special: int, share: float) -> Tensor:
    """Some tokens become those of another row and step, of the same codebook."""
    rows, codebooks, steps = tokens.shape
    others = tokens.transpose(0, 1).flatten(1)[:, torch.randperm(rows * steps, device=tokens.device)]
    others = others.view(codebooks, rows, steps).transpose(0, 1)
    rates = 2 * share * torch.rand(rows, 1, 1, device=tokens.device)
    chosen = torch.rand(tokens.shape, device=tokens.device) < rates
    return torch.where(chosen & (tokens != special) & (others != special), others, tokens)


def _looped(tokens: Tensor, special: int) -> Tensor:
    """In half of the rows, a stretch repeats its first one to eight steps, as a note that is held."""
    rows, _, steps = tokens.shape
    device = tokens.device
    starts = torch.randint(steps, (rows, 1), device=device)
    lengths = torch.randint(1, LONGEST_STRETCH_STEPS + 1, (rows, 1), device=device)
    lengths = lengths * torch.randint(2, (rows, 1), device=device)
    loops = torch.randint(1, LONGEST_LOOP_STEPS + 1, (rows, 1), device=device)
    places = torch.arange(steps, device=device).expand(rows, -1)
    inside = (places >= starts) & (places < starts + lengths)
    sources = torch.where(inside, starts + (places - starts) % loops, places)[:, None].expand_as(tokens)
    looped = tokens.gather(2, sources)
    return torch.where((tokens != special) & (looped != special), looped, tokens)
