"""Is it sung in tune and in time? F0 against the score, voicing, and vowel onsets against the beat.

Conventions
    * F0 is in Hz at equal steps from time 0, 0 where unvoiced, by a tracker that is not part of what is judged
      (`octet.audio.pitch`); pitches are MIDI numbers, times seconds.
    * The steady part of a note begins `STEADY_FROM_SECONDS` after it and ends `STEADY_UNTIL_SECONDS` before its end:
      glides, scoops and falls are how one sings, not errors. Shorter notes have none.
    * F0 is averaged over `VIBRATO_SECONDS`, one cycle of vibrato, as listeners do who hear one
      pitch (Sundberg 1994); the error of single frames is told besides.
    * An onset is early where its error is negative. It is heard by an aligner, which errs by itself, or found by
      warping a true singer's recording onto the song (Sakoe and Chiba 1978): both are told.

Tuning errors are in cents, after mir_eval's melody chapter (Raffel 2014), whose voicing measures are meant here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from octet.core.errors import InvalidInput
from octet.evaluation import fidelity
from octet.evaluation.time_warping import warping_path

STEADY_FROM_SECONDS, STEADY_UNTIL_SECONDS = 0.15, 0.08
VIBRATO_SECONDS = 0.18
IN_TIME_SECONDS = 0.03

Floats = NDArray[np.float64]


class ScoreNote(NamedTuple):
    """A note that is to be sung."""

    start_seconds: float
    end_seconds: float
    pitch: float


def validate(f0_hz: Floats, step_seconds: float, notes: Sequence[ScoreNote]) -> None:
    """Refuse what cannot be measured.

    Raises:
        InvalidInput: F0 that is not a row of finite numbers from 0, a step that is not positive, or no notes.
    """
    if f0_hz.ndim != 1 or not np.isfinite(f0_hz).all() or (f0_hz < 0).any():
        raise InvalidInput(f"F0 is a row of frequencies, 0 where unvoiced; given an array of shape {f0_hz.shape}")
    if not step_seconds > 0:
        raise InvalidInput(f"the step of F0 must be above 0 seconds; given {step_seconds}")
    if not notes:
        raise InvalidInput("a score without notes cannot be compared; give the notes that were sung")


def tuning_cents(f0_hz: Floats, step_seconds: float, notes: Sequence[ScoreNote], *, smoothed: bool = True) -> Floats:
    """Errors of all voiced frames in steady parts of notes, in cents; positive is sharp. Empty where there are none.

    >>> float(tuning_cents(np.full(100, 440.0), 0.01, [ScoreNote(0.0, 1.0, 69.0)]).max())
    0.0

    Raises:
        InvalidInput: as `validate`.
    """
    validate(f0_hz, step_seconds, notes)
    times = (np.arange(len(f0_hz)) + 0.5) * step_seconds
    errors = [np.zeros(0)]
    for note in notes:
        inside = (times >= note.start_seconds + STEADY_FROM_SECONDS) & (times < note.end_seconds - STEADY_UNTIL_SECONDS)
        sung = f0_hz[inside & (f0_hz > 0)]
        if len(sung):
            cents = 1200 * np.log2(sung / 440) - 100 * (note.pitch - 69)
            errors.append(_over_a_cycle(cents, step_seconds) if smoothed else cents)
    return np.concatenate(errors)


def voicing_error(heard_hz: Floats, wanted_hz: Floats) -> float:
    """Share of the frames that both have in which one is voiced (above 0) and the other is not.

    Raises:
        InvalidInput: one of them is empty.
    """
    frames = min(len(heard_hz), len(wanted_hz))
    if not frames:
        raise InvalidInput("voicing is compared frame by frame; one of the two has no frames")
    return float(np.mean((heard_hz[:frames] > 0) != (wanted_hz[:frames] > 0)))


def onset_errors_seconds(onsets_seconds: Sequence[float], beats_seconds: Sequence[float]) -> Floats:
    """For each beat, how much later its vowel begins: each beat has its own vowel, in order.

    Raises:
        InvalidInput: not as many vowels as beats.
    """
    if len(onsets_seconds) != len(beats_seconds):
        raise InvalidInput(
            f"there are {len(onsets_seconds)} vowels and {len(beats_seconds)} beats; each note must have one vowel"
        )
    return np.asarray(onsets_seconds, np.float64) - np.asarray(beats_seconds, np.float64)


def onsets_by_warping(
    true_mel: Floats, mel: Floats, beats_seconds: Sequence[float], step_seconds: float
) -> list[float]:
    """Where each vowel is found again of a true singer, who begins it on its beat.

    Log-mel spectrograms (M, T) and (M, T') are warped onto each other, whole; of the frames that meet a vowel's first
    one, the first counts.

    Raises:
        InvalidInput: spectrograms that cannot be compared (`fidelity.validate`), or a beat beyond the true one.
    """
    true, sung = fidelity.validate(true_mel, mel)
    first = [round(beat / step_seconds) for beat in beats_seconds]
    if first and not 0 <= min(first) <= max(first) < true.shape[1]:
        raise InvalidInput(f"beats must lie within the {true.shape[1]} frames of the true song; given {first}")
    squares = (true**2).sum(0)[:, None] + (sung**2).sum(0)[None, :] - 2 * true.T @ sung
    _, path = warping_path(np.sqrt(np.maximum(squares, 0.0)))
    met = path[np.searchsorted(path[:, 0], first), 1]
    return [float(frame) * step_seconds for frame in met]


class Sung(NamedTuple):
    """What was sung and what was to be.

    F0 that was tracked, the score, the F0 of a true singer of it (of which only the voicing is compared), and for each
    syllable its beat and where its vowel begins, by an aligner and by warping.
    """

    f0_hz: Floats
    notes: Sequence[ScoreNote]
    wanted_hz: Floats
    beats_seconds: Sequence[float]
    onsets_seconds: Sequence[float]
    warped_seconds: Sequence[float]


def evaluate(songs: Sequence[Sung], step_seconds: float) -> dict[str, float]:
    """The chapter's figures, over all of some songs; not a number where nothing is sung steadily.

    Raises:
        InvalidInput: as the measures.
    """
    smooth, frames = (
        np.abs(np.concatenate([tuning_cents(s.f0_hz, step_seconds, s.notes, smoothed=smoothed) for s in songs]))
        for smoothed in (True, False)
    )
    late, warped = (
        np.abs(
            np.concatenate(
                [onset_errors_seconds(found, s.beats_seconds) for s, found in zip(songs, every, strict=True)]
            )
        )
        for every in ([s.onsets_seconds for s in songs], [s.warped_seconds for s in songs])
    )
    return {
        "tuning_error_median_cents": _percentile(smooth, 50),
        "tuning_error_95_cents": _percentile(smooth, 95),
        "frame_error_median_cents": _percentile(frames, 50),
        "voicing_error": float(np.mean([voicing_error(s.f0_hz, s.wanted_hz) for s in songs])),
        "onset_error_median_seconds": _percentile(late, 50),
        "onset_error_95_seconds": _percentile(late, 95),
        "onsets_in_time": _share_in_time(late),
        "onsets_in_time_by_warping": _share_in_time(warped),
    }


def _over_a_cycle(cents: Floats, step_seconds: float) -> Floats:
    """The mean over a cycle of vibrato about each frame, of as much of it as there is at the edges."""
    size = max(1, round(VIBRATO_SECONDS / step_seconds))
    box = np.ones(min(size, len(cents)))
    return np.convolve(cents, box, mode="same") / np.convolve(np.ones(len(cents)), box, mode="same")


def _share_in_time(errors: Floats) -> float:
    return float(np.mean(errors <= IN_TIME_SECONDS)) if len(errors) else float("nan")


def _percentile(values: Floats, share: float) -> float:
    return float(np.percentile(values, share)) if len(values) else float("nan")
