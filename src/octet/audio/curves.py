"""Curves of how something is sung, from what WORLD takes sound apart into: loudness, breath, voice and tension.

They are openvpi's variance parameters (energy, breathiness, voicing, tension), defined on WORLD's envelope and
aperiodicity, so that for sound that was made with WORLD they are exact and for recordings they are measured.

Legend: T frames, F frequencies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from octet.audio.world import Analysis

Floats = NDArray[np.float64]

FLOOR_DB = -96.0
_MOST_TENSION = 10.0
CURVES = ("energy_db", "breathiness_db", "voicing_db", "tension")


class Curves(NamedTuple):
    """Each (T,). Powers are in dB of full scale, from -96: of all sound, of its noise, of its periodic part.

    Tension is the logit of the share that the harmonics above the first have in the periodic part: low where a voice is
    soft as a flute, high where it is pressed; 0 where nothing is periodic.
    """

    energy_db: Floats
    breathiness_db: Floats
    voicing_db: Floats
    tension: Floats


def curves(sound: Analysis, sample_rate_hz: int) -> Curves:
    """The curves of a sound that was taken apart, or that is to be put together."""
    noise = power(sound.envelope * sound.aperiodicity**2)
    spectrum = sound.envelope * (1 - sound.aperiodicity**2)
    periodic = np.where(sound.f0_hz > 0, harmonic_power(spectrum, sound.f0_hz, sample_rate_hz), 0.0)
    return Curves(
        _decibels(noise + periodic),
        _decibels(noise),
        _decibels(periodic),
        _tension(sound.f0_hz, spectrum, periodic, sample_rate_hz),
    )


def power(spectrum: Floats) -> Floats:
    """Mean square of the signal (T,) of a one-sided power envelope (T, F)."""
    inner = spectrum[:, 1:-1].sum(axis=1)
    return np.asarray((spectrum[:, 0] + 2 * inner + spectrum[:, -1]) / (2 * (spectrum.shape[1] - 1)))


def harmonic_power(spectrum: Floats, f0_hz: Floats, sample_rate_hz: int) -> Floats:
    """Mean square (T,) of harmonics under a one-sided power envelope (T, F): nothing sounds below half of F0 (T,)."""
    frequencies = np.linspace(0, sample_rate_hz / 2, spectrum.shape[1])
    return power(np.where(frequencies < f0_hz[:, None] / 2, 0.0, spectrum))


def _decibels(power: Floats) -> Floats:
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (FLOOR_DB / 10))))


def _tension(f0_hz: Floats, spectrum: Floats, periodic: Floats, sample_rate_hz: int) -> Floats:
    """The first harmonic has twice the envelope's power there, over the distance of harmonics."""
    bins = spectrum.shape[1]
    place = np.clip(np.rint(2 * f0_hz / sample_rate_hz * (bins - 1)).astype(int), 0, bins - 1)
    first = spectrum[np.arange(len(f0_hz)), place] * 2 * f0_hz / sample_rate_hz
    share = np.clip(1 - first / np.maximum(periodic, 1e-20), 1e-5, 1 - 1e-5)
    return np.where(periodic > 1e-12, np.clip(np.log(share / (1 - share)), -_MOST_TENSION, _MOST_TENSION), 0.0)
