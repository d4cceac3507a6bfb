"""`Waveform`: sound as it passes between rooms and to the person who asked for it.

Legend: C channels, N samples.
"""

from __future__ import annotations

import base64
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from octet.audio import files
from octet.audio.files import Bits, Samples
from octet.audio.resample import resample
from octet.core.errors import InvalidInput


@dataclass(frozen=True, eq=False, repr=False)
class Waveform:
    """Sound, its rate and where it came from.

    `samples` (C, N) is float32; other number types and a flat (N,) are converted. Two waveforms are equal when they
    sound the same: every sample and the rate agree, whatever their metadata say.

    >>> Waveform([0.0, 0.5, -0.5, 0.0], 8000)
    Waveform(1 channel, 0.00 s, 8000 Hz)

    Raises:
        InvalidInput: not one or two dimensions, values that are not numbers, or a rate below 1.
    """

    samples: Samples
    sample_rate_hz: int
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        samples = np.atleast_2d(np.asarray(self.samples, dtype=np.float32))
        if samples.ndim != 2 or not len(samples):
            raise InvalidInput(f"samples must be (channels, samples), given an array of shape {samples.shape}")
        if not np.isfinite(samples).all():
            raise InvalidInput("the samples hold values that are not numbers")
        if self.sample_rate_hz < 1:
            raise InvalidInput(f"a sample rate of {self.sample_rate_hz} Hz makes no sense; give a positive one")
        object.__setattr__(self, "samples", samples)

    @classmethod
    def load(cls, path: str | Path) -> Waveform:
        """Read a sound file and the provenance in it.

        Raises:
            InvalidInput: missing, empty, damaged, or of an unknown format.
        """
        samples, rate = files.read(Path(path))
        return cls(samples, rate, files.read_metadata(Path(path)))

    def save(self, path: str | Path, *, bits: Bits = 16) -> None:
        """Write to the format of the suffix (.wav .flac .ogg .opus .mp3), with the metadata.

        Samples beyond [-1, 1] never wrap and are not clipped: the whole sound is turned down, and a `UserWarning` says
        so. Floating-point WAV (`bits=32`) keeps them as they are.

        Raises:
            InvalidInput: an unknown suffix, a rate the format cannot hold, or no room to write.
        """
        files.write(
            Path(path), self.samples if bits == 32 else self._safe(), self.sample_rate_hz, self.metadata, bits=bits
        )

    def resample(self, sample_rate_hz: int) -> Waveform:
        """The same sound at another rate."""
        samples = resample(self.samples, self.sample_rate_hz, sample_rate_hz)
        return replace(self, samples=samples, sample_rate_hz=sample_rate_hz)

    def mono(self) -> Waveform:
        """The mean of all channels, as one."""
        return replace(self, samples=self.samples.mean(axis=0, keepdims=True))

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.samples)

    @property
    def duration_seconds(self) -> float:
        """Length in seconds."""
        return int(self.samples.shape[1]) / self.sample_rate_hz

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Waveform):
            return NotImplemented
        return self.sample_rate_hz == other.sample_rate_hz and np.array_equal(self.samples, other.samples)

    __hash__ = None  # type: ignore[assignment]  # samples are mutable

    def __repr__(self) -> str:
        channels = f"{self.channels} channel{'s' * (self.channels != 1)}"
        return f"Waveform({channels}, {self.duration_seconds:.2f} s, {self.sample_rate_hz} Hz)"

    def _repr_html_(self) -> str:
        """A player, as notebooks show it."""
        data = base64.b64encode(files.encode(self._safe(), self.sample_rate_hz)).decode()
        return f'<audio controls title="{self!r}" src="data:audio/wav;base64,{data}"></audio>'

    def _safe(self) -> Samples:
        peak: float = np.abs(self.samples).max(initial=0.0).item()
        if peak <= 1.0:
            return self.samples
        lowered_db = 20.0 * np.log10(peak)
        warnings.warn(f"turned down by {lowered_db:.1f} dB: samples reached {peak:.2f}, 1 is full scale", stacklevel=3)
        return self.samples / np.float32(peak)
