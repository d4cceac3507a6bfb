"""Batches of utterances, and what is done to their features on the way.

B batch, T frames, M mel bins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from octet.audio.spectrogram import MelSpec
from octet.core.training import Batch, SpeechExample
from octet.families.acoustic.config import AcousticConfig


def collate(items: Sequence[SpeechExample], gains: Sequence[float], config: AcousticConfig) -> Batch:
    """Pad a batch; shapes are those of `SpeechExample`. Padded frames are zero and never scored."""
    index = {name: number for number, name in enumerate(config.speakers)}
    spec = config.spec
    return {
        "symbols": pad([item.symbols for item in items]),
        "accents": pad([item.accents for item in items]),
        "languages": pad([item.languages for item in items]),
        "durations": pad([item.durations for item in items]),
        "speakers": torch.tensor([index[item.speaker] for item in items]),
        "f0_hz": pad([continuous(item.f0_hz) for item in items]),
        "energy": pad([item.energy * gain for item, gain in zip(items, gains, strict=True)]),
        "gains": torch.tensor(gains),
        "mel": pad([louder(item.mel, gain, spec).T for item, gain in zip(items, gains, strict=True)]).mT,
    }


def pad(sequences: Sequence[Tensor]) -> Tensor:
    """Sequences of several lengths as a batch, filled with zeros: (T_i, ...) each -> (B, T, ...)."""
    return pad_sequence(list(sequences), batch_first=True)


def masked_l1(predicted: Tensor, target: Tensor, weights: Tensor) -> Tensor:
    """Mean absolute error of (B, M, T) over frames by their weights (B, T), or over valid ones."""
    error = (predicted - target).abs().mean(1)
    return (error * weights).sum() / weights.sum().clamp(min=1)


def continuous(f0_hz: Tensor) -> Tensor:
    """F0 with unvoiced frames (zeros) interpolated on a straight line; a whole utterance unvoiced becomes 100 Hz."""
    voiced = f0_hz.nonzero()[:, 0]
    if len(voiced) == 0:
        return torch.full_like(f0_hz, 100.0)
    frames = torch.arange(len(f0_hz))
    right = torch.searchsorted(voiced, frames).clamp(max=len(voiced) - 1)
    left = (right - 1).clamp(min=0)
    start, end = voiced[left], voiced[right]
    share = ((frames - start) / (end - start).clamp(min=1)).clamp(0, 1)
    return torch.lerp(f0_hz[start], f0_hz[end], share)


def draw_gains(count: int, decibels: float, rng: torch.Generator) -> list[float]:
    """Uniform in decibels over [-decibels, decibels], as factors; all one where `decibels` is 0."""
    if decibels == 0:
        return [1.0] * count
    draws = (torch.rand(count, generator=rng) * 2 - 1) * decibels
    return [float(gain) for gain in 10 ** (draws / 20)]


def louder(mel: Tensor, gain: float, spec: MelSpec) -> Tensor:
    """The log-mel of audio times `gain`, but for what lies at the floor."""
    logarithm = math.log if spec.log == "ln" else math.log10
    return (mel + spec.power * logarithm(gain)).clamp(min=logarithm(spec.floor))
