"""Singing: is a song sung in tune, voiced where it should be, and on the beat.

Conventions
    * F0 is in Hz, one value a frame (T,), 0 where unvoiced; notes are MIDI numbers a frame (T,), 0 in rests. All of a
      song at one frame rate; references (notes, beats) first.
    * A note is steady from `ATTACK_SECONDS` after it starts, or after the pitch changes, to `RELEASE_SECONDS` before it
      ends: before that a voice glides and overshoots, as voices do. Notes too short for a steady part are not scored.
    * Vibrato counts: a voice that swings 30 cents about a note is on the average 19 cents off.
    * A metric without frames or notes to measure is nan.

Metrics
    * `f0_errors_cents`: distance of F0 and note in steady frames that are voiced: the median and the 95th percentile.
    * `voicing_error`: share of steady frames that are not voiced, and of rests' frames that are.
    * `onset_errors_ms`: distance of vowel onsets and beats: the share that is within `ON_THE_BEAT_MS`.

Citations
    * The limits that a report is held to are Octet's own; the paper (arXiv 2105.02446) has listeners' scores only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import NOT_MEASURABLE, Floats, finite, mean, same_count, same_shape

ATTACK_SECONDS: Final = 0.15
RELEASE_SECONDS: Final = 0.08
ON_THE_BEAT_MS: Final = 30.0


def validate(notes: Sequence[ArrayLike], f0_hz: Sequence[ArrayLike]) -> list[tuple[Floats, Floats]]:
    """Pairs of notes and F0 as float64 vectors of one length.

    Raises:
        InvalidInput: they do not pair up, differ in length, or hold negative or not finite values.
    """
    same_count("songs", notes, f0_hz)
    pairs = [(finite("notes", n), finite("F0", f)) for n, f in zip(notes, f0_hz, strict=True)]
    for written, sung in pairs:
        same_shape("notes and F0", written, sung)
        if (written < 0).any() or (sung < 0).any():
            raise InvalidInput("notes and F0 must not be negative: 0 stands for rests and for unvoiced frames")
    return pairs


def steady(notes: Floats, frame_rate_hz: float) -> NDArray[np.bool_]:
    """Which frames (T,) lie in the steady part of a note.

    >>> steady(np.array([0.0] + [60.0] * 30 + [62.0] * 10), 80).nonzero()[0].tolist()
    [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]
    """
    attack, release = (round(seconds * frame_rate_hz) for seconds in (ATTACK_SECONDS, RELEASE_SECONDS))
    edges = np.flatnonzero(np.diff(notes)) + 1
    inside = np.zeros(len(notes), dtype=bool)
    for start, end in zip([0, *edges], [*edges, len(notes)], strict=True):
        inside[start + attack : max(start + attack, end - release)] = notes[start] > 0
    return inside


def f0_errors_cents(notes: Floats, f0_hz: Floats, frame_rate_hz: float) -> Floats:
    """Distances of F0 and note in the steady frames that are voiced."""
    chosen = steady(notes, frame_rate_hz) & (f0_hz > 0)
    sung = 69 + 12 * np.log2(np.maximum(f0_hz[chosen], 1e-3) / 440)
    return np.asarray(np.abs(sung - notes[chosen]) * 100)


def voicing_error(notes: Floats, f0_hz: Floats, frame_rate_hz: float) -> float:
    """Share of the frames that are surely sung, or surely rests, which are voiced otherwise."""
    sung = steady(notes, frame_rate_hz)
    resting = steady((notes == 0).astype(np.float64), frame_rate_hz)
    wrong = (sung & (f0_hz == 0)) | (resting & (f0_hz > 0))
    return mean(wrong[sung | resting])


def evaluate(notes: Sequence[ArrayLike], f0_hz: Sequence[ArrayLike], frame_rate_hz: float) -> dict[str, float]:
    """All metrics of F0 over several songs."""
    pairs = validate(notes, f0_hz)
    cents = np.concatenate([f0_errors_cents(*pair, frame_rate_hz) for pair in pairs]) if pairs else np.zeros(0)
    return {
        "f0_error_median_cents": float(np.median(cents)) if len(cents) else NOT_MEASURABLE,
        "f0_error_95th_percentile_cents": float(np.percentile(cents, 95)) if len(cents) else NOT_MEASURABLE,
        "voicing_error": mean([voicing_error(*pair, frame_rate_hz) for pair in pairs]),
    }


def evaluate_onsets(beats_seconds: Sequence[ArrayLike], onsets_seconds: Sequence[ArrayLike]) -> dict[str, float]:
    """Vowel onsets of several songs against their beats, one for one.

    Raises:
        InvalidInput: they do not pair up.
    """
    same_count("songs", beats_seconds, onsets_seconds)
    errors = []
    for beats, onsets in zip(beats_seconds, onsets_seconds, strict=True):
        written, sung = finite("beats", beats), finite("onsets", onsets)
        same_shape("beats and onsets", written, sung)
        errors.append(np.abs(sung - written) * 1000)
    every = np.concatenate(errors) if errors else np.zeros(0)
    return {"onset_error_mean_ms": mean(every), "onsets_on_the_beat": mean(every <= ON_THE_BEAT_MS)}
