"""What a DiffSinger or a DiffSpeech is made of: complete, frozen configurations."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from octet.audio.spectrogram import MelSpec
from octet.families.acoustic.config import AcousticConfig, Kernel, Layers, Share, Width
from octet.families.diffusion.denoisers import WaveNetConfig
from octet.families.diffusion.prediction import PredictionKind
from octet.families.diffusion.schedule import ScheduleConfig

SamplerName = Literal["ddpm", "ddim", "pndm", "dpm++", "unipc"]
CURVES = ("energy", "breathiness", "voicing", "tension")
PAPER_STEPS = (160_000, 30_000, 160_000)  # warm-up, boundary predictor, denoiser (section 4.1.2)


class MelRange(BaseModel):
    """The smallest and largest value of each mel bin over a corpus: what diffusion maps to [-1, 1]."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    low: tuple[float, ...]
    high: tuple[float, ...]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if len(self.low) != len(self.high) or any(low >= high for low, high in zip(self.low, self.high, strict=False)):
            raise ValueError("each mel bin needs a low and a greater high")
        return self


class Statistics(BaseModel):
    """Of a corpus: its mel range, F0 range, and mean and deviation of the curves, in the order of `CURVES`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    mel: MelRange
    f0_low_hz: float = Field(gt=0)
    f0_high_hz: float
    curve_means: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    curve_deviations: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.f0_low_hz >= self.f0_high_hz:
            raise ValueError(f"f0_low_hz, {self.f0_low_hz:g}, must be less than f0_high_hz, {self.f0_high_hz:g}")
        if min(self.curve_deviations) <= 0:
            raise ValueError("curve_deviations must be above 0")
        return self


class DiffusionConfig(BaseModel):
    """The diffusion decoder, by default the paper's: 20 x 256, 100 linear steps, noise predicted, shallow.

    `depth` fixes k; by default it is what the boundary predictor finds. `stages` are the shares of a training run that
    go to the warm-up, the boundary predictor and the denoiser.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    schedule: ScheduleConfig = ScheduleConfig()
    denoiser: WaveNetConfig = WaveNetConfig()
    prediction: PredictionKind = "epsilon"
    error: Literal["absolute", "squared"] = "absolute"
    shallow: bool = True  # False begins at noise: the paper's "naive" ablation, and version MIDI-B
    depth: int | None = Field(default=None, ge=1)
    stages: tuple[Share, Share, Share] = tuple(steps / sum(PAPER_STEPS) for steps in PAPER_STEPS)  # type: ignore[assignment]
    boundary_channels: Width = 64
    sampler: SamplerName = "ddpm"
    steps: int = Field(default=100, ge=1)  # of the sampler; at most as many as k

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if abs(sum(self.stages) - 1) > 1e-6 or min(self.stages[0], self.stages[2]) <= 0:
            raise ValueError(
                f"stages are shares that add up to 1, of which only the second may be 0; given {self.stages}"
            )
        if self.depth is not None and self.depth > self.schedule.steps:
            raise ValueError(f"depth {self.depth} is more than the schedule's {self.schedule.steps} steps")
        if self.shallow and self.depth is None and self.stages[1] == 0:
            raise ValueError("without training for the boundary predictor, give the depth")
        return self


class Config(BaseModel):
    """A singer. Defaults are the paper's version (PopCS): durations and F0 are given.

    `pitch` is "given" (PopCS), "regressed" from the score with voicing (MIDI-A), "flow": drawn from the notes by a
    rectified flow, or "none": left to diffusion (MIDI-B).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    spec: MelSpec
    singers: tuple[str, ...] = Field(min_length=1, max_length=100_000)
    statistics: Statistics
    width: Width = 256
    heads: int = Field(default=2, ge=1)
    inner_width: int = Field(default=1024, ge=1, le=16_384)
    kernels: tuple[Kernel, Kernel] = (9, 1)
    encoder_layers: Layers = 4
    decoder_layers: Layers = 4
    dropout: Share = 0.1
    predictor_layers: Layers = 5
    predictor_width: Width = 256
    predictor_kernel: Kernel = 3
    predictor_dropout: Share = 0.5
    pitch: Literal["given", "regressed", "flow", "none"] = "given"
    durations: Literal["given", "predicted"] = "given"
    curves: bool = False
    consonant_weight: float = Field(default=1.0, ge=1, le=100)  # of their frames in the loss of mels; a vowel's is 1
    flow: WaveNetConfig = WaveNetConfig(channels=64, layers=6, dilation_cycle=3)  # of pitch and curves
    diffusion: DiffusionConfig = DiffusionConfig()
    vocoder: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        if not all(kernel % 2 for kernel in (*self.kernels, self.predictor_kernel)):
            raise ValueError("kernels and predictor_kernel must be odd, so that a convolution keeps the length")
        if len(self.statistics.mel.low) != self.spec.mel_bins:
            raise ValueError(f"statistics of {len(self.statistics.mel.low)} mel bins for {self.spec.mel_bins}")
        return self


class SpeechConfig(BaseModel):
    """DiffSpeech: FastSpeech 2 whose mel decoder is the auxiliary one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    acoustic: AcousticConfig
    mel: MelRange
    diffusion: DiffusionConfig = DiffusionConfig()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.mel.low) != self.acoustic.spec.mel_bins:
            raise ValueError(f"ranges of {len(self.mel.low)} mel bins for {self.acoustic.spec.mel_bins}")
        return self
