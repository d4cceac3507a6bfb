"""The sound of any corpus, speech or music, read from its own files when it is asked for: nothing is computed before.

Long recordings come in stretches of equal length, so that memory and batches are bounded by these, not by the files.

Legend: N samples, T frames; N = T * hop.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from octet.audio import files
from octet.audio.resample import resample
from octet.audio.spectrogram import MelSpec
from octet.core.errors import InvalidInput
from octet.core.training import SoundExample
from octet.data import manifest
from octet.data.manifest import MusicRow, Row

STRETCH_SECONDS = 5.0  # holds several crops of a codec, while a batch holds several stretches


@dataclass(frozen=True)
class Stretch:
    """A part of a file, in seconds from its beginning."""

    id: str
    audio: Path
    start_seconds: float
    seconds: float

    def heard(self, sample_rate_hz: int) -> NDArray[np.float32]:
        """Its samples (N,) in mono, at this rate.

        Raises:
            InvalidInput: the file cannot be read, or ends before.
        """
        samples, rate_hz = files.read(self.audio, start_seconds=self.start_seconds, seconds=self.seconds)
        return resample(samples.mean(axis=0), rate_hz, sample_rate_hz)


def stretches(folder: Path, row: Row | MusicRow, longest_seconds: float) -> Iterator[Stretch]:
    """A recording of a corpus in as many equal parts as it takes for none to be longer than so many seconds."""
    count = max(1, math.ceil(row.duration_seconds / longest_seconds))
    begins = row.start_seconds if isinstance(row, MusicRow) else 0.0
    seconds = row.duration_seconds / count
    for number in range(count):
        name = row.id if count == 1 else f"{row.id}-{number}"
        yield Stretch(name, folder / row.audio, begins + number * seconds, seconds)


class SoundDataset:
    """The sound of one split of a corpus, in stretches of at most `longest_seconds`; `lengths` are in frames.

    Raises:
        InvalidInput: no manifest, or the split is empty.
    """

    def __init__(
        self, folder: Path, spec: MelSpec, split: str = "train", *, longest_seconds: float = STRETCH_SECONDS
    ) -> None:
        self._spec = spec
        rows: Iterable[Row | MusicRow] = manifest.read_any(folder)
        chosen = (row for row in rows if row.split == split)
        self._stretches = [part for row in chosen for part in stretches(folder, row, longest_seconds)]
        if not self._stretches:
            raise InvalidInput(f"{folder} has no recordings of split {split!r}")
        self.lengths: list[int] = [max(1, round(part.seconds * spec.frame_rate_hz)) for part in self._stretches]

    def __len__(self) -> int:
        return len(self._stretches)

    def __getitem__(self, index: int) -> SoundExample:
        """Whole frames, silent behind the end of a file that is shorter than its row says."""
        samples = self._stretches[index].heard(self._spec.sample_rate_hz)
        expected = self.lengths[index] * self._spec.hop_samples
        filled = np.pad(samples[:expected], (0, max(0, expected - len(samples))))
        return SoundExample(self._stretches[index].id, torch.from_numpy(filled))


class _Dataset(Protocol):
    @property
    def lengths(self) -> Sequence[int]: ...

    def __getitem__(self, index: int, /) -> Any: ...


class Together:
    """Datasets of the same kind one after the other, as one."""

    def __init__(self, datasets: Sequence[_Dataset]) -> None:
        self._datasets = datasets
        self._ends = list(accumulate(len(dataset.lengths) for dataset in datasets))
        self.lengths: list[int] = [length for dataset in datasets for length in dataset.lengths]

    def __getitem__(self, index: int) -> Any:
        which = next(number for number, end in enumerate(self._ends) if index < end)
        return self._datasets[which][index - self._ends[which]]  # from the end, which is a negative number
