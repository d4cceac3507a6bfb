from __future__ import annotations

import pytest

from octet.symbolic.attributes import EMOTIONS, GENRES, Attributes
from octet.symbolic.conditions import VALUES, classes, names, prefix
from octet.symbolic.instruments import CLASSES
from octet.symbolic.remigen import IDS


def test_the_prefix_has_63_tokens_of_which_nothing_said_is_all_last_values():
    nothing = prefix(Attributes())
    assert len(nothing) == len(VALUES) == 63
    assert nothing == tuple(f"{key}_{count}" for key, count in VALUES.items())
    assert set(names()) <= set(IDS)
    assert len(list(names())) == 1253 - 985


def test_instruments_and_genres_are_present_absent_or_not_said():
    tokens = prefix(
        Attributes(instruments=("piano",), genres=("Jazz",)), without=("drum", "bass"), other_genres=("Latin",)
    )
    said = {token for token in tokens if token.startswith(("I1s2", "S4")) and not token.endswith("_2")}
    jazz, latin = GENRES.index("Jazz"), GENRES.index("Latin")
    assert said == {"I1s2_0_0", "I1s2_27_1", "I1s2_5_1", f"S4_{jazz}_0", f"S4_{latin}_1"}


@pytest.mark.parametrize(
    ("given", "token"),
    [
        ({"danceable": True}, "R1_0"),
        ({"danceable": False}, "R1_1"),
        ({"intensity": "low"}, "R3_0"),
        ({"intensity": "high"}, "R3_2"),
        ({"artist": "Mozart"}, "S2s1_1"),
        ({"bars": 1}, "B1s1_0"),
        ({"bars": 4}, "B1s1_0"),
        ({"bars": 5}, "B1s1_1"),
        ({"bars": 16}, "B1s1_3"),
        ({"bars": 17}, "B1s1_4"),
        ({"metre": "4/4"}, "TS1s1_0"),
        ({"metre": "2/4"}, "TS1s1_1"),
        ({"metre": "3/4"}, "TS1s1_2"),
        ({"metre": "3/8"}, "TS1s1_5"),
        ({"metre": "7/8"}, "TS1s1_6"),
        ({"mode": "minor"}, "K1_1"),
        ({"bpm": 76}, "T1s1_0"),
        ({"bpm": 100}, "T1s1_1"),
        ({"bpm": 120}, "T1s1_2"),
        ({"octaves": 0}, "P4_0"),
        ({"octaves": 10}, "P4_10"),
        ({"seconds": 15}, "TM1_0"),
        ({"seconds": 15.1}, "TM1_1"),
        ({"seconds": 60}, "TM1_3"),
        ({"seconds": 61}, "TM1_4"),
        ({"seconds": 600}, "TM1_4"),
    ],
)
def test_each_value_has_its_token_and_all_else_is_not_said(given, token):
    changed = [
        one for one, other in zip(prefix(Attributes(**given)), prefix(Attributes()), strict=True) if one != other
    ]
    assert changed == ([token] if token != "B1s1_4" else [])


def test_emotions_are_the_four_quadrants():
    assert [classes(Attributes(emotion=emotion))["EM1"] for emotion in EMOTIONS] == [0, 1, 2, 3]
    assert EMOTIONS == ("happy", "tense", "sad", "calm")


def test_every_class_of_instruments_has_its_key():
    assert list(classes(Attributes(instruments=CLASSES))) == [f"I1s2_{index}" for index in range(28)]
