"""Control: whether music is what was asked for, and whether what a text says is understood.

Conventions
    * Attributes are values (whole numbers) by key. What is not said has no value.
    * The average sample-wise accuracy counts every piece alike, whatever was asked of it; a piece of which nothing
      objective was asked counts in none.

Metrics
    * `average_sample_wise_accuracy`: the mean over pieces of the share of wishes that are met. Pieces that meet nothing
      count.
    * `published_accuracy`: the same as the published script computes it, which leaves out pieces that meet nothing, and
      the number of bars of pieces that have more bars than any class.
    * `said_accuracy`: of all values that texts say, the share that is understood as such.
    * `unsaid_accuracy`: of all keys of which texts say nothing, the share that is understood so.
    * `exact_texts`: the share of texts of which every key is understood.
    * `copied`: pieces in which more bars in a row than allowed stand as in a piece of training.

Citations
    * P. Lu et al., "MuseCoco", arXiv 2306.00110, section 4.1: average sample-wise accuracy.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import mean

Values = Mapping[str, int]


def average_sample_wise_accuracy(met: Sequence[Mapping[str, bool]]) -> float:
    """From 0 to 1; nan where nothing was asked of any piece."""
    return mean([sum(wishes.values()) / len(wishes) for wishes in met if wishes])


def published_accuracy(met: Sequence[Mapping[str, bool]], uncounted: Sequence[Collection[str]]) -> float:
    """Likewise.

    Args:
        uncounted: of each piece, the keys that the script passes over.
    """
    kept = [
        {key: value for key, value in wishes.items() if key not in passed}
        for wishes, passed in zip(met, uncounted, strict=True)
    ]
    return mean([sum(wishes.values()) / len(wishes) for wishes in kept if any(wishes.values())])


def understanding(said: Sequence[Values], understood: Sequence[Values], keys: Sequence[str]) -> dict[str, float]:
    """The metrics of texts: what they say, and what was understood.

    Raises:
        InvalidInput: unequally many.
    """
    if len(said) != len(understood):
        raise InvalidInput(f"{len(said)} texts and {len(understood)} answers; as many of each were expected")
    pairs = [(truth, answer, key) for truth, answer in zip(said, understood, strict=True) for key in keys]
    right = [(key in truth, truth.get(key) == answer.get(key)) for truth, answer, key in pairs]
    return {
        "said_accuracy": mean([float(ok) for told, ok in right if told]),
        "unsaid_accuracy": mean([float(ok) for told, ok in right if not told]),
        "exact_texts": mean(
            [
                float(all(truth.get(key) == answer.get(key) for key in keys))
                for truth, answer in zip(said, understood, strict=True)
            ]
        ),
    }


def by_key(said: Sequence[Values], understood: Sequence[Values], groups: Mapping[str, str]) -> dict[str, float]:
    """The said accuracy of each group of keys; `groups` names a key's."""
    found: dict[str, list[float]] = {group: [] for group in groups.values()}
    for truth, answer in zip(said, understood, strict=True):
        for key, value in truth.items():
            if key in groups:
                found[groups[key]].append(float(answer.get(key) == value))
    return {group: mean(values) for group, values in found.items() if values}


def runs(pieces: Iterable[Sequence[Hashable]], length: int) -> set[tuple[Hashable, ...]]:
    """All stretches of so many bars."""
    return {tuple(bars[start : start + length]) for bars in pieces for start in range(len(bars) - length + 1)}


def copied(pieces: Sequence[Sequence[Hashable]], training: set[tuple[Hashable, ...]], length: int) -> dict[str, float]:
    """The share of pieces in which a stretch of training stands, and the same without stretches of one bar repeated.

    >>> copied(["aaa", "abc", "xyz"], runs(["aaaabc"], 3), 3)
    {'copied': 0.6666666666666666, 'copied_and_varied': 0.3333333333333333}
    """
    found = [[run for run in runs([piece], length) if run in training] for piece in pieces]
    return {
        "copied": mean([float(bool(of_one)) for of_one in found]),
        "copied_and_varied": mean([float(any(len(set(run)) > 1 for run in of_one)) for of_one in found]),
    }
