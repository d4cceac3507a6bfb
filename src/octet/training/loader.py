"""Examples on their way to the device: read, dealt, collated, one step ahead of the training in a thread.

Everything random comes from a generator seeded by the plan's seed, the position and the process, so that a batch is
the same whenever and by whichever run it is made.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from octet.core.training import Batch, Plan, Trainable
from octet.data.batching import Batches, Position
from octet.training.randomness import seed


class Dataset(Protocol):
    """What the loop needs of a corpus: examples by index, of the model's kind, and their lengths in frames."""

    @property
    def lengths(self) -> Sequence[int]: ...

    def __getitem__(self, index: int, /) -> Any: ...


@dataclass(frozen=True)
class StepData:
    """The batches of one optimiser step on this process.

    `weights` say how much of the step's frames over all processes each batch holds; over all batches of all
    processes they add up to 1.
    """

    batches: list[Batch]
    weights: list[float]
    after: Position
    examples: int  # of all processes
    frames: int


@dataclass
class Loader:
    """The steps' data for process `process` of `processes`."""

    dataset: Dataset
    model: Trainable
    plan: Plan
    process: int = 0
    processes: int = 1
    _coming: Future[StepData] | None = None

    def steps(self, start: Position) -> Generator[StepData]:
        """The data of the steps from `start` on, without end, each made while the one before is in use."""
        batches = Batches(self.dataset.lengths, self.plan.batch_frames, seed=self.plan.seed)
        order = batches.steps(start, self.plan.accumulation)
        with ThreadPoolExecutor(1, thread_name_prefix="octet-loader") as thread:
            self._coming = thread.submit(self._make, batches, *next(order))
            while True:
                ready = self._coming.result()
                self._coming = thread.submit(self._make, batches, *next(order))
                yield ready

    def settle(self) -> None:
        """Wait until nothing is being made. A model's mode must not change while its `collate` runs."""
        if self._coming is not None:
            wait([self._coming])

    def _make(self, batches: Batches, step: list[tuple[int, ...]], after: Position) -> StepData:
        frames = sum(int(batches.lengths[list(batch)].sum()) for batch in step)
        made, weights = [], []
        for number, batch in enumerate(step):
            share = batches.share(batch, self.process, self.processes)
            rng = torch.Generator().manual_seed(seed(self.plan.seed, after.epoch, after.batch, number, self.process))
            made.append(self.model.collate([self.dataset[index] for index in share.indices], rng))
            weights.append(share.frames / frames)
        return StepData(made, weights, after, sum(map(len, step)), frames)
