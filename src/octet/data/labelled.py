"""Excerpts of a corpus of music, each with what is known of it: the instruments that play in it, its tempo and key.

Where a piece has its MIDI, an instrument is said to play in an excerpt only if it sounds there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from octet.audio.spectrogram import MelSpec
from octet.core.errors import InvalidInput
from octet.core.training import LabelledSound
from octet.data import manifest
from octet.data.manifest import MusicRow
from octet.data.sounds import Stretch, stretches
from octet.symbolic import midi
from octet.symbolic.attributes import Attributes
from octet.symbolic.instruments import CLASSES, class_of
from octet.symbolic.score import Score

EXCERPT_SECONDS = 10.0


class LabelledDataset:
    """One split of a corpus of music in excerpts of at most ten seconds; `lengths` are in frames of a spectrogram.

    Raises:
        InvalidInput: no manifest of music, or the split has no pieces with attributes.
    """

    def __init__(self, folder: Path, spec: MelSpec, split: str = "train") -> None:
        self._folder, self._spec = folder, spec
        rows = [row for row in manifest.read(folder, MusicRow) if row.split == split and row.attributes is not None]
        self._excerpts = [(row, part) for row in rows for part in stretches(folder, row, EXCERPT_SECONDS)]
        if not self._excerpts:
            raise InvalidInput(
                f"{folder} has no pieces of split {split!r} of which instruments, tempo and key are told"
            )
        self.lengths: list[int] = [max(1, round(part.seconds * spec.frame_rate_hz)) for _, part in self._excerpts]

    def __len__(self) -> int:
        return len(self._excerpts)

    def __getitem__(self, index: int) -> LabelledSound:
        row, part = self._excerpts[index]
        samples = part.heard(self._spec.sample_rate_hz)
        expected = self.lengths[index] * self._spec.hop_samples
        filled = np.pad(samples[:expected], (0, max(0, expected - len(samples))))
        assert row.attributes is not None
        instruments = self._instruments(row, part, row.attributes)
        return labelled(part.id, filled, instruments, row.attributes)

    def _instruments(self, row: MusicRow, part: Stretch, known: Attributes) -> tuple[str, ...]:
        if row.midi is None:
            return known.instruments or ()
        begin = part.start_seconds - row.start_seconds
        return sounding(midi.read(self._folder / row.midi), begin, begin + part.seconds)


def labelled(identifier: str, samples: np.ndarray, instruments: tuple[str, ...], known: Attributes) -> LabelledSound:
    """Samples (N,) with what is known of the whole piece, and the instruments that play in them."""
    audio = torch.from_numpy(samples)
    return LabelledSound(identifier, audio, instruments, bpm=known.bpm, tonic=known.tonic, mode=known.mode)


def sounding(score: Score, begin_seconds: float, end_seconds: float) -> tuple[str, ...]:
    """The classes of the instruments that sound between two times, in the order of `CLASSES`."""
    found = {
        class_of(track)
        for track in score.tracks
        for note in track.notes
        if score.seconds(note.start_ticks) < end_seconds and score.seconds(note.end_ticks) > begin_seconds
    }
    return tuple(name for name in CLASSES if name in found)
