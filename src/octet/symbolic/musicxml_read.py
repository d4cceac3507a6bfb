"""A MusicXML document as a `Score`: measures in the order in which they are played, ties joined, verses sorted out.

A part becomes a track; a part with words and several voices becomes a track a voice. A measure that its metre does not
fill (a pickup) is a bar that the metre, said anew, cuts short. Where a repeat is played n times, its k-th time sings
the k-th line of text in the first verse, line n + k in the second, and so on; a single line serves all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import zip_longest
from xml.etree.ElementTree import Element

from octet.core.errors import InvalidInput
from octet.symbolic.musicxml_fields import Line, number
from octet.symbolic.musicxml_marks import marks_of
from octet.symbolic.musicxml_measures import Instruments, Measure, PartReader, Written
from octet.symbolic.musicxml_order import Played, played
from octet.symbolic.score import (
    MOST_NOTES,
    TICKS_PER_QUARTER,
    Key,
    Lyric,
    Metre,
    Note,
    Score,
    Slur,
    Tempo,
    Track,
)

_MOST_MEASURES = 50_000
_DRUM_CHANNEL = 10


def score_of(root: Element) -> Score:
    """The score in a document.

    Raises:
        InvalidInput: not MusicXML, without a part, or with numbers that are none.
    """
    if root.tag not in ("score-partwise", "score-timewise"):
        raise InvalidInput(f"this XML is no MusicXML score: its root is <{root.tag[:40]}>; export MusicXML")
    parts = _parts(root)
    if not parts:
        raise InvalidInput("this MusicXML has no part; export the score again")
    lists = {part.get("id", ""): part for part in root.iterfind("part-list/score-part")}
    read = [_read_part(name, measures, lists.get(name)) for name, measures in parts.items()]
    return _Playing(read).score()


@dataclass(frozen=True)
class _Part:
    instruments: Instruments
    measures: list[Measure]

    @property
    def voices(self) -> list[str | None]:
        """What becomes a track each: the voices of a part that is sung in several, else the whole part."""
        notes = [note for measure in self.measures for note in measure.notes]
        voices = list(dict.fromkeys(note.voice for note in notes))
        if len(voices) < 2 or not any(note.lines for note in notes):
            return [None]
        return [*sorted(voices)]


def _parts(root: Element) -> dict[str, list[Element]]:
    """The measures of each part by its id, of either arrangement of a document."""
    parts: dict[str, list[Element]] = {}
    if root.tag == "score-partwise":
        for part in root.iterfind("part"):
            parts.setdefault(part.get("id", ""), []).extend(part.iterfind("measure"))
    else:
        for measure in root.iterfind("measure"):
            for part in measure.iterfind("part"):
                part.attrib.update({key: value for key, value in measure.attrib.items() if key != "id"})
                parts.setdefault(part.get("id", ""), []).append(part)
    return parts


def _read_part(name: str, elements: Sequence[Element], listed: Element | None) -> _Part:
    instruments = Instruments() if listed is None else _instruments(listed)
    reader = PartReader(instruments)
    measures = []
    for place, element in enumerate(elements, start=1):
        try:
            measures.append(reader.read(element))
        except InvalidInput as error:
            raise InvalidInput(f"part {name}, measure {element.get('number', place)}: {error}") from None
    return _Part(instruments, measures)


def _instruments(listed: Element) -> Instruments:
    midi = listed.findall("midi-instrument")
    keys = {
        instrument.get("id", ""): _midi_number(instrument, "midi-unpitched")
        for instrument in midi
        if instrument.find("midi-unpitched") is not None
    }
    program = _midi_number(midi[0], "midi-program") if midi else 0
    is_drum = any(_midi_number(instrument, "midi-channel") + 1 == _DRUM_CHANNEL for instrument in midi)
    return Instruments(" ".join(listed.findtext("part-name", "").split()), program, is_drum, keys)


def _midi_number(instrument: Element, tag: str) -> int:
    """A number that MusicXML counts from 1, counted from 0."""
    return min(127, max(0, round(number(instrument.findtext(tag, "1"), f"<{tag}>")) - 1))


@dataclass
class _Voice:
    """A track as it grows: notes by their index, those that a tie may still prolong, and slurs not yet closed."""

    name: str
    program: int
    is_drum: bool = False
    notes: list[Note] = field(default_factory=list)
    tied: dict[int, int] = field(default_factory=dict)  # pitch to the index of the note
    slurring: dict[str, int] = field(default_factory=dict)  # number to where it started


class _Playing:
    """Plays the measures of all parts one after another into a score."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self._parts = parts
        self._voices = {
            (index, voice): _Voice(part.instruments.name, part.instruments.program)
            for index, part in enumerate(parts)
            for voice in part.voices
        }
        self._rows: list[tuple[Measure | None, ...]] = list(zip_longest(*(part.measures for part in parts)))
        self._indexes = {place: index for index, place in enumerate(self._voices)}
        self._start = Fraction(0)  # of the measure being played, in quarter notes
        self._count = 0
        self._tempos: dict[int, Tempo] = {}
        self._metres: dict[int, Metre] = {}
        self._keys: dict[int, Key] = {}
        self._lyrics: dict[tuple[int, int, int], Lyric] = {}
        self._slurs: set[Slur] = set()
        self._filled = False  # whether the measure before was as long as its metre

    def score(self) -> Score:
        lasting = _lasting_tempos(self._rows)
        steps = played(marks_of(self._rows))
        if len(steps) > _MOST_MEASURES:
            raise InvalidInput(f"this score plays more than {_MOST_MEASURES} measures; cut it into pieces")
        for step in steps:
            try:
                self._play(self._rows[step.measure], step, lasting[step.measure])
            except InvalidInput as error:
                raise InvalidInput(f"measure {step.measure + 1}: {error}") from None
        return self._finished()

    def _play(self, row: tuple[Measure | None, ...], step: Played, tempo: int | None) -> None:
        first = next(measure for measure in row if measure is not None)
        metre = first.metre or (4, 4)
        bar = Fraction(4 * metre[0], metre[1])
        length = max((measure.length for measure in row if measure is not None), default=Fraction(0)) or bar
        self._signs(metre, first.key)
        self._filled = length % bar == 0 if bar else False
        if tempo is not None:
            self._tempo(self._start, tempo)
        for index, measure in enumerate(row):
            if measure is not None:
                self._play_part(index, measure, step)
        self._start += length

    def _signs(self, metre: tuple[int, int], key: Key | None) -> None:
        ticks = _ticks(self._start)
        sign = Metre(ticks, *metre)
        last = next(reversed(self._metres.values()), None)
        if not self._filled or last is None or last.name != sign.name:
            self._metres[ticks] = sign
        before = next(reversed(self._keys.values()), None)
        if key is not None and (before is None or before.name != key.name):
            self._keys[ticks] = replace(key, start_ticks=ticks)

    def _tempo(self, place: Fraction, microseconds: int) -> None:
        last = next(reversed(self._tempos.values()), None)
        if last is None or last.quarter_microseconds != microseconds:
            self._tempos[_ticks(place)] = Tempo(_ticks(place), microseconds)

    def _play_part(self, part: int, measure: Measure, step: Played) -> None:
        for offset, microseconds in sorted(measure.tempos.items()):
            self._tempo(self._start + offset, microseconds)
        for written in sorted(measure.notes, key=lambda note: note.start):
            place = (part, written.voice) if (part, written.voice) in self._voices else (part, None)
            self._sound(self._voices[place], self._indexes[place], written, step)

    def _sound(self, voice: _Voice, track: int, written: Written, step: Played) -> None:
        start = _ticks(self._start + written.start)
        end = max(start + 1, _ticks(self._start + written.start + written.duration))
        held = voice.tied.pop(written.pitch, None) if written.tied_from else None
        voice.is_drum |= written.is_drum
        if held is not None and voice.notes[held].end_ticks == start:
            head = voice.notes[held]
            start = head.start_ticks
            voice.notes[held] = Note(start, head.pitch, end - start, head.velocity)
        else:
            held = len(voice.notes)
            voice.notes.append(Note(start, written.pitch, end - start, written.velocity))
            self._count_note()
            self._sing(track, start, written.lines, step)
        if written.tied_to:
            voice.tied[written.pitch] = held
        self._slur(voice, track, start, written.slurs)

    def _count_note(self) -> None:
        self._count += 1
        if self._count > MOST_NOTES:
            raise InvalidInput(f"a score holds at most {MOST_NOTES} notes; cut it into pieces")

    def _sing(self, track: int, start: int, lines: Mapping[int, Line], step: Played) -> None:
        for verse, line in _verses(lines, step):
            lyric = Lyric(start, line.text, line.syllabic, verse, line.extends, track)
            self._lyrics.setdefault((track, start, verse), lyric)

    def _slur(self, voice: _Voice, track: int, start: int, slurs: Sequence[tuple[str, str]]) -> None:
        for kind, which in sorted(slurs, reverse=True):  # stop before start: one may end where the next begins
            if kind == "stop":
                begun = voice.slurring.pop(which, start)
                if begun < start:
                    self._slurs.add(Slur(begun, start, track))
            elif kind == "start":
                voice.slurring[which] = start

    def _finished(self) -> Score:
        """The score, without the tracks that have no notes."""
        kept = [index for index, voice in enumerate(self._voices.values()) if voice.notes]
        tracks = [voice for voice in self._voices.values() if voice.notes]
        moved = {old: new for new, old in enumerate(kept)}
        return Score(
            tuple(Track(voice.program, tuple(voice.notes), voice.is_drum, voice.name) for voice in tracks),
            tuple(self._tempos.values()),
            tuple(self._metres.values()),
            tuple(self._keys.values()),
            tuple(replace(lyric, track=moved[track]) for (track, _, _), lyric in self._lyrics.items()),
            tuple(replace(slur, track=moved[slur.track]) for slur in self._slurs),
        )


def _ticks(quarters: Fraction) -> int:
    return round(quarters * TICKS_PER_QUARTER)


def _verses(lines: Mapping[int, Line], step: Played) -> Iterator[tuple[int, Line]]:
    """The line that each verse sings at a turn of a repeat; a line alone, or the last one left, serves the first."""
    if not lines:
        return
    verses = -(-max(lines) // step.turns)
    found = {verse: lines.get((verse - 1) * step.turns + step.turn) for verse in range(1, verses + 1)}
    if not any(found.values()):
        found[1] = lines[max((line for line in lines if line <= step.turn), default=min(lines))]
    for verse, line in found.items():
        if line is not None:
            yield verse, line


def _lasting_tempos(rows: Sequence[tuple[Measure | None, ...]]) -> list[int | None]:
    """The tempo that holds at the start of each measure as printed; None where none has been said."""
    lasting: list[int | None] = []
    current: int | None = None
    for row in rows:
        lasting.append(current)
        said = {offset: tempo for measure in row if measure is not None for offset, tempo in measure.tempos.items()}
        if said:
            current = said[max(said)]
    return lasting
