"""Standard MIDI files in and out, through symusic, whose only importer this file is.

Read are notes, programs, tempos, time and key signatures and lyrics; what else a file holds (controllers, pitch bends)
is left out. Times in another resolution are rounded to the nearest of Octet's ticks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from octet.core.errors import InvalidInput, OctetError, require
from octet.core.files import atomic_path
from octet.symbolic.score import TICKS_PER_QUARTER, Key, Lyric, Metre, Note, Score, Tempo, Track, uninterrupted

_MOST_BYTES = 16 << 20
_MAJOR_SHARPS = (0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5)  # of the major keys on C, D flat, D, ...


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
    symusic = require("symusic", extra="music")
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
    symusic = require("symusic", extra="music")
    found = symusic.Score(TICKS_PER_QUARTER)
    found.tempos = [symusic.Tempo(time=tempo.start_ticks, mspq=tempo.quarter_microseconds) for tempo in score.tempos]
    found.time_signatures = [
        symusic.TimeSignature(metre.start_ticks, metre.numerator, metre.denominator) for metre in score.metres
    ]
    found.key_signatures = [symusic.KeySignature(key.start_ticks, *_signature(key)) for key in score.keys]
    found.tracks = [_written(symusic, track) for track in score.tracks if track.notes]
    words = symusic.Track(name="lyrics")
    words.lyrics = [symusic.TextMeta(lyric.start_ticks, lyric.text) for lyric in score.lyrics]
    if score.lyrics or not found.tracks:  # without any track symusic 0.6 writes tempos and keys in no order
        found.tracks.append(words)
    data: bytes = found.dumps_midi()
    return data


def _written(symusic: Any, track: Track) -> Any:
    written = symusic.Track(name=track.name, program=track.program, is_drum=track.is_drum)
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
    keys = {ticks(sign.time): _key(ticks(sign.time), sign) for sign in found.key_signatures}
    words = [Lyric(ticks(lyric.time), lyric.text) for track in found.tracks for lyric in track.lyrics]
    return Score(tuple(tracks), tuple(tempos.values()), tuple(metres.values()), tuple(keys.values()), tuple(words))


def _notes(track: Any, scale: float) -> Iterable[Note]:
    """Notes that sound: a file may hold some of no length or, where it is damaged, of no strength."""
    columns = track.notes.numpy()
    for start, duration, pitch, velocity in zip(
        *(columns[name].tolist() for name in ("time", "duration", "pitch", "velocity")), strict=True
    ):
        if duration > 0 and velocity > 0:
            yield Note(round(start * scale), pitch, max(1, round(duration * scale)), velocity)


def _key(start_ticks: int, sign: Any) -> Key:
    """Of a signature's sharps (flats below 0): each is a fifth up from C, or from A in minor."""
    minor = sign.tonality == 1
    return Key(start_ticks, (sign.key * 7 + (9 if minor else 0)) % 12, "minor" if minor else "major")


def _signature(key: Key) -> tuple[int, int]:
    minor = key.mode == "minor"
    return _MAJOR_SHARPS[(key.tonic + (3 if minor else 0)) % 12], int(minor)
