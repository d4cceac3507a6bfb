"""Training a codec of waveforms: one trainable module for every shape, with or without discriminators.

EnCodec (Defossez 2022, arXiv 2210.13438), section 3.4: L1 in time, multi-scale mel distance, hinge and feature matching
losses of a multi-scale STFT discriminator, weighed by the balancer; beside it, commitment. SoundStream (Zeghidour 2021,
arXiv 2107.03312), section III-E, weighs without a balancer. Multi-resolution STFT loss: Parallel WaveGAN's, for what is
trained without a discriminator.

Departures: the discriminator is updated at every step, as in the public configuration, where the paper leaves out some.

Legend: B crops, C channels, N samples of a crop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from octet.audio.spectrogram import MelSpec
from octet.codecs import losses as codec_losses
from octet.codecs.balancer import Balancer
from octet.codecs.discriminator import WINDOWS, MultiScaleSTFTDiscriminator
from octet.codecs.encodec import Encodec, EncodecConfig
from octet.codecs.learning import Quantised, QuantizerLearner
from octet.codecs.quantizer import ResidualQuantizer
from octet.core.errors import InvalidInput
from octet.core.training import Batch, Losses, Share, Sounding
from octet.vocoders import losses
from octet.vocoders.training import folded

LEAST_CROP = 1024  # samples; what the longest mel window needs


class Judge(BaseModel):
    """The discriminator and the weights of what it says."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    filters: int = Field(default=32, ge=1, le=1024)
    windows: tuple[Annotated[int, Field(ge=8, le=16_384)], ...] = Field(default=WINDOWS, min_length=1, max_length=16)
    weight: losses.Weight = 4.0
    feature_weight: losses.Weight = 4.0
    from_step: int = Field(default=0, ge=0)


class CodebookLearning(BaseModel):
    """How codebooks follow the latents; see `octet.codecs.learning`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    decay: Share = 0.99
    dead_share: Share = 0.1
    dropout: float = Field(default=0.0, ge=0, le=1)  # share of items left with fewer codebooks
    commitment_weight: losses.Weight = 1.0
    frozen: bool = False  # codes stay what they are: only the decoder learns, for models that speak them already

    def learner(self, quantizer: ResidualQuantizer) -> QuantizerLearner:
        """What moves a quantiser's codebooks so."""
        return QuantizerLearner(
            quantizer, decay=self.decay, dead_share=self.dead_share, dropout=self.dropout, frozen=self.frozen
        )


