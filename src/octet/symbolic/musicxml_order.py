"""In which order the measures of a printed score are played: repeats, endings, and one jump back (D.C. or D.S.).

A *section* is what one repeat sign encloses; nested repeats are not known to notation. After the jump repeats are not
taken and the last ending is played, as is the custom, up to Fine or by way of the coda.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

MOST_PASSES = 32


@dataclass(frozen=True)
class Marks:
    """What a measure says of the order: repeat signs, the endings it belongs to, and jumps."""

    opens: bool = False  # a repeat starts here
    closes: int = 0  # how often what is enclosed is played, if a repeat ends here
    endings: frozenset[int] = frozenset()
    jumps_to: str | None = None  # "" to the beginning (D.C.), else to the segno of that name, when it has been played
    segno: str | None = None
    coda: str | None = None
    to_coda: str | None = None
    fine: bool = False


class Played(NamedTuple):
    """A measure by index, played as the `turn`-th of `turns` times through its section."""

    measure: int
    turn: int
    turns: int


def played(marks: Sequence[Marks]) -> list[Played]:
    """The measures as they are played.

    >>> order = played([Marks(opens=True), Marks(endings=frozenset({1}), closes=2), Marks(endings=frozenset({2}))])
    >>> [measure.measure for measure in order]
    [0, 1, 0, 2]
    """
    sections = list(_sections(marks))
    order = [step for section in sections for step in _turns(marks, section)]
    for place, step in enumerate(order):
        if marks[step.measure].jumps_to is not None and step.turn == step.turns:
            return order[: place + 1] + list(_again(marks, sections, marks[step.measure].jumps_to or ""))
    return order


def _sections(marks: Sequence[Marks]) -> Iterator[range]:
    start = 0
    for index in range(1, len(marks)):
        before, here = marks[index - 1], marks[index]
        ended = (before.closes or before.endings) and not here.endings
        if here.opens or ended:
            yield range(start, index)
            start = index
    if marks:
        yield range(start, len(marks))


def _turns(marks: Sequence[Marks], section: range) -> Iterator[Played]:
    turns = _count(marks, section)
    for turn in range(1, turns + 1):
        for index in section:
            if not marks[index].endings or turn in marks[index].endings:
                yield Played(index, turn, turns)


def _count(marks: Sequence[Marks], section: range) -> int:
    endings = max((max(marks[index].endings, default=1) for index in section), default=1)
    closes = max((marks[index].closes for index in section), default=1)
    return min(max(endings, 1 if endings > 1 else closes, 1), MOST_PASSES)


def _again(marks: Sequence[Marks], sections: Sequence[range], target: str) -> Iterator[Played]:
    """What follows a jump: each section's last turn from the segno on, to Fine, to the end, or to the coda."""
    last = [step for section in sections for step in _turns(marks, section) if step.turn == step.turns]
    start = next((i for i, step in enumerate(last) if target and marks[step.measure].segno == target), 0)
    codas = {name: i for i, step in enumerate(last) if (name := marks[step.measure].coda) is not None}
    for step in last[start:]:
        yield step
        if marks[step.measure].fine:
            return
        leaves = marks[step.measure].to_coda
        if leaves is not None and codas:
            yield from last[codas.get(leaves, max(codas.values())) :]
            return
