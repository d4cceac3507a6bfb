"""Fields of a MusicXML document: numbers, metres, the strength of notes, and the syllables under them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from octet.core.errors import InvalidInput
from octet.symbolic.score import MOST_VERSES, Syllabic

_PLACES: Mapping[str, Syllabic] = {"single": "single", "begin": "begin", "middle": "middle", "end": "end"}


@dataclass(frozen=True)
class Line:
    """A syllable of one of the lines of text under a note."""

    text: str
    syllabic: Syllabic
    extends: bool


def number(text: str, what: str) -> float:
    """A number of a file, of a size that can be one.

    Raises:
        InvalidInput: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= 1e9:
        raise InvalidInput(f"{what} is {text.strip()[:20]!r}; a number was expected")
    return value


def fraction(text: str, what: str) -> Fraction:
    """Exact where the file's number is: whole numbers, which MusicXML has almost everywhere."""
    return Fraction(number(text, what)).limit_denominator(1_000_000)


def velocity_of(note: Element) -> int:
    """Of the attribute `dynamics`, which is in hundredths of a forte of 90."""
    given = note.get("dynamics")
    return 80 if given is None else min(127, max(1, round(number(given, "a note's dynamics") * 0.9)))


def metre_of(time: Element | None) -> tuple[int, int] | None:
    """Of one or several fractions (3/8 + 2/4), brought to the smallest note value; None for free metre."""
    if time is None:
        return None
    counts = [sum(_whole(part) for part in (beats.text or "").split("+")) for beats in time.iterfind("beats")]
    units = [_whole(unit.text or "") for unit in time.iterfind("beat-type")]
    if not counts or len(counts) != len(units):
        return None
    smallest = max(units)
    if any(unit < 1 or smallest % unit for unit in units):
        raise InvalidInput(f"a metre's denominators are {units}; powers of two from 1 to 64 were expected")
    return sum(count * smallest // unit for count, unit in zip(counts, units, strict=True)), smallest


def _whole(text: str) -> int:
    return round(number(text, "a metre's number"))


def lines_of(note: Element) -> Iterator[tuple[int, Line]]:
    """The syllables under a note by the number of their line."""
    for place, lyric in enumerate(note.iterfind("lyric"), start=1):
        text = "".join(part.text or "" for part in lyric if part.tag in ("text", "elision")).strip()
        if not text:
            continue
        places = [_PLACES.get((part.text or "").strip(), "single") for part in lyric.iterfind("syllabic")]
        extend = lyric.find("extend")
        extends = extend is not None and extend.get("type", "start") == "start"
        yield _line_number(lyric, place), Line(text, _joined(places or ["single"]), extends)


def _joined(places: list[Syllabic]) -> Syllabic:
    """Of several syllables on one note: what the first says of its beginning, and the last of its end."""
    begins, ends = places[0] in ("single", "begin"), places[-1] in ("single", "end")
    return ("single" if ends else "begin") if begins else ("end" if ends else "middle")


def _line_number(lyric: Element, place: int) -> int:
    """Its number, that in its name ("part1verse2"), or else its place under the note."""
    said = re.search(r"\d{1,3}$", lyric.get("number", "1").strip())
    return min(max(int(said[0]) if said else place, 1), MOST_VERSES)
