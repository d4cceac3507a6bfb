"""Speed: how long a person waits for a second of sound, and for the first of it.

Conventions
    * Times are wall-clock seconds. Warm-up calls are not counted: they pay for lazy initialisation and cold caches.
      The median of the repeats is reported, because a busy machine only ever adds time; all of them are kept.
    * The thread count of torch is recorded with every timing: a factor without it means nothing.
    * A device computes behind Python's back: a callable measured on a GPU must wait for it (bring its result to the
      CPU) before it returns.

Metrics
    * `real_time_factor`: seconds of work per second of sound; below 1 is faster than real time.
    * `first_sound_seconds`: from the request to the first piece of a stream.
    * `steps_per_second`: of a token language model's decoder; 50 are real time for MusicGen. A longer past makes
      longer steps: only runs of as many steps can be compared.

Citations
    * Y. Ren et al., "FastSpeech 2", arXiv 2006.04558, table "inference speed": RTF at batch size 1, waveform included.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from octet.core.errors import InvalidInput

if TYPE_CHECKING:
    from octet.families.token_lm.conditions import Conditions
    from octet.families.token_lm.engine import Engine


@dataclass(frozen=True)
class Timing:
    """Seconds of each repeat, in order, and the threads that torch used."""

    seconds: tuple[float, ...]
    threads: int

    @property
    def median_seconds(self) -> float:
        return statistics.median(self.seconds)


def validate(warmups: int, repeats: int) -> None:
    """Refuse to measure nothing.

    Raises:
        InvalidInput: no repeats, or a negative number of warm-ups.
    """
    if repeats < 1 or warmups < 0:
        raise InvalidInput(f"{warmups} warm-ups and {repeats} repeats were asked for; at least 0 and 1 were expected")


def measure(call: Callable[[], object], *, warmups: int = 1, repeats: int = 5) -> Timing:
    """Time a callable that waits for its own result.

    Raises:
        InvalidInput: see `validate`.
    """
    validate(warmups, repeats)
    for _ in range(warmups):
        call()
    return Timing(tuple(_seconds(call) for _ in range(repeats)), _threads())


def measure_first(stream: Callable[[], Iterable[object]], *, warmups: int = 1, repeats: int = 5) -> Timing:
    """Time the first piece of a stream; the rest of the stream is dropped.

    Raises:
        InvalidInput: see `validate`; or the stream is empty.
    """

    def first() -> None:
        if next(iter(stream()), None) is None:
            raise InvalidInput("the stream ended before its first piece; a request that gives sound was expected")

    return measure(first, warmups=warmups, repeats=repeats)


def real_time_factor(timing: Timing, audio_seconds: float) -> float:
    """Median seconds of work per second of sound.

    Raises:
        InvalidInput: no sound.
    """
    if audio_seconds <= 0:
        raise InvalidInput(f"a real-time factor needs sound; {audio_seconds:g} seconds were given")
    return timing.median_seconds / audio_seconds


def steps_per_second(
    engine: Engine, conditions: Conditions, rows: int, steps: int, *, warmups: int = 1, repeats: int = 3
) -> float:
    """The mean over `steps` steps of `rows` rows (with guidance two a sequence) from an empty past; nothing is sampled.

    Raises:
        InvalidInput: see `validate`; or there are no steps.
    """
    import torch

    if steps < 1 or rows < 1:
        raise InvalidInput(f"{steps} steps of {rows} rows cannot be timed: give one of one at least")
    tokens = torch.full((rows, engine.config.codebooks), engine.config.special)

    def decode() -> None:
        session = engine.start(conditions, tokens[:, :, None], steps)
        for _ in range(steps - 1):
            session.step(tokens)

    return steps / measure(decode, warmups=warmups, repeats=repeats).median_seconds


def evaluate(whole: Timing, first: Timing, audio_seconds: float) -> dict[str, float]:
    """The metrics of one request that was timed whole and as a stream.

    Raises:
        InvalidInput: no sound, or timings with different threads.
    """
    if whole.threads != first.threads:
        raise InvalidInput(f"timed with {whole.threads} and with {first.threads} threads; use the same for both")
    return {
        "real_time_factor": real_time_factor(whole, audio_seconds),
        "seconds": whole.median_seconds,
        "first_sound_seconds": first.median_seconds,
        "threads": float(whole.threads),
    }


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _threads() -> int:
    import torch

    return torch.get_num_threads()
