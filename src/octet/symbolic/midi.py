"""Standard MIDI files in and out, through symusic, whose only importer this file is.

Read are notes, programs, tempos, time and key signatures and lyrics; what else a file holds (controllers, pitch bends)
is left out. Times in another resolution are rounded to the nearest of Octet's ticks. Written is
the first verse; slurs are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from octet.core.errors import InvalidInput, OctetError, require
from octet.core.files import atomic_path
from octet.symbolic.score import (
    TICKS_PER_QUARTER,
    Key,
    Lyric,
    Metre,
    Note,
    Score,
    Syllabic,
    Tempo,
    Track,
    uninterrupted,
)

_MOST_BYTES = 16 << 20


def read(path: Path) -> Score:
    """The score in a MIDI file.

    Raises:
        InvalidInput: missing, empty, over 16 MiB, damaged, or not MIDI.
        MissingExtra: symusic is not installed.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InvalidInput(f"{path} is larger than {_MOST_BYTES >> 20} MiB, which no piece of music needs")
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from None
    try:
        return decode(data)
    except OctetError as error:
        raise type(error)(f"{path}: {error}") from None


def write(path: Path, score: Score) -> None:
    """Write a MIDI file atomically.

    Raises:
        InvalidInput: the folder cannot be written.
        MissingExtra: symusic is not installed.
    """
    data = encode(score)
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def decode(data: bytes) -> Score:
    """The score in the bytes of a MIDI file. Tracks without notes are left out.

    Raises:
        InvalidInput: damaged, or not MIDI.
        MissingExtra: symusic is not installed.
    """
    symusic = require("symusic", extra=None)
    try:
        found = symusic.Score.from_midi(data)
    except (RuntimeError, ValueError) as error:
        raise InvalidInput(f"this is not a readable MIDI file ({error}); export it again") from None
    if found.tpq < 1:
        raise InvalidInput("this MIDI file counts time in film frames, not in beats; export it with beats")
    return _score(found, TICKS_PER_QUARTER / found.tpq)


def encode(score: Score) -> bytes:
    """The bytes of a MIDI file. A note that its own pitch interrupts in the same track ends there, as MIDI has it.

    Raises:
        MissingExtra: symusic is not installed.
    """
    symusic = require("symusic", extra=None)
    found = symusic.Score(TICKS_PER_QUARTER)
    found.tempos = [symusic.Tempo(time=tempo.start_ticks, mspq=tempo.quarter_microseconds) for tempo in score.tempos]
    found.time_signatures = [
        symusic.TimeSignature(metre.start_ticks, metre.numerator, metre.denominator) for metre in score.metres
    ]
    found.key_signatures = [
        symusic.KeySignature(key.start_ticks, key.sharps, int(key.mode == "minor")) for key in score.keys
    ]
    found.tracks = [
        _written(symusic, track, _words(symusic, score, index))
        for index, track in enumerate(score.tracks)
        if track.notes
    ]
    unclaimed = _words(symusic, score, None)
    if unclaimed or not found.tracks:  # without any track symusic 0.6 writes tempos and keys in no order
        words = symusic.Track(name="lyrics")
        words.lyrics = unclaimed
        found.tracks.append(words)
    data: bytes = found.dumps_midi()
    return data


def _words(symusic: Any, score: Score, index: int | None) -> list[Any]:
    """The lyric events of a track, or of none that is written; a syllable whose word goes on ends in a hyphen."""
    return [
        symusic.TextMeta(lyric.start_ticks, lyric.text + ("-" if lyric.syllabic in ("begin", "middle") else ""))
        for lyric in score.lyrics
        if lyric.verse == 1 and _singer(score, lyric) == index
    ]


def _singer(score: Score, lyric: Lyric) -> int | None:
    return None if lyric.track is None or not score.tracks[lyric.track].notes else lyric.track


def _written(symusic: Any, track: Track, words: list[Any]) -> Any:
    written = symusic.Track(name=track.name, program=track.program, is_drum=track.is_drum)
    written.lyrics = words
    written.notes = [
        symusic.Note(note.start_ticks, note.duration_ticks, note.pitch, note.velocity)
        for note in uninterrupted(track.notes)
    ]
    return written


def _score(found: Any, scale: float) -> Score:
    def ticks(time: int) -> int:
        return round(time * scale)

    tracks = (
        Track(track.program, tuple(_notes(track, scale)), track.is_drum, track.name)
        for track in found.tracks
        if len(track.notes)
    )
    tempos = {ticks(tempo.time): Tempo(ticks(tempo.time), tempo.mspq) for tempo in found.tempos}
    metres = {
        ticks(sign.time): Metre(ticks(sign.time), sign.numerator, sign.denominator) for sign in found.time_signatures
    }
    keys = {
        ticks(sign.time): Key.of_sharps(ticks(sign.time), sign.key, "minor" if sign.tonality == 1 else "major")
        for sign in found.key_signatures
    }
    lyrics = [lyric for track in found.tracks for lyric in _syllables(track, scale)]
    return Score(tuple(tracks), tuple(tempos.values()), tuple(metres.values()), tuple(keys.values()), tuple(lyrics))


def _syllables(track: Any, scale: float) -> Iterable[Lyric]:
    """Syllables, of which one that ends in a hyphen begins a word or goes on in it; symusic loses whose they are."""
    inside = False
    for event in track.lyrics:
        goes_on = len(event.text) > 1 and event.text.endswith("-")
        place: Syllabic = ("middle" if inside else "begin") if goes_on else ("end" if inside else "single")
        text = event.text[:-1] if goes_on else event.text
        yield Lyric(round(event.time * scale), text, place)
        inside = goes_on


def _notes(track: Any, scale: float) -> Iterable[Note]:
    """Notes that sound: a file may hold some of no length or, where it is damaged, of no strength."""
    columns = track.notes.numpy()
    for start, duration, pitch, velocity in zip(
        *(columns[name].tolist() for name in ("time", "duration", "pitch", "velocity")), strict=True
    ):
        if duration > 0 and velocity > 0:
            yield Note(round(start * scale), pitch, max(1, round(duration * scale)), velocity)
