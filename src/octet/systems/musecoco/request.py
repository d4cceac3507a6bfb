"""What piece is to be composed: one request for Python, command line and server."""

from __future__ import annotations

import hashlib
import reprlib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_serializer, field_validator

from octet.core.errors import InvalidInput
from octet.nn.sampling import Sampling
from octet.symbolic.attributes import ARTISTS, GENRES, Attributes, Emotion, Intensity
from octet.symbolic.conditions import VALUES
from octet.symbolic.instruments import CLASSES, NEAREST
from octet.symbolic.remigen import encode
from octet.symbolic.score import TONICS, Mode, Score
from octet.systems.musecoco.config import READABLE
from octet.systems.musecoco.grammar import metre_number

MOST_CANDIDATES = 64
MOST_BARS = 256
LONGEST_PROMPT = 10_000
_TONIC_OF_LETTER = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}
_KNOWN: Mapping[str, Sequence[str]] = {
    "instruments": CLASSES,
    "without": CLASSES,
    "genres": GENRES,
    "artist": ARTISTS,
}


class ScoreRequest(BaseModel):
    """All of it. What is None is left to the prompt, and beyond it to the model.

    Defaults of sampling are those of the published code.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)
    prompt: str = ""
    instruments: tuple[str, ...] | None = None  # classes that are to be heard
    without: tuple[str, ...] = ()  # classes that are not
    genres: tuple[str, ...] | None = None
    artist: str | None = None
    emotion: Emotion | None = None
    bars: Annotated[int, Field(ge=1, le=MOST_BARS)] | None = None  # those of a beginning count
    seconds: Annotated[float, Field(gt=0, le=3600)] | None = None  # at most; whole bars are made
    metre: str | None = None
    bpm: Annotated[float, Field(ge=16, le=256)] | None = None  # what the dictionary has tempos for
    tonic: Annotated[int, Field(ge=0, le=11)] | None = None  # 0 is C; or a name, as "F sharp" or "Bb"
    mode: Mode | None = None
    octaves: Annotated[int, Field(ge=0, le=10)] | None = None
    intensity: Intensity | None = None
    danceable: bool | None = None
    classes: Mapping[str, int] = Field(default_factory=dict)  # values by key of the prefix, where no number is known
    continue_from: Path | Score | None = None  # a MIDI file or a score
    enforce: bool = True  # what is asked of metre, tempo and instruments is law, not only a wish
    candidates: int = Field(default=1, ge=1, le=MOST_CANDIDATES)  # pieces, of which the one that meets most is kept
    temperature: float = Field(default=1.0, ge=0, le=100)  # 0 takes the likeliest
    top_k: int = Field(default=15, ge=0)  # 0 is without
    top_p: float = Field(default=0.0, ge=0, le=1)  # 0 is without
    seed: int = Field(default=0, ge=0, lt=2**63)

    @field_validator("prompt")
    @classmethod
    def _readable(cls, text: str) -> str:
        try:  # bytes of another encoding on the command line arrive as lone surrogates
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"not Unicode text (character {error.start}): convert it to UTF-8") from None
        if len(text) > LONGEST_PROMPT:
            raise ValueError(f"{len(text)} letters are more than the {LONGEST_PROMPT} that are read")
        return text

    @field_validator("instruments", "without", "genres", "artist", mode="before")
    @classmethod
    def _known(cls, given: Any, info: Any) -> Any:
        """Names as the dictionary has them; a single one may stand for a list."""
        if given is None:
            return None
        known = _KNOWN[info.field_name]
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            raise ValueError("names were expected")
        found = tuple(_like(name, known) for name in names)
        return found[0] if info.field_name == "artist" and found else found

    @field_validator("classes")
    @classmethod
    def _in_dictionary(cls, given: Mapping[str, int]) -> Mapping[str, int]:
        for key, value in given.items():
            if key not in READABLE or not 0 <= value < VALUES[key]:
                raise ValueError(f"the dictionary has no {key}_{value}")
        return given

    @field_validator("metre")
    @classmethod
    def _writable(cls, name: str | None) -> str | None:
        if name is not None and metre_number(name) is None:
            raise ValueError("a metre is numerator/denominator, as 3/4 or 6/8, of at most two whole notes a bar")
        return name

    @field_validator("tonic", mode="before")
    @classmethod
    def _pitch_class(cls, given: Any) -> Any:
        return tonic_of(given) if isinstance(given, str) else given

    @field_serializer("continue_from")
    def _named(self, beginning: Path | Score | None) -> str | None:
        """A path, or the hash of a score that has none."""
        if isinstance(beginning, Score):
            return f"sha256:{hashlib.sha256(repr(beginning).encode()).hexdigest()}"
        return None if beginning is None else str(beginning)

    @property
    def attributes(self) -> Attributes:
        """What is asked for besides the prompt."""
        return Attributes(**{name: getattr(self, name) for name in Attributes.model_fields})

    @property
    def sampling(self) -> Sampling:
        """How tokens are drawn."""
        return Sampling(temperature=self.temperature, top_k=self.top_k, top_p=self.top_p)


def request_of(prompt: str, **options: Any) -> ScoreRequest:
    """A checked request.

    Raises:
        InvalidInput: an unknown option, a value out of range, an instrument both wanted and not; in one line.
    """
    try:
        request = ScoreRequest.model_validate({"prompt": prompt, **options})
    except ValidationError as error:
        raise InvalidInput(_reason(error)) from None
    both = set(request.instruments or ()) & set(request.without)
    if both:
        raise InvalidInput(f"{min(both)} is asked for in instruments and in without: leave it out of one")
    if set(request.without) == set(CLASSES):
        raise InvalidInput("without names every instrument there is: leave one out of it")
    return request


def tonic_of(name: str) -> int:
    """The pitch class of a note's name.

    >>> tonic_of("F sharp"), tonic_of("Bb"), tonic_of("c")
    (6, 10, 0)
    """
    text = name.strip().lower()
    letter, accidental = text[:1], text[1:].strip(" -")
    if letter not in _TONIC_OF_LETTER or accidental not in _ACCIDENTALS:
        raise ValueError(f"a tonic is 0 to 11 or one of {', '.join(TONICS)}")
    return (_TONIC_OF_LETTER[letter] + _ACCIDENTALS[accidental]) % 12


def beginning_tokens(score: Score) -> list[str]:
    """The tokens of music that is to be continued.

    Raises:
        InvalidInput: it has no notes.
    """
    try:
        return encode(score)
    except InvalidInput:
        raise InvalidInput("continue_from has no notes: give a piece with some, or leave it out") from None


def _like(name: str, known: Sequence[str]) -> str:
    by_lower = {one.lower(): one for one in known}
    if name.lower() in by_lower:
        return by_lower[name.lower()]
    near = next((NEAREST[other] for other in NEAREST if other in name.lower()), None)
    if near in known:
        raise ValueError(f"{reprlib.repr(name)} is not known, the nearest is {near}")
    close = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.5)
    close += [lower for lower in by_lower if lower in name.lower() and lower not in close]
    hint = " or ".join(by_lower[lower] for lower in close) or f"one of {', '.join(known)}"
    raise ValueError(f"{reprlib.repr(name)} is not known, take {hint}")


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        close = get_close_matches(name, ScoreRequest.model_fields, n=2)
        return f"unknown option {name!r}: choose from {', '.join(close or ScoreRequest.model_fields)}"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{name}: {reason}, given {reprlib.repr(first['input'])}"
