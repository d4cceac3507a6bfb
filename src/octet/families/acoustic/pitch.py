"""The two ways of predicting F0: a pitch spectrogram (FastSpeech 2) or the contour itself (its v1, and the ablation).

Both are modules with the same two verbs: `losses` against a true contour, `predict` a contour in Hz. F0 is continuous:
unvoiced stretches are interpolated before the logarithm, as in the paper. B batch, T positions, D width.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

from octet.families.acoustic import wavelet
from octet.families.acoustic.variance import VariancePredictor


class PitchScale(NamedTuple):
    """Mean and deviation over a corpus (of ln F0, or of F0 in Hz), which keep the networks' targets near one."""

    mean: float
    deviation: float


def masked_mse(predicted: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Mean squared error over valid positions: (B, T) each, or (B, T, S) with valid (B, T)."""
    error = (predicted - target).square()
    if error.dim() == 3:
        error = error.mean(2)
    return (error * valid).sum() / valid.sum().clamp(min=1)


def masked_mae(predicted: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Mean absolute error over valid positions: (B, T) each."""
    return ((predicted - target).abs() * valid).sum() / valid.sum().clamp(min=1)


class WaveletPitch(nn.Module):
    """Pitch spectrogram per position, mean and deviation of ln F0 per utterance (section 2.3).

    The two utterance heads read the average of the hidden sequence.
    """

    def __init__(self, predictor: VariancePredictor, width: int, scale: PitchScale, frame_seconds: float) -> None:
        super().__init__()
        self.predictor = predictor
        self.moments = nn.Linear(width, 2)
        self.scale = scale
        self.frame_seconds = frame_seconds

    def losses(self, x: Tensor, f0_hz: Tensor, valid: Tensor) -> dict[str, Tensor]:
        """x (B, T, D), f0_hz (B, T), valid (B, T) -> the three squared errors."""
        contour, mean, deviation = wavelet.standardize(f0_hz.clamp(min=1.0).log(), valid)
        target = wavelet.transform(contour, valid.sum(1), self.frame_seconds)
        spectrogram, predicted_mean, predicted_deviation = self._heads(x, valid)
        return {
            "pitch": masked_mse(spectrogram, target, valid),
            "pitch_mean": ((predicted_mean - mean) / self.scale.deviation).square().mean(),
            "pitch_deviation": ((predicted_deviation - deviation) / self.scale.deviation).square().mean(),
        }

    def predict(self, x: Tensor, valid: Tensor) -> Tensor:
        """(B, T, D), (B, T) -> F0 in Hz (B, T)."""
        spectrogram, mean, deviation = self._heads(x, valid)
        contour = wavelet.inverse(spectrogram, valid)
        return (contour * deviation[:, None] + mean[:, None]).exp()

    def _heads(self, x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        average = (x * valid[:, :, None]).sum(1) / valid.sum(1).clamp(min=1)[:, None]
        mean, deviation = self.moments(average).unbind(1)
        mean = mean * self.scale.deviation + self.scale.mean
        return self.predictor(x, valid), mean, nn.functional.softplus(deviation) * self.scale.deviation


class ContourPitch(nn.Module):
    """The contour itself, standardised over the corpus: the paper's ablation "without CWT", and its first version.

    It is the contour of ln F0 if `logarithmic`, else of F0 in Hz, as ming024's public implementation has it.
    """

    def __init__(self, predictor: VariancePredictor, scale: PitchScale, logarithmic: bool) -> None:
        super().__init__()
        self.predictor = predictor
        self.scale = scale
        self.logarithmic = logarithmic

    def losses(self, x: Tensor, f0_hz: Tensor, valid: Tensor) -> dict[str, Tensor]:
        """x (B, T, D), f0_hz (B, T), valid (B, T) -> the squared error."""
        values = f0_hz.clamp(min=1.0).log() if self.logarithmic else f0_hz
        target = (values - self.scale.mean) / self.scale.deviation
        return {"pitch": masked_mse(self.predictor(x, valid)[:, :, 0], target, valid)}

    def predict(self, x: Tensor, valid: Tensor) -> Tensor:
        """(B, T, D), (B, T) -> F0 in Hz (B, T)."""
        values: Tensor = self.predictor(x, valid)[:, :, 0] * self.scale.deviation + self.scale.mean
        return values.exp() if self.logarithmic else values
