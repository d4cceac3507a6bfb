"""F0 by two methods with one signature: `pyin`, our own, and `world`, which the FastSpeech 2 paper used.

pYIN (Mauch and Dixon 2014) gives every local minimum of YIN's normalised difference (de Cheveigne and Kawahara 2002)
the probability that a random threshold would have chosen it, and finds the best path through pitches and voicing with
Viterbi. Here the thresholds are continuous: the probability of a minimum is a difference of the Beta(2, 18)
distribution function, so that no loop over thresholds is needed.

Both return exactly N // hop values, and value t belongs to sample (t + 0.5) * hop, like the frames of a `MelSpec` with
"hop" padding. 0 is unvoiced.

Legend: N samples, T frames, L lags, P pitch bins.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from octet.audio import world as world_vocoder
from octet.core.errors import InvalidInput

Samples = NDArray[np.float32]
Floats = NDArray[np.float64]

_BINS_AN_OCTAVE = 60  # 20 cents
_SWITCH = 0.01  # probability that voicing changes from one frame to the next
_NO_TROUGH = 0.01  # share given to the deepest minimum where every threshold lies below it
_OCTAVES_A_SECOND = 36.0  # fastest glide: 2.5 semitones in 5.8 ms, as in the paper
_BLOCK = 2000  # frames worked on at once
_TINY = 1e-300


def pyin(
    audio: Samples, sample_rate_hz: int, hop_samples: int, *, low_hz: float = 60.0, high_hz: float = 600.0
) -> Samples:
    """F0 of mono audio (N,) by pYIN: (N // hop,) in Hz, 0 where unvoiced.

    Raises:
        InvalidInput: audio that is not mono, or limits that are not 0 < low < high <= a quarter of the sample rate.
    """
    _require_usable(audio, sample_rate_hz, low_hz, high_hz)
    frames = len(audio) // hop_samples
    f0_hz = np.zeros(frames, np.float32)
    if frames == 0:
        return f0_hz
    lags = range(math.floor(sample_rate_hz / high_hz), math.ceil(sample_rate_hz / low_hz) + 1)
    at, candidates_hz, probabilities = _candidates(audio, sample_rate_hz, hop_samples, lags)
    within = (candidates_hz >= low_hz) & (candidates_hz <= high_hz)
    at, candidates_hz, probabilities = at[within], candidates_hz[within], probabilities[within]

    bins = np.rint(_BINS_AN_OCTAVE * np.log2(candidates_hz / low_hz)).astype(np.int64)
    size = round(_BINS_AN_OCTAVE * math.log2(high_hz / low_hz)) + 1
    observed = np.zeros((frames, size))
    np.add.at(observed, (at, bins), probabilities)
    reach = math.ceil(_OCTAVES_A_SECOND * _BINS_AN_OCTAVE * hop_samples / sample_rate_hz)
    path = _best_path(observed, reach)

    kept = np.flatnonzero(bins == path[at])
    kept = kept[np.argsort(probabilities[kept], kind="stable")]  # the likeliest candidate of a bin is written last
    f0_hz[at[kept]] = candidates_hz[kept]
    return f0_hz


def world(
    audio: Samples, sample_rate_hz: int, hop_samples: int, *, low_hz: float = 60.0, high_hz: float = 600.0
) -> Samples:
    """F0 of mono audio (N,) by WORLD's DIO and StoneMask: (N // hop,) in Hz, 0 where unvoiced.

    Raises:
        InvalidInput: audio that is not mono, or limits that are not 0 < low < high <= a quarter of the sample rate.
        MissingExtra: pyworld is not installed.
    """
    _require_usable(audio, sample_rate_hz, low_hz, high_hz)
    frames = len(audio) // hop_samples
    delayed = np.concatenate([np.zeros(hop_samples // 2, np.float32), audio])  # WORLD's frame t + 1 is our frame t
    f0_hz, _ = world_vocoder.f0(delayed, sample_rate_hz, hop_samples / sample_rate_hz, low_hz, high_hz)
    return f0_hz[1 : frames + 1].astype(np.float32)


def interpolate_unvoiced(f0_hz: Samples) -> Samples:
    """F0 (T,) with unvoiced frames filled linearly in Hz from their voiced neighbours, the ends held.

    >>> interpolate_unvoiced(np.array([0, 100, 0, 0, 130, 0], np.float32)).tolist()
    [100.0, 100.0, 110.0, 120.0, 130.0, 130.0]

    Raises:
        InvalidInput: no frame is voiced.
    """
    voiced = np.flatnonzero(f0_hz > 0)
    if len(voiced) == 0:
        raise InvalidInput(f"none of {len(f0_hz)} frames is voiced, so there is no pitch to interpolate")
    return np.interp(np.arange(len(f0_hz)), voiced, f0_hz[voiced]).astype(np.float32)


def median_f0_hz(f0_hz: Samples) -> float:
    """Median of the voiced frames of F0 (T,); 0 where none is voiced.

    >>> median_f0_hz(np.array([0, 100, 120, 0, 150], np.float32))
    120.0
    """
    voiced = f0_hz[f0_hz > 0]
    return float(np.median(voiced)) if len(voiced) else 0.0


def _require_usable(audio: Samples, sample_rate_hz: int, low_hz: float, high_hz: float) -> None:
    if audio.ndim != 1:
        raise InvalidInput(f"F0 is measured on mono audio (samples,); given an array of shape {audio.shape}")
    if not 0 < low_hz < high_hz <= sample_rate_hz / 4:
        raise InvalidInput(
            f"F0 limits must be 0 < low < high <= {sample_rate_hz / 4:g} Hz, a quarter of the sample rate; "
            f"given {low_hz:g} and {high_hz:g}"
        )


def _candidates(
    audio: Samples, sample_rate_hz: int, hop_samples: int, lags: range
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Frame, F0 in Hz and probability of every pitch candidate."""
    window = 2 * lags.stop
    # The lag L compares two windows whose common centre is (window + L) / 2 into the segment: exact for the middle lag.
    centre = (window + math.isqrt(lags.start * lags.stop)) // 2
    before = max(0, centre - hop_samples // 2)
    padded = np.pad(audio.astype(np.float64), (before, window + lags.stop + hop_samples))
    segments = sliding_window_view(padded, window + lags.stop)[before + hop_samples // 2 - centre :: hop_samples]
    found = []
    for start in range(0, len(audio) // hop_samples, _BLOCK):
        block = segments[start : min(start + _BLOCK, len(audio) // hop_samples)]
        difference = _normalised_difference(block, window)[:, lags.start - 1 :]
        probabilities = _trough_probabilities(difference)
        at, column = np.nonzero(probabilities)
        f0_hz = sample_rate_hz / (lags.start - 1 + column + _trough_offset(difference, at, column))
        found.append((at + start, f0_hz, probabilities[at, column]))
    at, f0_hz, probability = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    return at, f0_hz, probability


def _normalised_difference(segments: Floats, window: int) -> Floats:
    """Cumulative mean normalised difference (YIN, equation 8) of segments (T, window + L - 1) -> (T, L)."""
    length = segments.shape[1]
    size = 1 << (length - 1).bit_length()
    spectrum = np.fft.rfft(segments, size)
    products = np.fft.irfft(spectrum * np.fft.rfft(segments[:, :window], size).conj(), size)[:, : length - window]
    power = np.cumsum(np.pad(segments**2, ((0, 0), (1, 0))), axis=1)
    energies = power[:, window:length] - power[:, : length - window]
    difference = np.maximum(energies[:, :1] + energies - 2 * products, 0.0)
    difference[:, 0] = 0.0
    lags = np.arange(length - window)
    # Rounding of the FFT must not look like a period in silence, so a frame needs some energy to be below 1.
    total = np.cumsum(difference, axis=1) + 1e-12 * window
    normalised = (difference + 1e-12 * window) * lags / total
    normalised[:, 0] = 1.0
    return normalised


def _trough_probabilities(difference: Floats) -> Floats:
    """Probability (T, L) that YIN with a threshold drawn from Beta(2, 18) would choose each lag."""
    inner = difference[:, 1:-1]
    is_trough = (inner < difference[:, :-2]) & (inner <= difference[:, 2:])
    depths = np.where(is_trough, inner, 1.0).clip(max=1.0)
    deepest_so_far = np.minimum.accumulate(depths, axis=1)
    deepest_before = np.pad(deepest_so_far[:, :-1], ((0, 0), (1, 0)), constant_values=1.0)
    chosen = np.maximum(_beta_cdf(deepest_before) - _beta_cdf(depths), 0.0)
    rows, deepest = np.arange(len(depths)), depths.argmin(axis=1)
    chosen[rows, deepest] += _NO_TROUGH * _beta_cdf(depths[rows, deepest])
    chosen[~is_trough] = 0.0
    return np.pad(chosen, ((0, 0), (1, 1)))


def _beta_cdf(x: Floats) -> Floats:
    return 1.0 - (1.0 - x) ** 18 * (1.0 + 18.0 * x)


def _trough_offset(difference: Floats, at: NDArray[np.int64], column: NDArray[np.int64]) -> Floats:
    """Distance in lags, -0.5 to 0.5, from a local minimum to the vertex of the parabola through its neighbours."""
    left, middle, right = (difference[at, column + step] for step in (-1, 0, 1))
    return 0.5 * (left - right) / np.maximum(left - 2 * middle + right, _TINY)


def _best_path(observed: Floats, reach: int) -> NDArray[np.int64]:
    """Viterbi over P voiced and P unvoiced states: probabilities (T, P) -> bins (T,), -1 where unvoiced.

    Pitch moves at most `reach` bins a frame, with triangular weights, whether it is heard or not.
    """
    frames, size = observed.shape
    unvoiced = (1.0 - observed.sum(axis=1, keepdims=True)).clip(min=0.0) / size
    both = np.stack([observed, np.broadcast_to(unvoiced, observed.shape)], axis=1)  # (T, 2, P)
    emitted = np.log(both.clip(min=0.0) + _TINY)  # differences of cumulative sums may fall below zero by rounding
    triangle = 1.0 + reach - np.abs(np.arange(-reach, reach + 1))
    moves = np.log(triangle / triangle.sum())
    switches = np.log([[1 - _SWITCH, _SWITCH], [_SWITCH, 1 - _SWITCH]])

    padded = np.full((2, size + 2 * reach), -np.inf)
    scores = padded[:, reach : reach + size]  # a view, so that `neighbours` follows it
    neighbours = sliding_window_view(padded, 2 * reach + 1, axis=1)  # (2, P, 2 reach + 1)
    origins = np.zeros((frames, 2, size), np.int64)  # voicing * P + bin of the best predecessor
    bins = np.arange(size)
    scores[:] = emitted[0] + np.log([[_SWITCH], [1 - _SWITCH]])
    for t in range(1, frames):
        weighted = neighbours + moves
        nearest = weighted.argmax(axis=-1)  # (2, P)
        arrivals = weighted.max(axis=-1)[:, None] + switches[..., None]  # (from, to, P)
        came_from = arrivals.argmax(axis=0)  # (to, P)
        origins[t] = came_from * size + nearest[came_from, bins] + bins - reach
        scores[:] = arrivals.max(axis=0) + emitted[t]
    return _traced(scores, origins)


def _traced(scores: Floats, origins: NDArray[np.int64]) -> NDArray[np.int64]:
    size = scores.shape[1]
    states = np.zeros(len(origins), np.int64)
    states[-1] = scores.argmax()
    for t in range(len(origins) - 1, 0, -1):
        states[t - 1] = origins[t].reshape(-1)[states[t]]
    return np.where(states < size, states, -1)
