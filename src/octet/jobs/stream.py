"""Speech as a stream of bytes: a WAV header of unknown length, then 16-bit samples, sentence by sentence."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from octet.jobs.speak import Model, stream

UNKNOWN_LENGTH = 0xFFFFFFFF  # what players take for "until the stream ends"


def wav_stream(model: Model, options: dict[str, Any]) -> Iterator[bytes]:
    """The header comes with the first sentence, so that bad input leaves nothing written."""
    started = False
    for spoken in stream(model, options):
        if not started:
            yield header(spoken.audio.sample_rate_hz)
            started = True
        yield (np.clip(spoken.audio.samples[0], -1, 1) * 32767).round().astype("<i2").tobytes()


def header(sample_rate_hz: int) -> bytes:
    """A RIFF header for mono 16-bit PCM of unknown length (44 bytes)."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate_hz, sample_rate_hz * 2, 2, 16)
    data = struct.pack("<4sI", b"data", UNKNOWN_LENGTH)
    return struct.pack("<4sI4s", b"RIFF", UNKNOWN_LENGTH, b"WAVE") + form + data
