"""Songs of the demo: a tune that everybody knows, with words of our own, as scores that `octet sing` reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from octet.audio.waveform import Waveform
from octet.jobs.sheet import Sheet
from octet.jobs.sing import Model, Outputs, sing_to_file
from octet.symbolic.lyrics import sung, syllables
from octet.symbolic.musicxml import write_musicxml
from octet.symbolic.score import TICKS_PER_QUARTER, Note, Score, Tempo, Track

TUNE = "60 60 67 67 69 69 67:2 65 65 64 64 62 62 60:2"  # MIDI pitches, and quarters of those that are not one long
BEAT_MICROSECONDS = 545_455  # 110 beats a minute


@dataclass(frozen=True)
class Song:
    """A song of the demo; a hyphen parts syllables."""

    title: str
    text: str
    language: str
    singer: str
    model: str = "diffsinger"
    semitones: int = 0  # that the tune is moved by, for the singer's range

    @property
    def stem(self) -> str:
        """How its files are called."""
        return f"{self.model}-{self.language}-{self.singer}"


SONGS = (
    Song("A song", "Lit-tle lamp up-on the hill, keep a light on, warm and still.", "en", "slt"),
    Song("A lower voice", "Lit-tle lamp up-on the hill, keep a light on, warm and still.", "en", "rms", semitones=-12),
    Song("노래", "작은 등불 언덕 위 오늘 밤도 빛나요", "ko", "ko"),
)


def sing(song: Song, sound: Path) -> Waveform:
    """The song's sound, with its score in MusicXML beside it."""
    score, _ = sung(_score(song), syllables(song.text))
    path = sound.with_suffix(".musicxml")
    write_musicxml(score, path)
    sheet = Sheet(path, language=song.language)
    return sing_to_file(Model(), sheet, {"singer": song.singer}, Outputs(sound)).audio


def _score(song: Song) -> Score:
    notes, start = [], 0
    for written in TUNE.split():
        pitch, _, quarters = written.partition(":")
        length = TICKS_PER_QUARTER * int(quarters or 1)
        notes.append(Note(start, int(pitch) + song.semitones, length))
        start += length
    return Score((Track(52, tuple(notes), name="voice"),), tempos=(Tempo(0, BEAT_MICROSECONDS),))
