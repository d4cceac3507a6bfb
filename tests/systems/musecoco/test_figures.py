"""Numbers in a text count exactly."""

from __future__ import annotations

import pytest
from tests.systems.musecoco.examples import reader

from octet.symbolic.attributes import Attributes
from octet.systems.musecoco.brief import brief_of
from octet.systems.musecoco.figures import figures
from octet.systems.musecoco.request import request_of
from octet.systems.musecoco.text import Understood, spelled


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a tune in 3/4, about 30 seconds", {"seconds": 30.0}),
        ("an 8-bar theme at 96.5 BPM", {"bars": 8, "bpm": 96.5}),
        ("120 beats per minute, 12 measures", {"bpm": 120.0, "bars": 12}),
        ("2 minutes of rain", {"seconds": 120.0}),
        ("템포는 90 bpm, 12마디, 1분 30초", {"bpm": 90.0, "bars": 12, "seconds": 90.0}),
        ("1분에 약 72박으로", {"bpm": 72.0}),
        ("4분의 3박자", {}),
        ("8 bars or 16 bars", {}),
        ("12-bar blues in 3/4", {}),
        ("9000 bpm, 0 bars, 9999 bars, 0 s", {}),
        ("", {}),
    ],
)
def test_numbers_are_found(text: str, found: dict[str, float]) -> None:
    assert figures(text) == found


def test_they_count_before_the_classes_that_the_reader_heard() -> None:
    heard = (Understood("T1s1", 0, 0.9), Understood("K1", 1, 0.8))
    brief = brief_of(request_of("in minor at 140 bpm"), heard)
    assert brief.exact.bpm == 140
    assert brief.told == {"T1s1": 2, "K1": 1}
    assert brief.contradictions == ()


def test_the_request_counts_before_them() -> None:
    assert brief_of(request_of("at 140 bpm", bpm=60), ()).exact.bpm == 60
    assert brief_of(request_of("at 140 bpm", classes={"T1s1": 0}), ()).exact == Attributes()


def test_of_impossible_ones_the_rest_counts_and_it_is_said() -> None:
    brief = brief_of(request_of("200 bars in 5 seconds"), ())
    assert brief.exact.bars == 200
    assert brief.exact.seconds is None
    assert "left out is seconds: 5" in brief.contradictions[0]


def test_signs_of_keys_are_spelled() -> None:
    assert spelled("F# minor, B♭ major, a b side, 3b") == "F sharp minor, B flat major, a b side, 3b"
    assert reader().read(["in C# minor"]) == reader().read(["in C sharp minor"])
