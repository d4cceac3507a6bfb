"""`Song`: one sung line as a singing system takes it, whatever file it came from.

A song is phrases on a timeline of seconds. A phrase is notes and rests without gaps, the phones that are sung on them
(none until the lyrics are pronounced) and curves that a singer follows instead of finding his own.

The *word convention*: notes begin with vowels. The consonants before a vowel sound at the end of the note before, or of
the rest before, so a phone's `note` is the one in whose time it sounds; `leads` tells that it belongs to the syllable
of the next note that has one. In openvpi's terms the phones of a note that is no slur are a word.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from octet.core.errors import InvalidInput
from octet.symbolic.score import Score, Syllabic

MOST_NOTES = 100_000
MOST_SECONDS = 4 * 3600.0
MOST_VALUES = 4_000_000  # of a curve
NEXT_SYLLABLE = "+"  # a lyric: the word goes on, its spelling stands with its first syllable
SILENCE, BREATH = "SP", "AP"  # lyrics of rests, and phones
F0 = "f0_hz"
CURVES = (F0, "energy", "breathiness", "voicing", "tension", "gender", "velocity", "expr")
_FIT_SECONDS = 0.2
_FIT_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class SungNote:
    """A note, or a rest (`pitch` None).

    `pitch` is a MIDI number, with cents behind the point. `lyric` is the syllable as it is written, which `syllabic`
    places in its word; "+" stands for a further syllable of a word that is spelled out with its first; a rest's is "",
    SP or AP (a breath). `slur`: the syllable of the note before is held on. `glide` is openvpi's: none, up or down.
    """

    duration_seconds: float
    pitch: float | None
    lyric: str = ""
    syllabic: Syllabic = "single"
    slur: bool = False
    glide: str = "none"

    def __post_init__(self) -> None:
        if not 0 < self.duration_seconds <= MOST_SECONDS:
            raise InvalidInput(f"a note lasts {self.duration_seconds:g} s; more than 0 was expected")
        if self.pitch is not None and not 0 <= self.pitch <= 127:
            raise InvalidInput(f"a note's pitch is {self.pitch:g}; MIDI's 0 to 127 were expected")
        if self.slur and self.pitch is None:
            raise InvalidInput("a rest cannot hold a syllable on; take away its slur")


@dataclass(frozen=True, slots=True)
class SungPhone:
    """A phone, by its name in the file or in `octet.text.phonemes`, and the index of the note in whose time it sounds.

    `leads`: a consonant before the beat, of the syllable of the next note that has one. `duration_seconds` is None
    where it is left to the singer; `language` is "" where the file does not say.
    """

    symbol: str
    note: int
    accent: str = ""
    leads: bool = False
    duration_seconds: float | None = None
    language: str = ""

    def __post_init__(self) -> None:
        if self.duration_seconds is not None and not 0 <= self.duration_seconds <= MOST_SECONDS:
            raise InvalidInput(f"the phone {self.symbol} lasts {self.duration_seconds:g} s; 0 or more was expected")


@dataclass(frozen=True, slots=True)
class Curve:
    """Values at equal steps from the start of a phrase."""

    step_seconds: float
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 1e-4 <= self.step_seconds <= 10:
            raise InvalidInput(f"a curve's step is {self.step_seconds:g} s; 0.0001 to 10 were expected")
        if not self.values or len(self.values) > MOST_VALUES or not all(map(math.isfinite, self.values)):
            raise InvalidInput(f"a curve has {len(self.values)} values; 1 to {MOST_VALUES} numbers were expected")

    @property
    def duration_seconds(self) -> float:
        """From the first value to a step after the last."""
        return self.step_seconds * len(self.values)


@dataclass(frozen=True)
class Phrase:
    """What is sung in one go. `start_seconds` may be below 0 where consonants come before the first beat.

    `curves` are by the names in `CURVES`: F0 in Hz, without gaps; energy, breathiness and voicing in dB; tension as a
    logit; gender from -1 to 1; velocity as a factor; expr from 0 to 1. `constants` are those of them that do not
    change. `singers` are the shares of a mixture.

    Raises:
        InvalidInput: no note, a slur after no note, phones out of order, or a curve that is too long or short.
    """

    start_seconds: float
    notes: tuple[SungNote, ...]
    phones: tuple[SungPhone, ...] = ()
    curves: Mapping[str, Curve] = field(default_factory=dict)
    constants: Mapping[str, float] = field(default_factory=dict)
    singers: Mapping[str, float | Curve] = field(default_factory=dict)
    text: str = ""
    language: str = ""
    seed: int | None = None

    def __post_init__(self) -> None:
        if not abs(self.start_seconds) <= MOST_SECONDS:
            raise InvalidInput(f"a phrase starts at {self.start_seconds:g} s; at most {MOST_SECONDS:g} were expected")
        if not self.notes:
            raise InvalidInput("a phrase has no notes")
        self._check_slurs()
        self._check_phones()
        for name, curve in (*self.curves.items(), *self.singers.items()):
            if isinstance(curve, Curve):
                self._check_curve(name, curve)

    @property
    def duration_seconds(self) -> float:
        """Of all notes and rests."""
        return math.fsum(note.duration_seconds for note in self.notes)

    @property
    def end_seconds(self) -> float:
        """On the song's timeline."""
        return self.start_seconds + self.duration_seconds

    @property
    def onsets(self) -> tuple[float, ...]:
        """When each note starts, on the song's timeline."""
        starts = [self.start_seconds]
        for note in self.notes[:-1]:
            starts.append(starts[-1] + note.duration_seconds)
        return tuple(starts)

    @property
    def heads(self) -> tuple[int, ...]:
        """The indexes of notes and rests that are no slurs, each of which begins a word."""
        return tuple(index for index, note in enumerate(self.notes) if not note.slur)

    @property
    def phone_notes(self) -> tuple[int, ...]:
        """For each phone, the first note of its syllable, or its rest."""
        following = dict(pairwise(self.heads))
        return tuple(following.get(phone.note, phone.note) if phone.leads else phone.note for phone in self.phones)

    def _check_slurs(self) -> None:
        for before, note in zip((None, *self.notes), self.notes, strict=False):
            if note.slur and (before is None or before.pitch is None):
                raise InvalidInput("a phrase has a slur after a rest, where no syllable is held; take it away")

    def _check_phones(self) -> None:
        heads = set(self.heads)
        for before, phone in zip((None, *self.phones), self.phones, strict=False):
            if phone.note not in heads or (before is not None and phone.note < before.note):
                raise InvalidInput(f"the phone {phone.symbol} sounds in note {phone.note}, where no word begins")

    def _check_curve(self, name: str, curve: Curve) -> None:
        seconds = self.duration_seconds
        if abs(curve.duration_seconds - seconds) > max(_FIT_SECONDS, _FIT_SHARE * seconds, 2 * curve.step_seconds):
            raise InvalidInput(
                f"the curve {name} lasts {curve.duration_seconds:.2f} s and its phrase {seconds:.2f} s; "
                "they must be of one length"
            )


