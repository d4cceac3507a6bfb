"""OpenUtau's `.ustx` (YAML, resolution 480); `ustx_write` writes it.

Read are the notes of one part with lyrics, tuning, pitch points and vibrato, the curves of pitch deviation, gender and
velocity, tempos and metres. What an editor adds to a voice of its own (dynamics, and differences of energy, breath,
voicing and tension, which are no levels) is left out.

Every scalar is read as text, so that no lyric (no, on, null, 1) becomes anything else, and nothing is constructed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from octet.core.bounded import decoded, read_bytes
from octet.core.errors import InvalidInput
from octet.symbolic import fields
from octet.symbolic.contours import (
    SHAPES,
    STEP_SECONDS,
    BentNote,
    Floats,
    Point,
    Shape,
    Vibrato,
    uncrossed,
    with_f0,
)
from octet.symbolic.score import MOST_TICKS, TICKS_PER_QUARTER, Metre, Score, Tempo
from octet.symbolic.song import MOST_NOTES, MOST_SECONDS, Curve, Phrase, Song
from octet.symbolic.song_line import LineNote, marked, song_of, words

_MOST_BYTES: Final = 16 << 20
_DEEPEST: Final = 32
_LOADER: Final = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
Node = Mapping[str, Any]


def read(path: Path, *, part: str | int | None = None, language: str = "") -> Song:
    """The song in a `.ustx` file.

    Args:
        part: a voice part by its name or by its number from 1; None for the one there is, or all of one track.

    Raises:
        InvalidInput: missing, over 16 MiB, no USTX, no such part or no telling which, or a value that is none.
    """
    try:
        text = decoded(read_bytes(path, _MOST_BYTES, "a song"), ["utf-8"])
        return parse(text, part=part, language=language)
    except InvalidInput as error:
        raise InvalidInput(str(error) if str(path) in str(error) else f"{path}: {error}") from None


def parse(text: str, *, part: str | int | None = None, language: str = "") -> Song:
    """The song in the text of a `.ustx` file.

    Raises:
        InvalidInput: as `read`.
    """
    project = _loaded(text)
    timeline = _timeline(project)
    parts = _chosen(_nodes(project, "voice_parts"), part)
    drawn = [(told, node) for chosen in parts for note, node in _drawn(chosen) if (told := marked(note)) is not None]
    line = sorted((note for note, _ in drawn), key=lambda note: note.start_ticks)
    title = str(project.get("name", "")) if len(parts) != 1 else str(parts[0].get("name", ""))
    song = song_of(words(line), timeline, language=language, title=title)
    bent = uncrossed([_bent(note, node, timeline) for note, node in drawn])
    added = _curve(parts, "pitd", timeline)
    if added is not None or any(note.is_drawn for note in bent):
        song = with_f0(song, bent, None if added is None else added / 100.0)
    return _shaped(song, parts, timeline)


def _loaded(text: str) -> Node:
    """The project; anchors and depth beyond need are refused, which are what hostile YAML is made of."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            opens = isinstance(event, yaml.CollectionStartEvent)
            depth += opens - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
                raise InvalidInput("this YAML has aliases or is nested too deeply, which no song is; it is not read")
        project = yaml.load(text, Loader=_LOADER)  # a base loader makes text, lists and mappings only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:80]
        raise InvalidInput(f"this is no readable YAML, which a .ustx file is ({reason}); save it again") from None
    if not isinstance(project, dict) or "voice_parts" not in project:
        raise InvalidInput("this is no USTX: it has no voice_parts; save it in OpenUtau again")
    return project


def _nodes(node: Node, key: str) -> list[Node]:
    found = node.get(key) or []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise InvalidInput(f"{key} is no list of entries; save the file again")
    return found


def _number(node: Node, key: str, default: str | None = None) -> float:
    value = node.get(key, default)
    if not isinstance(value, str):
        raise InvalidInput(f"{key} is missing where a number was expected")
    return fields.number(value, key)


