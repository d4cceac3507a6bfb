"""What can be said of a piece: the attributes of MuseCoco (arXiv 2306.00110, table 1), and reading them off a score.

Read off a score are the objective ones; emotion, genre and artist are labels that somebody gave. Departures from the
published extraction code, which is at fault there:

* rhythm danceability counts drum notes within strong beats against those elsewhere (the code compares positions, so
  that 4/4 and 2/4 never have it);
* bars are counted in the score's own metres, and whole silent bars at the beginning do not count.

Definitions: a beat is a quarter note of 12 positions; an onset is a position at which anything starts.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from octet.core.errors import InvalidInput
from octet.symbolic.instruments import CLASSES, class_of
from octet.symbolic.score import TICKS_PER_QUARTER, Bar, Mode, Note, Score

Intensity = Literal["low", "medium", "high"]
Emotion = Literal["happy", "tense", "sad", "calm"]  # the quadrants Q1 to Q4 of valence and arousal
TempoClass = Literal["slow", "moderate", "fast"]

EMOTIONS: tuple[Emotion, ...] = ("happy", "tense", "sad", "calm")
GENRES = tuple(
    "New Age,Electronic,Rap,Religious,International,Easy Listening,Avant-Garde,RnB,Latin,Children,Jazz,Classical,"
    "Comedy Spoken,Pop Rock,Reggae,Stage,Folk,Blues,Vocal,Holiday,Country,Symphony".split(",")
)
ARTISTS = tuple(
    "Beethoven,Mozart,Chopin,Schubert,Schumann,J. S. Bach,Haydn,Brahms,Handel,Tchaikovsky,Mendelssohn,Dvorak,Liszt,"
    "Stravinsky,Mahler,Prokofiev,Shostakovich".split(",")
)
TEMPO_CLASSES: tuple[TempoClass, ...] = ("slow", "moderate", "fast")
POSITIONS_PER_QUARTER = 12
_TICKS_PER_POSITION = TICKS_PER_QUARTER // POSITIONS_PER_QUARTER
# Quarters of a bar that are strong, by metre; in others there is no danceability.
STRONG_BEATS = {"4/4": frozenset({0, 2}), "3/4": frozenset({0}), "2/4": frozenset({0})}
_SLOW_BPM, _FAST_BPM = 76, 120
_MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
_MINOR_SCALE = (0, 2, 3, 5, 7, 8, 10)


class Attributes(BaseModel):
    """What is known, or wished, of a piece; None where it is not said."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    instruments: tuple[str, ...] | None = None  # classes, in the order of `CLASSES`
    danceable: bool | None = None
    intensity: Intensity | None = None  # onsets a beat: at most 1, fewer than 2, 2 and more
    bars: Annotated[int, Field(ge=1, le=100_000)] | None = None
    metre: Annotated[str, Field(pattern=r"^[1-9]\d{0,2}/(1|2|4|8|16|32|64)$")] | None = None
    tonic: Annotated[int, Field(ge=0, le=11)] | None = None  # 0 is C
    mode: Mode | None = None
    bpm: Annotated[float, Field(ge=4, le=10_000)] | None = None  # quarter notes a minute
    octaves: Annotated[int, Field(ge=0, le=10)] | None = None  # whole ones between the lowest and the highest note
    seconds: Annotated[float, Field(gt=0, le=1e6)] | None = None
    emotion: Emotion | None = None
    genres: tuple[str, ...] | None = None
    artist: str | None = None

    @field_validator("instruments")
    @classmethod
    def _classes(cls, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if given is None else _in_order("instrument", given, CLASSES)

    @field_validator("genres")
    @classmethod
    def _genres(cls, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if given is None else _in_order("genre", given, GENRES)

    @field_validator("artist")
    @classmethod
    def _artist(cls, given: str | None) -> str | None:
        return None if given is None else _in_order("artist", (given,), ARTISTS)[0]


def extract(score: Score) -> Attributes:
    """The objective attributes of a score; metre and tempo only where there is one throughout.

    Raises:
        InvalidInput: it has no notes.
    """
    bars = sounding_bars(score)
    metres = {bar.metre.name for bar in bars}
    last = score.end_ticks
    bpms = {tempo.bpm for tempo in score.tempos if tempo.start_ticks < last}
    key = _key(score)
    return Attributes(
        instruments=tuple({class_of(track) for track in score.tracks if track.notes}),
        danceable=_danceable(score, bars),
        intensity=_intensity(score, bars),
        bars=len(bars),
        metre=metres.pop() if len(metres) == 1 else None,
        tonic=None if key is None else key[0],
        mode=None if key is None else key[1],
        bpm=bpms.pop() if len(bpms) == 1 else None,
        octaves=_octaves(score),
        seconds=score.duration_seconds - score.seconds(bars[0].start_ticks),
    )


def sounding_bars(score: Score) -> tuple[Bar, ...]:
    """The bars from the first in which a note starts to the last that sounds.

    Raises:
        InvalidInput: the score has no notes.
    """
    starts = [note.start_ticks for track in score.tracks for note in track.notes]
    if not starts:
        raise InvalidInput("this score has no notes, so nothing can be said of it")
    bars = score.bars()
    first = bisect_right([bar.start_ticks for bar in bars], min(starts)) - 1
    return bars[first:]


def tempo_class(bpm: float) -> TempoClass:
    """Slow up to 76 quarter notes a minute, fast from 120."""
    return "slow" if bpm <= _SLOW_BPM else "fast" if bpm >= _FAST_BPM else "moderate"


def _in_order(what: str, given: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    unknown = set(given) - set(known)
    if unknown:
        raise ValueError(f"no {what} called {min(unknown)!r}: there are {', '.join(known)}")
    return tuple(name for name in known if name in given)


def _pitched(score: Score) -> list[Note]:
    return [note for track in score.tracks if not track.is_drum for note in track.notes]


def _octaves(score: Score) -> int | None:
    pitches = [note.pitch for note in _pitched(score)]
    return (max(pitches) - min(pitches)) // 12 if pitches else None


def _intensity(score: Score, bars: tuple[Bar, ...]) -> Intensity:
    onsets = {round(note.start_ticks / _TICKS_PER_POSITION) for track in score.tracks for note in track.notes}
    ticks = sum(bar.metre.bar_ticks for bar in bars)
    a_beat = len(onsets) * TICKS_PER_QUARTER / ticks
    return "low" if a_beat <= 1 else "medium" if a_beat < 2 else "high"


def _danceable(score: Score, bars: tuple[Bar, ...]) -> bool | None:
    """Whether more drum notes fall into strong beats than elsewhere; None for a tie, no drums or another metre."""
    starts = [bar.start_ticks for bar in bars]
    balance = 0
    for note in (note for track in score.tracks if track.is_drum for note in track.notes):
        bar = bars[bisect_right(starts, note.start_ticks) - 1]
        strong = STRONG_BEATS.get(bar.metre.name)
        if strong is not None:
            beat = (note.start_ticks - bar.start_ticks) // TICKS_PER_QUARTER
            balance += 1 if beat in strong else -1
    return None if balance == 0 else balance > 0


def _key(score: Score) -> tuple[int, Mode] | None:
    """The scale that holds most of what sounds, weighed by length and strength; of several the one with the heaviest
    tonic, for a scale is its relative's too."""
    weights = np.zeros(12, dtype=np.int64)
    for note in _pitched(score):
        weights[note.pitch % 12] += note.duration_ticks * note.velocity
    if not weights.any():
        return None
    fits = _PROFILES @ weights
    best = max(np.flatnonzero(fits == fits.max()), key=lambda index: weights[index % 12])
    return int(best) % 12, "major" if best < 12 else "minor"


def _profiles() -> NDArray[np.int64]:
    """Of 24 scales (24, 12), major ones first: 1 for what is in it, -1 for what is not."""
    profiles = np.full((24, 12), -1, dtype=np.int64)
    for index in range(24):
        for step in _MAJOR_SCALE if index < 12 else _MINOR_SCALE:
            profiles[index, (index + step) % 12] = 1
    return profiles


_PROFILES = _profiles()
