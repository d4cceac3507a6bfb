"""UTAU's `.ust` in and out: sections of `Key=Value` lines, Shift-JIS or UTF-8.

Read are lengths, lyrics, notes, tempo changes, pitch bends of both modes and vibrato; what belongs to UTAU's own
resampling (envelopes, flags, overlaps) is left out. Written are notes, lyrics and tempos; F0 curves are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from octet.core.bounded import decoded, read_bytes
from octet.core.errors import InvalidInput
from octet.core.files import write_text
from octet.symbolic import fields
from octet.symbolic.contours import STEP_SECONDS, BentNote, Floats, Point, Shape, Vibrato, uncrossed, with_f0
from octet.symbolic.score import MOST_TICKS, Score, Tempo
from octet.symbolic.song import MOST_NOTES, MOST_SECONDS, NEXT_SYLLABLE, Song
from octet.symbolic.song_line import LineNote, line_of, marked, song_of, words

_MOST_BYTES: Final = 16 << 20
_SHAPES: Final[Mapping[str, Shape]] = {"": "io", "s": "l", "r": "o", "j": "i"}
_BEND_TICKS: Final = 5  # between the values of a bend of the first mode
_HELD: Final = "-"
Section = Mapping[str, str]


def read(path: Path, *, language: str = "") -> Song:
    """The song in a `.ust` file.

    Raises:
        InvalidInput: missing, over 16 MiB, no UST, or a value that is none (its section is named).
    """
    try:
        return parse(decoded(read_bytes(path, _MOST_BYTES, "a song"), ["utf-8", "cp932"]), language=language)
    except InvalidInput as error:
        raise InvalidInput(str(error) if str(path) in str(error) else f"{path}: {error}") from None


def write(path: Path, song: Song) -> None:
    """Write a `.ust` file atomically, in UTF-8, as its head says.

    Raises:
        InvalidInput: the folder cannot be written.
    """
    write_text(path, render(song))


def parse(text: str, *, language: str = "") -> Song:
    """The song in the text of a `.ust` file.

    Raises:
        InvalidInput: as `read`.
    """
    sections = list(_sections(text))
    if not sections:
        raise InvalidInput("this is no UST: it has no section with a Length; export it again")
    reading = _Reading(sections)
    song = song_of(words(reading.line), reading.timeline, language=language, title=reading.title)
    notes, added = reading.bent(), reading.added()
    if added is None and not any(note.is_drawn for note in notes):
        return song
    return with_f0(song, notes, added)


def render(song: Song) -> str:
    """A song as the text of a `.ust` file."""
    tempos = song.timeline.tempos
    lines = ["[#VERSION]", "UST Version1.2", "Charset=UTF-8", "[#SETTING]", f"Tempo={tempos[0].bpm:.6f}", "Tracks=1"]
    lines += [f"ProjectName={' '.join(song.title.split())}", "Mode2=True"]
    for number, (note, tempo) in enumerate(_filled(line_of(song), tempos)):
        rest = note.lyric == "R"
        lines += [f"[#{number:04d}]", f"Length={note.end_ticks - note.start_ticks}", f"Lyric={_lyric(note)}"]
        lines += [f"NoteNum={60 if rest else round(note.pitch)}", "PreUtterance="]
        lines += [f"Tempo={tempo.bpm:.6f}"] if tempo is not None else []
    return "\n".join([*lines, "[#TRACKEND]", ""])


def _sections(text: str) -> Iterator[tuple[str, Section]]:
    """The head's settings and the notes, as name and values."""
    name, values = "", dict[str, str]()
    for line in [*text.splitlines(), "[#END]"]:
        if line.startswith("[#") and line.rstrip().endswith("]"):
            if name == "SETTING" or "Length" in values:
                yield name, values
            name, values = line.strip()[2:-1], {}
        elif "=" in line:
            key, _, value = line.partition("=")
            values[key.strip()] = value.strip()


