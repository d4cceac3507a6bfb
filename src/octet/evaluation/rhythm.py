"""Rhythm: whether music has a beat.

Conventions
    * Mono signals (N,) of a second at least.
    * Nothing is said of which tempo it is: a judge of attributes says that.

Metrics
    * `pulse_clarity`: how well onsets foretell those a beat later: the largest autocorrelation of the onset curve at
      lags from 0.25 to 1.2 seconds (240 to 50 beats a minute), 1 for a metronome, 0 where nothing begins. The onset
      curve is by how many decibels more than two mel bands grow from one frame to the next, on average: a chord that
      is held and flickers, be it ever so regularly, has no beat.

Citations
    * O. Lartillot et al., "Multi-feature modeling of pulse clarity: design, validation and optimization", ISMIR 2008
      (the heuristic that takes the maximum of the autocorrelation).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from octet.audio.spectrogram import MelSpec, mel
from octet.core.errors import InvalidInput
from octet.evaluation.arrays import Floats

FRAMES_PER_SECOND = 40
LAGS_SECONDS = (0.25, 1.2)
_BINS = 40
_HIGHEST_HZ = 6000.0
_DECIBELS = 20 / np.log(10)  # of a natural logarithm of magnitude
_DEPTH_DECIBELS = 60.0  # below the loudest: what is quieter does not begin
_LEAST_RISE_DECIBELS = 2.0
_BETWEEN_FRAMES = (0.25, 0.5, 0.25)  # for beats that no whole number of frames lies between


def pulse_clarity(audio: Floats, sample_rate_hz: int) -> float:
    """The largest autocorrelation of onsets a beat apart (Lartillot 2008)."""
    onsets = onset_curve(audio, sample_rate_hz)
    even = onsets - onsets.mean()
    power = float(even @ even)
    if power == 0:
        return 0.0
    first, last = (round(lag * FRAMES_PER_SECOND) for lag in LAGS_SECONDS)
    return max(float(even[lag:] @ even[:-lag]) for lag in range(first, last + 1)) / power


def onset_curve(audio: Floats, sample_rate_hz: int) -> NDArray[np.float64]:
    """How much louder bands become at each frame (T - 1,), in decibels, on average, beyond what flickers."""
    levels = _DECIBELS * mel(torch.from_numpy(audio).float(), _spec(sample_rate_hz)).double().numpy()
    heard = np.maximum(levels, levels.max() - _DEPTH_DECIBELS)
    rising = np.maximum(np.diff(heard, axis=1), 0).mean(axis=0)
    beginning = np.maximum(rising - _LEAST_RISE_DECIBELS, 0)
    smooth: NDArray[np.float64] = np.convolve(beginning, _BETWEEN_FRAMES, "same")
    return smooth


def validate(audio: ArrayLike, sample_rate_hz: int) -> Floats:
    """A mono signal as float64.

    Raises:
        InvalidInput: another shape, less than a second, or numbers that are not finite.
    """
    sound = np.asarray(audio, dtype=np.float64)
    if sound.ndim != 1 or len(sound) < sample_rate_hz:
        raise InvalidInput(f"rhythm is measured of a second of mono sound at least; given the shape {sound.shape}")
    if not np.isfinite(sound).all():
        raise InvalidInput("rhythm is measured of finite samples; some given ones are not")
    return sound


def evaluate(audio: ArrayLike, sample_rate_hz: int) -> dict[str, float]:
    """All metrics of one sound.

    Raises:
        InvalidInput: see `validate`.
    """
    return {"pulse_clarity": pulse_clarity(validate(audio, sample_rate_hz), sample_rate_hz)}


def _spec(sample_rate_hz: int) -> MelSpec:
    hop = round(sample_rate_hz / FRAMES_PER_SECOND)
    return MelSpec(
        sample_rate_hz=sample_rate_hz,
        fft_samples=2 * hop,
        window_samples=2 * hop,
        hop_samples=hop,
        mel_bins=_BINS,
        low_hz=0,
        high_hz=min(_HIGHEST_HZ, sample_rate_hz / 2),
    )