def _ticks(node: Node, key: str, default: str | None = None) -> int:
    value = round(_number(node, key, default))
    if abs(value) > MOST_TICKS:
        raise InvalidInput(f"{key} is {value} ticks; at most {MOST_TICKS} were expected")
    return value


def _timeline(project: Node) -> Score:
    tempos = {
        (at := max(0, _ticks(tempo, "position", "0"))): Tempo.of(_number(tempo, "bpm"), at)
        for tempo in _nodes(project, "tempos")
    }
    if not tempos and "bpm" in project:
        tempos = {0: Tempo.of(_number(project, "bpm"))}
    return Score((), tuple(tempos.values()), tuple(_metres(project)))


def _metres(project: Node) -> Iterator[Metre]:
    """Time signatures, whose places are bars; before the first it is 4/4."""
    bar, ticks, length = 0, 0, 4 * TICKS_PER_QUARTER
    ordered = sorted(_nodes(project, "time_signatures"), key=lambda sign: _number(sign, "bar_position", "0"))
    for index, sign in enumerate(ordered):
        at = _ticks(sign, "bar_position", "0")
        if index and at == bar:
            continue
        ticks, bar = ticks + (at - bar) * length, at
        metre = Metre(ticks, round(_number(sign, "beat_per_bar", "4")), round(_number(sign, "beat_unit", "4")))
        length = metre.bar_ticks
        yield metre


def _chosen(parts: Sequence[Node], part: str | int | None) -> list[Node]:
    """The part that is named, or else all of the one track that has notes."""
    sung = [node for node in parts if _nodes(node, "notes")]
    if part is not None:
        said = str(part).strip()
        named = [node for node in parts if str(node.get("name", "")).lower() == said.lower()]
        if named:
            return named[:1]
        if said.isdigit() and len(said) < 6 and 1 <= int(said) <= len(parts):
            return [parts[int(said) - 1]]
    elif len({str(node.get("track_no", "0")) for node in sung}) == 1:
        return sung
    elif not sung:
        raise InvalidInput("no voice part has a note; at least one was expected")
    names = ", ".join(f"{index} {str(node.get('name', ''))!r}" for index, node in enumerate(parts, start=1))
    raise InvalidInput(f"which part is sung? Name one of {names or 'none'}")


def _drawn(part: Node) -> Iterator[tuple[LineNote, Node]]:
    """The notes of a part and what their editor drew."""
    offset = _ticks(part, "position", "0")
    nodes = _nodes(part, "notes")
    if len(nodes) > MOST_NOTES:
        raise InvalidInput(f"a part has more than {MOST_NOTES} notes; cut it into pieces")
    for number, node in enumerate(nodes, start=1):
        try:
            start = offset + _ticks(node, "position")
            end = start + _ticks(node, "duration")
            if start < 0 or end <= start:
                raise InvalidInput(f"it lasts from tick {start} to {end}; it must end after it starts")
            pitch = _number(node, "tone") + _number(node, "tuning", "0") / 100
            yield LineNote(start, end, pitch, _lyric(node)), node
        except InvalidInput as error:
            raise InvalidInput(f"note {number} of part {str(part.get('name', ''))[:20]!r}: {error}") from None


def _lyric(node: Node) -> str:
    """The lyric without a hint of phonemes; "+~" and the like stay."""
    lyric = node.get("lyric", "")
    text = lyric if isinstance(lyric, str) else ""
    return text.partition("[")[0].strip() or text


def _bent(note: LineNote, node: Node, timeline: Score) -> BentNote:
    pitch = node.get("pitch")
    pitch = pitch if isinstance(pitch, dict) else {}
    start, end = timeline.seconds(note.start_ticks), timeline.seconds(note.end_ticks)
    points = tuple(
        Point(_number(point, "x") / 1000, _number(point, "y") / 10, _shape(point)) for point in _nodes(pitch, "data")
    )
    snaps = str(pitch.get("snap_first", "true")).lower() == "true"
    return BentNote(start, end, note.pitch, tuple(sorted(points, key=lambda p: p.seconds)), _vibrato(node), snaps)


