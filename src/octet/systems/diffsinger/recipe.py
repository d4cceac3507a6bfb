"""Presets and training plans of DiffSinger and DiffSpeech: functions that return complete configurations.

`paper` is section 4.1 and 4.3 of arXiv 2105.02446 and the public versions' settings; `tiny` the bundled size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec
from octet.core.training import Plan, SungExample
from octet.families.acoustic.batch import continuous
from octet.families.acoustic.config import AcousticConfig
from octet.families.acoustic.config import Statistics as SpokenStatistics
from octet.families.diffusion.denoisers import WaveNetConfig
from octet.families.diffusion.schedule import ScheduleConfig
from octet.systems.diffsinger.config import Config, DiffusionConfig, MelRange, SpeechConfig, Statistics

TINY_DIFFUSION = DiffusionConfig(
    denoiser=WaveNetConfig(channels=128, layers=8, dilation_cycle=4),
    prediction="sample",  # in the steps that a CPU can afford, noise is not learned well enough
    stages=(0.4, 0.2, 0.4),
    # Half of what divergences say: from deeper down a small denoiser only goes away from what the auxiliary decoder
    # knew, and a boundary predictor of a few hundred steps is not to be relied on.
    depth=25,
    sampler="dpm++",
    steps=8,
)


def popcs_spec() -> MelSpec:
    """Of the public singing versions: 24 kHz, hop 128."""
    return MelSpec(
        sample_rate_hz=24000,
        fft_samples=512,
        window_samples=512,
        hop_samples=128,
        mel_bins=80,
        low_hz=30,
        high_hz=12000,
        log="log10",
        floor=1e-6,
        padding="center",
    )


def tiny(singers: Sequence[str], statistics: Statistics) -> tuple[Config, Plan]:
    """Durations, pitch and curves drawn from the score; 80 frames a second; made for one CPU core."""
    config = Config(
        spec=spectrogram.tiny(),
        singers=tuple(singers),
        statistics=statistics,
        width=128,
        inner_width=512,
        kernels=(3, 1),
        encoder_layers=3,
        decoder_layers=4,
        dropout=0.0,
        predictor_layers=2,
        predictor_width=128,
        predictor_kernel=5,
        predictor_dropout=0.05,
        pitch="flow",
        durations="predicted",
        curves=True,
        consonant_weight=3.0,
        diffusion=TINY_DIFFUSION,
        vocoder="singing-vocoder-tiny",
    )
    return config, Plan(steps=8_000, batch_frames=2_400, learning_rate=1e-3, warmup_steps=200)


def paper(singers: Sequence[str], statistics: Statistics) -> tuple[Config, Plan]:
    """The paper's model (PopCS): 350,000 steps in three stages, learning rate 1e-3."""
    config = Config(spec=popcs_spec(), singers=tuple(singers), statistics=statistics)
    return config, _paper_plan(batch_frames=40_000)


def midi_a(singers: Sequence[str], statistics: Statistics) -> tuple[Config, Plan]:
    """Version A of the public code: durations, F0 and voicing from the score, shallow."""
    config, plan = paper(singers, statistics)
    diffusion = config.diffusion.model_copy(update={"denoiser": WaveNetConfig(dilation_cycle=4)})
    wanted = {"pitch": "regressed", "durations": "predicted", "diffusion": diffusion}
    return config.model_copy(update=wanted), plan


def midi_b(singers: Sequence[str], statistics: Statistics) -> tuple[Config, Plan]:
    """Version B: diffusion from noise decides on pitch too; 1000 steps, of which PNDM takes 25."""
    config, plan = midi_a(singers, statistics)
    diffusion = config.diffusion.model_copy(
        update={
            "schedule": ScheduleConfig(steps=1000, beta_end=0.02),
            "shallow": False,
            "stages": (1 / 3, 0.0, 2 / 3),  # 320,000 steps for the denoiser
            "sampler": "pndm",
            "steps": 25,
        }
    )
    return config.model_copy(update={"pitch": "none", "diffusion": diffusion}), plan


def tiny_speech(speakers: Sequence[str], statistics: tuple[SpokenStatistics, MelRange]) -> tuple[SpeechConfig, Plan]:
    """The shape of the bundled FastSpeech 2, whose weights it can begin with, and a small denoiser."""
    spoken, mel = statistics
    acoustic = AcousticConfig(
        spec=spectrogram.tiny(),
        speakers=tuple(speakers),
        statistics=spoken,
        width=128,
        inner_width=512,
        kernels=(3, 1),
        encoder_layers=3,
        predictor_width=128,
        predictor_kernel=9,
        dropout=0.0,
        predictor_dropout=0.05,
        energy_error="absolute",
        foretold_energy=0.5,
        gain_augmentation_db=6.0,
        vocoder="vocoder-tiny",
    )
    config = SpeechConfig(acoustic=acoustic, mel=mel, diffusion=TINY_DIFFUSION)
    return config, Plan(steps=10_000, batch_frames=5_000, learning_rate=1e-3, warmup_steps=400)


def paper_speech(speakers: Sequence[str], statistics: tuple[SpokenStatistics, MelRange]) -> tuple[SpeechConfig, Plan]:
    """The paper's DiffSpeech at 22.05 kHz."""
    spoken, mel = statistics
    acoustic = AcousticConfig(spec=spectrogram.ljspeech(), speakers=tuple(speakers), statistics=spoken)
    return SpeechConfig(acoustic=acoustic, mel=mel), _paper_plan(batch_frames=28_000)


def _paper_plan(batch_frames: int) -> Plan:
    return Plan(
        steps=350_000,
        batch_frames=batch_frames,
        learning_rate=1e-3,
        warmup_steps=500,
        ema_decay=0.0,
    )


def measure(examples: Iterable[SungExample]) -> Statistics:
    """The statistics of a corpus that its model's configuration carries; F0 is a 0.1 % to 99.9 % range, and more."""
    mel, pitches, curves = MelMeter(), [], []
    for example in examples:
        mel.add(example.mel)
        pitches.append(continuous(example.f0_hz))
        curves.append(example.curves)
    f0_hz, every = torch.cat(pitches).double().sort().values, torch.cat(curves, dim=1).double()
    ends = [float(f0_hz[round(share * (len(f0_hz) - 1))]) for share in (0.001, 0.999)]
    means, deviations = every.mean(1).tolist(), every.std(1).clamp(min=1e-3).tolist()
    return Statistics(
        mel=mel.read(),
        f0_low_hz=ends[0] / 1.5,  # room for other keys
        f0_high_hz=ends[1] * 1.5,
        curve_means=tuple(means),
        curve_deviations=tuple(deviations),
    )


class MelMeter:
    """The smallest and largest value of each bin of the mels (M, T) seen so far."""

    def __init__(self) -> None:
        self.low: Tensor | None = None
        self.high: Tensor | None = None

    def add(self, mel: Tensor) -> None:
        low, high = mel.float().amin(1), mel.float().amax(1)
        self.low = low if self.low is None else torch.minimum(self.low, low)
        self.high = high if self.high is None else torch.maximum(self.high, high)

    def read(self) -> MelRange:
        assert self.low is not None
        assert self.high is not None
        high = torch.maximum(self.high, self.low + 1e-3)
        return MelRange(low=tuple(self.low.tolist()), high=tuple(high.tolist()))
