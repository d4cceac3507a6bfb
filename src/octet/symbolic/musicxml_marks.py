"""The signs of a MusicXML document that tell the order of its measures: repeats, endings, D.C., D.S., Fine, coda."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from octet.symbolic.musicxml_fields import number
from octet.symbolic.musicxml_measures import Measure
from octet.symbolic.musicxml_order import MOST_PASSES, Marks


def marks_of(rows: Sequence[tuple[Measure | None, ...]]) -> list[Marks]:
    """The signs of order of each measure, said in whichever part."""
    marks, endings = [], frozenset[int]()
    for row in rows:
        elements = [measure.element for measure in row if measure is not None and measure.element is not None]
        barlines = [barline for element in elements for barline in element.iterfind("barline")]
        sounds = [sound for element in elements for sound in _sounds(element)]
        ends = False
        for ending in (ending for barline in barlines for ending in barline.iterfind("ending")):
            if ending.get("type") == "start":
                endings = _numbers(ending.get("number", "1"))
            ends |= ending.get("type") in ("stop", "discontinue")
        marks.append(_mark(barlines, sounds, endings))
        endings = frozenset() if ends else endings
    return marks


def _sounds(element: Element) -> Iterator[Element]:
    yield from element.iterfind("sound")
    yield from element.iterfind("direction/sound")


def _mark(barlines: Sequence[Element], sounds: Sequence[Element], endings: frozenset[int]) -> Marks:
    repeats = [repeat for barline in barlines for repeat in barline.iterfind("repeat")]
    said = {name: value for sound in sounds for name, value in sound.attrib.items()}
    closes = [repeat for repeat in repeats if repeat.get("direction") == "backward"]
    times = max((round(number(repeat.get("times", "2"), "a repeat's times")) for repeat in closes), default=0)
    return Marks(
        opens=any(repeat.get("direction") == "forward" for repeat in repeats),
        closes=min(times, MOST_PASSES),
        endings=endings,
        jumps_to="" if said.get("dacapo") == "yes" else said.get("dalsegno"),
        segno=said.get("segno"),
        coda=said.get("coda"),
        to_coda=said.get("tocoda"),
        fine="fine" in said,
    )


def _numbers(text: str) -> frozenset[int]:
    """Of an ending: "1, 2" """
    numbers = (int(part) for part in text.replace(",", " ").split() if part.isdigit() and len(part) < 4)
    return frozenset(value for value in numbers if 1 <= value <= MOST_PASSES)
