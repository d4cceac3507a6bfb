"""From CTC log-probabilities to symbols: greedy and prefix beam search (Graves et al. 2006; Hannun et al. 2014).

Pure functions over numpy. In CTC a labelling is the frame-wise path with repeats merged and then blanks removed;
index 0 is the blank. Greedy takes the most probable path, the beam search sums over the paths of each labelling.

Legend: T steps, S symbols.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from octet.core.errors import InvalidInput
from octet.text.phonemes import PAD, PAUSES

Floats = npt.NDArray[np.float32]

BLANK = 0
_PRUNE = 9.0  # nats below the best symbol of a step, where nothing that matters is lost
_NEVER = -math.inf


def restrict(log_probs: Floats, symbols: Sequence[str], allowed: Collection[str] | None = None) -> Floats:
    """Rule out pauses, which are no speech sounds, and whatever is not in `allowed` (a language's phones).

    Args:
        log_probs: (..., S).
        symbols: the S symbols, blank first.
        allowed: symbols that may be recognised; all where None.

    Returns:
        (..., S) with minus infinity at what is ruled out; rows are not normalised anew.

    Raises:
        InvalidInput: `allowed` names a symbol that is not among `symbols`.
    """
    unknown = sorted(set(allowed or ()) - set(symbols))
    if unknown:
        raise InvalidInput(f"the recogniser has no symbols {unknown[:5]}; allow symbols of octet.text.phonemes only")
    ruled_out = [
        symbol in PAUSES or (symbol != PAD and allowed is not None and symbol not in allowed) for symbol in symbols
    ]
    return np.where(ruled_out, np.float32(_NEVER), log_probs)


def greedy(log_probs: Floats) -> list[int]:
    """The labelling of the most probable path: (T, S) -> at most T indices.

    >>> greedy(np.log(np.array([[0.1, 0.9], [0.2, 0.8], [0.9, 0.1], [0.4, 0.6]], np.float32)))
    [1, 1]
    """
    return merge(log_probs.argmax(axis=-1)) if len(log_probs) else []


def merge(path: npt.NDArray[np.int64]) -> list[int]:
    """The labelling of a path (T,): repeats merged, then blanks removed."""
    first = np.ones(len(path), dtype=bool)
    first[1:] = path[1:] != path[:-1]
    labels: list[int] = path[first & (path != BLANK)].tolist()
    return labels


def prefix_beam(log_probs: Iterable[Floats], *, width: int = 8) -> list[int]:
    """The labelling whose paths sum to the highest probability, as far as a beam of `width` prefixes sees.

    Args:
        log_probs: T rows (S,), as they come; minus infinity is legal (see `restrict`).

    Raises:
        InvalidInput: a width below 1.
    """
    if width < 1:
        raise InvalidInput(f"a beam of width {width} was asked for; at least 1 is needed")
    prefixes = _Prefixes()
    beam = {prefixes.ROOT: (0.0, _NEVER)}  # prefix -> log-probability of paths ending in (blank, its last symbol)
    for row in log_probs:
        grown = _grow(beam, _candidates(row, width), prefixes)
        best = sorted(grown, key=lambda prefix: -np.logaddexp(*grown[prefix]))[:width]
        beam = {prefix: grown[prefix] for prefix in best}
    return prefixes.labels(next(iter(beam)))


def _candidates(row: Floats, width: int) -> list[tuple[int, float]]:
    """The at most `width` symbols of a step that are worth following, and the blank."""
    threshold = max(float(np.sort(row)[-min(width, len(row))]), float(row.max()) - _PRUNE)
    kept = np.flatnonzero((row >= threshold) & (row > _NEVER)).tolist()
    return [(index, float(row[index])) for index in dict.fromkeys([BLANK, *kept])]


_Beam = dict[int, tuple[float, float]]


def _grow(beam: _Beam, candidates: Sequence[tuple[int, float]], prefixes: _Prefixes) -> _Beam:
    """All prefixes one step later: held by a blank, held by a repeat, or extended by a symbol."""
    blank: defaultdict[int, float] = defaultdict(lambda: _NEVER)
    nonblank: defaultdict[int, float] = defaultdict(lambda: _NEVER)
    for prefix, (ends_blank, ends_symbol) in beam.items():
        total = _add(ends_blank, ends_symbol)
        for symbol, log_prob in candidates:
            if symbol == BLANK:
                blank[prefix] = _add(blank[prefix], total + log_prob)
                continue
            source = total
            if symbol == prefixes.last(prefix):  # a repeat adds a symbol only after a blank
                nonblank[prefix] = _add(nonblank[prefix], ends_symbol + log_prob)
                source = ends_blank
            longer = prefixes.extended(prefix, symbol)
            nonblank[longer] = _add(nonblank[longer], source + log_prob)
    return {prefix: (blank[prefix], nonblank[prefix]) for prefix in {**blank, **nonblank}}


class _Prefixes:
    """Label sequences as nodes of a tree, so that a long prefix costs no more than a short one."""

    ROOT = 0

    def __init__(self) -> None:
        self._nodes: list[tuple[int, int]] = [(-1, BLANK)]  # (parent, last symbol)
        self._children: dict[tuple[int, int], int] = {}

    def last(self, prefix: int) -> int:
        return self._nodes[prefix][1]

    def extended(self, prefix: int, symbol: int) -> int:
        child = self._children.setdefault((prefix, symbol), len(self._nodes))
        if child == len(self._nodes):
            self._nodes.append((prefix, symbol))
        return child

    def labels(self, prefix: int) -> list[int]:
        reverse = []
        while prefix != self.ROOT:
            prefix, symbol = self._nodes[prefix]
            reverse.append(symbol)
        return reverse[::-1]


def _add(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    high, low = (a, b) if a > b else (b, a)
    return high if low == _NEVER else high + math.log1p(math.exp(low - high))
