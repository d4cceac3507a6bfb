from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.corpora.composer.plans import part, planned

from octet.data.corpora.composer.genres import STYLES
from octet.data.corpora.composer.plan import draw
from octet.data.corpora.composer.styles import INSTRUMENTS, MOODS
from octet.symbolic.attributes import EMOTIONS, Attributes
from octet.symbolic.instruments import CLASSES


def roles(*instruments, **wish):
    plan, _ = planned(instruments=instruments, **wish)
    return {part.name: part.roles for part in plan.parts}


def test_everybody_does_what_suits_them():
    assert roles("flute", "piano", "bass", "drum") == {"flute": "m", "piano": "c", "bass": "b", "drum": "d"}
    assert roles("sax", "guitar", "strings", "tuba") == {"sax": "m", "guitar": "c", "strings": "p", "tuba": "b"}
    assert roles("violin", "cello") == {"violin": "m", "cello": "b"}
    assert roles("piano") == {"piano": "mc"}
    assert roles("piano", "drum") == {"piano": "mc", "drum": "d"}
    assert roles("flute") == {"flute": "m"}
    assert roles("bass") == {"bass": "m"}
    assert roles("drum") == {"drum": "d"}


@given(
    st.lists(st.sampled_from(CLASSES), min_size=1, max_size=8, unique=True),
    st.integers(0, 10),
    st.integers(0, 7),
    st.integers(0, 99),
)
def test_parts_lie_within_the_range_and_hold_every_pitch_class(instruments, octaves, tonic, seed):
    if instruments == ["drum"]:
        return
    plan = draw(Attributes(instruments=tuple(instruments), octaves=octaves, tonic=tonic), random.Random(seed))
    assert 0 <= plan.lowest <= plan.top <= plan.highest <= 127
    assert plan.top - plan.lowest == 12 * octaves
    assert plan.highest - plan.lowest < 12 * (octaves + 1)
    assert plan.lowest % 12 == plan.top % 12 == tonic
    for found in plan.parts:
        if found.roles != "d":
            assert found.high - found.low >= 11 or plan.highest == 127
            assert plan.lowest <= found.low
            assert found.high <= plan.highest


def test_instruments_keep_their_own_range_where_it_fits():
    plan, _ = planned(instruments=("piccolo", "piano", "bass"), octaves=5)
    for found in plan.parts:
        assert INSTRUMENTS[found.name].low <= found.low
        assert found.high <= INSTRUMENTS[found.name].high
        assert found.program in INSTRUMENTS[found.name].programs


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_moods_settle_mode_tempo_and_density(emotion):
    mood = MOODS[emotion]
    for seed in range(40):
        plan, _ = planned(seed, emotion=emotion)
        assert plan.attributes.mode in (None, mood.mode)
        assert mood.bpm[0] - 0.01 <= plan.attributes.bpm <= mood.bpm[1] + 0.01
        assert plan.attributes.intensity in mood.intensities


def test_genres_settle_players_and_metre():
    for genre, style in STYLES.items():
        for seed in range(10):
            plan, _ = planned(seed, genres=(genre,))
            known = {*style.melody, *style.chords, *style.bass, *style.extras, "drum"}
            assert set(plan.attributes.instruments) <= known
            assert plan.attributes.metre in style.metres


def test_wishes_win_over_mood_and_genre():
    plan, _ = planned(genres=("Jazz",), emotion="sad", mode="major", bpm=200, intensity="high", metre="7/8")
    found = plan.attributes
    assert (found.mode, found.intensity, found.metre) == ("major", "high", "7/8")
    assert found.bpm == pytest.approx(200, abs=0.01)


def test_choices_are_spread():
    plans = [draw(Attributes(), random.Random(seed)).attributes for seed in range(400)]
    assert len(Counter(plan.genres for plan in plans)) == len(STYLES)
    assert min(Counter(plan.emotion for plan in plans).values()) > 60
    assert len(Counter(plan.tonic for plan in plans)) >= 12
    assert {plan.danceable for plan in plans} == {True, False, None}


def test_the_bass_lies_lowest():
    for seed in range(20):
        plan, _ = planned(seed, instruments=("flute", "guitar", "bass"), genres=("Folk",))
        assert part(plan, "b").low <= part(plan, "c").low <= part(plan, "m").high
