"""What a language must say about itself so that the shared normaliser can spell out its numbers, dates and signs.

A language builds one `Forms` and calls `octet.text.normalization.normalize(text, FORMS)`. The patterns (e-mail, web
addresses, telephone numbers, dates, times, money, units, fractions, ranges, Roman numerals, digits) are found by
the shared machinery; the words and their order come from here. Everything language-specific that is not a table is a
small function, so that Korean, Mandarin and Japanese fit as well as the Latin languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """A number as written, sign and separators taken off: -1,234.50 is Number("1234", "50", True)."""

    whole: str
    fraction: str = ""
    negative: bool = False

    @property
    def is_one(self) -> bool:
        return not self.fraction and self.whole.lstrip("0") == "1"


@dataclass(frozen=True)
class Noun:
    """What is counted. `gender` is read by the language's own `count` ("m", "f", "n"); many languages ignore it."""

    singular: str
    plural: str
    gender: str = "m"


@dataclass(frozen=True)
class Currency:
    """A currency and its hundredth, or None where it has none in use (yen, won)."""

    unit: Noun
    minor: Noun | None = None


@dataclass(frozen=True)
class Date:
    """A day, a month or a year; at least one of `month` (1 to 12) and `year` is set."""

    year: int | None = None
    month: int | None = None
    day: int | None = None


@dataclass(frozen=True)
class Clock:
    """A time of day as written; `half` is "am", "pm" or nothing."""

    hour: int
    minute: int = 0
    second: int | None = None
    half: str = ""


@dataclass(frozen=True, eq=False)  # compared and cached by identity: a language has one
class Forms:
    """The words of one language.

    Functions return words without digits. `cardinal` is asked for integers below 10^15 only; longer ones are read
    digit by digit. `web` names the characters of addresses. `scales` are words that multiply an amount of money
    ("million", "Mio."), `currencies` go by ISO 4217 code, `units` by symbol ("km/h", "%"; "²" and "³" as they are).
    """

    code: str
    cardinal: Callable[[int], str]
    ordinal: Callable[[int], str]
    year: Callable[[int], str]
    date: Callable[[Date], str]
    clock: Callable[[Clock], str]
    count: Callable[[Number, Noun, str], str]  # number, noun, number in words -> both together
    fraction: Callable[[int, int], str]
    digits: tuple[str, ...]
    minus: str
    point: str
    letters: Mapping[str, str]
    symbols: Mapping[str, str]
    web: Mapping[str, str]
    units: Mapping[str, Noun]
    currencies: Mapping[str, Currency]
    scales: Mapping[str, Noun]
    decimal_mark: str = "."
    group_marks: str = ","
    decimals_as_number: int = 0  # how many decimals at most are read as one number; 0 reads each digit
    day_first: bool = True  # 3/5/2021 is the third of May
    to: str = "to"  # said between the ends of a range
    per: str = "per"  # said for the stroke before a unit: 5 mg/kg
    ratio: str = "to"  # said for the colon of 3:1
    mixed: str = "{0} {1}"  # a whole number and a fraction: "{0} and {1}"
    money: str = "{major} {minor}"  # may also use {cents}, the hundredths without their name
    spaced: bool = True  # words are divided by blanks
    acronym_plural: str = ""  # what an acronym takes in the plural: "s" in "CDs"
    words_in_capitals: frozenset[str] = frozenset()  # short words that are no acronyms: NOT, ALL
    spoken_acronyms: frozenset[str] = frozenset()  # read as words although short or without a vowel
    spelled_acronyms: frozenset[str] = frozenset()  # spelled although they look like words
    phones: tuple[str, ...] = ()  # patterns of national telephone numbers beyond the shared ones
    phone_group: Callable[[str], str] | None = None  # reads a group of a telephone number; None reads each digit
    before: tuple[Callable[[str], str], ...] = ()  # passes of the language over the cleaned text, digits still there
    after: tuple[Callable[[str], str], ...] = ()  # passes after all digits have become words
