"""Tones of a SoundFont: a sample read at a key's pitch, in its loop as long as needed, and through its filter.

What the sampler does with them over time (volume, panning, cutting off) is in `sampler.py`; the departures are listed
there.

Legend: n samples of a tone.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octet.symbolic.soundfont import G, Region, SoundFont

Samples = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]

_OPEN_FILTER_CENTS = 13_500
_FILTER_REACH = 512  # samples that a band limit looks ahead
_FRAME = 256  # samples between steps of the filter at 16 kHz
_CUTOFFS_AN_OCTAVE = 4  # band limits that are told apart, so that neighbouring keys share a band-limited sample
_KEPT_SAMPLES = 1 << 25  # of tones: 128 MB


class Tones:
    """The tones of a font at one sample rate, kept between notes."""

    def __init__(self, font: SoundFont, sample_rate_hz: int) -> None:
        self._font = font
        self._rate = sample_rate_hz
        self._tones: dict[tuple[Region, int], Samples] = {}
        self._limited: dict[tuple[Region, int], Samples] = {}
        self._kept = 0  # samples of tones, or more

    def tone(self, region: Region, key: int, length: int) -> Samples:
        """A sample at a key's pitch and through its filter, of at least `length` samples, or all that it has."""
        known = self._tones.get((region, key))
        if known is None or (len(known) < length and region.loops):
            whole = 1 << (max(length, self._rate) - 1).bit_length()
            self._make_room(whole)
            known = self._tones[region, key] = self._filtered(self._read(region, key, whole), region, key)
        return known

    def _make_room(self, samples: int) -> None:
        """Forget all tones when the next one would be too many."""
        self._kept += samples
        if self._kept > _KEPT_SAMPLES:
            self._tones.clear()
            self._limited.clear()
            self._kept = samples

    def _read(self, region: Region, key: int, length: int) -> Samples:
        """The sample at a key's pitch: a place in it for each moment, and its value there."""
        cents = _cents(region, key) + _bend(region, key, length, self._rate)
        steps = region.sample_rate_hz / self._rate * 2.0 ** (cents / 1200.0)
        places = np.arange(length) * float(steps) if steps.ndim == 0 else np.cumsum(steps) - steps[0]
        if region.loops:
            start, loop = region.loop_end - region.start, region.loop_end - region.loop_start
            beyond = places >= start
            places[beyond] = start + np.mod(places[beyond] - start, loop)
        else:
            places = places[places < region.end - region.start - 1]
        return _interpolated(self._band_limited(region, float(steps.max())), places)

    def _band_limited(self, region: Region, step: float) -> Samples:
        """The sample without what reading every `step`-th of its values would fold back, padded by what is read."""
        octaves = max(0, int(np.ceil(np.log2(max(step, 1e-6)) * _CUTOFFS_AN_OCTAVE)))
        if (region, octaves) not in self._limited:
            samples = _unrolled(self._font.samples[region.start : region.end], region)
            limited = samples if octaves == 0 else _low_passed(samples, 2.0 ** (-octaves / _CUTOFFS_AN_OCTAVE))
            self._limited[region, octaves] = np.pad(limited, (1, 3))
        return self._limited[region, octaves]

    def _filtered(self, tone: Samples, region: Region, key: int) -> Samples:
        """Through the low-pass filter, whose cutoff follows the modulation envelope; zero phase, frame by frame."""
        values = region.values
        amount = values[G.ENVELOPE_TO_FILTER]
        if values[G.FILTER_CUTOFF] + min(0, amount) >= _OPEN_FILTER_CENTS:
            return tone
        hop = _FRAME * max(1, round(self._rate / 16_000))
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(tone, (hop, 2 * hop)), 2 * hop)[::hop]
        centres = np.arange(len(frames)) * hop
        cents = values[G.FILTER_CUTOFF] + amount * _shape(region, key, centres / self._rate)
        spectrum = np.fft.rfft(frames * _window(2 * hop), 4 * hop, axis=1)
        hz = np.fft.rfftfreq(4 * hop, 1.0 / self._rate)
        filtered = np.fft.irfft(spectrum * _response(hz, cents, values[G.FILTER_RESONANCE]), 4 * hop, axis=1)
        return _overlapped(filtered, hop)[hop : hop + len(tone)].astype(np.float32)


def seconds_of(timecents: float) -> float:
    return float(2.0 ** (min(timecents, 8000) / 1200.0)) if timecents > -12_000 else 0.0


def scaled_seconds(timecents: int, per_key: int, key: int) -> float:
    """A time that is shorter for higher keys, by `per_key` timecents a key from middle C."""
    return seconds_of(timecents + per_key * (60 - key))


def _cents(region: Region, key: int) -> float:
    """How far a key lies above the sample's own pitch."""
    values = region.values
    played = values[G.FIXED_KEY] if 0 <= values[G.FIXED_KEY] <= 127 else key
    return (played - region.root_key) * values[G.KEY_TO_PITCH] + values[G.SEMITONES] * 100.0 + values[G.CENTS]


