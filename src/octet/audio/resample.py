"""Resampling through soxr, whole signals and streams.

Legend: C channels, N samples.
"""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray

from octet.core.errors import InvalidInput

Samples = NDArray[np.float32]


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Samples (..., N) at another rate: (..., round(N * to / from)), float32, in soxr's "very high quality".

    The anti-alias filter overshoots at steps, so the result may leave [-1, 1] by a little.

    Raises:
        InvalidInput: a rate that is not positive.
    """
    _require_rates(from_hz, to_hz)
    if from_hz == to_hz or samples.size == 0:
        return samples[..., : round(samples.shape[-1] * to_hz / from_hz)]
    flat = samples.reshape(-1, samples.shape[-1]).T
    resampled = soxr.resample(np.ascontiguousarray(flat), from_hz, to_hz, quality="VHQ").T
    return np.ascontiguousarray(resampled, dtype=np.float32).reshape(*samples.shape[:-1], -1)


class Resampler:
    """Resamples a stream (C, N) piece by piece; all pieces together equal `resample` of the whole."""

    def __init__(self, from_hz: int, to_hz: int, channels: int = 1) -> None:
        _require_rates(from_hz, to_hz)
        self._stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality="VHQ")
        self._channels = channels

    def push(self, samples: Samples, *, last: bool = False) -> Samples:
        """Give samples (C, N), possibly none, and get (C, M) that are ready; `last` also gets what was held back."""
        frames = np.ascontiguousarray(samples.T, dtype=np.float32)
        ready = self._stream.resample_chunk(frames, last=last)
        return np.ascontiguousarray(ready.reshape(-1, self._channels).T)


def _require_rates(*rates_hz: int) -> None:
    for rate_hz in rates_hz:
        if rate_hz < 1:
            raise InvalidInput(f"a sample rate of {rate_hz} Hz makes no sense; give a positive one")
