"""A corpus of music on disk, made in a moment: each piece a tone of its own, and a small codec that hears it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from tests.codecs.examples import SPECTRAL

from octet.audio import files
from octet.codecs.spectral import SpectralCodec
from octet.core import artifacts
from octet.data import manifest
from octet.data.manifest import Caption, MusicRow
from octet.symbolic.attributes import Attributes

RATE_HZ = 8000
A_HZ = 440.0
SEMITONES = (0, 2, 4, 5, 7, 9)  # of each piece above A
SECONDS = 2.0


def pieces(folder: Path, *, test_every: int = 3, seconds: float = SECONDS) -> list[MusicRow]:
    """Six pieces; those for testing are every third."""
    rows = [_piece(folder, number, test_every, seconds) for number in range(len(SEMITONES))]
    manifest.write(folder, rows)
    return rows


def _piece(folder: Path, number: int, test_every: int, seconds: float) -> MusicRow:
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    tone = 0.3 * np.sin(2 * np.pi * A_HZ * 2 ** (SEMITONES[number] / 12) * time)
    files.write(folder / f"{number}.wav", tone.astype(np.float32), RATE_HZ)
    return MusicRow(
        id=f"p{number}",
        audio=f"{number}.wav",
        sample_rate_hz=RATE_HZ,
        duration_seconds=seconds,
        captions=(Caption(text=f"tone {number}"), Caption(text=f"소리 {number}", language="ko")),
        split="test" if number % test_every == test_every - 1 else "train",
        attributes=Attributes(tonic=9, mode="minor", bpm=90, emotion="sad", genres=("Jazz",), instruments=("piano",)),
    )


def codec(folder: Path, seed: int = 0) -> Path:
    """An artifact: 4 kHz, 50 frames a second, four codebooks of 16."""
    torch.manual_seed(seed)
    made = SpectralCodec(SPECTRAL)
    for level in made.quantizer.levels:
        level.vectors.normal_()
    artifacts.save(folder, "spectral-codec", SPECTRAL.model_dump(mode="json"), made.state_dict())
    return folder
