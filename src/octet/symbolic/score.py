"""`Score`: music as notes on a grid of ticks, with its tempo, metre and key over time, and the words that are sung.

Times are ticks, 480 to a quarter note, from the start. Programs are General MIDI's, counted from 0; a drum track's
pitches are General MIDI's percussion keys. Everything is a value: scores that hold the same music are equal.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal, TypeVar

from octet.core.errors import InvalidInput

Mode = Literal["major", "minor"]
Syllabic = Literal["single", "begin", "middle", "end"]

TICKS_PER_QUARTER = 480
MOST_TICKS = 5_000_000  # a whole night of music; what a hostile file may ask for at most
MOST_NOTES = 1_000_000
MOST_VERSES = 99
TONICS = ("C", "D flat", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")
_MICROSECONDS_A_MINUTE = 60_000_000
_LONGEST_QUARTER = (1 << 24) - 1  # microseconds; MIDI has three bytes for them
_MAJOR_SHARPS = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)  # of the major keys on C, D flat, D, ...


@dataclass(frozen=True, order=True, slots=True)
class Note:
    """A pitch (MIDI number, 60 is middle C), when it starts, how long it is held and how hard it is struck (1-127)."""

    start_ticks: int
    pitch: int
    duration_ticks: int
    velocity: int = 80

    def __post_init__(self) -> None:
        _require_ticks("a note's start", self.start_ticks)
        _require("a note's duration", self.duration_ticks, 1, MOST_TICKS)
        _require("a note's pitch", self.pitch, 0, 127)
        _require("a note's velocity", self.velocity, 1, 127)

    @property
    def end_ticks(self) -> int:
        """When it is released."""
        return self.start_ticks + self.duration_ticks


@dataclass(frozen=True)
class Track:
    """The notes of one instrument; a drum track's `program` chooses the kit. Notes are kept in order of time."""

    program: int
    notes: tuple[Note, ...]
    is_drum: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        _require("a program", self.program, 0, 127)
        object.__setattr__(self, "notes", tuple(sorted(self.notes)))


@dataclass(frozen=True, order=True)
class Tempo:
    """The length of a quarter note from a time on. MIDI stores microseconds, so beats a minute are rounded to them."""

    start_ticks: int
    quarter_microseconds: int

    def __post_init__(self) -> None:
        _require_ticks("a tempo's start", self.start_ticks)
        _require("a quarter note's microseconds", self.quarter_microseconds, 1, _LONGEST_QUARTER)

    @classmethod
    def of(cls, bpm: float, start_ticks: int = 0) -> Tempo:
        """The tempo of `bpm` quarter notes a minute.

        Raises:
            InvalidInput: slower than MIDI can say (3.6), or not a positive number.
        """
        if not 3.6 <= bpm <= 10_000:
            raise InvalidInput(f"{bpm} quarter notes a minute make no tempo; give 4 to 10000")
        return cls(start_ticks, round(_MICROSECONDS_A_MINUTE / bpm))

    @property
    def bpm(self) -> float:
        """Quarter notes a minute."""
        return _MICROSECONDS_A_MINUTE / self.quarter_microseconds


@dataclass(frozen=True, order=True)
class Metre:
    """A time signature from a bar line on: `numerator` notes of a `denominator`-th make a bar."""

    start_ticks: int
    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        _require_ticks("a metre's start", self.start_ticks)
        _require("a metre's numerator", self.numerator, 1, 255)
        if self.denominator not in (1, 2, 4, 8, 16, 32, 64):
            raise InvalidInput(f"a metre's denominator is a power of two from 1 to 64; given {self.denominator}")

    @property
    def bar_ticks(self) -> int:
        """Length of a bar."""
        return self.numerator * 4 * TICKS_PER_QUARTER // self.denominator

    @property
    def name(self) -> str:
        """As it is written: 6/8."""
        return f"{self.numerator}/{self.denominator}"


