"""Edit distance between two sequences of symbols, and how sure a rate over many sentences is.

Conventions
    * Symbols are anything that compares equal: words, phones, letters. The reference comes first.
    * A deletion is a reference symbol that the hypothesis lacks; an insertion is one that it has too many.
    * Among alignments of equal cost, the one with most substitutions counts; the total does not depend on it.

Citations
    * V. I. Levenshtein, "Binary codes capable of correcting deletions, insertions and reversals", 1966.
    * M. Bisani and H. Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation", ICASSP 2004.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from octet.evaluation.arrays import NOT_MEASURABLE


@dataclass(frozen=True)
class Edits:
    """What turns the reference, of `length` symbols, into the hypothesis."""

    substitutions: int
    deletions: int
    insertions: int
    length: int

    @property
    def errors(self) -> int:
        """All edits together, the Levenshtein distance."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors per reference symbol; may pass 1; nan for an empty reference."""
        return self.errors / self.length if self.length else NOT_MEASURABLE

    def __add__(self, other: Edits) -> Edits:
        return Edits(
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
            self.length + other.length,
        )


NO_EDITS = Edits(0, 0, 0, 0)


def edits(reference: Sequence[Hashable], hypothesis: Sequence[Hashable]) -> Edits:
    """The fewest edits from reference to hypothesis.

    >>> edits("the cat sat".split(), "a cat sat down".split())
    Edits(substitutions=1, deletions=0, insertions=1, length=3)
    """
    # Each cell is (errors, deletions, insertions), so that min() settles ties; substitutions follow.
    row = [(column, 0, column) for column in range(len(hypothesis) + 1)]
    for symbol in reference:
        diagonal, row[0] = row[0], (row[0][0] + 1, row[0][1] + 1, row[0][2])
        for column, heard in enumerate(hypothesis, start=1):
            above, left = row[column], row[column - 1]
            row[column], diagonal = (
                min(
                    (diagonal[0] + (symbol != heard), diagonal[1], diagonal[2]),
                    (above[0] + 1, above[1] + 1, above[2]),
                    (left[0] + 1, left[1], left[2] + 1),
                ),
                above,
            )
    errors, deletions, insertions = row[-1]
    return Edits(errors - deletions - insertions, deletions, insertions, len(reference))


def pooled(sentences: Sequence[Edits]) -> Edits:
    """The edits of a whole set: long sentences weigh more, as in every published error rate."""
    return sum(sentences, start=NO_EDITS)


def confidence_interval(
    sentences: Sequence[Edits], *, level: float = 0.95, draws: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Percentile bootstrap of the pooled rate over sentences (Bisani and Ney 2004): (low, high), nan without symbols.

    Sentences, not words, are drawn with replacement, because the errors of one sentence come together.
    """
    errors = np.array([sentence.errors for sentence in sentences], dtype=np.float64)
    lengths = np.array([sentence.length for sentence in sentences], dtype=np.float64)
    if not lengths.sum():
        return NOT_MEASURABLE, NOT_MEASURABLE
    chosen = np.random.default_rng(seed).integers(len(sentences), size=(draws, len(sentences)))
    drawn = lengths[chosen].sum(axis=1)
    rates = errors[chosen].sum(axis=1)[drawn > 0] / drawn[drawn > 0]
    low, high = np.quantile(rates, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
