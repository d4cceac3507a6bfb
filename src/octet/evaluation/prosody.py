"""Timing and loudness: when each phone sounds, how fast the whole is, how loud each frame is.

Conventions
    * Durations are seconds, one a phone (P,), 0 allowed; both utterances have the same phones in the same order.
    * Boundaries are the ends of the phones counted from the start of the first, so the last one compares the lengths.
    * Energy is the L2 norm of the STFT magnitude of each frame (T,), both utterances with the same frames: as in the
      paper, speech to be compared is made with the reference's durations.
    * Errors are in milliseconds, unsigned, and pooled: each phone or frame of the set weighs the same.

Metrics
    * `duration_mae_ms`: mean absolute error of phone durations.
    * `boundary_errors_ms`: of phone ends; reported as mean ("phone boundary error", FastSpeech 2: 12.47 ms of MFA
      against hand labels), median, and share within 20 ms (the usual tolerance of forced alignment).
    * `speech_rate_ratio`: phones a second of the estimate over those of the reference, pauses counted in neither;
      above 1 speaks faster.
    * `energy_mae`: mean absolute error of the energy, in standard deviations of the energy of all reference frames.
      The paper gives 0.131 for FastSpeech 2 without naming its unit: compare only values of this definition.

Citations
    * Y. Ren et al., "FastSpeech 2", arXiv 2006.04558, section 3.2, "analyses on variance information".
    * M. McAuliffe et al., "Montreal Forced Aligner", Interspeech 2017 (boundary errors).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import NOT_MEASURABLE, Floats, finite, mean, same_count, same_shape

TOLERANCE_MS = 20.0
_ROUNDING_MS = 1e-6  # so that an error of exactly 20 ms, summed in floating point, is within 20 ms


def validate(
    name: str, references: Sequence[ArrayLike], estimates: Sequence[ArrayLike]
) -> tuple[list[Floats], list[Floats]]:
    """Durations or energies (`name`, for messages) as float64 vectors.

    Raises:
        InvalidInput: they do not pair up, differ in length, or hold negative or not finite values.
    """
    same_count(name, references, estimates)
    a = [_not_negative(name, values) for values in references]
    b = [_not_negative(name, values) for values in estimates]
    for one, other in zip(a, b, strict=True):
        same_shape(f"{name} of one utterance", one, other)
    return a, b


def _not_negative(name: str, values: ArrayLike) -> Floats:
    array = finite(name, values)
    if array.size and array.min() < 0:
        raise InvalidInput(f"{name} hold {array.min():g}; values from 0 up were expected")
    return array


def duration_mae_ms(reference: Floats, estimate: Floats) -> float:
    """Mean absolute error of phone durations (P,) in ms."""
    return 1000.0 * mean(np.abs(estimate - reference))


def boundary_errors_ms(reference: Floats, estimate: Floats) -> Floats:
    """Absolute error (P,) in ms of the end of each phone, from durations (P,) in seconds."""
    return np.asarray(1000.0 * np.abs(np.cumsum(estimate) - np.cumsum(reference)))


def speech_rate_ratio(reference: Floats, estimate: Floats, pauses: NDArray[np.bool_]) -> float:
    """Rate of the estimate over that of the reference; `pauses` (P,) marks phones that are silence."""
    spoken_reference, spoken_estimate = reference[~pauses].sum(), estimate[~pauses].sum()
    return float(spoken_reference / spoken_estimate) if spoken_reference and spoken_estimate else NOT_MEASURABLE


def energy_mae(reference: Floats, estimate: Floats) -> float:
    """Mean absolute error of energies (T,), in standard deviations of the reference; nan where that is constant."""
    deviation = float(reference.std()) if reference.size else 0.0
    return mean(np.abs(estimate - reference)) / deviation if deviation else NOT_MEASURABLE


def evaluate(
    references: Sequence[ArrayLike], estimates: Sequence[ArrayLike], pauses: Sequence[ArrayLike]
) -> dict[str, float]:
    """All timing metrics over utterances of phone durations in seconds; `pauses` marks silent phones.

    Raises:
        InvalidInput: see `validate`.
    """
    a, b = validate("durations", references, estimates)
    same_count("durations and marks of pauses", a, pauses)
    marks = [np.asarray(values, dtype=bool) for values in pauses]
    for one, mark in zip(a, marks, strict=True):
        same_shape("durations and marks of pauses", one, mark.astype(np.float64))
    errors_ms = np.concatenate([boundary_errors_ms(one, other) for one, other in zip(a, b, strict=True)])
    reference, estimate = np.concatenate(a), np.concatenate(b)
    return {
        "duration_mae_ms": duration_mae_ms(reference, estimate),
        "boundary_mae_ms": mean(errors_ms),
        "boundary_median_ms": float(np.median(errors_ms)) if errors_ms.size else NOT_MEASURABLE,
        "boundary_within_20_ms": mean(errors_ms <= TOLERANCE_MS + _ROUNDING_MS),
        "speech_rate_ratio": speech_rate_ratio(reference, estimate, np.concatenate(marks)),
    }


def evaluate_energy(references: Sequence[ArrayLike], estimates: Sequence[ArrayLike]) -> dict[str, float]:
    """The energy error over the frames of all utterances.

    Raises:
        InvalidInput: see `validate`.
    """
    a, b = validate("energies", references, estimates)
    return {"energy_mae": energy_mae(np.concatenate(a), np.concatenate(b))}
