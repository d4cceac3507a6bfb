"""Presets and training plans of FastSpeech 2 and 2s: functions that return complete configurations.

`paper` is section 3.1 and appendix A of arXiv 2006.04558; `tiny` is the bundled size, for two CPU cores.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch

from octet.audio import spectrogram
from octet.core.training import Plan, SpeechExample
from octet.families.acoustic.batch import continuous
from octet.families.acoustic.config import AcousticConfig as Config
from octet.families.acoustic.config import Statistics
from octet.systems.fastspeech2.waveform import WaveformConfig
from octet.vocoders.recipe import TINY_STFT


def tiny(speakers: Sequence[str], statistics: Statistics) -> tuple[Config, Plan]:
    """2.7 M parameters at 80 frames a second; about an hour on two cores."""
    config = Config(
        spec=spectrogram.tiny(),
        speakers=tuple(speakers),
        statistics=statistics,
        width=128,
        inner_width=512,
        kernels=(3, 1),
        encoder_layers=3,
        predictor_width=128,
        predictor_kernel=9,  # two layers see 0.2 s, a whole stop: with three they cannot tell closure from burst
        dropout=0.0,  # a corpus of hours, seen ten times, is not memorised by this few weights
        predictor_dropout=0.05,
        energy_error="absolute",
        foretold_energy=0.5,
        gain_augmentation_db=6.0,
        vocoder="vocoder-tiny",
    )
    return config, Plan(steps=12_000, batch_frames=5_000, learning_rate=1e-3, warmup_steps=400)


def paper(speakers: Sequence[str], statistics: Statistics) -> tuple[Config, Plan]:
    """The paper's model at 22.05 kHz: batch of 48 sentences, 160,000 steps, Adam with inverse square root."""
    config = Config(spec=spectrogram.ljspeech(), speakers=tuple(speakers), statistics=statistics, vocoder=None)
    plan = Plan(
        steps=160_000,
        batch_frames=28_000,
        learning_rate=256**-0.5 * 4000**-0.5,  # Vaswani's peak: width^-1/2 * warm-up^-1/2
        warmup_steps=4000,
        schedule="inverse_sqrt",
        ema_decay=0.0,
    )
    return config, plan


def tiny_2s(speakers: Sequence[str], statistics: Statistics) -> tuple[WaveformConfig, Plan]:
    """Waveform blocks at frame rate that filter harmonics and noise (a departure: see waveform.py).

    Without a discriminator, which a CPU cannot afford; the STFT loss weighs as much as the bundled vocoder's.
    """
    acoustic, plan = tiny(speakers, statistics)
    config = WaveformConfig(
        acoustic=acoustic.model_copy(update={"vocoder": None}),
        upsampling="harmonic",
        channels=160,
        layers=10,
        dilation_cycle=5,
        segment_frames=128,
        adversarial_weight=0.0,
        stft_weight=20.0,
        stft_resolutions=TINY_STFT,
    )
    return config, plan.model_copy(update={"batch_frames": 4_000, "clip_norm": 20.0})


def paper_2s(speakers: Sequence[str], statistics: Statistics) -> tuple[WaveformConfig, Plan]:
    """The paper's FastSpeech 2s: 600,000 steps, batch of 12 sentences."""
    acoustic, plan = paper(speakers, statistics)
    return WaveformConfig(acoustic=acoustic), plan.model_copy(update={"steps": 600_000, "batch_frames": 7_000})


def measure(examples: Iterable[SpeechExample]) -> Statistics:
    """The statistics of a corpus that its model's configuration carries.

    F0 and energy ranges are 0.1 % and 99.9 % quantiles, so that a few tracking errors do not waste the bins.
    """
    pitches, energies = [], []
    for example in examples:
        pitches.append(continuous(example.f0_hz))
        energies.append(example.energy)
    f0_hz, energy = torch.cat(pitches).double(), torch.cat(energies).double()
    low, high = _quantiles(f0_hz, 0.001, 0.999)
    return Statistics(
        f0_mean=float(f0_hz.log().mean()),
        f0_deviation=float(f0_hz.log().std()),
        f0_low_hz=low / 1.3,  # room for the pitch control
        f0_high_hz=high * 1.3,
        energy_mean=float(energy.mean()),
        energy_deviation=float(energy.std()),
        energy_high=_quantiles(energy, 0.0, 0.999)[1] * 2,  # room for the energy control
    )


def _quantiles(values: torch.Tensor, low: float, high: float) -> tuple[float, float]:
    ordered = values.sort().values
    last = len(ordered) - 1
    return float(ordered[round(low * last)]), float(ordered[round(high * last)])
