"""Sound on standard output."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from octet.core.errors import InvalidInput


def require_no_terminal() -> None:
    """Refuse to write sound where a person reads.

    Raises:
        InvalidInput: standard output is a terminal.
    """
    if sys.stdout.isatty():
        raise InvalidInput("--stream writes sound, which a terminal cannot show: add  | aplay  or  > sound.wav")


def play(parts: Iterator[Any]) -> None:
    """Write waveforms as one WAV, each as soon as it is there."""
    from octet.jobs.stream import wav_stream

    try:
        for chunk in wav_stream(parts):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    except BrokenPipeError:  # the listener went away, which is their right; nothing more may be flushed into the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
