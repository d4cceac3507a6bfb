"""Praat's TextGrid, read and written: long and short text layout, UTF-8 and UTF-16, interval and point tiers.

Praat's own rule for its text files makes both layouts one: only quoted strings, free-standing numbers and flags such
as `<exists>` count; every other word is a comment for people. The order of what counts is

    "ooTextFile" "TextGrid" start end <exists> tiers, then per tier: class name start end entries,
    then per entry: start end text (interval) or time text (point).

What the labels mean is `octet.text.labels`. Legend: all times are seconds.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from octet.core.errors import InvalidInput
from octet.core.files import atomic_path

Layout = Literal["long", "short"]

# Possessive quantifiers: a hostile run of quotes is read once, never backtracked into.
_TOKENS = re.compile(
    r'"(?P<text>(?:[^"]|"")*+)"|(?P<open>")|(?<!\S)(?P<number>[-+]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+)(?!\S)'
    r"|(?P<flag><(?:exists|absent)>)|(?P<comment>(?<!\S)![^\r\n]*+)|(?P<word>[^\s\"]++)",
    re.ASCII,
)
_OVERLAP_SECONDS = 1e-3  # tools round times to milliseconds; more than that is a fault of the file


@dataclass(frozen=True)
class Interval:
    """A labelled stretch of time; zero length is legal."""

    start_seconds: float
    end_seconds: float
    text: str


@dataclass(frozen=True)
class Point:
    """A labelled moment."""

    time_seconds: float
    text: str


@dataclass(frozen=True)
class IntervalTier:
    name: str
    start_seconds: float
    end_seconds: float
    intervals: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class PointTier:
    name: str
    start_seconds: float
    end_seconds: float
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class TextGrid:
    start_seconds: float
    end_seconds: float
    tiers: tuple[IntervalTier | PointTier, ...] = ()

    def intervals(self, name: str) -> IntervalTier:
        """The first interval tier of that name, whatever its capitals ("phones" finds "Phones").

        Raises:
            InvalidInput: there is none; the message lists those there are.
        """
        tiers = [tier for tier in self.tiers if isinstance(tier, IntervalTier)]
        for tier in tiers:
            if tier.name.lower() == name.lower():
                return tier
        raise InvalidInput(f"no interval tier {name!r} in the TextGrid; it has {[tier.name for tier in tiers]}")


def read(path: Path) -> TextGrid:
    """Read a TextGrid file.

    Raises:
        InvalidInput: missing, not a TextGrid, cut short, or with times that run backwards.
    """
    try:
        return parse(path.read_bytes())
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from None
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None


def parse(data: bytes) -> TextGrid:
    """The TextGrid in the bytes of a file, of either layout and encoding.

    Raises:
        InvalidInput: as `read`.
    """
    tokens = _Tokens(_decoded(data))
    if not tokens.string().startswith("ooTextFile") or tokens.string() != "TextGrid":
        raise InvalidInput("not a TextGrid in text form; in Praat use  Save as text file")
    start, end = tokens.span()
    if tokens.flag() != "<exists>":
        return TextGrid(start, end)
    return TextGrid(start, end, tuple(_read_tier(tokens) for _ in range(tokens.count())))


def write(
    path: Path, grid: TextGrid, *, layout: Layout = "long", encoding: Literal["utf-8", "utf-16"] = "utf-8"
) -> None:
    """Write a TextGrid atomically; UTF-16 has a byte order mark, as Praat's own files.

    Raises:
        InvalidInput: the file cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(render(grid, layout=layout).encode(encoding))


def render(grid: TextGrid, *, layout: Layout = "long") -> str:
    """A TextGrid as text. Times are written so that they read back as the same numbers."""
    if layout == "long":
        body = [_long_line(part) for part in _parts(grid)]
    else:
        body = [value for _, _, value in _parts(grid) if value is not None]
    return "\n".join(['File type = "ooTextFile"', 'Object class = "TextGrid"', "", *body, ""])


# What a file holds after its head, in order: depth of indentation, what it is called, and the value
# (None where the long layout has a heading only).
_Part = tuple[int, str, str | None]


