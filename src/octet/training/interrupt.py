"""Ctrl-C and SIGTERM as a wish to stop after the current step, so that the run can be continued exactly."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from octet.core.errors import OctetError


class Stopped(OctetError):
    """Training was interrupted by its user after writing a checkpoint. The message says how to continue."""

    exit_code = 130


@contextmanager
def stop_request() -> Iterator[threading.Event]:
    """An event that is set by the first SIGINT or SIGTERM; a second one acts as it always does.

    Python gives signals to the main thread only: in another thread the event stays unset and the caller's own
    handling holds.
    """
    requested = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield requested
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def request(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the form of a signal handler
        requested.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, request)
    try:
        yield requested
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
