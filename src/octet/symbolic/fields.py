"""Fields of label files: lists of numbers and note names."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from octet.core.errors import InvalidInput

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_NOTE = re.compile(r"([A-Ga-g])([#♯b♭]{0,2})(-?\d{1,2})([+-]\d{1,3})?", re.ASCII)
_ALTERS = {"#": 1, "♯": 1, "b": -1, "♭": -1}
_RESTS = frozenset(("rest", "r", "sp", "ap", "none"))


def number(text: str, what: str) -> float:
    """A finite number.

    Raises:
        InvalidInput: it is none; `what` is named.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidInput(f"{what} holds {text.strip()[:20]!r}; a number was expected")
    return value


def numbers(text: str, what: str) -> tuple[float, ...]:
    """Numbers divided by blanks (or commas)."""
    return tuple(number(part, what) for part in text.replace(",", " ").split())


def counts(text: str, what: str) -> tuple[int, ...]:
    """Whole numbers from 0 on."""
    values = numbers(text, what)
    if any(value < 0 or not value.is_integer() or value > 1e6 for value in values):
        raise InvalidInput(f"{what} holds a number that is no count; whole numbers from 0 on were expected")
    return tuple(map(int, values))


def pitch(name: str) -> float | None:
    """The MIDI number of a note by its name, its number, or None for a rest; of two names (D#4/Eb4) the first.

    >>> pitch("C4+12"), pitch("D#4/Eb4"), pitch("rest")
    (60.12, 63.0, None)

    Raises:
        InvalidInput: no name of a note.
    """
    said = name.split("/")[0].strip()
    if said.lower() in _RESTS:
        return None
    match = _NOTE.fullmatch(said)
    if match is None:
        return number(said, "a list of notes")
    letter, alters, octave, cents = match.groups()
    semitones = _LETTERS[letter.upper()] + sum(_ALTERS[sign] for sign in alters)
    return (100 * (12 * (int(octave) + 1) + semitones) + int(cents or 0)) / 100


def name(pitch: float | None) -> str:
    """The name of a pitch, to a cent.

    >>> name(60.12), name(None)
    ('C4+12', 'rest')
    """
    if pitch is None:
        return "rest"
    whole = round(pitch)
    cents = round((pitch - whole) * 100)
    return f"{_NAMES[whole % 12]}{whole // 12 - 1}" + (f"{cents:+d}" if cents else "")


def joined(values: Sequence[float]) -> str:
    """Numbers divided by blanks, each so that it reads back as itself."""
    return " ".join(repr(value) for value in values)


def require_equal(**lengths: int) -> None:
    """Raise where lists that go together are of several lengths.

    Raises:
        InvalidInput: with the names and lengths.
    """
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InvalidInput(f"lists that belong together differ in length: {said}")
