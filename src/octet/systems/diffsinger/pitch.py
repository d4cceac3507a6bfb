"""Pitch of singing: regressed from the score, or drawn from the notes; and which frames are voiced.

The drawn pitch is what a singer adds to the notes, in semitones from the notes' smoothed steps: preparation, overshoot,
drift and vibrato. It has two scales. What is slower than a vibrato answers to `expressiveness`, the rest to `vibrato`.

B batch, T frames, D width. Notes are MIDI numbers a frame, rests filled from their neighbours.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from octet.families.acoustic.pitch import masked_mae
from octet.families.acoustic.variance import VariancePredictor
from octet.systems.diffsinger.contours import ContourFlow, smooth

STEP_SECONDS = 0.03  # deviation of the window that rounds the notes' steps
SLOW_SECONDS = 0.08  # deviation of the window that takes away a vibrato of 5 Hz
DEVIATION_SEMITONES = 1.0  # scales the flow's data to about one
LARGEST_SEMITONES = 12.0
A4_HZ, A4_NOTE = 440.0, 69.0


def to_hz(semitones: Tensor) -> Tensor:
    """MIDI numbers as frequencies."""
    return A4_HZ * 2 ** ((semitones - A4_NOTE) / 12)


def to_semitones(f0_hz: Tensor) -> Tensor:
    """Frequencies as MIDI numbers."""
    return A4_NOTE + 12 * torch.log2(f0_hz.clamp(min=1.0) / A4_HZ)


class RegressedPitch(nn.Module):
    """log2 F0 and voicing of every frame (version MIDI-A): a variance predictor with two outputs."""

    def __init__(self, predictor: VariancePredictor) -> None:
        super().__init__()
        self.predictor = predictor

    def losses(self, x: Tensor, f0_hz: Tensor, voiced: Tensor, valid: Tensor) -> dict[str, Tensor]:
        """x (B, T, D), f0_hz (B, T), voiced and valid (B, T): absolute error of voiced frames, and cross-entropy."""
        log_f0, unvoiced = self.predictor(x, valid).unbind(2)
        return {
            "pitch": masked_mae(log_f0, _target(f0_hz), valid & voiced),
            "voicing": voicing_loss(unvoiced, voiced, valid),
        }

    def predict(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """F0 (B, T) of every frame, and which are voiced (B, T)."""
        log_f0, unvoiced = self.predictor(x, valid).unbind(2)
        return 2 ** log_f0.clamp(4, 12), unvoiced <= 0


class NotePitch(nn.Module):
    """A flow of semitones from the notes' smoothed steps, and a predictor of voicing."""

    def __init__(self, flow: ContourFlow, voicing: VariancePredictor, frame_rate_hz: float) -> None:
        super().__init__()
        self.flow = flow
        self.voicing = voicing
        self.frame_rate_hz = frame_rate_hz

    def base(self, notes: Tensor) -> Tensor:
        """The notes' steps, rounded."""
        return smooth(notes, STEP_SECONDS * self.frame_rate_hz)

    def losses(self, x: Tensor, batch: dict[str, Tensor], valid: Tensor) -> dict[str, Tensor]:
        """x (B, T, D); the batch's `notes`, `f0_hz`, `voiced`, `retake` (B, T), `moments` (B,), `pitch_noise`."""
        drawn = self._offsets(batch["f0_hz"], batch["notes"])
        draws = {"moments": batch["moments"], "noise": batch["pitch_noise"]}
        unvoiced = self.voicing(x, valid)[:, :, 0]
        return {
            "pitch": self.flow.loss(x.mT, drawn, batch["retake"], valid, draws),
            "voicing": voicing_loss(unvoiced, batch["voiced"], valid),
        }

    def draw(self, x: Tensor, notes: Tensor, known_hz: Tensor, retake: Tensor, noise: Tensor, steps: int) -> Tensor:
        """Semitones from `base` (B, T): those of F0 `known_hz` (B, T) but for the region `retake` (B, T)."""
        known = self._offsets(known_hz, notes)
        return self.flow.draw(x.mT, known, retake, noise, steps)[:, 0] * DEVIATION_SEMITONES

    def voiced(self, x: Tensor, valid: Tensor) -> Tensor:
        """Which frames (B, T) are voiced."""
        answer: Tensor = self.voicing(x, valid)[:, :, 0] <= 0
        return answer

    def shaped(self, offsets: Tensor, expressiveness: float, vibrato: float) -> Tensor:
        """Offsets (B, T) with either of their two scales made more or less."""
        slow = smooth(offsets, SLOW_SECONDS * self.frame_rate_hz)
        return expressiveness * slow + vibrato * (offsets - slow)

    def _offsets(self, f0_hz: Tensor, notes: Tensor) -> Tensor:
        offsets = to_semitones(f0_hz) - self.base(notes)
        return offsets.clamp(-LARGEST_SEMITONES, LARGEST_SEMITONES)[:, None] / DEVIATION_SEMITONES


def voicing_loss(unvoiced: Tensor, voiced: Tensor, valid: Tensor) -> Tensor:
    """Cross-entropy of logits (B, T), above 0 where a frame is unvoiced."""
    cost = nn.functional.binary_cross_entropy_with_logits(unvoiced, (~voiced).to(unvoiced), reduction="none")
    return (cost * valid).sum() / valid.sum().clamp(min=1)


def _target(f0_hz: Tensor) -> Tensor:
    return torch.log2(f0_hz.clamp(min=1.0))