def _bend(region: Region, key: int, length: int, rate: int) -> Floats:
    """Vibrato and the envelope's pull on the pitch in cents: (n,), or () where neither is asked for."""
    values = region.values
    depth, amount = values[G.VIBRATO_TO_PITCH], values[G.ENVELOPE_TO_PITCH]
    if not depth and not amount:
        return np.zeros(())
    seconds = np.arange(length) / rate
    since = np.maximum(seconds - seconds_of(values[G.VIBRATO_DELAY]), 0.0)
    rate_hz = 8.176 * 2.0 ** (np.clip(values[G.VIBRATO_RATE], -16_000, 4_500) / 1200.0)
    triangle = 2.0 / np.pi * np.arcsin(np.sin(2.0 * np.pi * rate_hz * since))
    bend: Floats = depth * triangle + amount * _shape(region, key, seconds)
    return bend


def _shape(region: Region, key: int, seconds: Floats) -> Floats:
    """The modulation envelope, 0 to 1, while a key is held."""
    values = region.values
    attack = seconds_of(values[G.SHAPE_ATTACK])
    hold = scaled_seconds(values[G.SHAPE_HOLD], values[G.KEY_TO_SHAPE_HOLD], key)
    decay = scaled_seconds(values[G.SHAPE_DECAY], values[G.KEY_TO_SHAPE_DECAY], key)
    sustain = 1.0 - np.clip(values[G.SHAPE_SUSTAIN], 0, 1000) / 1000.0
    since = seconds - seconds_of(values[G.SHAPE_DELAY])
    rising = np.clip(since / max(attack, 1e-3), 0.0, 1.0)
    falling = np.maximum(1.0 - np.maximum(since - attack - hold, 0.0) / max(decay, 1e-3), sustain)
    shape: Floats = np.minimum(rising, falling)
    return shape


def _interpolated(padded: Samples, places: Floats) -> Samples:
    """Between samples, by the cubic of Catmull and Rom through four of them; one sample stands before the first."""
    whole = places.astype(np.int64)
    x = (places - whole).astype(np.float32)
    before, first, second, after = (padded[whole + offset] for offset in range(4))
    slope = 0.5 * (second - before)
    cubic = 1.5 * (first - second) + 0.5 * (after - before)
    square = second - first - slope - cubic
    curve: Samples = ((cubic * x + square) * x + slope) * x + first
    return curve


def _unrolled(samples: NDArray[np.int16], region: Region) -> Samples:
    """Up to the loop's end and once more through the loop, and a little: what a filter sees at its ends is the loop."""
    scaled = samples.astype(np.float32) / np.float32(32768)
    if not region.loops:
        return scaled
    start, end = region.loop_start - region.start, region.loop_end - region.start
    return np.concatenate([scaled[:end], np.resize(scaled[start:end], end - start + _FILTER_REACH)])


def _low_passed(samples: Samples, cutoff: float) -> Samples:
    """Without what lies above `cutoff` (1 is half the rate), the last tenth of which fades out."""
    size = 1 << (len(samples) + 64 - 1).bit_length()
    spectrum = np.fft.rfft(samples, size)
    position = np.linspace(0.0, 1.0, len(spectrum)) / cutoff
    spectrum *= 0.5 + 0.5 * np.cos(np.pi * np.clip((position - 0.9) / 0.1, 0.0, 1.0))
    return np.fft.irfft(spectrum, size)[: len(samples)].astype(np.float32)


def _response(hz: Floats, cutoff_cents: Floats, resonance_cb: int) -> Floats:
    """Magnitude (frames, bins) of a low-pass filter of two poles, whose peak rises above 1 by its resonance."""
    cutoff_hz = 8.176 * 2.0 ** (np.clip(cutoff_cents, 1500, _OPEN_FILTER_CENTS) / 1200.0)
    quality = 10.0 ** ((np.clip(resonance_cb, 0, 960) / 10.0 - 3.01) / 20.0)
    squared = (hz[None, :] / cutoff_hz[:, None]) ** 2
    magnitude: Floats = 1.0 / np.sqrt((1.0 - squared) ** 2 + squared / quality**2)
    magnitude *= 10.0 ** (-np.clip(resonance_cb, 0, 960) / 400.0)  # half of the peak is taken back
    return magnitude


def _overlapped(frames: Floats, hop: int) -> Floats:
    """The sum of frames of four hops, each a hop after the one before."""
    total = np.zeros((len(frames) + 3, hop))
    for part in range(4):
        total[part : part + len(frames)] += frames[:, part * hop : (part + 1) * hop]
    flat: Floats = total.reshape(-1)
    return flat


@cache
def _window(samples: int) -> Floats:
    """Hann's, whose copies half a window apart add up to 1."""
    window: Floats = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(samples) / samples)
    return window
