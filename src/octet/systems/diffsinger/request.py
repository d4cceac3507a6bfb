"""What is to be sung, and how: one request for Python, command line and server.

A `Line` is a phrase of `octet.symbolic.song` whose lyrics are pronounced, as data that can be stored with a sound.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from octet.core.errors import InvalidInput
from octet.symbolic.song import MOST_NOTES, MOST_SECONDS, MOST_VALUES, Curve, Phrase, Song
from octet.systems.diffsinger.config import CURVES, SamplerName

F0 = "f0_hz"
DECIBELS = 60.0  # that a curve may be moved by

Seconds = Annotated[float, Field(ge=0, le=MOST_SECONDS)]
Offset = Annotated[float, Field(ge=-DECIBELS, le=DECIBELS)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LineNote(_Value):
    """A note, or a rest (`pitch` None). `slur`: the syllable of the note before is held on."""

    seconds: float = Field(gt=0, le=MOST_SECONDS)
    pitch: float | None = Field(default=None, ge=0, le=127)  # a MIDI number
    slur: bool = False


class LinePhone(_Value):
    """A phone and the note in whose time it sounds. `leads`: before the beat, of the next note's syllable.

    `seconds` is None where it is left to the singer.
    """

    symbol: str
    note: int = Field(ge=0)
    accent: str = ""
    leads: bool = False
    seconds: Seconds | None = None
    language: str = ""


class LineCurve(_Value):
    """Values at equal steps from the start of a line."""

    step_seconds: float = Field(ge=1e-4, le=10)
    values: tuple[float, ...] = Field(min_length=1, max_length=MOST_VALUES)


class Line(_Value):
    """A phrase. `curves` are F0 ("f0_hz", 0 where unvoiced), energy, breathiness and voicing in dB, and tension."""

    start_seconds: float = Field(default=0.0, ge=-MOST_SECONDS, le=MOST_SECONDS)
    notes: tuple[LineNote, ...] = Field(min_length=1, max_length=MOST_NOTES)
    phones: tuple[LinePhone, ...] = Field(min_length=1, max_length=MOST_NOTES)
    curves: dict[str, LineCurve] = Field(default_factory=dict)
    language: str = ""
    singer: str = ""
    seed: int | None = Field(default=None, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        heads = set(self.heads)
        if self.notes[0].slur:
            raise ValueError("the first note is a slur, with nothing before it to hold on")
        sounding = {phone.note for phone in self.phones}
        if sounding != heads:
            wrong = min(sounding ^ heads) + 1
            raise ValueError(f"each note that is no slur has phones, and no other has; see note {wrong}")
        if [phone.note for phone in self.phones] != sorted(phone.note for phone in self.phones):
            raise ValueError("phones follow the order of their notes")
        unknown = [name for name in self.curves if name not in (F0, *CURVES)]
        if unknown:
            raise ValueError(f"unknown curve {unknown[0]!r}: choose from {', '.join((F0, *CURVES))}")
        return self

    @property
    def heads(self) -> tuple[int, ...]:
        """The notes and rests that are no slurs, each of which begins a word."""
        return tuple(index for index, note in enumerate(self.notes) if not note.slur)

    @classmethod
    def of(cls, phrase: Phrase) -> Line:
        """A phrase, of which what this system does not follow is left out. A rest without phones is a silence.

        Raises:
            InvalidInput: its lyrics are not pronounced yet.
        """
        sounding = {phone.note for phone in phrase.phones}
        silent = [note for note in phrase.heads if note not in sounding]
        if any(phrase.notes[note].pitch is not None for note in silent):
            bare = next(note for note in silent if phrase.notes[note].pitch is not None)
            raise InvalidInput(f"note {bare + 1} of the phrase has no phones: its lyrics must be pronounced first")
        phones = [
            LinePhone(
                symbol=phone.symbol,
                note=phone.note,
                accent=phone.accent,
                leads=phone.leads,
                seconds=phone.duration_seconds,
                language=phone.language,
            )
            for phone in phrase.phones
        ]
        phones += [LinePhone(symbol="sil", note=note) for note in silent]
        return cls(
            start_seconds=phrase.start_seconds,
            notes=tuple(LineNote(seconds=n.duration_seconds, pitch=n.pitch, slur=n.slur) for n in phrase.notes),
            phones=tuple(sorted(phones, key=lambda phone: phone.note)),
            curves={name: _curve(curve) for name, curve in phrase.curves.items() if name in (F0, *CURVES)},
            language=phrase.language,
            singer=_foremost(phrase),
            seed=phrase.seed,
        )


class Region(_Value):
    """A stretch of a song, in seconds on its timeline, that is to be taken again."""

    start_seconds: float
    end_seconds: float

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.start_seconds >= self.end_seconds:
            raise ValueError("a region ends after it starts")
        return self


class SingingRequest(_Value):
    """All of it. `None` leaves a choice to the model's configuration.

    With `retake`, F0 and curves of the lines count but for those regions, in which they are drawn again.
    """

    lines: tuple[Line, ...] = Field(min_length=1)
    singer: str | None = None
    key_semitones: float = Field(default=0.0, ge=-48, le=48)
    octaves_to_range: bool = False  # sing in another octave what does not fit the singer's range
    speed: float = Field(default=1.0, ge=0.1, le=10.0)  # above 1 is faster
    expressiveness: float = Field(default=1.0, ge=0, le=4)  # of what a singer adds to the notes
    vibrato: float = Field(default=1.0, ge=0, le=4)
    energy_db: Offset = 0.0
    breathiness_db: Offset = 0.0
    voicing_db: Offset = 0.0
    tension: float = Field(default=0.0, ge=-10, le=10)
    sampler: SamplerName | None = None
    num_inference_steps: int | None = Field(default=None, ge=1, le=10_000)
    retake: tuple[Region, ...] = ()
    seed: int = Field(default=0, ge=0, lt=2**63)


def lines_of(song: Song) -> tuple[Line, ...]:
    """The phrases of a song as lines.

    Raises:
        InvalidInput: lyrics that are not pronounced yet; which phrase is said.
    """
    return tuple(_named(number, phrase) for number, phrase in enumerate(song.phrases, start=1))


def request_of(lines: Iterable[Line] | Song, **options: Any) -> SingingRequest:
    """A checked request.

    Raises:
        InvalidInput: an unknown option or a value out of range, in one line.
    """
    chosen = lines_of(lines) if isinstance(lines, Song) else tuple(lines)
    try:
        return SingingRequest.model_validate({"lines": chosen, **options})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            known = ", ".join(SingingRequest.model_fields)
            raise InvalidInput(f"unknown option {name!r}: choose from {known}") from None
        reason = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{name}: {reason}, given {reprlib.repr(first['input'])}") from None


def _named(number: int, phrase: Phrase) -> Line:
    try:
        return Line.of(phrase)
    except ValidationError as error:
        raise InvalidInput(f"phrase {number}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None
    except InvalidInput as error:
        raise InvalidInput(f"phrase {number}: {error}") from None


def _curve(curve: Curve) -> LineCurve:
    return LineCurve(step_seconds=curve.step_seconds, values=curve.values)


def _foremost(phrase: Phrase) -> str:
    """The singer with the largest constant share; mixtures are not sung."""
    shares = {name: share for name, share in phrase.singers.items() if isinstance(share, float | int)}
    return max(shares, key=lambda name: shares[name], default="")
