"""Speech as a stream of bytes: a WAV header of unknown length, then 16-bit samples, sentence by sentence."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from octet.audio.waveform import Waveform
    from octet.systems.fastspeech2.generate import Spoken

UNKNOWN_LENGTH = 0xFFFFFFFF  # what players take for "until the stream ends"


def wav_stream(sentences: Iterable[Spoken]) -> Iterator[bytes]:
    """The header comes with the first sentence, so that bad input leaves nothing written."""
    for number, spoken in enumerate(sentences):
        start = b"" if number else header(spoken.audio.sample_rate_hz)
        yield start + pcm16(spoken.audio)


def pcm16(audio: Waveform) -> bytes:
    """Mono samples as little-endian 16-bit integers, the same ones that a WAV file of `audio` holds."""
    return np.clip(np.rint(audio.samples[0].astype(np.float64) * 32768), -32768, 32767).astype("<i2").tobytes()


def header(sample_rate_hz: int) -> bytes:
    """A RIFF header for mono 16-bit PCM of unknown length (44 bytes)."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate_hz, sample_rate_hz * 2, 2, 16)
    data = struct.pack("<4sI", b"data", UNKNOWN_LENGTH)
    return struct.pack("<4sI4s", b"RIFF", UNKNOWN_LENGTH, b"WAVE") + form + data
