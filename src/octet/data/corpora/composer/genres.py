"""What the composer knows of genres: a table, in the words of `octet.symbolic.attributes`.

Harmony is written in Roman numerals, a bar each: capitals are major chords, small letters minor ones, `o` diminished,
`7` adds the seventh that is in the scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Style:
    """A genre: who plays in it, and how.

    `comping`, `bass` and `groove` name patterns of `parts.py` and `drums.py`; instruments are classes, `drums` is how
    often there are any.
    """

    melody: tuple[str, ...]
    chords: tuple[str, ...]
    bass: tuple[str, ...]
    major: tuple[str, ...]
    minor: tuple[str, ...]
    comping: tuple[str, ...]
    bass_lines: tuple[str, ...] = ("roots",)
    groove: str = "rock"
    drums: float = 0.0
    extras: tuple[str, ...] = ()
    metres: tuple[str, ...] = ("4/4",)
    bpm: tuple[int, int] = (70, 140)
    swing: bool = False


_POP_MAJOR = ("I V vi IV", "I vi IV V", "I IV vi V", "I I IV V")
_POP_MINOR = ("i VI III VII", "i iv VI V", "i VII VI VII", "i i VI VII")
_FOLK_MAJOR = ("I IV I V", "I I IV V", "I V I IV", "I IV V I")
_FOLK_MINOR = ("i VII i VII", "i VII VI VII", "i iv i V")
_CLASSICAL_MAJOR = ("I V I V", "I IV V I", "I vi ii V", "I ii V I", "I IV I V7")
_CLASSICAL_MINOR = ("i V i V", "i iv V i", "i VI iv V", "i iv i V7")

STYLES: Mapping[str, Style] = {
    "New Age": Style(
        melody=("flute", "pipe", "piano", "harp"),
        chords=("harp", "sound effects", "synthesizer", "piano"),
        bass=("cello", "bass"),
        extras=("strings", "voice"),
        major=("I7 IV7", "I IV vi IV", "I7 vi7 IV7 V"),
        minor=("i VI", "i7 iv7", "i VII VI VII"),
        comping=("arpeggio", "pad"),
        metres=("4/4", "4/4", "6/8"),
        bpm=(56, 92),
    ),
    "Electronic": Style(
        melody=("synthesizer",),
        chords=("synthesizer", "keyboard"),
        bass=("bass",),
        extras=("sound effects", "strings"),
        major=_POP_MAJOR,
        minor=_POP_MINOR,
        comping=("offbeat", "arpeggio", "pad"),
        bass_lines=("offbeat", "pulse"),
        groove="four on the floor",
        drums=1.0,
        bpm=(118, 140),
    ),
    "Rap": Style(
        melody=("piano", "synthesizer", "voice"),
        chords=("keyboard", "piano", "synthesizer"),
        bass=("bass",),
        extras=("strings",),
        major=("I IV", "I vi"),
        minor=("i i VI V", "i VI", "i iv"),
        comping=("block", "arpeggio"),
        bass_lines=("syncopated",),
        groove="half time",
        drums=1.0,
        bpm=(76, 98),
    ),
    "Religious": Style(
        melody=("voice", "organ"),
        chords=("organ",),
        bass=("cello", "bass"),
        extras=("voice", "trumpet"),
        major=("I IV I V vi ii V I", "I V vi IV ii V I I", "I IV V I"),
        minor=("i iv i V VI iv V i", "i VII VI V"),
        comping=("block", "pad"),
        metres=("4/4", "3/4"),
        bpm=(60, 96),
    ),
    "International": Style(
        melody=("ethnic", "pipe", "flute"),
        chords=("guitar", "ethnic"),
        bass=("bass",),
        extras=("percussion",),
        major=("I I V I", "I IV I I"),
        minor=("i i VII i", "i iv i i", "i VII i VI"),
        comping=("strum", "offbeat"),
        bass_lines=("fifths", "pulse"),
        groove="hand drums",
        drums=0.9,
        metres=("4/4", "2/4", "6/8"),
        bpm=(84, 140),
    ),
    "Easy Listening": Style(
        melody=("clarinet", "violin", "percussion", "sax"),
        chords=("piano", "guitar"),
        bass=("bass",),
        extras=("strings",),
        major=("I7 vi7 ii7 V7", "I7 IV7 ii7 V7"),
        minor=("i7 iv7 VII III7", "i7 VI7 iv7 V7"),
        comping=("block", "arpeggio"),
        bass_lines=("fifths", "roots"),
        groove="brushes",
        drums=0.8,
        bpm=(70, 112),
    ),
    "RnB": Style(
        melody=("sax", "voice", "synthesizer"),
        chords=("keyboard", "piano"),
        bass=("bass",),
        extras=("brass", "strings"),
        major=("I7 vi7 ii7 V7", "I7 IV7", "IV7 V I7 vi7"),
        minor=("i7 iv7", "i7 VI7 iv7 V7"),
        comping=("offbeat", "block"),
        bass_lines=("syncopated",),
        groove="half time",
        drums=1.0,
        bpm=(66, 112),
    ),
    "Latin": Style(
        melody=("trumpet", "flute", "guitar"),
        chords=("piano", "guitar"),
        bass=("bass",),
        extras=("brass", "percussion"),
        major=("I IV V IV", "I vi ii V"),
        minor=("i iv V i", "i VII VI V"),
        comping=("montuno", "offbeat"),
        bass_lines=("tumbao",),
        groove="clave",
        drums=1.0,
        bpm=(92, 132),
    ),
    "Children": Style(
        melody=("percussion", "flute", "piccolo", "piano"),
        chords=("piano", "guitar"),
        bass=("tuba", "bass"),
        major=("I IV I V", "I I V I", "I V V I"),
        minor=("i V i V", "i iv i V"),
        comping=("oompah",),
        bass_lines=("fifths",),
        groove="march",
        drums=0.5,
        metres=("4/4", "2/4"),
        bpm=(104, 144),
    ),
    "Jazz": Style(
        melody=("sax", "trumpet", "clarinet", "trombone"),
        chords=("piano", "guitar"),
        bass=("bass",),
        extras=("percussion", "brass"),
        major=("I7 vi7 ii7 V7", "ii7 V7 I7 I7", "I7 IV7 ii7 V7"),
        minor=("i7 iv7 iio7 V7", "i7 VI7 iio7 V7"),
        comping=("offbeat", "block"),
        bass_lines=("walking",),
        groove="swing",
        drums=0.95,
        metres=("4/4", "4/4", "3/4"),
        bpm=(88, 168),
        swing=True,
    ),
    "Classical": Style(
        melody=("violin", "oboe", "flute", "piano"),
        chords=("piano", "harp", "keyboard"),
        bass=("cello", "bassoon"),
        extras=("viola", "horn", "strings"),
        major=_CLASSICAL_MAJOR,
        minor=_CLASSICAL_MINOR,
        comping=("alberti", "arpeggio", "block"),
        metres=("4/4", "3/4", "2/4", "6/8", "3/8"),
        bpm=(72, 144),
    ),
    "Pop Rock": Style(
        melody=("guitar", "voice", "synthesizer"),
        chords=("guitar", "piano", "organ"),
        bass=("bass",),
        extras=("strings", "keyboard"),
        major=_POP_MAJOR,
        minor=_POP_MINOR,
        comping=("strum", "block"),
        bass_lines=("pulse", "roots"),
        groove="rock",
        drums=1.0,
        bpm=(92, 150),
    ),
    "Reggae": Style(
        melody=("organ", "sax", "trumpet"),
        chords=("guitar", "organ"),
        bass=("bass",),
        extras=("brass",),
        major=("I IV I V", "I V IV I", "I vi IV V"),
        minor=("i iv i iv", "i VII i VII"),
        comping=("offbeat",),
        bass_lines=("syncopated",),
        groove="one drop",
        drums=1.0,
        bpm=(66, 92),
    ),
    "Stage": Style(
        melody=("voice", "clarinet", "violin"),
        chords=("piano", "strings"),
        bass=("bass", "bassoon"),
        extras=("brass", "horn"),
        major=_POP_MAJOR + _CLASSICAL_MAJOR,
        minor=_POP_MINOR + _CLASSICAL_MINOR,
        comping=("oompah", "block"),
        bass_lines=("fifths",),
        groove="march",
        drums=0.5,
        metres=("4/4", "2/4", "3/4"),
        bpm=(84, 144),
    ),
    "Folk": Style(
        melody=("pipe", "violin", "flute", "voice"),
        chords=("guitar", "harp"),
        bass=("bass", "cello"),
        major=_FOLK_MAJOR,
        minor=_FOLK_MINOR,
        comping=("strum", "arpeggio"),
        bass_lines=("fifths", "roots"),
        groove="hand drums",
        drums=0.3,
        metres=("4/4", "3/4", "6/8", "2/4"),
        bpm=(80, 132),
    ),
    "Blues": Style(
        melody=("guitar", "sax", "organ"),
        chords=("piano", "guitar", "organ"),
        bass=("bass",),
        extras=("brass",),
        major=("I I I I IV IV I I V IV I V",),
        minor=("i i i i iv iv i i V iv i V",),
        comping=("strum", "block"),
        bass_lines=("boogie",),
        groove="shuffle",
        drums=0.95,
        bpm=(72, 132),
        swing=True,
    ),
    "Holiday": Style(
        melody=("percussion", "voice", "flute"),
        chords=("strings", "piano", "harp"),
        bass=("cello", "bass"),
        extras=("voice", "horn"),
        major=("I vi IV V", "I IV I V", "I I IV V"),
        minor=("i iv V i", "i VI iv V"),
        comping=("block", "arpeggio"),
        bass_lines=("fifths",),
        groove="sleigh bells",
        drums=0.7,
        metres=("4/4", "3/4"),
        bpm=(84, 138),
    ),
    "Country": Style(
        melody=("violin", "guitar", "ethnic"),
        chords=("guitar",),
        bass=("bass",),
        extras=("piano",),
        major=_FOLK_MAJOR,
        minor=_FOLK_MINOR,
        comping=("oompah", "strum"),
        bass_lines=("fifths",),
        groove="train",
        drums=0.8,
        metres=("4/4", "2/4", "3/4"),
        bpm=(92, 144),
    ),
    "Symphony": Style(
        melody=("violin", "horn", "trumpet", "oboe"),
        chords=("strings", "brass"),
        bass=("cello", "tuba", "bassoon"),
        extras=("brass", "flute", "trombone", "clarinet"),
        major=(*_CLASSICAL_MAJOR, "I IV V vi"),
        minor=(*_CLASSICAL_MINOR, "i VI III VII"),
        comping=("pad", "block", "pulse"),
        bass_lines=("roots", "pulse"),
        groove="concert",
        drums=0.4,
        metres=("4/4", "3/4", "4/4"),
        bpm=(66, 144),
    ),
}
