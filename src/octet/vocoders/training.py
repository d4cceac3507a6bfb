"""Training a vocoder: one trainable module for every generator, with or without discriminators.

Generator loss: weighted mel L1 and multi-resolution STFT loss and, once `Adversarial.from_step` is reached, adversarial
and feature matching losses (HiFi-GAN, arXiv 2010.05646, equations 5-8; Vocos, arXiv 2306.00814, section 3.3).

Legend: B crops, M mel bins, T frames of a crop, N = T * hop samples.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field
from torch import nn
from torch.func import functional_call
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import weight_norm

from octet.audio.spectrogram import MelSpec
from octet.core.training import Batch, Losses, SpeechExample, SungExample
from octet.vocoders import losses
from octet.vocoders.contract import AnyVocoder
from octet.vocoders.discriminators import (
    Judgement,
    MultiPeriodDiscriminator,
    MultiResolutionDiscriminator,
    MultiScaleDiscriminator,
)
from octet.vocoders.harmonic_vocoder import HarmonicVocoder, HarmonicVocoderConfig
from octet.vocoders.hifigan import HifiGan, HifiGanConfig
from octet.vocoders.nsf import NsfHifiGan, NsfHifiGanConfig
from octet.vocoders.vocos import Vocos, VocosConfig

Generator = Annotated[
    VocosConfig | HifiGanConfig | NsfHifiGanConfig | HarmonicVocoderConfig, Field(discriminator="kind")
]


class Judge(BaseModel):
    """One discriminator and the weight of everything it says."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["period", "scale", "resolution"]
    weight: losses.Weight = 1.0
    channels: int = Field(default=64, ge=1, le=1024)  # of "resolution"; the others have the paper's


class Adversarial(BaseModel):
    """The adversarial part of the loss."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    judges: tuple[Judge, ...] = Field(min_length=1)
    game: Literal["lsgan", "hinge"]
    feature_weight: losses.Weight
    from_step: int = Field(default=0, ge=0)


class VocoderTraining(BaseModel):
    """A generator and how it is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    generator: Generator
    crop_frames: int = Field(default=64, ge=1, le=100_000)
    mel_weight: losses.Weight = 45.0
    mel_specs: tuple[MelSpec, ...] = ()  # of the mel loss, averaged over; none given: the generator's own
    stft_weight: losses.Weight = 0.0
    stft_resolutions: tuple[losses.Resolution, ...] = Field(default=losses.PARALLEL_WAVEGAN, min_length=1)
    adversarial: Adversarial | None = None


