"""Accompaniment: what bass, chords and long notes play in a bar, by the name of a pattern.

Every pattern takes its starts from the bar's slots, so that none makes the music denser than it was planned.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from octet.data.corpora.composer.form import Measure
from octet.data.corpora.composer.harmony import voiced
from octet.data.corpora.composer.melody import Hit
from octet.data.corpora.composer.plan import Part, Plan

Starts = Callable[[Measure], Sequence[int]]
_QUIET = 0.72  # of a melody's force


def _spread(measure: Measure, wanted: Sequence[int]) -> Sequence[int]:
    """The bar's slots nearest to what a pattern wants."""
    return sorted({min(measure.slots, key=lambda slot: abs(slot - position)) for position in wanted})


def _offbeats(measure: Measure) -> Sequence[int]:
    return measure.offbeats or measure.pulses[1:] or measure.pulses


def _after_first(measure: Measure) -> Sequence[int]:
    return measure.pulses[1:] or _offbeats(measure)


def _ends_of_bar(measure: Measure) -> Sequence[int]:
    return sorted({0, *measure.pulses[len(measure.pulses) // 2 :]})


BASS_STARTS: Mapping[str, Starts] = {
    "roots": lambda measure: measure.pulses[:1],
    "fifths": _ends_of_bar,
    "pulse": lambda measure: measure.pulses,
    "offbeat": _offbeats,
    "walking": lambda measure: measure.pulses,
    "boogie": lambda measure: measure.slots[:8],
    "tumbao": lambda measure: _spread(measure, (0, 18, 36)),
    "syncopated": lambda measure: _spread(measure, (0, 9, 30)),
}
COMPING_STARTS: Mapping[str, Starts] = {
    "pad": lambda measure: measure.pulses[:1],
    "block": _ends_of_bar,
    "pulse": lambda measure: measure.pulses,
    "oompah": _after_first,
    "offbeat": _offbeats,
    "strum": lambda measure: measure.slots,
    "montuno": lambda measure: _spread(measure, (0, 6, 18, 30, 42)),
    "arpeggio": lambda measure: measure.slots,
    "alberti": lambda measure: measure.slots,
}
_ONE_BY_ONE = {"arpeggio": (0, 1, 2, 3, 2, 1), "alberti": (0, 2, 1, 2)}
_SHORT = frozenset({"offbeat", "oompah", "montuno"})
# What a bass plays besides the root, start by start: indices of the chord's tones, or a sixth above its root.
_BASS_TONES: Mapping[str, tuple[int, ...]] = {
    "fifths": (0, 2),
    "walking": (0, 1, 2, 1),
    "boogie": (0, 0, 1, 1, 2, 2, 9, 9),
    "tumbao": (0, 2, 0),
    "syncopated": (0, 0, 2),
}


def bass(measures: Sequence[Measure], part: Part, plan: Plan, line: str) -> list[Hit]:
    """A bass line: roots on the beat that matters, and on the way to the next one what the line is named for."""
    hits: list[Hit] = []
    for measure in measures:
        starts = (*(start for start in BASS_STARTS[line](measure) if start != measure.hold), *_held(measure))
        for index, start in enumerate(starts):
            tone = _bass_tone(measure, line, index, start, leads=start == starts[-1] and len(starts) > 2)
            pitch = _within(plan.tonic + tone, part.low, part.low + 16)
            length = measure.until_next(start, starts)
            hits.append(Hit(measure.start + start, max(2, length - (1 if length > 4 else 0)), pitch, 0.95))
    return hits


def chords(measures: Sequence[Measure], part: Part, plan: Plan, pattern: str) -> list[Hit]:
    """Chords, whole or broken, each voice moving as little as it can."""
    hits: list[Hit] = []
    low, high = _chord_range(part)
    pitches: tuple[int, ...] = ()
    for measure in measures:
        pitches = voiced(measure.chord.tones, plan.tonic, pitches, low, high)
        starts = (*(start for start in COMPING_STARTS[pattern](measure) if start != measure.hold), *_held(measure))
        for index, start in enumerate(starts):
            room = measure.until_next(start, starts)
            length = max(2, room // 2) if pattern in _SHORT and start != measure.hold else room
            force = _QUIET * (1.0 if start in measure.pulses else 0.85)
            struck = pitches if start == measure.hold else _struck(pitches, pattern, index)
            hits += [Hit(measure.start + start, length, pitch, force) for pitch in struck]
    return hits


def long_notes(measures: Sequence[Measure], part: Part, plan: Plan, rng: random.Random) -> list[Hit]:
    """One or two voices of the chord behind all else, a bar each."""
    low, high = max(part.low, part.high - 26), part.high
    tones = rng.choice(((2,), (1, 2), (0, 1)))
    pitches: tuple[int, ...] = ()
    hits: list[Hit] = []
    for measure in measures:
        wanted = [measure.chord.tones[tone] for tone in tones]
        pitches = voiced(wanted, plan.tonic, pitches, low, high)
        start = measure.pulses[0] if measure.hold is None else measure.hold
        length = measure.until_next(start, (start,))
        hits += [Hit(measure.start + start, length, pitch, 0.62) for pitch in pitches]
    return hits


def _held(measure: Measure) -> tuple[int, ...]:
    return () if measure.hold is None else (measure.hold,)


def _bass_tone(measure: Measure, line: str, index: int, start: int, *, leads: bool) -> int:
    """A semitone distance from the tonic; a walking bass ends a bar a step from the next root."""
    if start == measure.hold:
        return measure.chord.root
    if line == "walking" and leads:
        return measure.following.root + (2 if (measure.following.root - measure.chord.root) % 12 > 6 else -1)
    tones = _BASS_TONES.get(line, (0,))
    tone = tones[index % len(tones)]
    return measure.chord.root + 9 if tone == 9 else measure.chord.tones[tone]


def _chord_range(part: Part) -> tuple[int, int]:
    """Where chords are neither mud nor glitter, as far as the part reaches it; below a tune of its own hand."""
    low = max(part.low, min(50, part.high - 16))
    high = min(part.high, max(low + 14, 74))
    if part.roles == "mc":
        low, high = part.low, max(part.low + 14, (part.low + part.high) // 2)
    return min(low, max(part.low, high - 14)), min(max(high, part.low + 11), part.high)


def _struck(pitches: tuple[int, ...], pattern: str, index: int) -> tuple[int, ...]:
    order = _ONE_BY_ONE.get(pattern)
    return pitches if order is None else (pitches[order[index % len(order)] % len(pitches)],)


def _within(pitch: int, low: int, high: int) -> int:
    """The octave of a pitch that lies lowest in a range of more than one."""
    return low + (pitch - low) % 12 if high - low >= 11 else low
