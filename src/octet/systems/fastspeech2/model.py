"""FastSpeech 2 and 2s: fast and high-quality end-to-end text to speech (Ren et al., arXiv 2006.04558, final version).

    phonemes -> encoder -> variance adaptor -> mel decoder -> mel        (FastSpeech 2, figure 1a)
                                           `-> waveform decoder -> audio (FastSpeech 2s, figure 1d, see waveform.py)

Departures from the paper, each a switch or a generalisation whose default for `paper()` is the paper's choice:
    * several voices and languages (families/acoustic/encoder.py);
    * `level="phone"` averages pitch and energy over phones (as ming024's public implementation does), and
      `postnet_width` adds Tacotron 2's postnet (likewise); the paper has neither;
    * `energy_error="absolute"` and `foretold_energy` keep stops crisp (families/acoustic/adaptor.py);
    * `gain_augmentation_db` scales mel, energy and audio of a training utterance together, so that the energy control
      covers louder and softer speech than the corpus holds; 0 in the paper.

B batch, P phones, T frames, M mel bins, D width.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from octet.audio.spectrogram import MelSpec
from octet.core.training import Batch, Losses, SpeechExample
from octet.families.acoustic.adaptor import (
    Adapted,
    Controls,
    EnergyHead,
    EnergyScale,
    PitchHead,
    VarianceAdaptor,
    Variances,
)
from octet.families.acoustic.encoder import PhonemeEncoder, Phones
from octet.families.acoustic.fft_block import FFTBlock, FFTStack
from octet.families.acoustic.pitch import ContourPitch, PitchScale, WaveletPitch, masked_mae, masked_mse
from octet.families.acoustic.postnet import Postnet
from octet.families.acoustic.variance import QuantizedEmbedding, VariancePredictor, log_edges, uniform_edges
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


class Config(BaseModel):
    """A FastSpeech 2. Defaults are the paper's (section 3.1 and appendix A)."""

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


class FastSpeech2(nn.Module):
    """Phones in, mel spectrogram out."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        body = _stack(config, config.encoder_layers)
        self.encoder = PhonemeEncoder(body, config.width, len(config.speakers), config.symbols)
        self.adaptor = _adaptor(config)
        self.decoder = _stack(config, config.decoder_layers)
        self.to_mel = nn.Linear(config.width, config.spec.mel_bins)
        self.postnet = Postnet(config.spec.mel_bins, config.postnet_width) if config.postnet_width else None

    def decode(self, adapted: Adapted) -> tuple[Tensor, Tensor]:
        """Mel before and after the postnet (the same without one), (B, M, T)."""
        hidden = self.decoder(adapted.hidden, adapted.valid)
        mel = (self.to_mel(hidden) * adapted.valid[:, :, None]).transpose(1, 2)
        return mel, mel if self.postnet is None else mel + self.postnet(mel)

    def adapt(self, batch: Batch) -> tuple[Adapted, dict[str, Tensor]]:
        """Encoder and variance adaptor with the true variances: the training path up to the decoders."""
        phones = Phones(batch["symbols"], batch["accents"], batch["languages"], batch["speakers"])
        truth = Variances(batch["durations"], batch["f0_hz"], batch["energy"])
        adapted, losses = self.adaptor(self.encoder(phones), phones.valid, truth, batch["gains"])
        return adapted, losses

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's; nothing here is scheduled
        """Mel absolute error plus the variance losses, all of weight one (section 2.1)."""
        adapted, parts = self.adapt(batch)
        return self.acoustic_loss(batch, adapted, parts)

    def acoustic_loss(self, batch: Batch, adapted: Adapted, parts: dict[str, Tensor]) -> Losses:
        """The loss once the adaptor has run (FastSpeech 2s shares it)."""
        before, after = self.decode(adapted)
        parts = {"mel": masked_l1(after, batch["mel"], adapted.valid), **parts}
        if self.postnet is not None:
            parts["mel_before_postnet"] = masked_l1(before, batch["mel"], adapted.valid)
        return Losses(torch.stack(list(parts.values())).sum(), parts)

    @torch.inference_mode()
    def generate(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        """Mel (B, M, T) and what the adaptor decided."""
        adapted = self.adaptor.generate(self.encoder(phones), phones.valid, wishes)
        return self.decode(adapted)[1], adapted

    def collate(self, items: Sequence[SpeechExample], rng: torch.Generator) -> Batch:
        """Pad a batch, each utterance at a random loudness."""
        return self.stack(items, draw_gains(len(items), self.config.gain_augmentation_db, rng))

    def stack(self, items: Sequence[SpeechExample], gains: Sequence[float]) -> Batch:
        """Pad a batch; shapes are those of `SpeechExample`. Padded frames are zero and never scored."""
        index = {name: number for number, name in enumerate(self.config.speakers)}
        spec = self.config.spec
        return {
            "symbols": _pad([item.symbols for item in items]),
            "accents": _pad([item.accents for item in items]),
            "languages": _pad([item.languages for item in items]),
            "durations": _pad([item.durations for item in items]),
            "speakers": torch.tensor([index[item.speaker] for item in items]),
            "f0_hz": _pad([continuous(item.f0_hz) for item in items]),
            "energy": _pad([item.energy * gain for item, gain in zip(items, gains, strict=True)]),
            "gains": torch.tensor(gains),
            "mel": _pad([louder(item.mel, gain, spec).T for item, gain in zip(items, gains, strict=True)]).mT,
        }

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        return "fastspeech2", self.config.model_dump(mode="json"), self.state_dict()


def masked_l1(predicted: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Mean absolute error of (B, M, T) over valid frames (B, T)."""
    error = (predicted - target).abs().mean(1)
    return (error * valid).sum() / valid.sum().clamp(min=1)


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


def _pad(sequences: Sequence[Tensor]) -> Tensor:
    return pad_sequence(list(sequences), batch_first=True)


def _stack(config: Config, layers: int) -> FFTStack:
    return FFTStack(
        [
            FFTBlock(config.width, config.heads, config.inner_width, config.kernels, config.dropout)
            for _ in range(layers)
        ]
    )


def _adaptor(config: Config) -> VarianceAdaptor:
    pitch = None if config.pitch == "none" else _pitch(config)
    energy = _energy(config) if config.energy else None
    return VarianceAdaptor(_predictor(config), pitch, energy, config.level == "phone")


def _predictor(config: Config, outputs: int = 1) -> VariancePredictor:
    return VariancePredictor(
        config.width, config.predictor_width, config.predictor_kernel, config.predictor_dropout, outputs
    )


def _pitch(config: Config) -> PitchHead:
    statistics = config.statistics
    scale = PitchScale(statistics.f0_mean, statistics.f0_deviation)
    edges = log_edges(statistics.f0_low_hz, statistics.f0_high_hz, config.bins)
    embedding = QuantizedEmbedding(edges, config.width)
    if config.pitch != "cwt":
        return PitchHead(ContourPitch(_predictor(config), scale, config.pitch == "contour"), embedding)
    frame_seconds = 1 / config.spec.frame_rate_hz
    return PitchHead(WaveletPitch(_predictor(config, 10), config.width, scale, frame_seconds), embedding)


def _energy(config: Config) -> EnergyHead:
    statistics = config.statistics
    embedding = QuantizedEmbedding(uniform_edges(0, statistics.energy_high, config.bins), config.width)
    scale = EnergyScale(statistics.energy_mean, statistics.energy_deviation)
    error = masked_mse if config.energy_error == "squared" else masked_mae
    return EnergyHead(_predictor(config), embedding, scale, error, config.foretold_energy)
