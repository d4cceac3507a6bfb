"""Requests and briefs: checked, in one line; the request counts before the text, and both before a beginning."""

from __future__ import annotations

import math

import pytest

from octet.core.errors import InvalidInput
from octet.symbolic.attributes import Attributes
from octet.symbolic.instruments import CLASSES
from octet.systems.musecoco.brief import brief_of, rules_of
from octet.systems.musecoco.grammar import DRUMS, TEMPOS, Rules, metre_number, tempo_numbers
from octet.systems.musecoco.request import request_of, tonic_of
from octet.systems.musecoco.text import Understood


def briefed(understood=(), beginning=None, **options):
    return brief_of(request_of("", **options), understood, beginning)


def test_defaults_are_the_published_ones():
    request = request_of("hello")
    assert (request.top_k, request.temperature, request.candidates) == (15, 1.0, 1)
    assert request.attributes == Attributes()


def test_names_are_found_in_any_case_and_alone():
    request = request_of("", instruments="Piano", genres=["jazz", "easy listening"], artist="chopin", without=("DRUM",))
    assert request.instruments == ("piano",)
    assert request.genres == ("Jazz", "Easy Listening")
    assert (request.artist, request.without) == ("Chopin", ("drum",))


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"instruments": ["pianoo"]}, "instruments: 'pianoo' is not known, take piano"),
        ({"instruments": "electric guitar"}, "take guitar"),
        ({"instruments": "zzz"}, "one of piano, keyboard"),
        ({"instruments": 3}, "names were expected"),
        ({"without": "drums"}, "take drum"),
        ({"artist": "Schopin"}, "take Chopin"),
        ({"genres": ["Jaz"]}, "take Jazz"),
        ({"metre": "9/4"}, "at most two whole notes a bar"),
        ({"metre": "4/5"}, "as 3/4 or 6/8"),
        ({"metre": "waltz"}, "as 3/4 or 6/8"),
        ({"bpm": 5}, "bpm: Input should be greater than or equal to 16"),
        ({"bpm": 1000}, "less than or equal to 256"),
        ({"bars": 0}, "bars: Input should be greater than or equal to 1"),
        ({"bars": 10**9}, "less than or equal to 256"),
        ({"seconds": 0}, "greater than 0"),
        ({"seconds": math.inf}, "seconds: "),
        ({"tonic": "H"}, "a tonic is 0 to 11 or one of C, D flat"),
        ({"tonic": 12}, "less than or equal to 11"),
        ({"emotion": "hungry"}, "'happy', 'tense', 'sad' or 'calm'"),
        ({"candidates": 1000}, "less than or equal to 64"),
        ({"tempoo": 3}, "unknown option 'tempoo'"),
        ({"temperatur": 3}, "choose from temperature"),
        ({"prompt": "x" * 20_000}, "20000 letters are more than the 10000"),
        ({"prompt": "\ud800"}, "not Unicode text"),
        ({"instruments": "piano", "without": "piano"}, "piano is asked for in instruments and in without"),
        ({"without": list(CLASSES)}, "leave one out"),
    ],
)
def test_bad_requests_end_in_one_line(options, line):
    options = {"prompt": "", **options}
    with pytest.raises(InvalidInput) as caught:
        request_of(**options)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(("name", "tonic"), [("C", 0), ("f#", 6), ("B flat", 10), ("E-flat", 3), ("Cb", 11), ("b", 11)])
def test_tonics_have_names(name, tonic):
    assert tonic_of(name) == tonic


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"bars": 4, "metre": "4/4", "bpm": 120, "seconds": 60}, "not 60: change one of them or leave it out"),
        ({"danceable": True, "without": "drum"}, "no drums"),
        ({"danceable": True, "metre": "6/8"}, "not in 6/8"),
    ],
)
def test_requests_that_contradict_themselves_are_refused(options, line):
    with pytest.raises(InvalidInput, match=line):
        briefed(**options)


def test_the_request_counts_before_the_text():
    text = [Understood("T1s1", 2, 0.9), Understood("K1", 1, 0.8), Understood("B1s1", 0, 0.9)]
    brief = briefed(text, bpm=60, bars=20)
    assert brief.told == {"K1": 1, "T1s1": 0}
    assert len(brief.contradictions) == 2
    assert "the text says tempo: fast" in brief.contradictions[0]


