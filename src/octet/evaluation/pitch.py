"""Pitch: does synthetic speech move as the reference does, and by how much is it off.

A reader has a distribution of pitch (how high, how lively, how lopsided) and a melody over each sentence. The first
is compared by moments, which need no pairing in time; the second by warping one contour onto the other, or frame by
frame where the durations were forced to be those of the reference.

Conventions
    * A contour is F0 in Hz, one value a frame (T,), 0 where unvoiced. Reference first, both at one frame rate.
    * Moments are of voiced frames pooled over all utterances, in Hz, of the population (divided by n). Kurtosis is
      *excess* kurtosis, 0 for a normal distribution: FastSpeech 2's table reports -0.041 for FastSpeech and 0.977
      with skewness 0.836 for recordings, while plain kurtosis is never below 1 + skewness squared.
    * A metric without frames to measure is nan.

Metrics
    * `moments`: standard deviation, skewness and excess kurtosis (FastSpeech 2, table "pitch distribution").
    * `warped_distance_hz`: DTW distance. The paper names neither local cost nor normalisation; here the unvoiced
      frames are left out, the local cost is |difference| in Hz, and the path's cost is divided by its length.
    * `median_ratio_semitones`: how much higher the median of the voiced frames is.
    * `rmse_cents`: of frames voiced in both, after forced durations.
    * `voicing_decision_error`: share of frames of which one is voiced and the other not.
    * `gross_pitch_error`: share of the frames voiced in both that are off by more than 20 %.

Citations
    * Y. Ren et al., "FastSpeech 2", arXiv 2006.04558, section 3.2, "analyses on variance information".
    * T. Nakatani et al., "A method for fundamental frequency estimation and voicing decision", 2008 (GPE, VDE).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import NOT_MEASURABLE, Floats, finite, mean, same_count, same_shape
from octet.evaluation.time_warping import warping_path

GROSS = 0.2  # relative deviation beyond which a frame counts as another note, an octave slip or noise


def validate(references: Sequence[ArrayLike], estimates: Sequence[ArrayLike]) -> tuple[list[Floats], list[Floats]]:
    """The contours as float64 vectors.

    Raises:
        InvalidInput: they do not pair up, or hold negative or not finite values.
    """
    same_count("pitch contours", references, estimates)
    return [_contour(values) for values in references], [_contour(values) for values in estimates]


def _contour(values: ArrayLike) -> Floats:
    contour = finite("a pitch contour", values)
    if contour.size and contour.min() < 0:
        raise InvalidInput(f"a pitch contour holds {contour.min():g} Hz; unvoiced frames are 0, others above")
    return contour


def moments(contours: Sequence[Floats]) -> tuple[float, float, float]:
    """Standard deviation in Hz, skewness and excess kurtosis of the voiced frames of all contours.

    A constant pitch has deviation 0 and no shape (nan).
    """
    voiced = _voiced(np.concatenate(contours))
    if not voiced.size:
        return NOT_MEASURABLE, NOT_MEASURABLE, NOT_MEASURABLE
    deviation_hz = float(voiced.std())
    if deviation_hz <= 1e-9 * voiced.max():  # rounding noise of a constant
        return deviation_hz, NOT_MEASURABLE, NOT_MEASURABLE
    standard = (voiced - voiced.mean()) / deviation_hz
    return deviation_hz, float((standard**3).mean()), float((standard**4).mean() - 3.0)


def warped_distance_hz(reference: Floats, estimate: Floats) -> float:
    """Mean absolute difference in Hz of the voiced frames along the cheapest warping."""
    a, b = _voiced(reference), _voiced(estimate)
    if not a.size or not b.size:
        return NOT_MEASURABLE
    cost, path = warping_path(np.abs(a[:, None] - b[None, :]))
    return cost / len(path)


def median_ratio_semitones(references: Sequence[Floats], estimates: Sequence[Floats]) -> float:
    """Median voiced F0 of the estimates over that of the references, in semitones: 12 is an octave higher."""
    a, b = _voiced(np.concatenate(references)), _voiced(np.concatenate(estimates))
    return float(12.0 * np.log2(np.median(b) / np.median(a))) if a.size and b.size else NOT_MEASURABLE


def rmse_cents(reference: Floats, estimate: Floats) -> float:
    """Root mean squared difference in cents (1200 an octave) of frames voiced in both."""
    both = (reference > 0) & (estimate > 0)
    cents = 1200.0 * np.log2(estimate[both] / reference[both])
    return float(np.sqrt(mean(cents**2)))


def voicing_decision_error(reference: Floats, estimate: Floats) -> float:
    """Share of frames on whose voicing the two disagree."""
    return mean((reference > 0) != (estimate > 0))


def gross_pitch_error(reference: Floats, estimate: Floats) -> float:
    """Share of frames voiced in both whose F0 is off by more than 20 % of the reference."""
    both = (reference > 0) & (estimate > 0)
    return mean(np.abs(estimate[both] - reference[both]) > GROSS * reference[both])


def evaluate(references: Sequence[ArrayLike], estimates: Sequence[ArrayLike]) -> dict[str, float]:
    """The metrics that need no common timing; the DTW distance is the mean over utterances that have one.

    Raises:
        InvalidInput: see `validate`.
    """
    a, b = validate(references, estimates)
    distances = np.array([warped_distance_hz(one, other) for one, other in zip(a, b, strict=True)])
    names = ("standard_deviation_hz", "skewness", "excess_kurtosis")
    scores = {f"reference_{name}": value for name, value in zip(names, moments(a), strict=True)}
    scores |= dict(zip(names, moments(b), strict=True))
    scores["dtw_distance_hz"] = mean(distances[~np.isnan(distances)])
    scores["median_ratio_semitones"] = median_ratio_semitones(a, b)
    return scores


def evaluate_aligned(references: Sequence[ArrayLike], estimates: Sequence[ArrayLike]) -> dict[str, float]:
    """The frame-by-frame metrics over all utterances as one, for speech made with the reference's durations.

    Raises:
        InvalidInput: see `validate`; or the two contours of an utterance differ in length.
    """
    a, b = validate(references, estimates)
    for one, other in zip(a, b, strict=True):
        same_shape("two contours compared frame by frame", one, other)
    reference, estimate = np.concatenate(a), np.concatenate(b)
    return {
        "rmse_cents": rmse_cents(reference, estimate),
        "voicing_decision_error": voicing_decision_error(reference, estimate),
        "gross_pitch_error": gross_pitch_error(reference, estimate),
    }


def _voiced(contour: Floats) -> Floats:
    return contour[contour > 0]
