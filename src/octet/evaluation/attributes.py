"""Attributes: whether music is what it was asked to be, as a judge hears it that never heard a model or a codec.

Conventions
    * An answer is what `octet.encoders.attributes.judge` heard in a piece, a question what the piece was to be; what
      a question leaves open (None) is not scored.
    * `chance` gives every answer to every other question: how often they fit by accident, whatever the answers'
      own frequencies are.

Metrics
    * `instruments`: of as many of the judge's surest instruments as were asked for, the share that was asked for;
      drums are left to themselves.
    * `tempo`: the share with the right one of slow, moderate, fast.
    * `mode`: the share with the right one of major, minor.
    * `drums`: the share that has drums as asked, or has none as asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from octet.core.errors import InvalidInput
from octet.encoders.attributes.judge import Heard
from octet.evaluation.arrays import mean, same_count
from octet.symbolic.attributes import Attributes, tempo_class
from octet.symbolic.instruments import CLASSES, DRUM


@dataclass(frozen=True)
class Asked:
    """What a piece is to be."""

    instruments: tuple[str, ...] | None = None
    tempo: str | None = None
    mode: str | None = None
    drums: bool | None = None


def asked_of(known: Attributes, instruments: tuple[str, ...] | None = None) -> Asked:
    """The question that a piece's attributes answer; `instruments` are those that sound in it, if not all."""
    named = known.instruments if instruments is None else instruments
    return Asked(
        instruments=None if named is None else tuple(name for name in named if name != DRUM) or None,
        tempo=None if known.bpm is None else tempo_class(known.bpm),
        mode=known.mode,
        drums=None if named is None else DRUM in named,
    )


def _instruments(asked: Asked, heard: Heard) -> float | None:
    if asked.instruments is None:
        return None
    surest = [name for name in heard.likeliest(len(CLASSES)) if name != DRUM][: len(asked.instruments)]
    return sum(name in asked.instruments for name in surest) / len(asked.instruments)


METRICS: Mapping[str, Callable[[Asked, Heard], float | None]] = {
    "instruments": _instruments,
    "tempo": lambda asked, heard: None if asked.tempo is None else float(asked.tempo == heard.tempo_class),
    "mode": lambda asked, heard: None if asked.mode is None else float(asked.mode == heard.mode_name),
    "drums": lambda asked, heard: None if asked.drums is None else float(asked.drums == heard.has_drums),
}


def evaluate(questions: Sequence[Asked], answers: Sequence[Heard]) -> dict[str, float]:
    """Each metric over the pairs; nan where nothing was asked.

    Raises:
        InvalidInput: they do not pair up.
    """
    same_count("questions and answers", questions, answers)
    return _scores(list(zip(questions, answers, strict=True)))


def chance(questions: Sequence[Asked], answers: Sequence[Heard]) -> dict[str, float]:
    """Each metric over all pairs that do not belong together.

    Raises:
        InvalidInput: they do not pair up, or there are fewer than two.
    """
    same_count("questions and answers", questions, answers)
    if len(questions) < 2:
        raise InvalidInput("chance needs two questions at least: one answer has no other question to be given to")
    pairs = [(q, a) for i, q in enumerate(questions) for j, a in enumerate(answers) if i != j]
    return _scores(pairs)


def _scores(pairs: Iterable[tuple[Asked, Heard]]) -> dict[str, float]:
    pairs = list(pairs)
    found = {name: [metric(asked, heard) for asked, heard in pairs] for name, metric in METRICS.items()}
    return {name: mean([value for value in values if value is not None]) for name, values in found.items()}