@dataclass(frozen=True)
class Song:
    """Phrases in order of their starts, which may overlap where one fades into the next.

    `timeline` is a score without tracks: the tempos and metres that tell bars and ticks from seconds.

    >>> song = Song((Phrase(0.0, (SungNote(0.5, None), SungNote(1.0, 60.0, "la"))),))
    >>> song.end_seconds, song.transposed(2).phrases[0].notes[1].pitch
    (1.5, 62.0)

    Raises:
        InvalidInput: nothing that is sung, or beyond measure.
    """

    phrases: tuple[Phrase, ...]
    timeline: Score = field(default_factory=lambda: Score(()))
    language: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "phrases", tuple(sorted(self.phrases, key=lambda phrase: phrase.start_seconds)))
        notes = [note for phrase in self.phrases for note in phrase.notes]
        if not any(note.pitch is not None for note in notes):
            raise InvalidInput("a song has rests only; at least one note to sing was expected")
        if len(notes) > MOST_NOTES or self.end_seconds > MOST_SECONDS:
            raise InvalidInput(f"a song has at most {MOST_NOTES} notes and {MOST_SECONDS:g} s; cut it into pieces")

    @property
    def end_seconds(self) -> float:
        """When the last phrase ends."""
        return max(phrase.end_seconds for phrase in self.phrases)

    def transposed(self, semitones: float) -> Song:
        """The same song higher or lower, its F0 curves too.

        Raises:
            InvalidInput: a note would leave MIDI's range.
        """
        return replace(self, phrases=tuple(_transposed(phrase, semitones) for phrase in self.phrases))

    def timed_notes(self) -> Iterator[tuple[float, SungNote]]:
        """The notes that are sung, without rests, and when each starts."""
        for phrase in self.phrases:
            for start, note in zip(phrase.onsets, phrase.notes, strict=True):
                if note.pitch is not None:
                    yield start, note

    def bar(self, seconds: float) -> int:
        """The number, from 1, of the bar that a time lies in."""
        return self.timeline.bar_number(self.timeline.ticks(max(0.0, seconds)))


def _transposed(phrase: Phrase, semitones: float) -> Phrase:
    notes = tuple(note if note.pitch is None else replace(note, pitch=note.pitch + semitones) for note in phrase.notes)
    curves = dict(phrase.curves)
    if F0 in curves:
        factor = 2.0 ** (semitones / 12)
        curves[F0] = replace(curves[F0], values=tuple(value * factor for value in curves[F0].values))
    return replace(phrase, notes=notes, curves=curves)
