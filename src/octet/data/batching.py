"""Which examples make a batch, in which order, and which process takes which of them.

Batches are made globally and then dealt to the processes, so that a plan means the same on one device and on
many. Examples of like length meet in a batch (buckets a tenth wide), `batch_frames` bounds the padded size, and
every example comes exactly once an epoch. The order follows from the seed and the epoch alone: a `Position` is
all that has to be kept to continue.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from octet.core.errors import InvalidInput

BUCKET_RATIO = 1.1  # longest to shortest length of a bucket: bounds padding to a tenth


@dataclass(frozen=True)
class Position:
    """The next batch to take: `batch` of `epoch`, both from 0."""

    epoch: int = 0
    batch: int = 0


@dataclass(frozen=True)
class Share:
    """What one process takes of a batch. `frames` is 0 where `indices` only fills an empty share."""

    indices: tuple[int, ...]
    frames: int


class Batches:
    """Batches of example indices, at most `batch_frames` frames each with padding.

    >>> sorted(sorted(batch) for batch in Batches([10, 10, 50], batch_frames=50).epoch(0))
    [[0, 1], [2]]

    Raises:
        InvalidInput: no examples, one without frames, or one longer than a whole batch.
    """

    def __init__(self, lengths: Sequence[int], batch_frames: int, *, seed: int = 0) -> None:
        self.lengths = np.asarray(lengths, dtype=np.int64)
        self.batch_frames = batch_frames
        self.seed = seed
        _check(self.lengths, batch_frames)

    def epoch(self, epoch: int) -> list[tuple[int, ...]]:
        """All batches of an epoch in the order they are taken."""
        random = np.random.default_rng([self.seed, epoch])
        bucket = np.floor(np.log(self.lengths) / np.log(BUCKET_RATIO))
        order = np.lexsort((random.random(len(self.lengths)), bucket))
        packed = list(self._pack(order.tolist()))
        return [packed[i] for i in random.permutation(len(packed))]

    def steps(self, start: Position, batches_per_step: int) -> Iterator[tuple[list[tuple[int, ...]], Position]]:
        """Without end: the batches of a step, and the position after them. A step may span two epochs."""
        epoch, batches = start.epoch, self.epoch(start.epoch)
        taken, step = start.batch, []
        while True:
            if taken == len(batches):
                epoch, taken = epoch + 1, 0
                batches = self.epoch(epoch)
            step.append(batches[taken])
            taken += 1
            if len(step) == batches_per_step:
                yield step, Position(epoch, taken)
                step = []

    def share(self, batch: Sequence[int], process: int, processes: int) -> Share:
        """The part of a batch for one of several processes: every n-th by falling length, hence balanced.

        A process that would get nothing gets the longest example with 0 frames, since all must take part in the
        exchange of gradients.
        """
        falling = sorted(batch, key=lambda index: (-int(self.lengths[index]), index))
        mine = falling[process::processes]
        if not mine:
            return Share((falling[0],), 0)
        return Share(tuple(mine), int(self.lengths[mine].sum()))

    def _pack(self, order: Sequence[int]) -> Iterator[tuple[int, ...]]:
        batch: list[int] = []
        longest = 0
        for index in order:
            longest = max(longest, int(self.lengths[index]))
            if batch and longest * (len(batch) + 1) > self.batch_frames:
                yield tuple(batch)
                batch, longest = [], int(self.lengths[index])
            batch.append(index)
        if batch:
            yield tuple(batch)


def _check(lengths: np.ndarray, batch_frames: int) -> None:
    if not len(lengths):
        raise InvalidInput("the corpus has no examples to train on: prepare it first, or choose another split")
    if lengths.min() < 1:
        raise InvalidInput(f"example {int(lengths.argmin())} of the corpus has no frames: prepare the corpus again")
    if lengths.max() > batch_frames:
        raise InvalidInput(
            f"example {int(lengths.argmax())} has {lengths.max()} frames and a batch only {batch_frames}: "
            f"give  --set plan.batch_frames={lengths.max()}  or more"
        )
