"""Made utterances whose mel, pitch and energy follow from their phones: what a model must be able to learn."""

from __future__ import annotations

import torch

from octet.audio.spectrogram import MelSpec, tiny
from octet.core.training import SpeechExample
from octet.families.acoustic.length import regulate
from octet.text.phonemes import SYMBOLS
from octet.vocoders.harmonic import pulses


def utterance(number: int, phones: int = 12, spec: MelSpec | None = None) -> SpeechExample:
    """Phone s lasts 2 + s % 5 frames and has its own constant mel and loudness; pitch falls over the utterance."""
    spec = spec or tiny()
    rng = torch.Generator().manual_seed(number)
    symbols = torch.randint(1, len(SYMBOLS), (phones,), generator=rng)
    durations = 2 + symbols % 5
    frames = int(durations.sum())
    colours = torch.randn(len(SYMBOLS), spec.mel_bins, generator=torch.Generator().manual_seed(0))
    mel = regulate(colours[symbols][None], durations[None])[0].T - 4
    f0_hz = torch.linspace(180, 120, frames) * (1 + 0.1 * torch.sin(torch.arange(frames) / 5))
    loudness = (0.02 * (1 + symbols % 7)).float()
    levels = regulate(loudness[None, :, None], durations[None]).repeat_interleave(spec.hop_samples, dim=1)[0, :, 0]
    audio = pulses(f0_hz[None], spec)[0] * levels
    f0_hz[:3] = 0
    return SpeechExample(
        id=str(number),
        text="",
        language="en",
        speaker=("one", "two")[number % 2],
        audio=audio,
        mel=mel,
        f0_hz=f0_hz,
        energy=mel.exp().norm(dim=0) * 10,
        symbols=symbols,
        accents=torch.zeros(phones, dtype=torch.long),
        languages=torch.zeros(phones, dtype=torch.long),
        durations=durations,
    )