class CodecTraining(BaseModel):
    """A codec and how it is trained; default weights are those of EnCodec's public configuration.

    `features` says at which rate a corpus is heard, which must be the codec's, and how long the frames are in which
    its recordings are counted.

    Raises:
        InvalidInput: another rate, crops too short for the losses, or no loss on the sound at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    codec: EncodecConfig
    features: MelSpec
    crop_samples: int = Field(ge=1, le=2**24)
    balanced: bool = True
    time_weight: losses.Weight = 0.1
    mel_weight: losses.Weight = 2.0
    stft_weight: losses.Weight = 0.0
    stft_resolutions: tuple[losses.Resolution, ...] = Field(
        default=losses.PARALLEL_WAVEGAN, min_length=1, max_length=16
    )
    learning: CodebookLearning = CodebookLearning()
    judge: Judge | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        judged = () if self.judge is None else self.judge.windows
        compared = [resolution.fft_samples for resolution in self.stft_resolutions if self.stft_weight]
        longest = max([LEAST_CROP, *judged, *compared])
        checks = {
            f"features at the codec's {self.codec.sample_rate_hz} Hz": self.features.sample_rate_hz
            == self.codec.sample_rate_hz,
            f"crops of at least {longest} samples": self.crop_samples >= longest,
            "a weight above 0 for time, mel or stft": self.time_weight + self.mel_weight + self.stft_weight > 0,
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise InvalidInput(f"training a codec needs {' and '.join(broken)}")
        return self

    @property
    def weights(self) -> dict[str, float]:
        """What the balancer weighs."""
        own = {"time": self.time_weight, "mel": self.mel_weight, "stft": self.stft_weight}
        judge = self.judge
        return own if judge is None else own | {"adversarial": judge.weight, "features": judge.feature_weight}


class TrainableCodec(nn.Module):
    """A `Trainable` (octet.core.training) around a codec, with a `discriminator` only in adversarial training."""

    def __init__(self, config: CodecTraining) -> None:
        super().__init__()
        self.config = config
        self.codec = _codec(config.codec)
        self.learner = config.learning.learner(self.codec.quantizer)
        self.codec.encoder.requires_grad_(not config.learning.frozen)
        self.balancer = Balancer(config.weights, balanced=config.balanced)
        if config.judge is not None:
            self.discriminator = MultiScaleSTFTDiscriminator(config.judge.windows, config.judge.filters)

    def collate(self, items: Sequence[Sounding], rng: torch.Generator) -> Batch:
        """Cut every example into crops of `crop_samples`, from a random sample on and leaving the remainder out.

        Returns:
            audio (B, C, N); all channels of one that has several are the same. An example shorter than a crop is one
            crop, silent at its end.
        """
        audio = torch.cat([crops(item.audio, self.config.crop_samples, rng) for item in items])
        return {"audio": audio[:, None].repeat(1, self.codec.channels, 1)}

    def loss(self, batch: Batch, *, step: int) -> Losses:
        """Losses on the sound, of the discriminator too from its step on, and commitment."""
        real = batch["audio"]
        quantised: list[Quantised] = []

        def quantise(latent: torch.Tensor) -> torch.Tensor:
            quantised.append(self.learner(self.codec.quantizer, latent))
            return quantised[0].latent

        fake = self.codec.through(real, quantise).float()
        judged = self.config.judge is not None and step >= self.config.judge.from_step
        total, parts = self.balancer(fake, lambda audio: self._parts(audio, real, judged=judged))
        beside = {"commitment": quantised[0].commitment, "perplexity": quantised[0].perplexity}
        total = total + self.config.learning.commitment_weight * quantised[0].commitment
        return Losses(total, {**parts, **beside}, generated=(fake, real) if judged else None)

    def copied(self, audio: torch.Tensor) -> torch.Tensor:
        """What becomes of audio (B, C, N) on its way through all codebooks: (B, C, N), of a model in evaluation."""
        return self.codec.through(audio, lambda latent: self.learner(self.codec.quantizer, latent).latent)

    def discriminator_loss(self, fake: torch.Tensor, real: torch.Tensor, *, step: int) -> Losses:  # noqa: ARG002
        """The discriminators' side of the game, on (B, C, N) audio."""
        scores = [[judgement.score for judgement in self.discriminator(audio)] for audio in (fake, real)]
        total = losses.HINGE.discriminator(*scores) / len(scores[0])
        return Losses(total, {"discriminator": total})

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, torch.Tensor]]:
        """The codec alone, weight normalisation folded into plain weights."""
        config = self.config.codec
        return config.kind, config.model_dump(mode="json"), folded(self.codec)

    def _parts(self, fake: torch.Tensor, real: torch.Tensor, *, judged: bool) -> dict[str, torch.Tensor]:
        config = self.config
        parts = {
            "time": F.l1_loss(fake, real),
            "mel": codec_losses.multi_scale_mel(fake, real, config.codec.sample_rate_hz),
        }
        if config.stft_weight:
            parts["stft"] = losses.multi_resolution_stft(fake, real, config.stft_resolutions)
        return parts | self._judgement(fake, real) if judged else parts

    def _judgement(self, fake: torch.Tensor, real: torch.Tensor) -> dict[str, torch.Tensor]:
        """Averaged over the discriminators (equations 2 and, with the hinge, the one before it)."""
        with torch.no_grad():
            of_real = [judgement.features for judgement in self.discriminator(real)]
        of_fake = self.discriminator(fake)
        adversarial = losses.HINGE.generator([judgement.score for judgement in of_fake]) / len(of_fake)
        features = codec_losses.relative_feature_matching([judgement.features for judgement in of_fake], of_real)
        return {"adversarial": adversarial, "features": features}


def crops(audio: torch.Tensor, crop_samples: int, rng: torch.Generator) -> torch.Tensor:
    """A recording (N,) in as many crops as it holds, from a random sample on: (B, crop), one at least, silent at its
    end if need be."""
    filled = F.pad(audio, (0, max(0, crop_samples - len(audio))))
    count, spare = divmod(len(filled), crop_samples)
    start = int(torch.randint(spare + 1, (), generator=rng))
    return filled[start : start + count * crop_samples].reshape(count, crop_samples)


def _codec(config: EncodecConfig) -> Encodec:
    codec = Encodec(config)
    if config.seanet.norm == "weight":
        for module in list(codec.modules()):
            if isinstance(module, nn.Conv1d | nn.ConvTranspose1d):
                weight_norm(module)
    return codec