def test_what_agrees_is_no_contradiction():
    assert briefed([Understood("T1s1", 2, 0.9)], bpm=130).contradictions == ()


def test_of_a_text_that_contradicts_itself_the_least_certain_is_left_out():
    text = [Understood("R1", 0, 0.6), Understood("I1s2_27", 1, 0.9)]
    brief = briefed(text)
    assert brief.told == {"I1s2_27": 1}
    assert "left out is danceable: yes" in brief.contradictions[0]
    assert briefed([text[0]._replace(confidence=0.95), text[1]]).told == {"R1": 0}


def test_of_a_text_against_the_request_the_text_gives_way():
    brief = briefed([Understood("R1", 0, 1.0)], without="drum")
    assert brief.told == {"I1s2_27": 1}
    assert len(brief.contradictions) == 1


def test_a_beginning_is_taken_over_where_nothing_is_said():
    beginning = Attributes(instruments=("piano",), metre="3/4", mode="minor", bpm=100)
    brief = briefed([Understood("K1", 0, 0.9)], beginning, bpm=200)
    assert brief.told == {"I1s2_0": 0, "TS1s1": 2, "K1": 0, "T1s1": 2}
    assert brief.asked == {"K1": 0, "T1s1": 2}


def test_a_continuation_keeps_exactly_its_metre_and_tempo():
    beginning = Attributes(metre="5/4", bpm=101.0)
    rules = rules_of(briefed(beginning=beginning), enforce=True, begun_bars=2)
    assert rules.metres == (metre_number("5/4"),)
    assert rules.tempos == tempo_numbers(101, 101)
    assert briefed(beginning=beginning).exact.bpm == 101
    assert briefed(beginning=beginning, metre="3/4", bpm=60).exact == Attributes(metre="3/4", bpm=60)


def test_bars_and_seconds_settle_the_tempo():
    assert briefed(bars=8, metre="4/4", seconds=16).exact.bpm == 120
    assert briefed(bars=8, metre="4/4", seconds=16).told["T1s1"] == 2
    assert briefed(bars=8, seconds=16).exact.bpm is None
    with pytest.raises(InvalidInput, match="not 1000"):
        briefed(bars=2, metre="4/4", seconds=1000)


def test_rules_are_what_was_asked():
    brief = briefed(bars=6, metre="6/8", bpm=100, without="guitar")
    rules = rules_of(brief, enforce=True)
    assert rules.bars == (6, 6)
    assert rules.metres == (metre_number("6/8"),)
    assert rules.tempos == tempo_numbers(100, 100)
    assert 24 not in rules.programs
    assert rules.required == ()
    assert rules_of(briefed(instruments=("violin", "drum")), enforce=True).required == ((40,), (114, 116, 118, DRUMS))
    loose = rules_of(brief, enforce=False)
    assert loose == Rules(bars=(6, 6))


def test_rules_of_a_text_are_its_classes():
    text = [Understood("B1s1", 1, 0.9), Understood("TS1s1", 6, 0.9), Understood("T1s1", 0, 0.9)]
    rules = rules_of(briefed([*text, Understood("TM1", 1, 0.9)]), enforce=True)
    assert rules.bars == (5, 8)
    assert rules.seconds == (15.0, 30.0)
    assert rules.metres == Rules().metres  # "other" names none
    assert rules.tempos == tempo_numbers(16, 76)
    assert len(rules.tempos) < len(TEMPOS)


def test_seconds_alone_allow_many_bars_and_nothing_sixteen():
    assert rules_of(briefed(seconds=100), enforce=True).bars == (1, 256)
    assert rules_of(briefed(), enforce=True).bars == (1, 16)
    assert rules_of(briefed(), enforce=True, begun_bars=5).bars == (6, 21)


def test_seconds_are_counted_in_the_exact_tempo():
    rules = rules_of(briefed(seconds=30, bpm=118), enforce=True)
    assert rules.seconds[1] == pytest.approx(30 * 118 / 120.8, abs=0.01)


def test_a_piece_is_longer_than_its_beginning():
    with pytest.raises(InvalidInput, match="has 8 bars and the piece is to have 4: ask for more bars"):
        rules_of(briefed(bars=4), enforce=True, begun_bars=8)
