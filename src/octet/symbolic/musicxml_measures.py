"""One part of a MusicXML score, measure by measure: notes and signs with their places in quarter notes.

Pitches are as they sound: a transposing instrument's are brought to concert pitch. Grace and cue notes, which have no
time of their own, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from xml.etree.ElementTree import Element

from octet.core.errors import InvalidInput
from octet.symbolic.musicxml_fields import Line, fraction, lines_of, metre_of, number, velocity_of
from octet.symbolic.score import Key

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUARTERS = {
    **{"long": 16.0, "breve": 8.0, "whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5},
    **{"16th": 0.25, "32nd": 0.125, "64th": 0.0625},
}
_SNARE = 38  # where a drum's part does not say which
_MICROSECONDS_A_MINUTE = 60_000_000
_MOST_QUARTERS = 100_000


@dataclass(frozen=True)
class Written:
    """A note as it is printed, one of several where ties join them; times in quarter notes from its measure's start."""

    start: Fraction
    duration: Fraction
    pitch: int
    velocity: int
    voice: str
    is_drum: bool
    tied_from: bool
    tied_to: bool
    slurs: tuple[tuple[str, str], ...]  # start or stop, and which
    lines: Mapping[int, Line]


@dataclass
class Measure:
    """What one part says in a measure; times in quarter notes from its start."""

    notes: list[Written] = field(default_factory=list)
    tempos: dict[Fraction, int] = field(default_factory=dict)  # microseconds of a quarter note
    length: Fraction = Fraction(0)
    metre: tuple[int, int] | None = None
    key: Key | None = None
    element: Element | None = None


@dataclass(frozen=True)
class Instruments:
    """What a part list says: program, whether the channel is that of drums, and the key of each drum."""

    name: str = ""
    program: int = 0
    is_drum: bool = False
    keys: Mapping[str, int] = field(default_factory=dict)


