"""Drums: grooves by name, fills where phrases close, and the lean to strong or weak beats that makes music danceable.

Keys are General MIDI's percussion. Danceability is MuseCoco's: more drum notes within strong beats than elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from octet.data.corpora.composer.form import Measure
from octet.data.corpora.composer.melody import Hit
from octet.symbolic.attributes import POSITIONS_PER_QUARTER

KICK, STICK, SNARE, CLAP, HAT, PEDAL, OPEN_HAT, CRASH, RIDE = 36, 37, 38, 39, 42, 44, 46, 49, 51
LOW_TOM, MIDDLE_TOM, HIGH_TOM, TAMBOURINE, BONGO, CONGA, LOW_CONGA, MARACAS = 45, 47, 50, 54, 60, 63, 64, 70
CLAVES, TRIANGLE, SLEIGH_BELLS = 75, 81, 83
_GHOSTS = (HAT, TAMBOURINE, KICK, MARACAS, CLAVES, CONGA, LOW_CONGA, TRIANGLE)
_LENGTH = 2  # positions; a drum ends by itself


@dataclass(frozen=True)
class Groove:
    """Which drum falls where: on which pulses (from 0, counted around), between them, or on every slot."""

    pulses: Mapping[int, tuple[int, ...]]
    slots: tuple[int, ...] = ()
    offbeats: tuple[int, ...] = ()
    crash: int = CRASH
    toms: tuple[int, ...] = (HIGH_TOM, MIDDLE_TOM, LOW_TOM)


GROOVES: Mapping[str, Groove] = {
    "rock": Groove({0: (KICK,), 1: (SNARE,), 2: (KICK,), 3: (SNARE,)}, slots=(HAT,)),
    "four on the floor": Groove(
        {0: (KICK,), 1: (KICK, CLAP), 2: (KICK,), 3: (KICK, CLAP)}, slots=(HAT,), offbeats=(OPEN_HAT,)
    ),
    "half time": Groove({0: (KICK,), 2: (SNARE,)}, slots=(HAT,), offbeats=(KICK,)),
    "swing": Groove({0: (RIDE,), 1: (RIDE, PEDAL), 2: (RIDE,), 3: (RIDE, PEDAL)}, offbeats=(RIDE,), crash=RIDE),
    "shuffle": Groove({0: (KICK,), 1: (SNARE,), 2: (KICK,), 3: (SNARE,)}, slots=(RIDE,)),
    "brushes": Groove({0: (KICK,), 1: (STICK,), 3: (STICK,)}, slots=(HAT,), crash=RIDE),
    "one drop": Groove({2: (KICK, STICK)}, slots=(HAT,), crash=OPEN_HAT),
    "clave": Groove({0: (KICK, CLAVES), 1: (CLAVES,), 2: (CONGA,), 3: (LOW_CONGA, CLAVES)}, slots=(MARACAS,)),
    "hand drums": Groove(
        {0: (LOW_CONGA,), 1: (CONGA,), 2: (LOW_CONGA,), 3: (BONGO,)},
        slots=(MARACAS,),
        crash=TAMBOURINE,
        toms=(BONGO, CONGA, LOW_CONGA),
    ),
    "march": Groove({0: (KICK,), 1: (SNARE,), 2: (KICK,), 3: (SNARE,)}, offbeats=(SNARE,)),
    "train": Groove({0: (KICK,), 2: (KICK,)}, slots=(SNARE,)),
    "sleigh bells": Groove({0: (KICK,), 2: (KICK,)}, slots=(SLEIGH_BELLS,), crash=TRIANGLE),
    "concert": Groove({0: (KICK, LOW_TOM)}, toms=(SNARE,)),
}


def drums(measures: Sequence[Measure], groove: str) -> list[Hit]:
    """A groove through the whole piece, with a crash where phrases begin and a fill where they end."""
    pattern = GROOVES[groove]
    hits: list[Hit] = []
    for measure in measures:
        fills = measure.closes and measure.hold is None and measure.section != "intro" and len(measure.pulses) > 1
        hits += _bar(measure, pattern, fill_from=measure.pulses[-1] if fills else measure.length)
    return hits


def keeper(groove: str) -> int:
    """The drum that keeps time in a groove."""
    pattern = GROOVES[groove]
    return next(iter((*pattern.slots, *pattern.offbeats, HAT)))


def lean(
    hits: Sequence[Hit], measures: Sequence[Measure], strong: Set[int], danceable: bool, others: Set[int]
) -> list[Hit]:
    """Hits of which, in every bar, more lie in strong beats than elsewhere; or fewer, where it is not danceable.

    First the time-keeping that other sounds cover is taken from the wrong beats, then soft strokes come to the right
    ones, at positions that sound already.

    Args:
        strong: numbers of the strong quarters.
        others: positions at which another part starts.
    """
    leaning: list[Hit] = []
    for measure in measures:
        bar = [hit for hit in hits if measure.start <= hit.start < measure.start + measure.length]
        right = [hit for hit in bar if _is_right(hit, measure, strong, danceable)]
        wrong = [hit for hit in bar if not _is_right(hit, measure, strong, danceable)]
        while len(right) <= len(wrong) and (spare := _covered(wrong, others)) is not None:
            wrong.remove(spare)
        while len(right) <= len(wrong):
            right.append(_ghost(right, bar, measure, strong, danceable))
        leaning += right + wrong
    return leaning


def _bar(measure: Measure, pattern: Groove, fill_from: int) -> list[Hit]:
    keys: dict[int, list[int]] = {slot: [] for slot in measure.slots}
    for index, pulse in enumerate(measure.pulses):
        keys[pulse] += pattern.pulses.get(index % 4, ())
    for slot in measure.slots:
        keys[slot] += pattern.slots
    for slot in measure.offbeats:
        keys[slot] += pattern.offbeats
    for index, slot in enumerate(slot for slot in measure.slots if slot >= fill_from):
        keys[slot] = [pattern.toms[index % len(pattern.toms)]]
    if measure.index == 0 or measure.hold is not None:
        keys[measure.hold or 0] = [KICK, pattern.crash]
    return [
        Hit(measure.start + slot, _LENGTH, key, 1.0 if slot in measure.pulses else 0.75)
        for slot, struck in keys.items()
        for key in dict.fromkeys(struck)
    ]


def _is_right(hit: Hit, measure: Measure, strong: Set[int], danceable: bool) -> bool:
    return ((hit.start - measure.start) // POSITIONS_PER_QUARTER in strong) == danceable


def _covered(wrong: Sequence[Hit], others: Set[int]) -> Hit | None:
    """The softest stroke in the wrong beats whose position sounds without it."""
    starts = [hit.start for hit in wrong]
    spare = [hit for hit in wrong if hit.start in others or starts.count(hit.start) > 1]
    return min(spare, key=lambda hit: (hit.force, hit.start)) if spare else None


def _ghost(right: Sequence[Hit], bar: Sequence[Hit], measure: Measure, strong: Set[int], danceable: bool) -> Hit:
    """A soft stroke more in a right beat: a drum that is not struck there yet."""
    slots = [
        measure.start + slot
        for slot in measure.slots
        if _is_right(Hit(measure.start + slot, 1, 0), measure, strong, danceable)
    ]
    struck = {(hit.start, hit.pitch) for hit in (*right, *bar)}
    free = [(start, key) for key in _GHOSTS for start in slots if (start, key) not in struck]
    start, key = free[0]
    return Hit(start, _LENGTH, key, 0.6)
