"""Giving one sequence of phones the times of another: teacher's phones with times onto the front end's phones.

A model must be trained on the phones that our own front end will give it later, while a teacher (flite, espeak, a
TextGrid) knows the times of phones of its own. The two sequences are aligned by the cheapest edit path, where a
substitution costs the phonetic distance between two sounds (after Kondrak 2000, with our own weights) and pauses
only ever meet pauses. Then

    * a target phone with a partner takes its partner's time;
    * a target phone without one shares the time of its likelier neighbour, a truth phone without one lends it;
    * punctuation where the teacher made no pause lasts 0 seconds;
    * a pause of the teacher where nothing is written becomes an inserted `sil`.

Legend: truth is what has times, target is what gets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from octet.core.errors import InvalidInput
from octet.data.manifest import PhoneTime
from octet.data.phonetics import distance
from octet.text.phonemes import PAUSES, SILENCE, Phone

_GAP = 0.6
_WEAK_GAP = 0.35  # sounds that one language's tradition writes and another leaves out
_WEAK = frozenset({"ʔ", "h", "j", "ə", "w", "ɹ"})
_PAUSE_GAP = 0.2
_OTHER_PAUSE = 0.1  # a pause meets another kind of pause
_NEVER = 1e9


@dataclass
class _Group:
    """Truth phones and the target phones that fill their time together; one side may be empty."""

    truth: list[int] = field(default_factory=list)
    target: list[int] = field(default_factory=list)
    is_pause: bool = False


def transfer(truth: Sequence[PhoneTime], target: Sequence[Phone], duration_seconds: float) -> list[PhoneTime]:
    """The phones of `target`, perhaps with inserted `sil`, with times that cover 0 to `duration_seconds` exactly.

    Raises:
        InvalidInput: nothing to align, or truth times that do not increase.
    """
    if not truth or not target:
        raise InvalidInput("transferring phone times needs phones on both sides; one of the two is empty")
    if any(later.start_seconds < earlier.start_seconds for earlier, later in pairwise(truth)):
        raise InvalidInput("phone times must increase; sort them or fix the alignment they come from")
    truth = _without_double_pauses(truth)
    groups = _groups(_path([phone.symbol for phone in truth], [phone.symbol for phone in target]), truth, target)
    return _contiguous(_timed(_attached(groups, truth, target), truth, target), duration_seconds)


def mean_distance(truth: Sequence[PhoneTime], target: Sequence[Phone]) -> float:
    """Cost of the cheapest edit path by phones of `target`: 0 where the sequences agree; judges an alignment."""
    first, second = [phone.symbol for phone in _without_double_pauses(truth)], [phone.symbol for phone in target]
    cost = sum(
        _substitution(first[i], second[j])
        if i is not None and j is not None
        else _gap(first[i] if j is None else second[j])
        for i, j in _path(first, second)
    )
    return cost / max(len(second), 1)


def _without_double_pauses(truth: Sequence[PhoneTime]) -> list[PhoneTime]:
    merged: list[PhoneTime] = []
    for phone in truth:
        if merged and phone.symbol in PAUSES and merged[-1].symbol in PAUSES:
            merged[-1] = merged[-1].model_copy(update={"end_seconds": phone.end_seconds})
        else:
            merged.append(phone)
    return merged


def _path(truth: Sequence[str], target: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Pairs of indices in order; None on the side that has no partner."""
    rows, columns = len(truth) + 1, len(target) + 1
    truth_gaps, target_gaps = [_gap(symbol) for symbol in truth], [_gap(symbol) for symbol in target]
    cost = [[0.0] * columns for _ in range(rows)]
    for j in range(1, columns):
        cost[0][j] = cost[0][j - 1] + target_gaps[j - 1]
    for i in range(1, rows):
        above, here, symbol, gap = cost[i - 1], cost[i], truth[i - 1], truth_gaps[i - 1]
        here[0] = above[0] + gap
        for j in range(1, columns):
            substituted = above[j - 1] + _substitution(symbol, target[j - 1])
            here[j] = min(substituted, above[j] + gap, here[j - 1] + target_gaps[j - 1])
    return _traced(cost, truth, target)