def _parts(grid: TextGrid) -> Iterator[_Part]:
    yield from _span_parts(0, grid.start_seconds, grid.end_seconds)
    yield 0, "tiers?", "<exists>"
    yield 0, "size", str(len(grid.tiers))
    yield 0, "item []:", None
    for index, tier in enumerate(grid.tiers, start=1):
        yield 1, f"item [{index}]:", None
        yield 2, "class", _quoted("IntervalTier" if isinstance(tier, IntervalTier) else "TextTier")
        yield 2, "name", _quoted(tier.name)
        yield from _span_parts(2, tier.start_seconds, tier.end_seconds)
        yield from _interval_parts(tier) if isinstance(tier, IntervalTier) else _point_parts(tier)


def _interval_parts(tier: IntervalTier) -> Iterator[_Part]:
    yield 2, "intervals: size", str(len(tier.intervals))
    for index, interval in enumerate(tier.intervals, start=1):
        yield 2, f"intervals [{index}]:", None
        yield from _span_parts(3, interval.start_seconds, interval.end_seconds)
        yield 3, "text", _quoted(interval.text)


def _point_parts(tier: PointTier) -> Iterator[_Part]:
    yield 2, "points: size", str(len(tier.points))
    for index, point in enumerate(tier.points, start=1):
        yield 2, f"points [{index}]:", None
        yield 3, "number", repr(point.time_seconds)
        yield 3, "mark", _quoted(point.text)


def _span_parts(depth: int, start: float, end: float) -> Iterator[_Part]:
    yield depth, "xmin", repr(start)
    yield depth, "xmax", repr(end)


def _long_line(part: _Part) -> str:
    depth, name, value = part
    joint = " " if name.endswith("?") else " = "
    return "    " * depth + (name if value is None else f"{name}{joint}{value}")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


class _Tokens:
    """The strings, numbers and flags of a file, taken one by one, each of the kind that must come next."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._matches = _TOKENS.finditer(text)

    def string(self) -> str:
        return self._next("text", "a quoted text").replace('""', '"')

    def flag(self) -> str:
        return self._next("flag", "<exists>")

    def number(self) -> float:
        number = float(self._next("number", "a number"))
        if not math.isfinite(number):
            raise InvalidInput("a time in the TextGrid is not a finite number")
        return number

    def count(self) -> int:
        number = self.number()
        if number < 0 or not number.is_integer():
            raise InvalidInput(f"a size in the TextGrid is {number:g}; a whole number was expected")
        return int(number)

    def span(self) -> tuple[float, float]:
        start, end = self.number(), self.number()
        if end < start:
            raise InvalidInput(f"the TextGrid has a stretch from {start:g} s to {end:g} s: it ends before it starts")
        return start, end

    def _next(self, kind: str, expected: str) -> str:
        for match in self._matches:
            found = str(match.lastgroup)
            if found == kind:
                return match[kind]
            if found not in ("word", "comment"):
                line = self._text.count("\n", 0, match.start()) + 1
                raise InvalidInput(f"line {line} of the TextGrid holds {match[0][:40]!r}; {expected} was expected")
        raise InvalidInput(f"the TextGrid ends early; {expected} was expected")


def _read_tier(tokens: _Tokens) -> IntervalTier | PointTier:
    kind, name = tokens.string(), tokens.string()
    start, end = tokens.span()
    count = range(tokens.count())
    if kind == "IntervalTier":
        intervals = tuple(Interval(*tokens.span(), tokens.string()) for _ in count)
        _require_order([time for i in intervals for time in (i.start_seconds, i.end_seconds)], name)
        return IntervalTier(name, start, end, intervals)
    if kind == "TextTier":
        points = tuple(Point(tokens.number(), tokens.string()) for _ in count)
        _require_order([point.time_seconds for point in points], name)
        return PointTier(name, start, end, points)
    raise InvalidInput(f"the TextGrid has a tier of class {kind[:40]!r}; IntervalTier or TextTier was expected")


def _require_order(times: Sequence[float], name: str) -> None:
    for earlier, later in pairwise(times):
        if later < earlier - _OVERLAP_SECONDS:
            raise InvalidInput(f"tier {name!r} of the TextGrid goes back in time from {earlier:g} s to {later:g} s")


_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def _decoded(data: bytes) -> str:
    """Text of a file in UTF-8, or in UTF-16 with or without a byte order mark (a file starts with an ASCII letter)."""
    mark = next((mark for mark in _MARKS if data.startswith(mark)), b"")
    unmarked = {(False, True): "utf-16-le", (True, False): "utf-16-be"}
    encoding = _MARKS.get(mark) or unmarked.get((data[:1] == b"\0", data[1:2] == b"\0"), "utf-8")
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"not text in {encoding} (byte {error.start}); save the TextGrid as UTF-8") from None
