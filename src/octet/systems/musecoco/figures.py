"""Numbers in a text, exactly: bars, beats a minute and seconds, in English and Korean.

The dictionary has classes only (moderate, 15 to 30 seconds); who writes a number means it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from octet.systems.musecoco.wishes import ANY_BPM

_MOST_BARS = 256
_MOST_SECONDS = 3600.0
_NUMBER = r"(?<![\d./:])(\d{1,4}(?:\.\d{1,3})?)"
_WORDS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "bars": (
        re.compile(rf"{_NUMBER}[ -]?(?:bars?|measures?)\b(?! blues)", re.IGNORECASE),
        re.compile(rf"{_NUMBER}\s?마디"),
    ),
    "bpm": (
        re.compile(rf"{_NUMBER}\s?(?:bpm\b|beats (?:per|a|every) minute)", re.IGNORECASE),
        re.compile(rf"(?:1\s?분에|분당) (?:약 )?{_NUMBER}\s?박"),
    ),
    "minutes": (
        re.compile(rf"{_NUMBER}[ -]?minutes?\b", re.IGNORECASE),
        re.compile(rf"{_NUMBER}\s?분(?!의|에|당)"),
    ),
    "seconds": (
        re.compile(rf"{_NUMBER}[ -]?(?:seconds?|secs?|s)\b", re.IGNORECASE),
        re.compile(rf"{_NUMBER}\s?초"),
    ),
}
_IN_RANGE: Mapping[str, Callable[[float], bool]] = {
    "bars": lambda value: value.is_integer() and 1 <= value <= _MOST_BARS,
    "bpm": lambda value: ANY_BPM[0] <= value <= ANY_BPM[1],
    "seconds": lambda value: 0 < value <= _MOST_SECONDS,
}


def figures(text: str) -> dict[str, float]:
    """`bars`, `bpm` and `seconds` as far as the text has one number of each, within what can be composed.

    >>> figures("a waltz at 132 bpm, 1 minute and 30 seconds"), figures("8마디, 30초 정도")
    ({'bpm': 132.0, 'seconds': 90.0}, {'bars': 8, 'seconds': 30.0})
    """
    told = {name: _only(patterns, text) for name, patterns in _WORDS.items()}
    minutes = told.pop("minutes")
    if minutes is not None:
        told["seconds"] = 60 * minutes + (told["seconds"] or 0.0)
    found = {name: value for name, value in told.items() if value is not None and _IN_RANGE[name](value)}
    return {name: int(value) if name == "bars" else value for name, value in found.items()}


def _only(patterns: tuple[re.Pattern[str], ...], text: str) -> float | None:
    """The number of this kind; None where there is none or more than one."""
    values = {float(number) for pattern in patterns for number in pattern.findall(text)}
    return values.pop() if len(values) == 1 else None