def _shape(point: Node) -> Shape:
    said = point.get("shape")
    return next((shape for shape in SHAPES if shape == said), "io")


def _vibrato(node: Node) -> Vibrato | None:
    vibrato = node.get("vibrato")
    if not isinstance(vibrato, dict) or _number(vibrato, "length", "0") <= 0:
        return None
    share = min(_number(vibrato, "length"), 100.0) / 100
    period, depth = _number(vibrato, "period", "175"), _number(vibrato, "depth", "25")
    if period < 1:
        raise InvalidInput(f"a vibrato's period is {period:g} ms; 1 or more was expected")
    rise, fall = (min(max(_number(vibrato, key, "10"), 0.0), 100.0) / 100 for key in ("in", "out"))
    phase, drift = (_number(vibrato, key, "0") / 100 for key in ("shift", "drift"))
    return Vibrato(share, period / 1000, depth / 100, rise, fall, phase, drift)


def _curve(parts: Sequence[Node], name: str, timeline: Score) -> Floats | None:
    """An expression's curve at equal steps of time from the song's start; None where it is nowhere drawn."""
    drawn = [(part, curve) for part in parts for curve in _nodes(part, "curves") if curve.get("abbr") == name]
    drawn = [(part, curve) for part, curve in drawn if curve.get("xs")]
    if not drawn:
        return None
    ends = [_ticks(part, "position", "0") + max(_column(curve, "xs")) for part, curve in drawn]
    end = timeline.seconds(round(min(max(*ends, 1), MOST_TICKS)))
    grid = np.arange(0, min(end, MOST_SECONDS) + STEP_SECONDS, STEP_SECONDS)
    values = np.zeros(len(grid))
    for part, curve in drawn:
        xs, ys = _column(curve, "xs"), _column(curve, "ys")
        fields.require_equal(xs=len(xs), ys=len(ys))
        times = [timeline.seconds(round(max(0.0, _ticks(part, "position", "0") + x))) for x in xs]
        order = np.argsort(times, kind="stable")
        values += np.interp(grid, np.array(times)[order], np.array(ys)[order], left=0.0, right=0.0)
    return values


def _column(curve: Node, key: str) -> list[float]:
    column = curve.get(key)
    if not isinstance(column, list) or not column or not all(isinstance(item, str) for item in column):
        raise InvalidInput(f"a curve's {key} are no list of numbers")
    values = [fields.number(item, key) for item in column]
    if max(map(abs, values)) > MOST_TICKS:
        raise InvalidInput(f"a curve's {key} hold a number beyond {MOST_TICKS}")
    return values


def _shaped(song: Song, parts: Sequence[Node], timeline: Score) -> Song:
    """With the curves of gender (GENC, 100 is 1) and velocity (VELC, 100 is once as fast, 200 twice)."""
    found = {}
    gender, velocity = (_curve(parts, name, timeline) for name in ("genc", "velc"))
    if gender is not None:
        found["gender"] = np.clip(gender / 100, -1, 1)
    if velocity is not None:
        found["velocity"] = 2.0 ** np.clip(np.where(velocity == 0, 0, (velocity - 100) / 100), -1, 1)
    for name, values in found.items():
        song = replace(song, phrases=tuple(_cut(phrase, name, values) for phrase in song.phrases))
    return song


def _cut(phrase: Phrase, name: str, values: Floats) -> Phrase:
    count = max(1, round(phrase.duration_seconds / STEP_SECONDS))
    times = phrase.start_seconds + np.arange(count) * STEP_SECONDS
    cut = np.interp(times, np.arange(len(values)) * STEP_SECONDS, values)
    return replace(phrase, curves=dict(phrase.curves) | {name: Curve(STEP_SECONDS, tuple(cut.tolist()))})
