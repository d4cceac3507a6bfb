"""REMIGEN: scores as the tokens of MuseCoco (arXiv 2306.00110), with the published dictionary of 1,253 ids.

    piece := bar+          bar := s-X t-Y onset* b-1        onset := o-k instrument+
    instrument := i-X note+                                 note := p d v

Within an onset instruments ascend and pitches fall. There are 12 positions to a quarter note; a drum is i-128, and its
pitches are p-128 and above. What is written is the version called REMIGEN2, above; version 1, which has t-Y after every
o-k instead, is read too.

Departures: a metre that the dictionary lacks (more than two whole notes a bar) is divided by its smallest factor until
it is there, as far as known like the published code; a duration that would be no position is one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import log2

from octet.core.errors import InvalidInput
from octet.symbolic import conditions
from octet.symbolic.attributes import POSITIONS_PER_QUARTER, extract
from octet.symbolic.score import TICKS_PER_QUARTER, Metre, Note, Score, Tempo, Track, uninterrupted

START, PADDING, END, UNKNOWN, SEPARATOR = "<s>", "<pad>", "</s>", "<unk>", "<sep>"
_COUNTS = {"b": 2, "o": 128, "i": 129, "p": 256, "d": 128, "v": 32, "s": 254, "t": 49, "e": 2}
VOCABULARY: tuple[str, ...] = (
    *(START, PADDING, END, UNKNOWN),
    *(f"{kind}-{value}" for kind, count in _COUNTS.items() for value in range(count)),
    SEPARATOR,
    *conditions.names(),
)
IDS: Mapping[str, int] = {token: index for index, token in enumerate(VOCABULARY)}

# What may come after a kind of token ("" is the beginning), in REMIGEN2; and what version 1 has besides.
FOLLOWERS: Mapping[str, str] = {
    "": "s",
    "s": "t",
    "t": "ob",
    "o": "i",
    "i": "p",
    "p": "d",
    "d": "v",
    "v": "piob",
    "b": "s",
}
_OLD_FOLLOWERS: Mapping[str, str] = {"s": "ob", "o": "t", "t": "i"}

_TICKS = TICKS_PER_QUARTER // POSITIONS_PER_QUARTER
_METRES = tuple(
    (numerator, 1 << power) for power in range(7) for numerator in range(1, 2 * (1 << power) + 1)
)  # by the number of s
_SLOWEST_BPM, _FASTEST_BPM = 16, 256
_TEMPOS_AN_OCTAVE = 12
_DRUMS = 128
_Placed = tuple[int, int, Note]  # position in the bar, program (128 for drums), note
# Durations in positions by the number of d: 12 of each step 1, 2, 4, ... 128; d-96 and above mean nothing.
_DURATIONS = tuple(12 * ((1 << power) - 1) + step * (1 << power) for power in range(8) for step in range(12))


def encode(score: Score) -> list[str]:
    """The tokens of a score, from its first to its last bar that sounds.

    Raises:
        InvalidInput: it has no notes.
    """
    bars = list(_short_bars(score))
    starts = [start for start, _ in bars]
    onsets: dict[int, list[_Placed]] = {}
    for track in _merged(score.tracks, starts):
        for note in track.notes:
            bar = bisect_right(starts, note.start_ticks) - 1
            position = (note.start_ticks - starts[bar]) // _TICKS
            onsets.setdefault(bar, []).append((position, _DRUMS if track.is_drum else track.program, note))
    if not onsets:
        raise InvalidInput("this score has no notes, so there is nothing to write")
    tokens: list[str] = []
    for bar in range(min(onsets), max(onsets) + 1):
        start, metre = bars[bar]
        tokens += [f"s-{_METRES.index(metre)}", f"t-{_tempo(score.tempo(start))}"]
        tokens += [*_onset_tokens(onsets.get(bar, [])), "b-1"]
    return tokens


def decode(tokens: Sequence[str]) -> Score:
    """The score of tokens of either version; what belongs to no finished note at the end is left out.

    Tracks are in the order of their programs, drums last.

    Raises:
        InvalidInput: a token that is no music, or one where it cannot be (its number is named).
    """
    reader = _Reader()
    for number, token in enumerate(tokens):
        try:
            reader.read(*_parts(token))
        except (ValueError, KeyError) as error:
            raise InvalidInput(f"token {number}, {token!r}: {error}") from None
    return reader.score()


def to_ids(tokens: Iterable[str]) -> list[int]:
    """Numbers in the published dictionary.

    Raises:
        InvalidInput: a token that it lacks.
    """
    try:
        return [IDS[token] for token in tokens]
    except KeyError as error:
        raise InvalidInput(f"{error.args[0]!r} is no token of REMIGEN") from None


def from_ids(ids: Iterable[int]) -> list[str]:
    """Tokens of numbers.

    Raises:
        InvalidInput: a number that the dictionary lacks.
    """
    numbers = list(ids)
    wrong = [number for number in numbers if not 0 <= number < len(VOCABULARY)]
    if wrong:
        raise InvalidInput(f"{wrong[0]} is no token's number; there are 0 to {len(VOCABULARY) - 1}")
    return [VOCABULARY[number] for number in numbers]


def in_c(score: Score) -> Score:
    """The score in C major or A minor, as MuseCoco learns it: moved down, notes that fall out of MIDI an octave less.

    Raises:
        InvalidInput: it has no notes.
    """
    found = extract(score)
    down = 0 if found.tonic is None else (found.tonic - (0 if found.mode == "major" else 9)) % 12
    tracks = (track if track.is_drum else replace(track, notes=_lowered(track.notes, down)) for track in score.tracks)
    keys = (replace(key, tonic=(key.tonic - down) % 12) for key in score.keys)
    return replace(score, tracks=tuple(tracks), keys=tuple(keys))


class _Reader:
    """What the tokens so far have said."""

    def __init__(self) -> None:
        self._kind = ""
        self._bar, self._onset = 0, 0  # ticks
        self._metre = Metre(0, 4, 4)
        self._program = self._pitch = self._duration = 0
        self._notes: dict[int, list[Note]] = {}
        self._tempos: list[Tempo] = []
        self._metres: list[Metre] = []

    def read(self, kind: str, value: int) -> None:
        if kind not in FOLLOWERS[self._kind] + _OLD_FOLLOWERS.get(self._kind, ""):
            raise ValueError(f"{kind} cannot follow {self._kind or 'nothing'}")
        self._kind = kind
        match kind:
            case "s":
                self._metre = Metre(self._bar, *_METRES[value])
                if not self._metres or self._metres[-1].name != self._metre.name:
                    self._metres.append(self._metre)
                self._onset = self._bar
            case "t":
                start = self._onset if self._tempos else 0
                tempo = Tempo.of(_SLOWEST_BPM * 2 ** (value / _TEMPOS_AN_OCTAVE), start)
                if not self._tempos or self._tempos[-1].quarter_microseconds != tempo.quarter_microseconds:
                    self._tempos.append(tempo)
            case "o":
                self._onset = self._bar + value * _TICKS
            case "i":
                self._program = value
            case "p":
                self._pitch = self._checked_pitch(value)
            case "d":
                self._duration = _length(value)
            case "v":
                note = Note(self._onset, self._pitch, self._duration, 4 * value + 2)
                self._notes.setdefault(self._program, []).append(note)
            case "b":
                self._bar += self._metre.bar_ticks

    def score(self) -> Score:
        tracks = (
            Track(0 if program == _DRUMS else program, tuple(uninterrupted(notes)), program == _DRUMS)
            for program, notes in sorted(self._notes.items())
        )
        tempos = {tempo.start_ticks: tempo for tempo in self._tempos}
        return Score(tuple(tracks), tuple(tempos.values()), tuple(self._metres))

    def _checked_pitch(self, value: int) -> int:
        if (value >= _DRUMS) != (self._program == _DRUMS):
            raise ValueError(f"p-{value} is no pitch of i-{self._program}")
        return value % _DRUMS


def _length(value: int) -> int:
    if value >= len(_DURATIONS):
        raise ValueError(f"durations end with d-{len(_DURATIONS) - 1}")
    return max(1, _DURATIONS[value]) * _TICKS


def _parts(token: str) -> tuple[str, int]:
    """Kind and number of a token of music."""
    kind, _, value = token.partition("-")
    if token not in IDS or kind not in FOLLOWERS or not kind:
        raise ValueError("a token of music was expected")
    return kind, int(value)


def _short_bars(score: Score) -> Iterator[tuple[int, tuple[int, int]]]:
    """Starts and metres of bars that the dictionary has, and of one more, into which the last note may round."""
    bars = score.bars()
    for bar in bars:
        numerator, denominator = bar.metre.numerator, bar.metre.denominator
        while numerator > 2 * denominator:
            numerator //= next(factor for factor in range(2, numerator + 1) if numerator % factor == 0)
        length = numerator * 4 * TICKS_PER_QUARTER // denominator
        for start in range(bar.start_ticks, bar.end_ticks, length):
            yield start, (numerator, denominator)
    if bars:
        yield bars[-1].end_ticks, (numerator, denominator)


def _merged(tracks: Iterable[Track], starts: Sequence[int]) -> list[Track]:
    """One track a program and one for all drums, on the grid of the bars, no pitch twice at a time."""
    together: dict[int, list[Note]] = {}
    for track in tracks:
        quantised = (_quantised(note, starts) for note in track.notes)
        together.setdefault(_DRUMS if track.is_drum else track.program, []).extend(quantised)
    return [
        Track(0 if program == _DRUMS else program, tuple(uninterrupted(notes)), program == _DRUMS)
        for program, notes in together.items()
    ]


def _quantised(note: Note, starts: Sequence[int]) -> Note:
    """At the nearest position of its bar, which may be the beginning of the next one."""
    bar = bisect_right(starts, note.start_ticks) - 1
    start = starts[bar] + _rounded(note.start_ticks - starts[bar]) * _TICKS
    if bar + 1 < len(starts):
        start = min(start, starts[bar + 1])
    return replace(note, start_ticks=start, duration_ticks=max(1, _rounded(note.duration_ticks)) * _TICKS)


def _rounded(ticks: int) -> int:
    return (ticks + _TICKS // 2) // _TICKS


def _onset_tokens(placed: Sequence[_Placed]) -> Iterator[str]:
    ordered = sorted(placed, key=lambda one: (one[0], one[1], -one[2].pitch))
    for position, together in groupby(ordered, key=lambda one: one[0]):
        yield f"o-{position}"
        for program, notes in groupby(together, key=lambda one: one[1]):
            yield f"i-{program}"
            for _, _, note in notes:
                pitch = note.pitch + (_DRUMS if program == _DRUMS else 0)
                yield from (f"p-{pitch}", f"d-{_duration(note)}", f"v-{note.velocity // 4}")


def _duration(note: Note) -> int:
    """The longest of the dictionary's durations that a note is as long as."""
    return bisect_right(_DURATIONS, max(1, note.duration_ticks // _TICKS)) - 1


def _tempo(tempo: Tempo) -> int:
    """The number of t for a tempo."""
    bpm = min(max(tempo.bpm, _SLOWEST_BPM), _FASTEST_BPM)
    return round(_TEMPOS_AN_OCTAVE * log2(bpm / _SLOWEST_BPM))


def _lowered(notes: Sequence[Note], semitones: int) -> tuple[Note, ...]:
    """Notes moved down, those that would fall below MIDI's lowest an octave less."""
    pitches = (note.pitch - semitones for note in notes)
    return tuple(
        replace(note, pitch=pitch if pitch >= 0 else pitch + 12) for note, pitch in zip(notes, pitches, strict=True)
    )
