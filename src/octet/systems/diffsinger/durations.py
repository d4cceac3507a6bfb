"""Durations of phones: what is learned of them, and how predictions are fitted to a score.

Errors count on three levels, phones, words and the sentence, each in the logarithm (as the public versions do). A
word runs from vowel onset to vowel onset, so its length follows from the notes. B batch, P phones, W words.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from octet.families.acoustic.length import round_cumulatively
from octet.families.acoustic.pitch import masked_mse

MOST_OF_A_WORD: Final = 0.6  # that its consonants may take from a word's vowel


def duration_losses(predicted: Tensor, durations: Tensor, words: Tensor, valid: Tensor) -> dict[str, Tensor]:
    """Squared errors of predicted log(frames + 1) (B, P) against frames (B, P), on three levels."""
    target = torch.log1p(durations.to(predicted.dtype))
    frames = torch.expm1(predicted.clamp(max=12)).clamp(min=0) * valid
    pairs = [word_sums(frames, words), word_sums(durations.to(predicted.dtype), words)]
    ours, theirs = (torch.log1p(sums) for sums in pairs)
    totals = [torch.log1p(values.sum(1)) for values in (frames, durations.to(predicted.dtype))]
    return {
        "duration": masked_mse(predicted, target, valid),
        "word_duration": masked_mse(ours, theirs, pairs[1] > 0),
        "sentence_duration": (totals[0] - totals[1]).square().mean(),
    }


def word_sums(values: Tensor, words: Tensor) -> Tensor:
    """Sums of values (B, P) over words (B, P) -> (B, W)."""
    return values.new_zeros(len(words), int(words.max()) + 1).scatter_add(1, words, values)


def fitted(predicted: Tensor, words: Tensor, word_frames: Tensor) -> Tensor:
    """Predicted frames (B, P) as whole frames whose words last as the score says, (B, W) int64.

    A word's first phone, its vowel, takes what the consonants after it leave; where they would take most of the word,
    they are shortened.
    """
    predicted = predicted.clamp(min=0).double()
    first = torch.ones_like(words, dtype=torch.bool)
    first[:, 1:] = words[:, 1:] != words[:, :-1]
    consonants = word_sums(predicted * ~first, words)
    allowed = torch.minimum(consonants, word_frames * MOST_OF_A_WORD)
    scale = (allowed / consonants.clamp(min=1e-9)).gather(1, words)
    room = (word_frames - allowed).gather(1, words)
    return round_cumulatively(torch.where(first, room, predicted * scale))
