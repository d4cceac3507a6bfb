"""F0 from notes as a singer moves it: glides that overshoot, scoops and falls at rests, vibrato, drift.

A glide is the step response of a second-order system, in closed form (after Saitou, Unoki and Akagi 2005, who describe
overshoot, vibrato, preparation and fine fluctuation as what makes F0 sound sung). All is in semitones until the end.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from octet.data.corpora.singer.singers import Singer
from octet.data.corpora.singer.timing import Note

Floats = NDArray[np.float64]

_GLIDE_RADIANS = (34.0, 52.0)  # a second: from a tenth to nine tenths in 40 to 60 ms
_DAMPING = (0.6, 0.78)
_LEAD_SECONDS = 0.045  # by which a glide begins before its note
_SCOOP_SEMITONES, _SCOOP_SECONDS = (0.2, 1.2), 0.035
_FALL_SEMITONES, _FALL_SECONDS = (0.0, 0.7), 0.08
_VIBRATO_AT_LEAST = 0.45  # seconds of a note that is given vibrato
_VIBRATO_SHARE = 0.75
_VIBRATO_DELAY, _VIBRATO_GROWTH = (0.18, 0.34), 0.18  # seconds
_DRIFT_SEMITONES, _TREMBLE_SEMITONES = 0.035, 0.012


def f0_hz(notes: Sequence[Note], times: Floats, singer: Singer, rng: random.Random) -> Floats:
    """F0 (T,) at times (T,) in seconds, without interruption: over rests and consonants it is what it would be."""
    sung = [note for note in notes if note.pitch is not None]
    after_rest = [first.pitch is None for first, second in pairwise(notes) if second.pitch is not None]
    before_rest = [second.pitch is None for first, second in pairwise(notes) if first.pitch is not None]
    semitones = _glides(sung, after_rest, times, rng)
    for note, begins, ends in zip(sung, after_rest, before_rest, strict=True):
        if begins:
            semitones -= _scoop(note, times, rng)
        if ends:
            semitones -= _fall(note, times, rng)
        semitones += _vibrato(note, times, singer, rng)
    semitones += _fluctuation(times, rng)
    return np.asarray(440.0 * 2 ** ((semitones - 69) / 12))


def _glides(sung: Sequence[Note], after_rest: Sequence[bool], times: Floats, rng: random.Random) -> Floats:
    level = np.full(len(times), float(sung[0].pitch or 0))
    for (before, note), rested in zip(pairwise(sung), after_rest[1:], strict=True):
        lead = 0.25 if rested else _LEAD_SECONDS
        response = _step_response(times - note.start + lead, rng.uniform(*_GLIDE_RADIANS), rng.uniform(*_DAMPING))
        level += ((note.pitch or 0) - (before.pitch or 0)) * response
    return level


def _step_response(times: Floats, radians: float, damping: float) -> Floats:
    """Of a second-order system, from 0 to 1, begun at time 0."""
    after = np.maximum(times, 0)
    root = np.sqrt(1 - damping**2)
    ringing = np.cos(radians * root * after) + damping / root * np.sin(radians * root * after)
    return np.asarray(1 - np.exp(-damping * radians * after) * ringing)


def _scoop(note: Note, times: Floats, rng: random.Random) -> Floats:
    """Coming up to a note after a rest from below."""
    since = times - note.start
    depth = rng.uniform(*_SCOOP_SEMITONES) * (rng.random() < 0.6)
    shape = np.where(since < -0.25, 0, np.exp(-np.maximum(since, 0) / _SCOOP_SECONDS))
    return np.asarray(depth * shape * (times < note.end))


def _fall(note: Note, times: Floats, rng: random.Random) -> Floats:
    """Letting a note go before a rest."""
    share = np.clip(1 - (note.end - times) / _FALL_SECONDS, 0, 1)
    return np.asarray(rng.uniform(*_FALL_SEMITONES) * share**2 * (times < note.end + _FALL_SECONDS))


def _vibrato(note: Note, times: Floats, singer: Singer, rng: random.Random) -> Floats:
    wanted, delay = rng.random() < _VIBRATO_SHARE, rng.uniform(*_VIBRATO_DELAY)
    rate, quicker = singer.vibrato_hz * rng.uniform(0.93, 1.07), rng.uniform(-0.3, 0.5)
    depth = singer.vibrato_cents / 100 * rng.uniform(0.6, 1.25)
    if not wanted or note.end - note.start < _VIBRATO_AT_LEAST:
        return np.zeros(len(times))
    since = np.clip(times - note.start - delay, 0, None)
    grown = np.clip(since / _VIBRATO_GROWTH, 0, 1) * np.clip((note.end - times) / 0.06, 0, 1)
    return np.asarray(depth * grown * np.sin(2 * np.pi * (rate * since + quicker * since**2 / 2)))


def _fluctuation(times: Floats, rng: random.Random) -> Floats:
    """Slow drift and a fine tremble: a few sines of random frequencies."""
    total = np.zeros(len(times))
    for low, high, size in ((0.2, 1.5, _DRIFT_SEMITONES), (6.0, 18.0, _TREMBLE_SEMITONES)):
        for _ in range(4):
            turns = rng.uniform(low, high) * times + rng.random()
            total += size / 2 * np.sin(2 * np.pi * turns)
    return total
