"""A song as OpenUtau's `.ustx`: notes, lyrics, tempos, metres, and F0 as a deviation from the notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from octet.core.files import write_text
from octet.symbolic.contours import BentNote, semitones
from octet.symbolic.score import TICKS_PER_QUARTER, Metre, Score
from octet.symbolic.song import F0, NEXT_SYLLABLE, Song
from octet.symbolic.song_line import LineNote, line_of

_GRID_TICKS: Final = 5
_HELD: Final = "+~"


def write(path: Path, song: Song) -> None:
    """Write a `.ustx` file atomically.

    Raises:
        InvalidInput: the folder cannot be written.
    """
    write_text(path, render(song))


def render(song: Song) -> str:
    """A song as the text of a `.ustx` file."""
    timeline, line = song.timeline, line_of(song)
    name = " ".join(song.title.split()) or "Octet"
    part: dict[str, Any] = {"name": name, "comment": "", "track_no": 0, "position": 0}
    part |= {"duration": line[-1].end_ticks + TICKS_PER_QUARTER, "notes": [_note(note) for note in line]}
    deviation = _deviation(song, line)
    part["curves"] = [deviation] if deviation else []
    project = {
        "name": name,
        "comment": "",
        "output_dir": "Vocal",
        "cache_dir": "UCache",
        "ustx_version": "0.6",
        "resolution": TICKS_PER_QUARTER,
        "bpm": timeline.tempos[0].bpm,
        "beat_per_bar": timeline.metres[0].numerator,
        "beat_unit": timeline.metres[0].denominator,
        "expressions": {},
        "time_signatures": [_signature(metre, timeline) for metre in timeline.metres],
        "tempos": [{"position": tempo.start_ticks, "bpm": tempo.bpm} for tempo in timeline.tempos],
        "tracks": [{"track_name": name}],
        "voice_parts": [part],
        "wave_parts": [],
    }
    return str(yaml.safe_dump(project, allow_unicode=True, sort_keys=False))


def _note(note: LineNote) -> dict[str, Any]:
    """A note with flat points, so that F0 is what the deviation says."""
    whole = round(note.pitch)
    flat = [{"x": x, "y": 0, "shape": "io"} for x in (-1, 1)]
    return {
        "position": note.start_ticks,
        "duration": note.end_ticks - note.start_ticks,
        "tone": whole,
        "lyric": _HELD if note.slur else note.lyric or NEXT_SYLLABLE,
        **({"tuning": round((note.pitch - whole) * 100)} if note.pitch != whole else {}),
        "pitch": {"data": flat, "snap_first": True},
        "vibrato": {"length": 0, "period": 175, "depth": 25, "in": 10, "out": 10, "shift": 0, "drift": 0},
        "phoneme_expressions": [],
        "phoneme_overrides": [],
    }


def _deviation(song: Song, line: Sequence[LineNote]) -> dict[str, Any] | None:
    """F0 as cents from the notes, every five ticks; None for a song without."""
    seconds = song.timeline.seconds
    notes = [BentNote(seconds(note.start_ticks), seconds(note.end_ticks), note.pitch) for note in line]
    xs: list[int] = []
    ys: list[int] = []
    for phrase in song.phrases:
        if F0 in phrase.curves:
            curve = phrase.curves[F0]
            first = -(-song.timeline.ticks(max(0.0, phrase.start_seconds)) // _GRID_TICKS) * _GRID_TICKS
            ticks = np.arange(first, song.timeline.ticks(phrase.end_seconds), _GRID_TICKS)
            times = np.array([seconds(int(tick)) for tick in ticks])
            places = phrase.start_seconds + np.arange(len(curve.values)) * curve.step_seconds
            hertz = np.maximum(np.interp(times, places, curve.values), 1.0)
            cents = 100 * (69 + 12 * np.log2(hertz / 440.0) - semitones(notes, times))
            xs += ticks.tolist()
            ys += np.round(cents.clip(-1200, 1200)).astype(int).tolist()
    return {"xs": xs, "ys": ys, "abbr": "pitd"} if xs else None


def _signature(metre: Metre, timeline: Score) -> dict[str, int]:
    bar = timeline.bar_number(metre.start_ticks) - 1
    return {"bar_position": bar, "beat_per_bar": metre.numerator, "beat_unit": metre.denominator}