class _Reading:
    """The sections of a file as notes in order of time."""

    def __init__(self, sections: Sequence[tuple[str, Section]]) -> None:
        self.title = ""
        self.line: list[LineNote] = []
        self._drawn: list[tuple[LineNote, Section]] = []
        self._bends: list[tuple[int, Section]] = []  # of the first mode
        self._ticks = 0
        tempos: dict[int, Tempo] = {}
        for name, section in sections:
            try:
                if "Tempo" in section:
                    tempos[self._ticks] = Tempo.of(_number(section, "Tempo"), self._ticks)
                if name == "SETTING":
                    self.title = section.get("ProjectName", "")
                elif name not in ("PREV", "NEXT", "DELETE"):
                    self._note(section)
            except InvalidInput as error:
                raise InvalidInput(f"section [#{name[:20]}]: {error}") from None
        self.timeline = Score((), tuple(tempos.values()))

    def bent(self) -> list[BentNote]:
        seconds = self.timeline.seconds
        return uncrossed(
            [
                BentNote(
                    seconds(note.start_ticks),
                    seconds(note.end_ticks),
                    note.pitch,
                    _points(section),
                    _vibrato(section),
                    snaps=len(_start(section)) < 2,
                )
                for note, section in self._drawn
            ]
        )

    def _note(self, section: Section) -> None:
        start, length = self._ticks, round(_number(section, "Length"))
        if length < 1 or start + length > MOST_TICKS or len(self._drawn) > MOST_NOTES:
            raise InvalidInput(f"a Length of {length} ticks; 1 to {MOST_TICKS} in all were expected")
        self._ticks += length
        lyric = section.get("Lyric", "")
        note = marked(LineNote(start, self._ticks, _number(section, "NoteNum", "60"), lyric)) if lyric else None
        if note is not None:
            self.line.append(note)
            self._drawn.append((note, section))
            if _bend(section):
                self._bends.append((start, section))

    def added(self) -> Floats | None:
        """Bends of the first mode, in semitones at the steps of a curve; None without any."""
        if not self._bends:
            return None
        end = min(self.timeline.seconds(self._ticks), MOST_SECONDS)
        added = np.zeros(int(end / STEP_SECONDS) + 1)
        for start, section in self._bends:
            values = np.array(fields.numbers(_bend(section), "a pitch bend")) / 100.0
            ticks = start + np.arange(len(values)) * _BEND_TICKS
            lead = _number(section, "PBStart", "0") / 1000.0
            times = np.array([self.timeline.seconds(int(tick)) for tick in ticks]) + lead
            first, last = (max(0, int(np.ceil(time / STEP_SECONDS))) for time in times[[0, -1]])
            grid = np.arange(first, min(last, len(added))) * STEP_SECONDS
            added[first : first + len(grid)] += np.interp(grid, times, values)
        return added


def _number(section: Section, key: str, default: str = "") -> float:
    return fields.number(section.get(key, default).replace(",", "."), key)


def _bend(section: Section) -> str:
    """The values of a bend of the first mode; empty ones are zeros."""
    told = next((section[key] for key in ("PitchBend", "Pitches", "Piches") if section.get(key)), "")
    values = [part.strip() or "0" for part in told.split(",")] if told else []
    return ",".join(values) if any(value.strip("0.-") for value in values) else ""


def _points(section: Section) -> tuple[Point, ...]:
    """The bend of the second mode: PBS start and height, PBW widths, PBY heights, PBM shapes."""
    widths = _list(section.get("PBW", ""))
    if not widths:
        return ()
    start = _start(section)
    heights = [*_list(section.get("PBY", "")), *[0.0] * len(widths)][: len(widths)]
    heights[-1] = 0.0
    shapes = [_SHAPES.get(part.strip(), "io") for part in section.get("PBM", "").split(",")]
    at = (start[0] if start else 0.0) / 1000.0
    points = [Point(at, (start[1] if len(start) > 1 else 0.0) / 10.0, shapes[0])]
    for index, (width, height) in enumerate(zip(widths, heights, strict=True), start=1):
        at += max(width, 0.0) / 1000.0
        points.append(Point(at, height / 10.0, shapes[index] if index < len(shapes) else "io"))
    return tuple(points)


def _start(section: Section) -> list[float]:
    """PBS: when the bend starts and, where it is said, how high."""
    return _list(section.get("PBS", "").replace(";", ","))


def _vibrato(section: Section) -> Vibrato | None:
    """VBR: length %, period ms, depth cents, in %, out %, phase %, shift of the pitch %."""
    values = [*_list(section.get("VBR", "")), *[0.0] * 7][:7]
    if values[0] <= 0 or values[1] < 1 or values[2] == 0:
        return None
    return Vibrato(
        min(values[0], 100.0) / 100,
        values[1] / 1000,
        values[2] / 100,
        min(max(values[3], 0.0), 100.0) / 100,
        min(max(values[4], 0.0), 100.0) / 100,
        values[5] / 100,
        values[6] / 100,
    )


def _list(text: str) -> list[float]:
    return [fields.number(part.strip() or "0", "a bend or vibrato") for part in text.split(",")] if text.strip() else []


def _lyric(note: LineNote) -> str:
    """A syllable; further ones of a word are those that UTAU's voices have, or "+" where it is spelled out once."""
    return _HELD if note.slur else " ".join(note.lyric.split()) or NEXT_SYLLABLE


def _filled(line: Sequence[LineNote], tempos: Sequence[Tempo]) -> Iterator[tuple[LineNote, Tempo | None]]:
    """Notes with rests between them, all cut where the tempo changes inside a rest; and the tempo that starts there."""
    changes = {tempo.start_ticks: tempo for tempo in tempos[1:]}
    place = 0
    for note in line:
        edges = sorted({place, note.start_ticks, *(tick for tick in changes if place < tick < note.start_ticks)})
        for start, end in pairwise(edges):
            yield LineNote(start, end, 60, "R"), changes.get(start)
        cuts = [note.start_ticks, *sorted(t for t in changes if note.start_ticks < t < note.end_ticks), note.end_ticks]
        for start, end in pairwise(cuts):
            held = note.slur or start > note.start_ticks
            yield LineNote(start, end, note.pitch, note.lyric, note.syllabic, held), changes.get(start)
        place = note.end_ticks