class TrainableVocoder(nn.Module):
    """A `Trainable` (octet.core.training) around a generator, with a `discriminator` only in adversarial training."""

    def __init__(self, config: VocoderTraining) -> None:
        super().__init__()
        self.config = config
        self.generator = _generator(config.generator)
        if config.adversarial is not None:
            self.discriminator = nn.ModuleList(_judge(judge) for judge in config.adversarial.judges)

    def collate(self, items: Sequence[SpeechExample | SungExample], rng: torch.Generator) -> Batch:
        """Cut every example into crops of `crop_frames`, beginning at a random frame and leaving the remainder out.

        So a batch costs what its examples' frames cost, and an epoch hears nearly everything once.

        Returns:
            audio (B, 1, N), mel (B, M, T), f0_hz (B, T). An example shorter than a crop is one crop, silent at its end.
        """
        audio, mel, f0_hz = (
            torch.cat(parts) for parts in zip(*(self._crops(item, rng) for item in items), strict=True)
        )
        return {"audio": audio[:, None], "mel": mel, "f0_hz": f0_hz}

    def loss(self, batch: Batch, *, step: int) -> Losses:
        """Reconstruction loss, plus the adversarial one from its step on."""
        real, fake = batch["audio"], self._generated(batch)
        parts = {"mel": losses.mel_l1(fake, real, self.config.mel_specs or (self.generator.spec,))}
        total = self.config.mel_weight * parts["mel"]
        if self.config.stft_weight:
            parts["stft"] = losses.multi_resolution_stft(fake, real, self.config.stft_resolutions)
            total = total + self.config.stft_weight * parts["stft"]
        adversarial = self.config.adversarial
        if adversarial is None or step < adversarial.from_step:
            return Losses(total, parts)
        parts["adversarial"], parts["features"] = self._adversarial(fake, real, adversarial)
        total = total + parts["adversarial"] + adversarial.feature_weight * parts["features"]
        return Losses(total, parts, generated=(fake, real))

    def discriminator_loss(self, fake: torch.Tensor, real: torch.Tensor, *, step: int) -> Losses:  # noqa: ARG002
        """The discriminators' side of the game, on (B, 1, N) audio."""
        assert self.config.adversarial is not None
        game = _GAMES[self.config.adversarial.game]
        parts = {}
        for judge, network in self._judges():
            fake_scores, real_scores = ([judgement.score for judgement in network(audio)] for audio in (fake, real))
            parts[f"discriminator_{judge.kind}"] = judge.weight * game.discriminator(fake_scores, real_scores)
        return Losses(torch.stack(list(parts.values())).sum(), parts)

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, torch.Tensor]]:
        """The generator alone, weight normalisation folded into plain weights."""
        config = self.config.generator
        return config.kind, config.model_dump(mode="json"), folded(self.generator)

    def _generated(self, batch: Batch) -> torch.Tensor:
        told = (batch["f0_hz"],) if isinstance(self.generator, NsfHifiGan | HarmonicVocoder) else ()
        audio: torch.Tensor = self.generator(batch["mel"], *told)
        return audio

    def _crops(
        self, item: SpeechExample | SungExample, rng: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        spec, crop = self.generator.spec, self.config.crop_frames
        missing = max(0, crop - item.mel.shape[-1])
        mel = F.pad(item.mel, (0, missing), value=_silence(spec))
        audio, f0_hz = F.pad(item.audio, (0, missing * spec.hop_samples)), F.pad(item.f0_hz, (0, missing))
        count, spare = divmod(mel.shape[-1], crop)
        start = int(torch.randint(spare + 1, (), generator=rng))
        frames = mel[:, start : start + count * crop].reshape(-1, count, crop).transpose(0, 1)
        samples = audio[start * spec.hop_samples : (start + count * crop) * spec.hop_samples]
        return samples.reshape(count, -1), frames, f0_hz[start : start + count * crop].reshape(count, crop)

    def _adversarial(
        self, fake: torch.Tensor, real: torch.Tensor, adversarial: Adversarial
    ) -> tuple[torch.Tensor, torch.Tensor]:
        game, scores, features = _GAMES[adversarial.game], [], []
        for judge, network in self._judges():
            with torch.no_grad():
                real_judgements = network(real)
            fake_judgements = _without_own_gradients(network, fake)
            scores.append(judge.weight * game.generator([judgement.score for judgement in fake_judgements]))
            distance = losses.feature_matching(
                [judgement.features for judgement in fake_judgements],
                [judgement.features for judgement in real_judgements],
            )
            features.append(judge.weight * distance)
        return torch.stack(scores).sum(), torch.stack(features).sum()

    def _judges(self) -> list[tuple[Judge, nn.Module]]:
        assert self.config.adversarial is not None
        return list(zip(self.config.adversarial.judges, self.discriminator, strict=True))


_GAMES = {"lsgan": losses.LSGAN, "hinge": losses.HINGE}


def folded(module: nn.Module) -> dict[str, torch.Tensor]:
    """The state of a module with every parametrised weight replaced by its value, under its plain name."""
    state = {name: tensor for name, tensor in module.state_dict().items() if ".parametrizations." not in name}
    for name, part in module.named_modules():
        if parametrize.is_parametrized(part, "weight"):
            state[f"{name}.weight"] = part.weight.detach()
    return state


def _generator(config: Generator) -> AnyVocoder:
    match config:
        case VocosConfig():
            return Vocos(config)
        case HarmonicVocoderConfig():
            return HarmonicVocoder(config)
        case NsfHifiGanConfig():
            nsf = NsfHifiGan(config)
            _normalise(nsf.filter)  # and not the source's convolutions
            return nsf
        case HifiGanConfig():
            return _normalise(HifiGan(config))


def _normalise(hifigan: HifiGan) -> HifiGan:
    for module in list(hifigan.modules()):
        if isinstance(module, nn.Conv1d | nn.ConvTranspose1d):
            weight_norm(module)
    return hifigan


def _judge(judge: Judge) -> nn.Module:
    match judge.kind:
        case "period":
            return MultiPeriodDiscriminator()
        case "scale":
            return MultiScaleDiscriminator()
        case "resolution":
            return MultiResolutionDiscriminator(judge.channels)


def _without_own_gradients(network: nn.Module, audio: torch.Tensor) -> list[Judgement]:
    """Judge so that gradients reach `audio` but none of the discriminator's own weights."""
    weights = {name: parameter.detach() for name, parameter in network.named_parameters()}
    judgements: list[Judgement] = functional_call(network, weights, (audio,))
    return judgements


def _silence(spec: MelSpec) -> float:
    return math.log(spec.floor) if spec.log == "ln" else math.log10(spec.floor)
