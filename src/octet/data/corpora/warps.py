"""New speakers from the teachers' voices: WORLD takes an utterance apart, a `Warp` changes it, WORLD puts it together.

Formants move by stretching the envelope's frequency axis (a longer or shorter vocal tract), F0 by semitones with its
range about the median, breath by raising aperiodicity, and speed by the distance of frames at synthesis.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from octet.audio import world
from octet.data.corpora.teachers import SAMPLE_RATE_HZ, Utterance, limited

_FRAME_SECONDS = 0.005


@dataclass(frozen=True)
class Warp:
    """What makes another person of a voice; the defaults change nothing."""

    formants: float = 1.0  # above 1: a shorter vocal tract
    pitch_semitones: float = 0.0
    pitch_range: float = 1.0
    breath: float = 0.0  # 0 none, 1 whisper
    speed: float = 1.0


def draw(rng: random.Random) -> Warp:
    """A speaker at random: pitch goes with the length of the vocal tract, as it does in people, but not strictly."""
    size = rng.uniform(-1, 1)
    return Warp(
        formants=round(1 + 0.14 * size, 3),
        pitch_semitones=round(5 * size + rng.uniform(-3, 3), 2),
        pitch_range=round(rng.uniform(0.7, 1.4), 2),
        breath=round(max(0.0, rng.uniform(-0.2, 0.35)), 2),
        speed=round(rng.uniform(0.88, 1.14), 3),
    )


def warp(utterance: Utterance, change: Warp) -> Utterance:
    """The utterance as the other person says it, at its own loudness, the phone times moved along.

    Raises:
        MissingExtra: pyworld is not installed.
    """
    analysis = world.analyse(utterance.samples, SAMPLE_RATE_HZ, frame_seconds=_FRAME_SECONDS)
    samples = world.synthesize(
        _moved_f0(analysis.f0_hz, change),
        stretched(analysis.envelope, change.formants),
        np.clip(analysis.aperiodicity + change.breath * (1 - analysis.aperiodicity), 0, 1),
        SAMPLE_RATE_HZ,
        frame_seconds=_FRAME_SECONDS / change.speed,
    )
    length = round(utterance.samples.size / change.speed)
    samples = np.pad(samples[:length], (0, max(0, length - samples.size)))
    loudness = np.sqrt(np.mean(utterance.samples**2) / max(float(np.mean(samples**2)), 1e-12))
    phones = tuple(
        phone.model_copy(
            update={
                "start_seconds": round(phone.start_seconds / change.speed, 4),
                "end_seconds": round(phone.end_seconds / change.speed, 4),
            }
        )
        for phone in utterance.phones
    )
    return Utterance(limited(samples * np.float32(loudness)), phones)


def _moved_f0(f0_hz: NDArray[np.float64], change: Warp) -> NDArray[np.float64]:
    voiced = f0_hz > 0
    if not voiced.any():
        return f0_hz
    median = np.median(f0_hz[voiced])
    moved = np.zeros_like(f0_hz)
    moved[voiced] = median * (f0_hz[voiced] / median) ** change.pitch_range * 2 ** (change.pitch_semitones / 12)
    return np.where(voiced, np.clip(moved, 55, 580), 0)


def stretched(envelope: NDArray[np.float64], formants: float) -> NDArray[np.float64]:
    """Envelope (T, F) with its formants moved: read at frequencies divided by `formants`, the top held."""
    bins = envelope.shape[1]
    positions = np.minimum(np.arange(bins) / formants, bins - 1)
    low = np.floor(positions).astype(int)
    high = np.minimum(low + 1, bins - 1)
    share = positions - low
    logarithm = np.log(envelope)
    return np.exp(logarithm[:, low] * (1 - share) + logarithm[:, high] * share)
