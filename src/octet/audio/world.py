"""The WORLD vocoder (Morise et al. 2016) through pyworld: FastSpeech 2 measures F0 with it, and it makes corpora.

WORLD takes sound apart into F0, a smooth spectral envelope (CheapTrick) and aperiodicity (D4C), each of which can be
changed alone before they are put together again.

Legend: N samples, T frames, F = fft / 2 + 1 frequencies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from octet.core.errors import require

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]


class Analysis(NamedTuple):
    """Sound taken apart; frame t is centred on `times_seconds[t]`."""

    f0_hz: Floats  # (T,), 0 where unvoiced
    envelope: Floats  # (T, F), power
    aperiodicity: Floats  # (T, F), 0 periodic to 1 noise
    times_seconds: Floats  # (T,)


def f0(
    audio: Samples, sample_rate_hz: int, frame_seconds: float, low_hz: float, high_hz: float
) -> tuple[Floats, Floats]:
    """F0 (T,) by DIO, refined by StoneMask, and the times (T,) of its frames: 0, frame_seconds, ...

    Raises:
        MissingExtra: pyworld is not installed.
    """
    world = require("pyworld", extra="corpus")
    signal = np.ascontiguousarray(audio, dtype=np.float64)
    coarse, times = world.dio(
        signal, sample_rate_hz, f0_floor=low_hz, f0_ceil=high_hz, frame_period=1000.0 * frame_seconds
    )
    return world.stonemask(signal, coarse, times, sample_rate_hz), times


def analyse(
    audio: Samples,
    sample_rate_hz: int,
    *,
    frame_seconds: float = 0.005,
    low_hz: float = 60.0,
    high_hz: float = 600.0,
) -> Analysis:
    """Take sound (N,) apart.

    Raises:
        MissingExtra: pyworld is not installed.
    """
    f0_hz, times_seconds = f0(audio, sample_rate_hz, frame_seconds, low_hz, high_hz)
    return analyse_at(audio, sample_rate_hz, f0_hz, times_seconds)


def analyse_at(audio: Samples, sample_rate_hz: int, f0_hz: Floats, times_seconds: Floats) -> Analysis:
    """Take sound (N,) apart with an F0 (T,) known at the given times (T,).

    Raises:
        MissingExtra: pyworld is not installed.
    """
    world = require("pyworld", extra="corpus")
    signal = np.ascontiguousarray(audio, dtype=np.float64)
    f0_hz, times_seconds = np.ascontiguousarray(f0_hz, np.float64), np.ascontiguousarray(times_seconds, np.float64)
    envelope = world.cheaptrick(signal, f0_hz, times_seconds, sample_rate_hz)
    aperiodicity = world.d4c(signal, f0_hz, times_seconds, sample_rate_hz)
    return Analysis(f0_hz, envelope, aperiodicity, times_seconds)


def synthesize(
    f0_hz: Floats, envelope: Floats, aperiodicity: Floats, sample_rate_hz: int, *, frame_seconds: float = 0.005
) -> Samples:
    """Sound (N,) from its parts, N close to T * frame_seconds * sample_rate_hz.

    Raises:
        MissingExtra: pyworld is not installed.
    """
    world = require("pyworld", extra="corpus")
    parts = [np.ascontiguousarray(part, dtype=np.float64) for part in (f0_hz, envelope, aperiodicity)]
    audio: Samples = world.synthesize(*parts, sample_rate_hz, 1000.0 * frame_seconds).astype(np.float32)
    return audio