@dataclass(frozen=True, order=True)
class Key:
    """A key from a time on: `tonic` is a pitch class, 0 for C to 11 for B."""

    start_ticks: int
    tonic: int
    mode: Mode

    def __post_init__(self) -> None:
        _require_ticks("a key's start", self.start_ticks)
        _require("a tonic", self.tonic, 0, 11)
        if self.mode not in ("major", "minor"):
            raise InvalidInput(f"a key is major or minor; given {self.mode!r}")

    @classmethod
    def of_sharps(cls, start_ticks: int, sharps: int, mode: Mode) -> Key:
        """The key of a signature's sharps (flats below 0): each is a fifth up from C, or from A in minor."""
        return cls(start_ticks, (sharps * 7 + (9 if mode == "minor" else 0)) % 12, mode)

    @property
    def sharps(self) -> int:
        """Sharps of its signature, -5 to 6; flats are below 0."""
        return _MAJOR_SHARPS[(self.tonic + (3 if self.mode == "minor" else 0)) % 12]

    @property
    def name(self) -> str:
        """As it is said: A minor."""
        return f"{TONICS[self.tonic]} {self.mode}"


@dataclass(frozen=True, order=True)
class Lyric:
    """A syllable, sung on the note that starts with it.

    `syllabic` is its place in its word, `verse` counts from 1, `extends` is a line that holds it over the notes that
    follow. `track` is the index of the track that sings it; None where the file does not say.
    """

    start_ticks: int
    text: str
    syllabic: Syllabic = "single"
    verse: int = 1
    extends: bool = False
    track: int | None = None

    def __post_init__(self) -> None:
        _require_ticks("a lyric's start", self.start_ticks)
        _require("a verse", self.verse, 1, MOST_VERSES)
        if self.syllabic not in ("single", "begin", "middle", "end"):
            raise InvalidInput(f"a syllable is single, or at the begin, middle or end; given {self.syllabic!r}")


@dataclass(frozen=True, order=True)
class Slur:
    """Notes of one track in one breath: from the start of the first to the start of the last."""

    start_ticks: int
    end_ticks: int
    track: int

    def __post_init__(self) -> None:
        _require_ticks("a slur's start", self.start_ticks)
        _require("a slur's end", self.end_ticks, self.start_ticks + 1, MOST_TICKS)


@dataclass(frozen=True)
class Bar:
    """A bar of a score, by number from 0."""

    number: int
    start_ticks: int
    metre: Metre

    @property
    def end_ticks(self) -> int:
        """Where the next one starts."""
        return self.start_ticks + self.metre.bar_ticks