def _traced(
    cost: list[list[float]], truth: Sequence[str], target: Sequence[str]
) -> list[tuple[int | None, int | None]]:
    path: list[tuple[int | None, int | None]] = []
    i, j = len(truth), len(target)
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + _substitution(truth[i - 1], target[j - 1]):
            i, j = i - 1, j - 1
            path.append((i, j))
        elif i and cost[i][j] == cost[i - 1][j] + _gap(truth[i - 1]):
            i -= 1
            path.append((i, None))
        else:
            j -= 1
            path.append((None, j))
    return path[::-1]


@cache
def _substitution(truth: str, target: str) -> float:
    pauses = (truth in PAUSES) + (target in PAUSES)
    if pauses:
        return _NEVER if pauses == 1 else _OTHER_PAUSE * (truth != target)
    return distance(truth, target)


@cache
def _gap(symbol: str) -> float:
    if symbol in PAUSES:
        return _PAUSE_GAP
    return _WEAK_GAP if symbol in _WEAK else _GAP


def _groups(
    path: Sequence[tuple[int | None, int | None]], truth: Sequence[PhoneTime], target: Sequence[Phone]
) -> list[_Group]:
    return [
        _Group(
            [] if i is None else [i],
            [] if j is None else [j],
            (truth[i].symbol if i is not None else target[j or 0].symbol) in PAUSES,
        )
        for i, j in path
    ]


def _attached(groups: list[_Group], truth: Sequence[PhoneTime], target: Sequence[Phone]) -> list[_Group]:
    """Give every sound without a partner to the likelier of the pairs next to it."""
    result: list[_Group] = []
    for index, group in enumerate(groups):
        if group.is_pause or (group.truth and group.target):
            result.append(group)
            continue
        before = result[-1] if result and _is_pair(result[-1]) else None
        after = _next_pair(groups, index)
        if before and (
            not after or _unlikeness(group, before, truth, target) <= _unlikeness(group, after, truth, target)
        ):
            before.truth += group.truth
            before.target += group.target
        elif after:
            after.truth[:0], after.target[:0] = group.truth, group.target
        else:
            result.append(group)
    # Several given to the pair behind them arrive in reverse.
    for group in result:
        group.truth.sort()
        group.target.sort()
    return result


def _is_pair(group: _Group) -> bool:
    return bool(group.truth and group.target) and not group.is_pause


def _next_pair(groups: list[_Group], index: int) -> _Group | None:
    for group in groups[index + 1 :]:
        if group.is_pause:
            return None
        if group.truth and group.target:
            return group
    return None


def _unlikeness(lone: _Group, pair: _Group, truth: Sequence[PhoneTime], target: Sequence[Phone]) -> float:
    if lone.truth:
        return min(distance(truth[lone.truth[0]].symbol, target[j].symbol) for j in pair.target)
    return min(distance(target[lone.target[0]].symbol, truth[i].symbol) for i in pair.truth)


def _timed(groups: list[_Group], truth: Sequence[PhoneTime], target: Sequence[Phone]) -> list[PhoneTime]:
    timed: list[PhoneTime] = []
    now = truth[0].start_seconds
    for group in groups:
        end = truth[group.truth[-1]].end_seconds if group.truth else now
        if group.target:
            timed += _shared_out([target[j] for j in group.target], now, end)
        elif group.is_pause:
            timed.append(PhoneTime(symbol=SILENCE, start_seconds=now, end_seconds=end))
        now = end  # time of truth without any target goes to whatever comes next
    return timed


def _shared_out(phones: Sequence[Phone], start: float, end: float) -> list[PhoneTime]:
    step = (end - start) / len(phones)
    return [
        PhoneTime(
            symbol=phone.symbol,
            accent=phone.accent,
            start_seconds=start + index * step,
            end_seconds=start + (index + 1) * step,
        )
        for index, phone in enumerate(phones)
    ]


def _contiguous(timed: list[PhoneTime], duration_seconds: float) -> list[PhoneTime]:
    """Stretch ends over gaps so that the times cover the audio: starts stay where they are, the first becomes 0."""
    starts = [0.0, *(min(phone.start_seconds, duration_seconds) for phone in timed[1:]), duration_seconds]
    return [
        phone.model_copy(update={"start_seconds": start, "end_seconds": end})
        for phone, start, end in zip(timed, starts, starts[1:], strict=False)
    ]
