"""The shape of an acoustic model from phones to mel, with FastSpeech 2's sizes as defaults (arXiv 2006.04558)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from octet.audio.spectrogram import MelSpec
from octet.text.phonemes import SYMBOLS

# Several times what any paper has, and far from what exhausts a machine.
Layers = Annotated[int, Field(ge=1, le=100)]
Width = Annotated[int, Field(ge=1, le=4096)]
Kernel = Annotated[int, Field(ge=1, le=255)]
Share = Annotated[float, Field(ge=0, lt=1)]


class Statistics(BaseModel):
    """Of a corpus: what scales the variance predictors' targets and spans the quantisation bins.

    `f0_mean` and `f0_deviation` are of ln F0, or of F0 in Hz where the model's `pitch` is "linear_contour".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    f0_mean: float
    f0_deviation: float = Field(gt=0)
    f0_low_hz: float = Field(gt=0)
    f0_high_hz: float
    energy_mean: float
    energy_deviation: float = Field(gt=0)
    energy_high: float = Field(gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.f0_low_hz >= self.f0_high_hz:
            raise ValueError(f"f0_low_hz, {self.f0_low_hz:g}, must be less than f0_high_hz, {self.f0_high_hz:g}")
        return self


class AcousticConfig(BaseModel):
    """An encoder, a variance adaptor and a mel decoder. Defaults are FastSpeech 2's (section 3.1 and appendix A)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    spec: MelSpec
    speakers: tuple[str, ...] = Field(min_length=1, max_length=100_000)
    statistics: Statistics
    width: Width = 256
    heads: int = Field(default=2, ge=1)
    inner_width: int = Field(default=1024, ge=1, le=16_384)
    kernels: tuple[Kernel, Kernel] = (9, 1)
    encoder_layers: Layers = 4
    decoder_layers: Layers = 4
    dropout: Share = 0.1
    predictor_width: Width = 256
    predictor_kernel: Kernel = 3
    predictor_dropout: Share = 0.5
    pitch: Literal["cwt", "contour", "linear_contour", "none"] = "cwt"
    energy: bool = True
    energy_error: Literal["squared", "absolute"] = "squared"
    foretold_energy: Share = 0.0  # of training utterances, whose decoder reads the predicted energy
    level: Literal["frame", "phone"] = "frame"
    bins: int = Field(default=256, ge=2, le=65_536)
    postnet_width: int = Field(default=0, ge=0, le=4096)  # 0 is without
    symbols: int = Field(default=len(SYMBOLS), ge=2, le=100_000)  # of published weights: of their own vocabulary
    gain_augmentation_db: float = Field(default=0.0, ge=0, le=60)
    vocoder: str | None = None  # the artifact that makes sound of this model's mels, by name

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.level == "phone" and self.pitch == "cwt":
            raise ValueError("a wavelet transform needs frames: level='phone' goes with a contour or no pitch")
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        if not all(kernel % 2 for kernel in (*self.kernels, self.predictor_kernel)):
            raise ValueError("kernels and predictor_kernel must be odd, so that a convolution keeps the length")
        return self