@dataclass(frozen=True)
class Score:
    """Tracks under one tempo, metre and key map. Without tempo or metre at the start it is 120 in 4/4, as in MIDI.

    >>> score = Score((Track(0, (Note(0, 60, 480), Note(480, 64, 960))),))
    >>> score.duration_seconds, len(score.bars())
    (1.5, 1)

    Raises:
        InvalidInput: more than a million notes, two tempos, metres or keys at one time, or a syllable or slur of a
            track that is not there.
    """

    tracks: tuple[Track, ...]
    tempos: tuple[Tempo, ...] = ()
    metres: tuple[Metre, ...] = ()
    keys: tuple[Key, ...] = ()
    lyrics: tuple[Lyric, ...] = ()
    slurs: tuple[Slur, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tempos", _from_start(self.tempos, Tempo(0, 500_000)))
        object.__setattr__(self, "metres", _from_start(self.metres, Metre(0, 4, 4)))
        object.__setattr__(self, "keys", _apart(tuple(sorted(self.keys))))
        object.__setattr__(self, "lyrics", tuple(sorted(self.lyrics, key=_place)))
        object.__setattr__(self, "slurs", tuple(sorted(self.slurs)))
        for track in {lyric.track for lyric in self.lyrics} | {slur.track for slur in self.slurs}:
            if track is not None:
                _require("the track of a syllable or slur", track, 0, len(self.tracks) - 1)
        if sum(len(track.notes) for track in self.tracks) > MOST_NOTES:
            raise InvalidInput(f"a score holds at most {MOST_NOTES} notes; cut it into pieces")

    @property
    def end_ticks(self) -> int:
        """Where the last note is released; 0 without notes."""
        return max((note.end_ticks for track in self.tracks for note in track.notes), default=0)

    @property
    def duration_seconds(self) -> float:
        """Until the last note is released."""
        return self.seconds(self.end_ticks)

    def seconds(self, ticks: int) -> float:
        """When a tick sounds."""
        starts, seconds = self._tempo_map
        index = bisect_right(starts, ticks) - 1
        return seconds[index] + _seconds(ticks - starts[index], self.tempos[index])

    def ticks(self, seconds: float) -> int:
        """The tick nearest to a time."""
        starts, times = self._tempo_map
        index = max(0, bisect_right(times, seconds) - 1)
        beat = self.tempos[index].quarter_microseconds / 1e6
        return starts[index] + round((seconds - times[index]) / beat * TICKS_PER_QUARTER)

    def bar_number(self, ticks: int) -> int:
        """The number, from 1, of the bar that a tick lies in, also after the last note."""
        before = 0
        for metre, following in pairwise((*self.metres, None)):
            assert metre is not None
            end = ticks + 1 if following is None else min(following.start_ticks, ticks + 1)
            before += max(0, -(-(end - metre.start_ticks) // metre.bar_ticks))
        return before

    def tempo(self, ticks: int) -> Tempo:
        """The tempo at a tick."""
        return self.tempos[bisect_right(self._tempo_map[0], ticks) - 1]

    def bars(self) -> tuple[Bar, ...]:
        """The bars up to the end of the last note; a metre that changes within a bar ends it there."""
        return tuple(self._bars())

    def transposed(self, semitones: int) -> Score:
        """The same music higher or lower, drums and all else as they are.

        Raises:
            InvalidInput: a note would leave MIDI's range.
        """
        tracks = (track if track.is_drum else _transposed(track, semitones) for track in self.tracks)
        keys = (replace(key, tonic=(key.tonic + semitones) % 12) for key in self.keys)
        return replace(self, tracks=tuple(tracks), keys=tuple(keys))

    @cached_property
    def _tempo_map(self) -> tuple[list[int], list[float]]:
        """Where each tempo starts, in ticks and in seconds."""
        seconds = [0.0]
        for tempo, following in pairwise(self.tempos):
            seconds.append(seconds[-1] + _seconds(following.start_ticks - tempo.start_ticks, tempo))
        return [tempo.start_ticks for tempo in self.tempos], seconds

    def _bars(self) -> Iterator[Bar]:
        number, start, end = 0, 0, self.end_ticks
        changes = [metre.start_ticks for metre in self.metres]
        while start < end:
            metre = self.metres[bisect_right(changes, start) - 1]
            yield Bar(number, start, metre)
            following = bisect_right(changes, start)
            limit = changes[following] if following < len(changes) else MOST_TICKS * 2
            number, start = number + 1, min(start + metre.bar_ticks, limit)


def _place(lyric: Lyric) -> tuple[int, int, int, str]:
    """In order of time; of one time, by track, verse and text."""
    return lyric.start_ticks, -1 if lyric.track is None else lyric.track, lyric.verse, lyric.text


def uninterrupted(notes: Iterable[Note]) -> list[Note]:
    """Notes in order, none of which sounds into the next of its own pitch; of several at one time the longest stays."""
    last: dict[int, Note] = {}
    kept: list[Note] = []
    for note in sorted(notes, key=lambda note: (-note.start_ticks, note.pitch, -note.duration_ticks)):
        following = last.get(note.pitch)
        if following is None or following.start_ticks > note.start_ticks:
            room = note.duration_ticks if following is None else following.start_ticks - note.start_ticks
            last[note.pitch] = Note(note.start_ticks, note.pitch, min(note.duration_ticks, room), note.velocity)
            kept.append(last[note.pitch])
    return sorted(kept)


def _transposed(track: Track, semitones: int) -> Track:
    return replace(track, notes=tuple(replace(note, pitch=note.pitch + semitones) for note in track.notes))


def _seconds(ticks: int, tempo: Tempo) -> float:
    return ticks * tempo.quarter_microseconds / (TICKS_PER_QUARTER * 1e6)


Timed = TypeVar("Timed", Tempo, Metre, Key)


def _from_start(given: tuple[Timed, ...], default: Timed) -> tuple[Timed, ...]:
    ordered = sorted(given)
    if not ordered or ordered[0].start_ticks:
        ordered.insert(0, default)
    return _apart(tuple(ordered))


def _apart(ordered: tuple[Timed, ...]) -> tuple[Timed, ...]:
    """As given, if no two start at one time."""
    for first, second in pairwise(ordered):
        if first.start_ticks == second.start_ticks:
            raise InvalidInput(f"a score has {first} and {second} at one time; keep one")
    return ordered


def _require_ticks(what: str, given: int) -> None:
    _require(what, given, 0, MOST_TICKS)


def _require(what: str, given: int, least: int, most: int) -> None:
    if not least <= given <= most:
        raise InvalidInput(f"{what} is from {least} to {most}; given {given}")
