"""What every chapter asks of the arrays it is given.

A metric that cannot be measured (no voiced frame in common, no word in the reference) is nan, never 0, because
0 is the best score of most of them; reports print nan as a dash. Input that makes no sense is `InvalidInput`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from octet.core.errors import InvalidInput

Floats = NDArray[np.float64]
NOT_MEASURABLE = float("nan")


def finite(name: str, values: ArrayLike, dimensions: int = 1) -> Floats:
    """The values as float64.

    Raises:
        InvalidInput: another number of dimensions, or values that are not finite numbers.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != dimensions:
        raise InvalidInput(f"{name} has shape {array.shape}; an array of {dimensions} dimension(s) was expected")
    if not np.isfinite(array).all():
        raise InvalidInput(f"{name} holds nan or infinity; finite numbers were expected")
    return array


def same_shape(name: str, reference: Floats, estimate: Floats) -> None:
    """Refuse a pair that cannot be compared element by element.

    Raises:
        InvalidInput: the shapes differ.
    """
    if reference.shape != estimate.shape:
        raise InvalidInput(
            f"{name} must have one shape; the reference has {reference.shape}, the other {estimate.shape}"
        )


def same_count(name: str, references: Sequence[object], estimates: Sequence[object]) -> None:
    """Refuse sets that do not pair up.

    Raises:
        InvalidInput: the counts differ, or there is nothing.
    """
    if len(references) != len(estimates) or not len(references):
        raise InvalidInput(
            f"{name} come in pairs, at least one; {len(references)} references and {len(estimates)} others were given"
        )


def mean(values: ArrayLike) -> float:
    """The mean, nan for nothing (numpy would warn)."""
    array = np.asarray(values, dtype=np.float64)
    return float(array.mean()) if array.size else NOT_MEASURABLE


def deviation_of_mean(values: ArrayLike) -> float:
    """Of the mean of independent values, nan for nothing."""
    array = np.asarray(values, dtype=np.float64)
    return float(array.std() / np.sqrt(array.size)) if array.size else NOT_MEASURABLE
