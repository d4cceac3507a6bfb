"""Dynamic time warping: the cheapest monotone path through a table of local costs.

Conventions
    * `costs` is (A, B): frame a of the reference against frame b of the other, finite and not negative.
    * Steps (1, 1), (1, 0) and (0, 1), each of weight 1: a path from the first pair to the last sums the cost of every
      pair that it visits. No band, no slope limit. Ties go to the diagonal.

Citations
    * H. Sakoe and S. Chiba, "Dynamic programming algorithm optimization for spoken word recognition", 1978.
    * M. Müller, "Information Retrieval for Music and Motion", chapter 4, 2007 (which FastSpeech 2 cites).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import Floats, finite

Path = NDArray[np.int64]


def accumulate(costs: Floats) -> Floats:
    """The cost (A, B) of the cheapest path from (0, 0) to each pair.

    One anti-diagonal is one vector operation: its cells depend on the two before it only.
    """
    rows, columns = costs.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    for diagonal in range(rows + columns - 1):
        a = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        b = diagonal - a
        before = np.minimum(total[a, b], np.minimum(total[a, b + 1], total[a + 1, b]))
        total[a + 1, b + 1] = costs[a, b] + before
    return total[1:, 1:]


def warping_path(costs: Floats) -> tuple[float, Path]:
    """The cost of the cheapest path and its pairs (L, 2) in order.

    >>> cost, path = warping_path(np.array([[0.0, 2.0], [1.0, 0.0], [3.0, 0.0]]))
    >>> cost, path.tolist()
    (0.0, [[0, 0], [1, 1], [2, 1]])

    Raises:
        InvalidInput: an empty table, or negative or infinite costs.
    """
    costs = finite("costs", costs, dimensions=2)
    if not costs.size or costs.min() < 0:
        raise InvalidInput(f"warping needs a table of costs from 0 up; given one of shape {costs.shape}")
    total = accumulate(costs)
    a, b = costs.shape[0] - 1, costs.shape[1] - 1
    path = [(a, b)]
    while a or b:
        steps = [(a - 1, b - 1), (a - 1, b), (a, b - 1)]
        a, b = min((step for step in steps if min(step) >= 0), key=lambda step: total[step])
        path.append((a, b))
    return float(total[-1, -1]), np.array(path[::-1], dtype=np.int64)
