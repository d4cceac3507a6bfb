import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.text import textgrid
from octet.text.textgrid import Interval, IntervalTier, Point, PointTier, TextGrid

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 1.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "phones"
        xmin = 0
        xmax = 1.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = ""
        intervals [2]:
            xmin = 0.5
            xmax = 1.5
            text = "say ""AH1"" 3 ! <exists>"
    item [2]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 1.5
        points: size = 1
        points [1]:
            number = 0.25
            mark = "ʘ"
"""
SHORT = """"ooTextFile"
"TextGrid"
! a comment with "quotes" and 12 numbers
0 1.5 <exists> 2
"IntervalTier" "phones" 0 1.5 2
0 .5 "" .5 1.5 "say ""AH1"" 3 ! <exists>"
"TextTier" "clicks" 0 1.5 1 0.25 "ʘ"
"""
GRID = TextGrid(
    0.0,
    1.5,
    (
        IntervalTier("phones", 0.0, 1.5, (Interval(0.0, 0.5, ""), Interval(0.5, 1.5, 'say "AH1" 3 ! <exists>'))),
        PointTier("clicks", 0.0, 1.5, (Point(0.25, "ʘ"),)),
    ),
)

_text = st.text(max_size=5) | st.sampled_from(['"', '""', "<exists>", "! no comment", "7", "\r\n", "ㄱ", "a\x00b"])
_times = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=2, max_size=5).map(sorted)


@st.composite
def _tiers(draw: st.DrawFn) -> IntervalTier | PointTier:
    times, name = draw(_times), draw(_text)
    texts = draw(st.lists(_text, min_size=len(times), max_size=len(times)))
    if draw(st.booleans()):
        points = tuple(map(Point, times, texts))
        return PointTier(name, times[0], times[-1], points)
    return IntervalTier(name, times[0], times[-1], tuple(map(Interval, times[:-1], times[1:], texts)))


_grids = st.lists(_tiers(), max_size=3).map(lambda tiers: TextGrid(0.0, 1e6, tuple(tiers)))


@pytest.mark.parametrize("text", [LONG, SHORT, LONG.replace("\n", "\r\n"), LONG.replace("    ", "\t")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_layouts_and_encodings_mean_the_same(text: str, encoding: str) -> None:
    assert textgrid.parse(text.encode(encoding)) == GRID


def test_big_endian_with_a_mark() -> None:
    assert textgrid.parse(b"\xfe\xff" + LONG.encode("utf-16-be")) == GRID


def test_the_long_layout_is_written_as_praat_writes_it() -> None:
    written = textgrid.render(GRID).replace("= 0.0\n", "= 0\n")
    assert [line.rstrip() for line in written.splitlines()] == LONG.splitlines()


def test_the_short_layout_holds_values_only() -> None:
    lines = textgrid.render(GRID, layout="short").splitlines()
    assert lines[3:10] == ["0.0", "1.5", "<exists>", "2", '"IntervalTier"', '"phones"', "0.0"]


@settings(max_examples=40)
@given(_grids, st.sampled_from(["long", "short"]))
def test_round_trip(grid: TextGrid, layout: textgrid.Layout) -> None:
    assert textgrid.parse(textgrid.render(grid, layout=layout).encode()) == grid


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_files(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.TextGrid"
    textgrid.write(path, GRID, encoding=encoding)  # type: ignore[arg-type]
    assert path.read_bytes().startswith(b"File" if encoding == "utf-8" else (b"\xff\xfe", b"\xfe\xff"))
    assert textgrid.read(path) == GRID


def test_a_grid_without_tiers() -> None:
    assert textgrid.parse(b'"ooTextFile" "TextGrid" 0 1 <absent>') == TextGrid(0.0, 1.0)
    assert textgrid.parse(b'"ooTextFile short" "TextGrid" 0 1 <exists> 0') == TextGrid(0.0, 1.0)


def test_tiers_are_found_by_name_whatever_their_capitals() -> None:
    assert GRID.intervals("Phones") == GRID.tiers[0]
    with pytest.raises(InvalidInput, match=r"'clicks'.*phones"):
        GRID.intervals("clicks")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends early"),
        ("hello", "ends early"),
        ('"ooTextFile" "Sound" 0 1', "not a TextGrid"),
        ('"RIFF" "TextGrid" 0 1', "not a TextGrid"),
        ('"ooTextFile" "TextGrid" 2 1', "ends before it starts"),
        ('"ooTextFile" "TextGrid" 0 1e999', "finite"),
        ('"ooTextFile" "TextGrid" 0 1 <exists> 1.5', "whole number"),
        ('"ooTextFile" "TextGrid" 0 1 <exists> 1 "WordTier" "w" 0 1 0', "'WordTier'"),
        (LONG.replace("xmin = 0.5", "xmin = 0.2"), "goes back in time from 0.5 s to 0.2 s"),
        (LONG.replace('text = ""\n', 'text = "\n'), "expected"),
        (LONG.replace("xmax = 0.5", 'xmax = "0.5"'), "line 17 .*a number was expected"),
        (LONG[:-20], "ends early|quote|expected"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        textgrid.parse(text.encode())


def test_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.TextGrid"):
        textgrid.read(tmp_path / "none.TextGrid")
    (tmp_path / "bad.TextGrid").write_bytes(b"\xff\xff\xff")
    with pytest.raises(InvalidInput, match=r"bad\.TextGrid.*UTF-8"):
        textgrid.read(tmp_path / "bad.TextGrid")


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@example(b"\x00")
@example("ooTextFile".encode("utf-16"))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(InvalidInput):
        textgrid.parse(data)


_edits = st.lists(st.tuples(st.integers(0, len(LONG)), st.integers(0, 9), st.binary(max_size=4)), max_size=6)


@settings(max_examples=300)
@given(_edits, st.sampled_from([LONG.encode(), SHORT.encode(), LONG.encode("utf-16")]))
def test_any_damage_is_read_or_refused(edits: list[tuple[int, int, bytes]], data: bytes) -> None:
    for position, removed, inserted in edits:
        data = data[:position] + inserted + data[position + removed :]
    try:
        grid = textgrid.parse(data)
    except InvalidInput:
        return
    assert textgrid.parse(textgrid.render(grid).encode()) == grid


@pytest.mark.parametrize("hostile", ['"' * 200_001, '"a' * 100_000, "1" * 300_000, "! " * 100_000, "<" * 200_000])
def test_hostile_files_take_no_time(hostile: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidInput):
        textgrid.parse(('"ooTextFile" "TextGrid" 0 1 <exists> 1e300 ' + hostile).encode())
    assert time.process_time() - started < 2.0
