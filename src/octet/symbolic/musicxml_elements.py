"""Small elements of a MusicXML document: values, ties, syllables, clefs, and a part's line in the list of parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from octet.symbolic.musicxml_values import Piece, values
from octet.symbolic.score import Lyric, Track

_CLEFS = {"percussion": ("percussion", ""), "treble": ("G", "2"), "bass": ("F", "4")}
_CHANNELS = (*range(1, 10), *range(11, 17))
_DRUM_CHANNEL = 10
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sung(lyric: Lyric) -> Element:
    element = Element("lyric", number=str(lyric.verse))
    element.append(text("syllabic", lyric.syllabic))
    element.append(text("text", lyric.text))
    if lyric.extends:
        child(element, "extend")
    return element


def tied(element: Element, piece: Piece) -> None:
    for kind, said in (("stop", piece.tied_from), ("start", piece.tied_to)):
        if said and piece.notes:
            SubElement(element, "tie", type=kind)


def valued(element: Element, ticks: int) -> None:
    value = values().get(ticks)
    if value is None:
        return
    element.append(text("type", value.type))
    for _ in range(value.dots):
        child(element, "dot")
    if value.is_triplet:
        changed = child(element, "time-modification")
        changed.append(text("actual-notes", "3"))
        changed.append(text("normal-notes", "2"))


def add_clef(attributes: Element, track: Track) -> None:
    pitches = sorted(note.pitch for note in track.notes) or [60]
    high = "treble" if pitches[len(pitches) // 2] >= 57 else "bass"
    sign, line = _CLEFS["percussion" if track.is_drum else high]
    clef = child(attributes, "clef")
    clef.append(text("sign", sign))
    if line:
        clef.append(text("line", line))


def listed_part(index: int, track: Track) -> Element:
    part = Element("score-part", id=f"P{index + 1}")
    part.append(text("part-name", track.name))
    keys: Sequence[int | None] = sorted({note.pitch for note in track.notes}) if track.is_drum else [None]
    names = [f"P{index + 1}-I1" if key is None else drum_id(index, key) for key in keys]
    for name in names:
        SubElement(part, "score-instrument", id=name).append(text("instrument-name", track.name or name))
    for name, key in zip(names, keys, strict=True):
        midi = SubElement(part, "midi-instrument", id=name)
        channel = _DRUM_CHANNEL if track.is_drum else _CHANNELS[index % len(_CHANNELS)]
        midi.append(text("midi-channel", str(channel)))
        midi.append(text("midi-program", str(track.program + 1)))
        if key is not None:
            midi.append(text("midi-unpitched", str(key + 1)))
    return part


def drum_id(index: int, key: int) -> str:
    return f"P{index + 1}-I{key + 1}"


def moved(measure: Element, tag: str, ticks: int) -> None:
    if ticks > 0:
        child(measure, tag).append(text("duration", str(ticks)))


def child(parent: Element, tag: str) -> Element:
    return SubElement(parent, tag)


def text(tag: str, content: str) -> Element:
    element = Element(tag)
    element.text = _NOT_XML.sub("", content)
    return element
