"""Loudness as broadcasters measure it (ITU-R BS.1770-4), and bringing sounds to one loudness.

The standard tabulates its two filters, a high shelf of 4 dB for the effect of a head and a high pass at 38 Hz, for
48 kHz only. Here sound is weighted in the frequency domain with the gain that the table gives at each frequency in Hz,
so that one sound has one loudness at every sample rate; filters redesigned for each rate differ by 0.2 dB at 8 kHz.

Legend: C channels, N samples, B gating blocks of 400 ms.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from octet.audio.resample import resample
from octet.core.errors import InvalidInput

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]

_BLOCK_SECONDS = 0.4
_STEP_SECONDS = 0.1
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_MARGIN_SECONDS = 0.5  # around a segment: the high pass has decayed by 500 dB after this
_FFT_SAMPLES = 1 << 18  # of a segment and its margins
_TABLE_RATE_HZ = 48000
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)
_HIGH_PASS = (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)


def integrated_loudness(samples: Samples, sample_rate_hz: int) -> float:
    """Gated loudness of samples (C, N) in LUFS; minus infinity for silence. Less than 400 ms counts as one block.

    Raises:
        InvalidInput: more than two channels, or nothing to measure.
    """
    if samples.ndim != 2 or samples.shape[0] not in (1, 2) or samples.shape[1] == 0:
        raise InvalidInput(f"loudness is measured on (1 or 2 channels, samples); given the shape {samples.shape}")
    powers = _block_powers(samples, sample_rate_hz)
    heard = powers[_lufs(powers) > _ABSOLUTE_GATE_LUFS]
    if len(heard) == 0:
        return -math.inf
    return float(_lufs(heard[_lufs(heard) > _lufs(heard.mean()) + _RELATIVE_GATE_LU].mean()))


def true_peak(samples: Samples, sample_rate_hz: int) -> float:
    """Largest magnitude of samples (C, N) between as well as at the samples, by fourfold oversampling (annex 2)."""
    between = resample(samples, sample_rate_hz, 4 * sample_rate_hz)
    return float(max(np.abs(samples).max(initial=0.0), np.abs(between).max(initial=0.0)))


def normalise(samples: Samples, sample_rate_hz: int, target_lufs: float, *, ceiling_db: float = -1.0) -> Samples:
    """Samples (C, N) at the target loudness, or quieter where their true peak would exceed the ceiling in dBFS.

    One gain for the whole sound: nothing is compressed. Silence stays silence.

    Raises:
        InvalidInput: more than two channels, or nothing to measure.
    """
    loudness = integrated_loudness(samples, sample_rate_hz)
    if loudness == -math.inf:
        return samples
    headroom_db = ceiling_db - 20.0 * math.log10(true_peak(samples, sample_rate_hz))
    gain = 10.0 ** (min(target_lufs - loudness, headroom_db) / 20.0)
    return samples * np.float32(gain)


def _lufs(power: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return -0.691 + 10.0 * np.log10(power)


def _block_powers(samples: Samples, sample_rate_hz: int) -> Floats:
    """Mean square (B,) of the weighted channels' sum in blocks of 400 ms, 100 ms apart."""
    squares = (_k_weighted(samples.astype(np.float64), sample_rate_hz) ** 2).sum(axis=0)
    block = min(round(_BLOCK_SECONDS * sample_rate_hz), len(squares))
    starts = np.arange(0, len(squares) - block + 1, max(1, round(_STEP_SECONDS * sample_rate_hz)))
    total = np.concatenate([[0.0], np.cumsum(squares)])
    powers: Floats = (total[starts + block] - total[starts]) / block
    return powers


def _k_weighted(samples: Floats, sample_rate_hz: int) -> Floats:
    """Samples (C, N) through both filters, in segments that know what lies around them."""
    margin = math.ceil(_MARGIN_SECONDS * sample_rate_hz)
    length = min(samples.shape[1], max(_FFT_SAMPLES, 4 * margin) - 2 * margin)
    size = 1 << (length + 2 * margin - 1).bit_length()
    gain = _k_gain(size, sample_rate_hz)
    padded = np.pad(samples, ((0, 0), (margin, margin)))
    weighted = np.empty_like(samples)
    for start in range(0, samples.shape[1], length):
        segment = padded[:, start : start + length + 2 * margin]
        heard = np.fft.irfft(np.fft.rfft(segment, size) * gain, size)
        weighted[:, start : start + length] = heard[:, margin : segment.shape[1] - margin]
    return weighted


def _k_gain(size: int, sample_rate_hz: int) -> Floats:
    """Gain of both filters at the frequencies of a real FFT.

    Their phase moves sound by less than a block knows; without it the gain is smooth across half the sample rate, and
    the filter is short.
    """
    frequencies_hz = np.minimum(np.fft.rfftfreq(size, 1.0 / sample_rate_hz), _TABLE_RATE_HZ / 2)
    z = np.exp(-2j * np.pi * frequencies_hz / _TABLE_RATE_HZ)
    gain: Floats = np.ones(len(z))
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        gain *= np.abs(np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z))
    return gain
