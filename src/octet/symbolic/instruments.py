"""The 28 classes of instruments that MuseCoco tells apart (arXiv 2306.00110), as sets of General MIDI programs from 0.

The table is that of the published code (`I1s2`). A drum track is of the class `drum` whatever its program.
"""

from __future__ import annotations

from octet.symbolic.score import Track

PROGRAMS: dict[str, tuple[int, ...]] = {
    "piano": (0, 1, 2, 3, 4, 5),
    "keyboard": (6, 7, 8, 9),
    "percussion": (11, 12, 13, 14, 15, 47, 55, 112, 113, 115, 117, 119),
    "organ": tuple(range(16, 24)),
    "guitar": tuple(range(24, 32)),
    "bass": (*range(32, 40), 43),
    "violin": (40,),
    "viola": (41,),
    "cello": (42,),
    "harp": (46,),
    "strings": (44, 45, 48, 49, 50, 51),
    "voice": (52, 53, 54),
    "trumpet": (56, 59),
    "trombone": (57,),
    "tuba": (58,),
    "horn": (60, 69),
    "brass": (61, 62, 63),
    "sax": (64, 65, 66, 67),
    "oboe": (68,),
    "bassoon": (70,),
    "clarinet": (71,),
    "piccolo": (72,),
    "flute": (73, 75),
    "pipe": (74, 76, 77, 78, 79),
    "synthesizer": tuple(range(80, 96)),
    "ethnic": tuple(range(104, 112)),
    "sound effects": (10, *range(96, 104), *range(120, 128)),
    "drum": (114, 116, 118),
}
CLASSES = tuple(PROGRAMS)  # in the order of the tokens I1s2_0 to I1s2_27
DRUM = "drum"
# Instruments that people ask for by other names, and the class that is nearest.
NEAREST: dict[str, str] = {
    **dict.fromkeys(("theremin", "synth", "keytar", "moog", "chiptune", "8-bit"), "synthesizer"),
    **dict.fromkeys(("banjo", "sitar", "koto", "shamisen", "kalimba", "bagpipe", "gayageum", "oud", "erhu"), "ethnic"),
    **dict.fromkeys(("ukulele", "mandolin", "lute"), "guitar"),
    **dict.fromkeys(("harpsichord", "clavinet", "celesta", "music box", "glockenspiel"), "keyboard"),
    **dict.fromkeys(("marimba", "vibraphone", "xylophone", "timpani", "steel drum", "bells"), "percussion"),
    **dict.fromkeys(("accordion", "harmonica", "harmonium", "bandoneon"), "organ"),
    **dict.fromkeys(("fiddle",), "violin"),
    **dict.fromkeys(("contrabass", "double bass", "bass guitar"), "bass"),
    **dict.fromkeys(("recorder", "whistle", "ocarina", "shakuhachi", "didgeridoo"), "pipe"),
    **dict.fromkeys(("choir", "vocals", "singer", "soprano", "chorus"), "voice"),
    **dict.fromkeys(("euphonium", "sousaphone"), "tuba"),
    **dict.fromkeys(("cornet", "flugelhorn", "bugle"), "trumpet"),
    **dict.fromkeys(("orchestra", "string quartet"), "strings"),
    **dict.fromkeys(("bongos", "congas", "tabla", "cajon", "beat"), "drum"),
}
_OF_PROGRAM = {program: name for name, programs in PROGRAMS.items() for program in programs}


def class_of(track: Track) -> str:
    """The class of a track's instrument.

    >>> class_of(Track(24, ()))
    'guitar'
    """
    return DRUM if track.is_drum else _OF_PROGRAM[track.program]
