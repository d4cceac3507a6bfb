"""How loud and how breathy, frame by frame: the arc of a phrase, accents, attacks, releases, airy beginnings.

Loudness is in dB of the singer's middle, breath from 0 (none) to 1 (whisper).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from octet.data.corpora.singer.singers import Singer
from octet.data.corpora.singer.timing import Note

Floats = NDArray[np.float64]

_ARC_DB = 4.0  # from the edge of a phrase to its height
_PITCH_DB = 0.25  # a semitone above the middle of the range
_SWELL_DB, _SWELL_AT_LEAST = 2.0, 0.6  # of long notes, in seconds
_ATTACK_DB, _ATTACK_SECONDS = 9.0, 0.03
_RELEASE_DB, _RELEASE_SECONDS = 22.0, 0.09
_AIR_SECONDS = 0.06


def phrases(notes: Sequence[Note]) -> Iterator[tuple[float, float]]:
    """Where each stretch without rests starts and ends."""
    edges = [
        0.0,
        *(second.start for first, second in pairwise(notes) if (first.pitch is None) != (second.pitch is None)),
    ]
    edges.append(notes[-1].end)
    sounding = notes[0].pitch is not None
    yield from list(pairwise(edges))[0 if sounding else 1 :: 2]


def loudness_db(notes: Sequence[Note], times: Floats, singer: Singer, rng: random.Random) -> Floats:
    """(T,) at times (T,) in seconds."""
    level = _wave(times, rng, 0.8)
    middle = (singer.low + singer.high) / 2
    for start, end in phrases(notes):
        arc = np.sin(np.pi * np.clip((times - start) / (end - start), 0, 1) ** rng.uniform(0.8, 1.3))
        level += (times >= start - 0.2) * (times < end) * (_ARC_DB * arc - _ARC_DB * 0.6 + rng.uniform(-1.5, 1.5))
        level -= _ATTACK_DB * rng.uniform(0.4, 1) * _decay(times - start, _ATTACK_SECONDS)
        level -= _RELEASE_DB * np.clip(1 - (end - times) / _RELEASE_SECONDS, 0, 1) ** 2 * (times < end + 0.1)
    centres = [(note.start + note.end) / 2 for note in notes if note.pitch is not None]
    heights = [_PITCH_DB * (note.pitch - middle) for note in notes if note.pitch is not None]
    level += np.interp(times, centres, heights)
    for note in notes:
        if note.pitch is not None and note.end - note.start > _SWELL_AT_LEAST:
            share = np.clip((times - note.start) / (note.end - note.start), 0, 1)
            level += _SWELL_DB * rng.uniform(-0.3, 1) * np.sin(np.pi * share)
    return level


def breath(notes: Sequence[Note], times: Floats, singer: Singer, rng: random.Random) -> Floats:
    """(T,) at times (T,) in seconds."""
    amount = np.full(len(times), singer.breath)
    for start, end in phrases(notes):
        amount += (times >= start - 0.2) * (times < end) * max(0.0, rng.uniform(-0.1, 0.14))
        amount += rng.uniform(0, 0.22) * _decay(times - start, _AIR_SECONDS)
        amount += rng.uniform(0, 0.25) * np.clip(1 - (end - times) / _RELEASE_SECONDS, 0, 1) * (times < end + 0.1)
    return np.clip(amount + _wave(times, rng, 0.015), 0.0, 0.8)


def _decay(since: Floats, seconds: float) -> Floats:
    """1 from a little before a time on, then fading; 0 long before."""
    return np.asarray(np.where(since < -0.2, 0.0, np.exp(-np.maximum(since, 0) / seconds)))


def _wave(times: Floats, rng: random.Random, size: float) -> Floats:
    total = np.zeros(len(times))
    for _ in range(3):
        total += size / 2 * np.sin(2 * np.pi * (rng.uniform(0.2, 1.8) * times + rng.random()))
    return total
