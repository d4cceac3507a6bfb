"""Sound as a stream of bytes: a WAV header of unknown length, then 16-bit samples, part by part."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform

UNKNOWN_LENGTH = 0xFFFFFFFF  # what players take for "until the stream ends"


def wav_stream(parts: Iterable[Waveform]) -> Iterator[bytes]:
    """The header comes with the first part, so that bad input leaves nothing written."""
    for number, audio in enumerate(parts):
        start = b"" if number else header(audio.sample_rate_hz, audio.channels)
        yield start + pcm16(audio)


def pcm16(audio: Waveform) -> bytes:
    """Samples as little-endian 16-bit integers, channels in turn: the same ones that a WAV file of `audio` holds."""
    scaled = np.rint(audio.samples.T.astype(np.float64) * 32768)
    return np.clip(scaled, -32768, 32767).astype("<i2").tobytes()


def header(sample_rate_hz: int, channels: int = 1) -> bytes:
    """A RIFF header for 16-bit PCM of unknown length (44 bytes)."""
    frame = 2 * channels
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, sample_rate_hz, sample_rate_hz * frame, frame, 16)
    data = struct.pack("<4sI", b"data", UNKNOWN_LENGTH)
    return struct.pack("<4sI4s", b"RIFF", UNKNOWN_LENGTH, b"WAVE") + form + data
