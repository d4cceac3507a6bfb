"""What the composer knows of instruments and moods: tables, in the words of `octet.symbolic.attributes`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from octet.symbolic.attributes import Emotion


@dataclass(frozen=True)
class Instrument:
    """How an instrument is used: its programs, its comfortable range, and the roles it can take.

    Roles are letters: m melody, c chords, b bass, p long notes behind, d drums. `force` balances instruments that most
    fonts have softer than the rest.
    """

    programs: tuple[int, ...]
    low: int
    high: int
    roles: str
    force: float = 1.0


@dataclass(frozen=True)
class Mood:
    """A quadrant of emotion: what it does to key, speed, force and touch."""

    mode: str
    bpm: tuple[int, int]
    velocity: int
    intensities: tuple[str, ...]
    legato: float  # share of a melody note's time for which it sounds
    register: int  # semitones up or down
    comping: tuple[str, ...] = ()  # patterns that would break the mood give way to these


INSTRUMENTS: Mapping[str, Instrument] = {
    "piano": Instrument((0, 1), 36, 96, "mc"),
    "keyboard": Instrument((6, 7), 41, 89, "mc", 1.15),
    "percussion": Instrument((11, 12, 13), 53, 96, "m", 1.5),
    "organ": Instrument((16, 19), 36, 84, "cpm"),
    "guitar": Instrument((24, 25, 26), 40, 83, "cm"),
    "bass": Instrument((32, 33, 34), 28, 55, "b"),
    "violin": Instrument((40,), 55, 96, "mp"),
    "viola": Instrument((41,), 48, 84, "mp"),
    "cello": Instrument((42,), 36, 76, "bmp"),
    "harp": Instrument((46,), 36, 96, "cm"),
    "strings": Instrument((48, 49), 40, 91, "pc", 1.25),
    "voice": Instrument((52, 53), 48, 81, "pm"),
    "trumpet": Instrument((56,), 55, 84, "m"),
    "trombone": Instrument((57,), 40, 72, "mb"),
    "tuba": Instrument((58,), 28, 58, "b"),
    "horn": Instrument((60,), 41, 77, "mp"),
    "brass": Instrument((61,), 43, 79, "pc", 1.2),
    "sax": Instrument((65, 66), 46, 81, "m"),
    "oboe": Instrument((68,), 58, 91, "m"),
    "bassoon": Instrument((70,), 34, 72, "bm"),
    "clarinet": Instrument((71,), 50, 91, "m"),
    "piccolo": Instrument((72,), 74, 105, "m"),
    "flute": Instrument((73,), 60, 96, "m"),
    "pipe": Instrument((74, 77, 79), 60, 93, "m"),
    "synthesizer": Instrument((80, 81, 88, 90), 36, 93, "mcp"),
    "ethnic": Instrument((104, 107, 108), 48, 84, "m", 1.3),
    "sound effects": Instrument((98, 99, 100), 48, 91, "pc"),
    "drum": Instrument((0,), 0, 127, "d", 1.25),
}

MOODS: Mapping[Emotion, Mood] = {
    "happy": Mood("major", (112, 160), 92, ("medium", "high", "high"), 0.75, 4),
    "tense": Mood("minor", (126, 178), 108, ("high",), 0.8, -5),
    "sad": Mood("minor", (50, 74), 58, ("low", "medium"), 1.0, -3, ("pad", "arpeggio", "block")),
    "calm": Mood("major", (56, 88), 62, ("low", "medium", "medium"), 1.0, 0, ("pad", "arpeggio", "block")),
}
