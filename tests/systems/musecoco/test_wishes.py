"""What is told between the stages: tokens, words, contradictions, and whether wishes are met."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.data.corpora.composer.compose import compose
from octet.symbolic import conditions
from octet.symbolic.attributes import ARTISTS, EMOTIONS, GENRES, Attributes, extract
from octet.symbolic.conditions import VALUES
from octet.symbolic.instruments import CLASSES
from octet.symbolic.remigen import VOCABULARY, from_ids
from octet.systems.musecoco.config import READABLE, TONIC
from octet.systems.musecoco.wishes import (
    PREFIX_TOKENS,
    contradictions,
    met,
    named,
    objective,
    prefix,
    told_by,
)

ATTRIBUTES = st.builds(
    Attributes,
    instruments=st.none() | st.lists(st.sampled_from(CLASSES), min_size=1, max_size=4, unique=True).map(tuple),
    danceable=st.none() | st.booleans(),
    intensity=st.sampled_from([None, "low", "medium", "high"]),
    bars=st.none() | st.integers(1, 30),
    metre=st.sampled_from([None, "4/4", "3/8", "7/8"]),
    mode=st.sampled_from([None, "major", "minor"]),
    bpm=st.none() | st.floats(16, 256),
    octaves=st.none() | st.integers(0, 10),
    seconds=st.none() | st.floats(1, 100),
    emotion=st.sampled_from([None, *EMOTIONS]),
    genres=st.none() | st.sampled_from(GENRES).map(lambda name: (name,)),
    artist=st.sampled_from([None, *ARTISTS]),
)


@given(ATTRIBUTES)
def test_the_prefix_is_that_of_the_dictionary(attributes):
    tokens = from_ids(prefix(told_by(attributes)))
    assert len(tokens) == PREFIX_TOKENS
    assert (tokens[0], tokens[-1]) == ("</s>", "<sep>")
    assert tuple(tokens[1:-1]) == conditions.prefix(attributes)


def test_what_is_absent_is_told():
    told = told_by(Attributes(tonic=3), without=["drum"], other_genres=["Jazz"])
    assert told == {TONIC: 3, "I1s2_27": 1, "S4_10": 1}
    tokens = from_ids(prefix(told))
    assert {"I1s2_27_1", "S4_10_1", "I1s2_0_2", "B1s1_4"} <= set(tokens)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (Attributes(instruments=("cello",)), ("cello", "yes")),
        (Attributes(genres=("Jazz",)), ("Jazz", "yes")),
        (Attributes(danceable=False), ("danceable", "no")),
        (Attributes(intensity="medium"), ("intensity", "medium")),
        (Attributes(artist="Chopin"), ("artist", "Chopin")),
        (Attributes(bars=8), ("bars", "5-8")),
        (Attributes(metre="6/8"), ("metre", "6/8")),
        (Attributes(metre="7/8"), ("metre", "other")),
        (Attributes(mode="minor"), ("mode", "minor")),
        (Attributes(bpm=120), ("tempo", "fast")),
        (Attributes(octaves=3), ("octaves", "3")),
        (Attributes(emotion="sad"), ("emotion", "sad")),
        (Attributes(seconds=30), ("seconds", "15-30")),
        (Attributes(seconds=61), ("seconds", "over 60")),
        (Attributes(tonic=10), ("tonic", "B flat")),
    ],
)
def test_values_have_words(attributes, words):
    ((key, value),) = told_by(attributes).items()
    assert named(key, value) == words


def test_every_value_that_is_read_has_a_word():
    for key in READABLE:
        assert len({named(key, value) for value in range(VALUES[key])}) == VALUES[key]
        assert all(f"{key}_{value}" in VOCABULARY for value in range(VALUES[key] + 1))
    assert len(READABLE) == 60
    assert sum(VALUES[key] + 1 for key in READABLE) == 219


def test_a_composed_piece_meets_what_it_has_and_no_other():
    for seed in range(5):
        score = compose(seed=seed).score
        found = told_by(extract(score))
        assert all(met(objective(found), found).values())
        for key, value in objective(found).items():
            assert met({key: value + 1}, found) == {key: False}


def test_wishes_are_met_as_musecoco_counts():
    found = told_by(Attributes(instruments=("piano",), bars=6, bpm=100))
    verdict = met({"I1s2_0": 0, "I1s2_1": 1, "I1s2_2": 0}, found)
    assert verdict == {"I1s2_0": True, "I1s2_1": True, "I1s2_2": False}
    assert met({"B1s1": 1, "T1s1": 2, "K1": 0}, found) == {"B1s1": True, "T1s1": False, "K1": False}
    assert met({"B1s1": 3}, told_by(Attributes(bars=17))) == {"B1s1": False}


def test_nobody_scores_artist_genre_and_emotion():
    told = told_by(Attributes(artist="Liszt", genres=("Jazz",), emotion="sad", bars=4), other_genres=("Folk",))
    assert objective(told) == {"B1s1": 0}


@pytest.mark.parametrize(
    ("attributes", "without", "reason"),
    [
        (Attributes(bars=4, metre="4/4", bpm=120, seconds=60), (), "bars of 4/4 at 120 beats a minute"),
        (Attributes(bars=16, metre="4/4", bpm=60, seconds=10), (), "not 10"),
        (Attributes(danceable=True), ("drum",), "no drums"),
        (Attributes(danceable=False, metre="6/8"), (), "not in 6/8"),
    ],
)
def test_contradictions_are_found(attributes, without, reason):
    (found,) = contradictions(told_by(attributes, without=without), attributes)
    assert reason in found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize(
    "attributes",
    [
        Attributes(),
        Attributes(bars=8, metre="4/4", bpm=120, seconds=16),
        Attributes(bars=8, metre="4/4", bpm=120),
        Attributes(bars=8, seconds=200),
        Attributes(danceable=True, metre="3/4"),
    ],
)
def test_what_can_be_is_no_contradiction(attributes):
    assert not list(contradictions(told_by(attributes), attributes))


@pytest.mark.parametrize("seed", range(12))
def test_composed_pieces_never_contradict_themselves(seed):
    attributes = compose(Attributes(bars=4), seed=seed).attributes
    assert not list(contradictions(told_by(attributes), attributes))
    assert not list(contradictions(told_by(attributes)))
