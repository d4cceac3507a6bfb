"""Dates and times of day that are written with digits alone; those with names of months are each language's own."""

from __future__ import annotations

import re

from octet.text.normalization.forms import Clock, Date, Forms
from octet.text.normalization.numbers import put

_ISO = re.compile(r"(?<![\w.-])(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:T(?=\d\d:)|(?![\w-]))")
_NUMERIC = re.compile(r"(?<![\w./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\w/]|[.-]\d)")
_YEAR_FIRST = re.compile(r"(?<![\w./-])(\d{4})([./])(\d{1,2})\2(\d{1,2})(?![\w/]|[.-]\d)")
_CLOCK = re.compile(
    r"(?<![\w.:])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.\d+)?)?"
    r"(?:\s?(?P<half>[ap])(?:\.\s?m\.?|m)(?!\w))?Z?(?![\w:])",
    re.IGNORECASE,
)
_CLOCK_RANGE = re.compile(r"(?<=\d:\d\d)\s?[-–]\s?(?=\d{1,2}:\d\d)")
_HALF_ONLY = re.compile(r"(?<![\w.:])(?P<hour>1[0-2]|0?[1-9])\s?(?P<half>[ap])(?:\.\s?m\.?|m)(?!\w)", re.IGNORECASE)


def dates(text: str, forms: Forms) -> str:
    """2021-03-05, 2021/3/5, 3/5/2021, 5.3.2021, in the order of day and month that the language has."""
    text = _ISO.sub(lambda match: _put_date(match, match[1], match[2], match[3], forms), text)
    text = _YEAR_FIRST.sub(lambda match: _put_date(match, match[1], match[3], match[4], forms), text)
    return _NUMERIC.sub(lambda match: _put_date(match, match[4], *_month_day(match, forms), forms), text)


def times(text: str, forms: Forms) -> str:
    """14:30, 14:30:05, 2:30 pm, 2 p.m."""
    text = _CLOCK_RANGE.sub(f" {forms.to} ", text)
    text = _CLOCK.sub(lambda match: put(match, forms.clock(_clock(match))), text)
    return _HALF_ONLY.sub(lambda match: put(match, forms.clock(_clock(match))), text)


def full_year(written: str) -> int:
    """Two digits are a year from 1950 to 2049.

    >>> full_year("99"), full_year("21"), full_year("1848")
    (1999, 2021, 1848)
    """
    year = int(written)
    if len(written) > 2:
        return year
    return year + (2000 if year < 50 else 1900)


def _month_day(match: re.Match[str], forms: Forms) -> tuple[str, str]:
    first, second = match[1], match[3]
    day_first = forms.day_first or match[2] == "."
    month, day = (second, first) if day_first else (first, second)
    # A month above twelve can only be a day: 25/12 and 12/25 are the same date.
    return (day, month) if int(month) > 12 else (month, day)


def _put_date(match: re.Match[str], year: str, month: str, day: str, forms: Forms) -> str:
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        return match.group()
    words = put(match, forms.date(Date(full_year(year), int(month), int(day))))
    return f"{words}, " if match.group().endswith("T") else words


def _clock(match: re.Match[str]) -> Clock:
    found = match.groupdict()
    half = {"a": "am", "p": "pm"}.get((found["half"] or "").lower(), "")
    second = found.get("second")
    return Clock(int(found["hour"]), int(found.get("minute") or 0), int(second) if second else None, half)
