"""The variance adaptor (FastSpeech 2, section 2.3, figure 1b): durations, then pitch, then energy.

In training the true variances are embedded and the predictors learn beside them; in generation the predictions are
embedded, after the listener's wishes were applied to them. B batch, P phones, T frames, D width.

Departure, for controls that mean what they say: energy is predicted from the sequence with the *unshifted* pitch, so
that raising the pitch does not make a voice louder or softer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from octet.families.acoustic.length import (
    average_by_phone,
    frame_to_phone,
    gather_frames,
    regulate,
    round_cumulatively,
)
from octet.families.acoustic.pitch import ContourPitch, WaveletPitch, masked_mse
from octet.families.acoustic.variance import QuantizedEmbedding, VariancePredictor
from octet.nn.masks import padding_mask


@dataclass(frozen=True)
class Variances:
    """True durations (B, P) in frames, and F0 (Hz, interpolated over unvoiced frames) and energy, (B, T)."""

    durations: Tensor
    f0_hz: Tensor
    energy: Tensor


@dataclass(frozen=True)
class Controls:
    """Wishes a phone, each (B, P). `frames` fixes a duration where it is not negative."""

    speed: Tensor
    pitch_semitones: Tensor
    energy: Tensor
    frames: Tensor


@dataclass(frozen=True)
class Adapted:
    """The frame-level sequence (B, T, D), which of it is real (B, T), and the variances that went into it."""

    hidden: Tensor
    valid: Tensor
    variances: Variances


@dataclass(frozen=True)
class EnergyScale:
    """Mean and deviation of frame energy over a corpus."""

    mean: float
    deviation: float


class EnergyHead(nn.Module):
    """Frame energy (L2 norm of the STFT magnitude): predictor and embedding in 256 uniform bins.

    Departures that are switches, and off in the paper: an absolute instead of a squared error, which keeps a burst
    where a mean would smear it; and a share of training utterances whose decoder reads the prediction, as it will in
    generation, so that it does not leave all bursts to a true energy that it will never have.
    """

    def __init__(
        self,
        predictor: VariancePredictor,
        embedding: QuantizedEmbedding,
        scale: EnergyScale,
        error: Callable[[Tensor, Tensor, Tensor], Tensor] = masked_mse,
        foretold_share: float = 0.0,
    ) -> None:
        super().__init__()
        self.predictor = predictor
        self.embedding = embedding
        self.scale = scale
        self.error = error
        self.foretold_share = foretold_share

    def teach(self, x: Tensor, energy: Tensor, valid: Tensor, gains: Tensor) -> tuple[Tensor, Tensor]:
        """The embedding (B, T, D) that the decoder reads, and the loss, of energies (B, T) recorded at `gains` (B,).

        The predictor learns the energy at gain one, for nothing tells it another.
        """
        predicted = self.predictor(x, valid)[:, :, 0]
        target = (energy / gains[:, None] - self.scale.mean) / self.scale.deviation
        if self.training and self.foretold_share:
            foretold = self._in_units(predicted.detach()) * gains[:, None]
            chosen = torch.rand(len(energy), 1, device=energy.device) < self.foretold_share
            energy = torch.where(chosen, foretold, energy)
        embedded: Tensor = self.embedding(energy)
        return embedded, self.error(predicted, target, valid)

    def predict(self, x: Tensor, valid: Tensor) -> Tensor:
        """(B, T, D) -> (B, T), never negative."""
        return self._in_units(self.predictor(x, valid)[:, :, 0])

    def _in_units(self, standardised: Tensor) -> Tensor:
        return (standardised * self.scale.deviation + self.scale.mean).clamp(min=0)


class PitchHead(nn.Module):
    """F0: one of the two predictors, and the embedding in 256 logarithmic bins."""

    def __init__(self, predictor: WaveletPitch | ContourPitch, embedding: QuantizedEmbedding) -> None:
        super().__init__()
        self.predictor = predictor
        self.embedding = embedding


class VarianceAdaptor(nn.Module):
    """`pitch` or `energy` may be None (the paper's ablations); `phone_level` moves both before the length regulator."""

    def __init__(
        self, duration: VariancePredictor, pitch: PitchHead | None, energy: EnergyHead | None, phone_level: bool
    ) -> None:
        super().__init__()
        self.duration = duration
        self.pitch = pitch
        self.energy = energy
        self.phone_level = phone_level

    def forward(self, x: Tensor, valid: Tensor, truth: Variances, gains: Tensor) -> tuple[Adapted, dict[str, Tensor]]:
        """Training: the adapted sequence and the losses, of x (B, P, D), valid (B, P) and the true variances.

        `gains` (B,) is how much louder than the corpus each utterance was made.
        """
        target = torch.log1p(truth.durations.to(x.dtype))
        losses = {"duration": masked_mse(self.duration(x, valid)[:, :, 0], target, valid)}
        frames = padding_mask(truth.durations.sum(1), truth.f0_hz.shape[1])
        if self.phone_level:
            f0_hz = average_by_phone(truth.f0_hz, truth.durations)
            energy = average_by_phone(truth.energy, truth.durations)
            sounding = valid & (truth.durations > 0)
            x, more = self._teach(x, sounding, Variances(truth.durations, f0_hz, energy), gains)
            x = regulate(x, truth.durations)
        else:
            x, more = self._teach(regulate(x, truth.durations), frames, truth, gains)
        return Adapted(x * frames[:, :, None], frames, truth), losses | more

    def _teach(self, x: Tensor, valid: Tensor, truth: Variances, gains: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        losses: dict[str, Tensor] = {}
        if self.pitch is not None:
            losses |= self.pitch.predictor.losses(x, truth.f0_hz, valid)
            x = x + self.pitch.embedding(truth.f0_hz)
        if self.energy is not None:
            embedded, losses["energy"] = self.energy.teach(x, truth.energy, valid, gains)
            x = x + embedded
        return x, losses

    def generate(self, x: Tensor, valid: Tensor, wishes: Controls) -> Adapted:
        """Generation: x (B, P, D), valid (B, P) -> the adapted sequence, from predicted variances and wishes."""
        durations = self._durations(x, valid, wishes)
        lengths = durations.sum(1)
        phone_of_frame = frame_to_phone(durations)
        frames = padding_mask(lengths, phone_of_frame.shape[1])
        semitones, factor = (
            wish if self.phone_level else wish.gather(1, phone_of_frame)
            for wish in (wishes.pitch_semitones, wishes.energy)
        )
        if not self.phone_level:
            x = gather_frames(x, phone_of_frame, lengths)
        x, f0_hz, energy = self._foretell(x, valid if self.phone_level else frames, semitones, factor)
        if self.phone_level:
            x = gather_frames(x, phone_of_frame, lengths)
            f0_hz, energy = (curve.gather(1, phone_of_frame) for curve in (f0_hz, energy))
        return Adapted(x * frames[:, :, None], frames, Variances(durations, f0_hz * frames, energy * frames))

    def _foretell(self, x: Tensor, valid: Tensor, semitones: Tensor, factor: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        f0_hz = energy = x.new_zeros(x.shape[:2])
        plain = shifted = x
        if self.pitch is not None:
            f0_hz = self.pitch.predictor.predict(x, valid)
            plain = x + self.pitch.embedding(f0_hz)
            f0_hz = f0_hz * 2 ** (semitones / 12)
            shifted = x + self.pitch.embedding(f0_hz)
        if self.energy is not None:
            energy = self.energy.predict(plain, valid) * factor
            shifted = shifted + self.energy.embedding(energy)
        return shifted, f0_hz, energy

    def _durations(self, x: Tensor, valid: Tensor, wishes: Controls) -> Tensor:
        frames = torch.expm1(self.duration(x, valid)[:, :, 0]).clamp(min=0) / wishes.speed
        frames = torch.where(wishes.frames >= 0, wishes.frames.to(frames.dtype), frames)
        durations = round_cumulatively(frames * valid)
        # A text of a single short phone must still make a frame.
        durations[:, 0] += (durations.sum(1) == 0).long()
        return durations
