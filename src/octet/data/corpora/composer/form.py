"""The form of a piece: sections, the chord of every bar, and the positions in it at which anything may start.

The last decides how dense the music is (MuseCoco's rhythm intensity), so it is settled here, once for all parts: there
are at most one slot a beat (low), three for two beats (medium), or two and a half and more a beat (high), the last bar
apart, which ends in a long chord.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from math import ceil

from octet.data.corpora.composer.harmony import Chord, chord, progression
from octet.data.corpora.composer.plan import Plan
from octet.symbolic.attributes import POSITIONS_PER_QUARTER

_PHRASE = 4  # bars
_LETTERS = {1: "A", 2: "AB", 3: "ABA", 4: "AABA"}
_LONG = "AABACABA"
_FRAMED_FROM = 12  # bars from which a piece has an intro and an ending of two bars each
_EIGHTH, _SIXTEENTH = 6, 3
_SWUNG, _TRIPLET = 8, 4


@dataclass(frozen=True)
class Section:
    """A stretch of bars with one letter, or `intro` or `ending`."""

    name: str
    bars: int


@dataclass(frozen=True)
class Measure:
    """A bar to be filled. Positions count from its own start."""

    start: int
    length: int
    section: str
    index: int  # within its phrase
    closes: bool  # the last of its phrase
    chord: Chord
    following: Chord
    pulses: tuple[int, ...]
    slots: tuple[int, ...]
    hold: int | None  # in the last bar of all: where the last chord starts

    @property
    def offbeats(self) -> tuple[int, ...]:
        """Slots between the pulses."""
        return tuple(slot for slot in self.slots if slot not in self.pulses)

    def until_next(self, position: int, positions: Sequence[int]) -> int:
        """How long a note may sound that starts at one of some positions."""
        later = [other for other in positions if other > position]
        end = self.length if self.hold is None or position >= self.hold else self.hold
        return min([*later, end]) - position


def sections(bars: int) -> tuple[Section, ...]:
    """How a number of bars is divided.

    >>> [(section.name, section.bars) for section in sections(16)]
    [('intro', 2), ('A', 4), ('B', 4), ('A', 4), ('ending', 2)]
    """
    frame = 2 if bars >= _FRAMED_FROM else 0
    phrases = -(-(bars - 2 * frame) // _PHRASE)
    letters = islice(cycle(_LETTERS.get(phrases, _LONG)), phrases)
    middle = [Section(letter, _PHRASE) for letter in letters]
    middle[-1] = Section(middle[-1].name, bars - 2 * frame - _PHRASE * (phrases - 1))
    return (Section("intro", 2), *middle, Section("ending", 2)) if frame else tuple(middle)


def measures(plan: Plan, rng: random.Random) -> tuple[Measure, ...]:
    """The bars of a piece."""
    chords = _chords(plan, rng)
    ranks = _Ranks(plan, rng)
    places = [(section, index) for section in sections(plan.bars) for index in range(section.bars)]
    pulses = pulses_of(plan)
    made = []
    for number, (section, index) in enumerate(places):
        slots = ranks.slots(number)
        last = number == len(places) - 1
        hold = _hold(plan, [pulse for pulse in pulses if pulse in slots], slots) if last else None
        made.append(
            Measure(
                start=number * plan.bar_positions,
                length=plan.bar_positions,
                section=section.name,
                index=index,
                closes=index == section.bars - 1,
                chord=chords[number],
                following=chords[min(number + 1, len(chords) - 1)],
                pulses=_until([pulse for pulse in pulses if pulse in slots], hold),
                slots=_until(slots, hold),
                hold=hold,
            )
        )
    return tuple(made)


def pulses_of(plan: Plan) -> tuple[int, ...]:
    """Where one taps one's foot: quarters, or threes of eighths."""
    compound = plan.metre.denominator == 8 and plan.metre.numerator % 3 == 0
    return tuple(range(0, plan.bar_positions, 18 if compound else POSITIONS_PER_QUARTER))


def _hold(plan: Plan, pulses: Sequence[int], slots: Sequence[int]) -> int:
    """The last chord takes half of the last bar; in short pieces less, so that these keep their density."""
    if plan.bars < _PHRASE:
        return pulses[-1] if len(pulses) > 1 else slots[-1]
    return pulses[len(pulses) // 2] if len(pulses) > 1 else 0


def _until(slots: Sequence[int], hold: int | None) -> tuple[int, ...]:
    return tuple(slots) if hold is None else (*(slot for slot in slots if slot < hold), hold)


class _Ranks:
    """Which positions of a bar are used first: pulses, then eighths between them, then sixteenths (or triplets)."""

    def __init__(self, plan: Plan, rng: random.Random) -> None:
        swing = plan.style.swing and plan.metre.denominator == 4
        half, quarter = (_SWUNG, _TRIPLET) if swing else (_EIGHTH, _SIXTEENTH)
        length = plan.bar_positions
        self._intensity = plan.attributes.intensity
        self._bars = plan.bars
        self._quarters = length / POSITIONS_PER_QUARTER
        self._pulses = [pulse for pulse in pulses_of(plan) if pulse < length]
        starts = range(0, length, POSITIONS_PER_QUARTER)
        eighths = sorted({*starts, *(start + half for start in starts if start + half < length)} - set(self._pulses))
        fine = sorted(set(range(0, length, quarter)) - set(eighths) - set(self._pulses))
        self._order = [*self._pulses, *rng.sample(eighths, len(eighths)), *rng.sample(fine, len(fine))]

    def slots(self, number: int) -> list[int]:
        """Those of a bar; bars differ where their share is no whole number."""
        if self._intensity == "high":
            density = 4 if self._bars == 1 else 3 if self._bars < _PHRASE else 2.5
            return sorted(self._order[: ceil(density * self._quarters)])
        share = (1.0 if self._intensity == "low" else 1.5) * self._quarters
        count = int(share * (number + 1)) - int(share * number)
        return sorted((self._pulses if self._intensity == "low" else self._order)[:count])


def _chords(plan: Plan, rng: random.Random) -> list[Chord]:
    """One a bar: each letter has a progression of its own, and all ends in a cadence on the tonic."""
    mode = plan.attributes.mode or "major"
    choices = plan.style.major if mode == "major" else plan.style.minor
    home = [numerals for numerals in choices if numerals.split()[0].rstrip("7") in ("I", "i")]
    first = rng.choice(home)
    others = rng.sample(choices, len(choices))
    contrast = next((numerals for numerals in others if numerals != first), first)
    by_name = {"B": contrast, "C": others[-1]}
    chords = [
        found for section in sections(plan.bars) for found in _cycled(by_name.get(section.name, first), mode, section)
    ]
    if len(chords) > 2:
        chords[-2] = chord("V", mode)
    chords[-1] = chord("I" if mode == "major" else "i", mode)
    return chords


def _cycled(numerals: str, mode: str, section: Section) -> Iterator[Chord]:
    return islice(cycle(progression(numerals, mode)), section.bars)
