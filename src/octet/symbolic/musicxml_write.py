"""A `Score` as a MusicXML 4.0 document that notation editors open: measures, voices, ties, words, slurs, tempos.

Durations are written exactly, in ticks; those that no note value fits carry no value. A key that changes within a bar
is written at its bar line, a syllable without a track under the first track that has a note there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeVar
from xml.etree.ElementTree import Element, SubElement

from octet.symbolic.musicxml_elements import add_clef, child, drum_id, listed_part, moved, sung, text, tied, valued
from octet.symbolic.musicxml_values import Piece, pieces, rests, spelled, voices
from octet.symbolic.score import TICKS_PER_QUARTER, Bar, Key, Lyric, Metre, Note, Score, Tempo, Track

_DEFAULT_VELOCITY: Final = 80


def document(score: Score) -> Element:
    """The root of a document."""
    root = Element("score-partwise", version="4.0")
    child(child(root, "identification"), "encoding").append(text("software", "Octet"))
    listed = child(root, "part-list")
    printed = _Printed(score)
    tracks = score.tracks or (Track(0, ()),)
    for index, track in enumerate(tracks):
        listed.append(listed_part(index, track))
        root.append(_Part(printed, index, track).element())
    return root


@dataclass(frozen=True)
class _Printed:
    """What all parts share: the bars, at least one, and where they start."""

    score: Score

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        return self.score.bars() or (Bar(0, 0, self.score.metres[0]),)

    @cached_property
    def ends(self) -> list[int]:
        """Where each bar ends, which is early where a new metre cuts it."""
        return [bar.start_ticks for bar in self.bars[1:]] + [self.bars[-1].end_ticks]

    def sharps(self, ticks: int) -> int:
        """Of the key at a time."""
        index = bisect_right([key.start_ticks for key in self.score.keys], ticks) - 1
        return self.score.keys[index].sharps if index >= 0 else 0

    @cached_property
    def lyrics(self) -> dict[tuple[int, int], list[Lyric]]:
        """By track and start."""
        found: dict[tuple[int, int], list[Lyric]] = {}
        for lyric in self.score.lyrics:
            track = lyric.track if lyric.track is not None else self._singing(lyric.start_ticks)
            if track is not None:
                found.setdefault((track, lyric.start_ticks), []).append(lyric)
        return found

    def _singing(self, ticks: int) -> int | None:
        tracks = (index for index, starts in enumerate(self._starts) if ticks in starts)
        return next(tracks, None)

    @cached_property
    def _starts(self) -> list[frozenset[int]]:
        return [frozenset(note.start_ticks for note in track.notes) for track in self.score.tracks]


class _Part:
    """Writes one track."""

    def __init__(self, printed: _Printed, index: int, track: Track) -> None:
        self._printed = printed
        self._index = index
        self._track = track
        self._slurs = _numbered(printed.score, index)
        self._written_to = 0
        lines = [bar.start_ticks for bar in printed.bars]
        self._voices = [
            [piece for chord in voice for piece in pieces(chord, lines)] for voice in voices(track.notes)
        ] or [[]]

    def element(self) -> Element:
        part = Element("part", id=f"P{self._index + 1}")
        metre: Metre | None = None
        for bar, end in zip(self._printed.bars, self._printed.ends, strict=True):
            part.append(self._measure(bar, end, metre))
            metre = bar.metre
        return part

    def _measure(self, bar: Bar, end: int, before: Metre | None) -> Element:
        measure = Element("measure", number=str(bar.number + 1))
        if end - bar.start_ticks != bar.metre.bar_ticks:
            measure.set("implicit", "yes")
        self._attributes(measure, bar, before)
        if self._index == 0:
            self._tempos(measure, bar.start_ticks, end)
        for number, voice in enumerate(self._voices, start=1):
            self._voice(measure, _within(voice, bar.start_ticks, end), bar, end, number)
        return measure

    def _attributes(self, measure: Element, bar: Bar, before: Metre | None) -> None:
        attributes = Element("attributes")
        if before is None:
            attributes.append(text("divisions", str(TICKS_PER_QUARTER)))
        self._key(attributes, bar)
        if before is None or before != bar.metre:
            time = child(attributes, "time")
            time.append(text("beats", str(bar.metre.numerator)))
            time.append(text("beat-type", str(bar.metre.denominator)))
        if before is None:
            add_clef(attributes, self._track)
        if len(attributes):
            measure.append(attributes)

    def _key(self, attributes: Element, bar: Bar) -> None:
        """The last key that starts in the bar."""
        end = self._printed.ends[bar.number]
        keys = _within(self._printed.score.keys, bar.start_ticks, end)
        if keys:
            key = child(attributes, "key")
            key.append(text("fifths", str(keys[-1].sharps)))
            key.append(text("mode", keys[-1].mode))

    def _tempos(self, measure: Element, start: int, end: int) -> None:
        for tempo in _within(self._printed.score.tempos, start, end):
            direction = SubElement(measure, "direction", placement="above")
            metronome = child(child(direction, "direction-type"), "metronome")
            metronome.append(text("beat-unit", "quarter"))
            metronome.append(text("per-minute", f"{tempo.bpm:.4g}"))
            if tempo.start_ticks > start:
                offset = text("offset", str(tempo.start_ticks - start))
                offset.set("sound", "yes")
                direction.append(offset)
            SubElement(direction, "sound", tempo=repr(tempo.bpm))

    def _voice(self, measure: Element, voice: Sequence[Piece], bar: Bar, end: int, number: int) -> None:
        """The first voice is filled with rests; the others are written where they sound."""
        if number > 1 and not voice:
            return
        if number > 1:
            moved(measure, "backup", self._written_to - bar.start_ticks)
        self._written_to = bar.start_ticks
        for piece in voice:
            self._gap(measure, piece.start_ticks, number)
            self._piece(measure, piece, number)
        if number == 1:
            self._rest_of(measure, bar, end, whole=not voice)

    def _gap(self, measure: Element, until: int, number: int) -> None:
        if number > 1:
            moved(measure, "forward", until - self._written_to)
        else:
            for rest in rests(self._written_to, until):
                self._piece(measure, rest, number)
        self._written_to = until

    def _rest_of(self, measure: Element, bar: Bar, end: int, *, whole: bool) -> None:
        if not whole:
            self._gap(measure, end, 1)
            return
        self._piece(measure, Piece(bar.start_ticks, end - bar.start_ticks), 1, fills_bar=True)

    def _piece(self, measure: Element, piece: Piece, number: int, *, fills_bar: bool = False) -> None:
        for place, note in enumerate(piece.notes or (None,)):
            element = child(measure, "note")
            if place:
                child(element, "chord")
            self._sound(element, note, piece.start_ticks, fills_bar=fills_bar)
            element.append(text("duration", str(piece.duration_ticks)))
            tied(element, piece)
            if note is not None and self._track.is_drum:
                SubElement(element, "instrument", id=drum_id(self._index, note.pitch))
            element.append(text("voice", str(number)))
            if not fills_bar:
                valued(element, piece.duration_ticks)
            if note is not None:
                self._notations(element, piece, first=place == 0)
        self._written_to = piece.start_ticks + piece.duration_ticks

    def _sound(self, element: Element, note: Note | None, ticks: int, *, fills_bar: bool) -> None:
        if note is None:
            rest = child(element, "rest")
            if fills_bar:
                rest.set("measure", "yes")
            return
        if note.velocity != _DEFAULT_VELOCITY:
            element.set("dynamics", f"{note.velocity / 0.9:.2f}")
        tag, prefix = ("unpitched", "display-") if self._track.is_drum else ("pitch", "")
        step, alter, octave = spelled(note.pitch, self._printed.sharps(ticks))
        pitch = child(element, tag)
        pitch.append(text(f"{prefix}step", step))
        if alter and not prefix:
            pitch.append(text("alter", str(alter)))
        pitch.append(text(f"{prefix}octave", str(octave)))

    def _notations(self, element: Element, piece: Piece, *, first: bool) -> None:
        notations = Element("notations")
        for kind, said in (("stop", piece.tied_from), ("start", piece.tied_to)):
            if said:
                SubElement(notations, "tied", type=kind)
        starts = first and not piece.tied_from
        for kind, number in self._slurs.get(piece.start_ticks, ()) if starts else ():
            SubElement(notations, "slur", type=kind, number=str(number))
        if len(notations):
            element.append(notations)
        for lyric in self._printed.lyrics.get((self._index, piece.start_ticks), ()) if starts else ():
            element.append(sung(lyric))


Placed = TypeVar("Placed", Piece, Key, Tempo)


def _within(placed: Sequence[Placed], start: int, end: int) -> Sequence[Placed]:
    """Of things in order of time, those that start in a bar."""
    first, last = (bisect_left(placed, ticks, key=lambda thing: thing.start_ticks) for ticks in (start, end))
    return placed[first:last]


def _numbered(score: Score, track: int) -> dict[int, list[tuple[str, int]]]:
    """The ends of a track's slurs by time, each slur with a number that none still open has (from 1 to 16)."""
    marks: dict[int, list[tuple[str, int]]] = {}
    busy: dict[int, int] = {}
    for slur in score.slurs:
        if slur.track != track:
            continue
        number = next((number for number in range(1, 17) if busy.get(number, -1) < slur.start_ticks), None)
        if number is not None:
            busy[number] = slur.end_ticks
            marks.setdefault(slur.start_ticks, []).append(("start", number))
            marks.setdefault(slur.end_ticks, []).append(("stop", number))
    return marks
