"""Small vocoders and signals for the tests of this folder. Legend: B batch, M mel bins, T frames."""

import math

import torch

from octet.audio.spectrogram import MelSpec, mel
from octet.core.training import SpeechExample
from octet.vocoders.hifigan import HifiGanConfig
from octet.vocoders.vocos import VocosConfig


def spec(padding: str = "hop") -> MelSpec:
    return MelSpec(
        sample_rate_hz=8000,
        fft_samples=256,
        window_samples=200,
        hop_samples=50,
        mel_bins=20,
        low_hz=0,
        high_hz=4000,
        padding=padding,
    )


def small_vocos(padding: str = "hop", layers: int = 2) -> VocosConfig:
    return VocosConfig(spec=spec(padding), channels=24, intermediate_channels=48, layers=layers)


def small_hifigan(resblock: str = "1", **changes: object) -> HifiGanConfig:
    shape = {
        "spec": spec(),
        "channels": 16,
        "upsample_rates": (10, 5),
        "upsample_kernels": (20, 11),
        "resblock": resblock,
        "resblock_kernels": (3, 5),
        "resblock_dilations": ((1, 2), (1, 3)),
    }
    return HifiGanConfig(**(shape | changes))


def voice(frames: int, spec: MelSpec, f0_hz: float = 140.0) -> torch.Tensor:
    """A vowel-like sum of harmonics whose pitch glides: (N,) with N = frames * hop."""
    time = torch.arange(frames * spec.hop_samples) / spec.sample_rate_hz
    phase = 2 * math.pi * f0_hz * (time + 0.2 * time**2)
    partials = [math.exp(-k / 6) * torch.sin(k * phase) for k in range(1, 20)]
    return 0.1 * torch.stack(partials).sum(dim=0)


def example(frames: int, spec: MelSpec, f0_hz: float = 140.0) -> SpeechExample:
    audio, nothing = voice(frames, spec, f0_hz), torch.zeros(0, dtype=torch.int64)
    flat = torch.zeros(frames)
    return SpeechExample(
        id=f"{f0_hz}",
        text="",
        language="en",
        speaker="",
        audio=audio,
        mel=mel(audio, spec),
        f0_hz=flat,
        energy=flat,
        symbols=nothing,
        accents=nothing,
        languages=nothing,
        durations=nothing,
    )