class PartReader:
    """Reads the measures of a part in order; what attributes say holds on in those that follow."""

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._divisions = Fraction(1)
        self._transposed = 0
        self._metre: tuple[int, int] | None = None
        self._key: Key | None = None
        self._position = self._last_start = Fraction(0)
        self._measure = Measure()

    def read(self, element: Element) -> Measure:
        """The next measure.

        Raises:
            InvalidInput: a number that is none, or beyond measure.
        """
        self._position = Fraction(0)
        self._measure = Measure(element=element)
        for child in element:
            self._read(child)
        self._measure.metre, self._measure.key = self._metre, self._key
        return self._measure

    def _read(self, child: Element) -> None:
        match child.tag:
            case "note":
                self._note(child)
            case "backup":
                self._position = max(Fraction(0), self._position - self._duration(child))
            case "forward":
                self._advance(self._duration(child))
            case "attributes":
                self._attributes(child)
            case "direction":
                self._direction(child)
            case "sound":
                self._sound(child, self._offset(child))

    def _note(self, note: Element) -> None:
        if note.find("grace") is not None or note.find("cue") is not None:
            return
        duration = self._duration(note)
        start = self._last_start if note.find("chord") is not None else self._position
        if duration > 0 and note.find("rest") is None:
            self._measure.notes.append(self._written(note, start, duration))
        if note.find("chord") is None:
            self._last_start = self._position
            self._advance(duration)

    def _written(self, note: Element, start: Fraction, duration: Fraction) -> Written:
        ties = {tie.get("type") for tie in (*note.iterfind("tie"), *note.iterfind("notations/tied"))}
        slurs = ((slur.get("type", ""), slur.get("number", "1")) for slur in note.iterfind("notations/slur"))
        pitch, is_drum = self._pitch(note)
        return Written(
            start,
            duration,
            pitch,
            velocity_of(note),
            note.findtext("voice", "1").strip() or "1",
            is_drum,
            tied_from="stop" in ties,
            tied_to="start" in ties,
            slurs=tuple(slurs),
            lines=dict(lines_of(note)),
        )

    def _pitch(self, note: Element) -> tuple[int, bool]:
        """As it sounds, and whether it is a drum's."""
        instrument = note.find("instrument")
        key = None if instrument is None else self._instruments.keys.get(instrument.get("id", ""))
        pitch = note.find("pitch")
        if pitch is None:
            return _SNARE if key is None else key, True
        if self._instruments.is_drum and key is not None:
            return key, True
        step = pitch.findtext("step", "").strip().upper()
        if step not in _STEPS:
            raise InvalidInput(f"a note's step is a letter from A to G; given {step[:20]!r}")
        octave = round(number(pitch.findtext("octave", ""), "an octave"))
        alter = round(number(pitch.findtext("alter", "0"), "an alteration"))
        return 12 * (octave + 1) + _STEPS[step] + alter + self._transposed, self._instruments.is_drum

    def _attributes(self, attributes: Element) -> None:
        divisions = attributes.findtext("divisions")
        if divisions is not None:
            self._divisions = fraction(divisions, "divisions")
            if self._divisions <= 0:
                raise InvalidInput(f"divisions are positive; given {divisions.strip()[:20]}")
        transpose = attributes.find("transpose")
        if transpose is not None:
            chromatic = round(number(transpose.findtext("chromatic", "0"), "a transposition"))
            octaves = round(number(transpose.findtext("octave-change", "0"), "a transposition"))
            self._transposed = chromatic + 12 * octaves
        self._metre = metre_of(attributes.find("time")) or self._metre
        key = attributes.find("key")
        if key is not None and key.find("fifths") is not None:
            sharps = round(number(key.findtext("fifths", ""), "a key's fifths"))
            mode = key.findtext("mode", "major").strip().lower()
            written = Key.of_sharps(0, sharps, "minor" if mode in ("minor", "aeolian") else "major")
            self._key = Key(0, (written.tonic + self._transposed) % 12, written.mode)

    def _direction(self, direction: Element) -> None:
        """A tempo, as it sounds or else as it is printed."""
        offset = self._offset(direction)
        sound = direction.find("sound")
        if sound is not None and sound.get("tempo") is not None:
            self._sound(sound, offset)
            return
        for metronome in direction.iterfind("direction-type/metronome"):
            self._metronome(metronome, offset)

    def _sound(self, sound: Element, offset: Fraction) -> None:
        tempo = sound.get("tempo")
        if tempo is not None:
            self._tempo(number(tempo, "a tempo"), offset)

    def _metronome(self, metronome: Element, offset: Fraction) -> None:
        said = re.search(r"\d{1,6}(?:[.,]\d{1,6})?", metronome.findtext("per-minute", ""))
        unit = _QUARTERS.get(metronome.findtext("beat-unit", "").strip())
        if said is None or unit is None:
            return
        dots = min(len(metronome.findall("beat-unit-dot")), 4)
        self._tempo(float(said[0].replace(",", ".")) * unit * (2.0 - 0.5**dots), offset)

    def _tempo(self, bpm: float, offset: Fraction) -> None:
        if not 3.6 <= bpm <= _MICROSECONDS_A_MINUTE:
            raise InvalidInput(f"a tempo is {bpm:g} quarter notes a minute; 4 or more were expected")
        at = max(Fraction(0), self._position + offset)
        self._measure.tempos[at] = round(_MICROSECONDS_A_MINUTE / bpm)

    def _offset(self, element: Element) -> Fraction:
        return fraction(element.findtext("offset", "0"), "an offset") / self._divisions

    def _duration(self, element: Element) -> Fraction:
        duration = fraction(element.findtext("duration", "0"), "a duration") / self._divisions
        if not 0 <= duration <= _MOST_QUARTERS:
            raise InvalidInput(f"a duration is {float(duration):g} quarter notes; 0 to {_MOST_QUARTERS} were expected")
        return duration

    def _advance(self, duration: Fraction) -> None:
        self._position += duration
        self._measure.length = max(self._measure.length, self._position)
