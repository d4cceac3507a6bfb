from __future__ import annotations

from itertools import pairwise

import pytest
from tests.data.corpora.composer.plans import planned

from octet.data.corpora.composer.form import pulses_of

METRES = ("4/4", "3/4", "2/4", "1/4", "6/8", "3/8", "5/4", "7/8", "12/8")


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize(("intensity", "least", "most"), [("low", 0.0, 1.0), ("medium", 1.0, 2.0), ("high", 2.0, 4.1)])
@pytest.mark.parametrize("bars", [2, 4, 16])
def test_slots_are_as_dense_as_planned(metre, intensity, least, most, bars):
    plan, form = planned(metre=metre, intensity=intensity, bars=bars)
    slots = sum(len(measure.slots) for measure in form)
    a_beat = slots * 12 / (plan.bar_positions * bars)
    assert least < a_beat <= most or (intensity == "high" and a_beat == 2)
    if intensity == "medium":
        assert a_beat < 2


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("intensity", ["low", "medium", "high"])
def test_bars_follow_each_other_and_their_pulses_are_slots(metre, intensity):
    plan, form = planned(metre=metre, intensity=intensity, bars=12)
    assert [measure.start for measure in form] == [index * plan.bar_positions for index in range(12)]
    for measure in form:
        assert 0 in measure.slots
        assert set(measure.pulses) <= set(measure.slots)
        assert set(measure.offbeats) | set(measure.pulses) == set(measure.slots)
        assert all(0 <= slot < measure.length for slot in measure.slots)
        assert (measure.hold is not None) == (measure is form[-1])
    assert form[-1].slots[-1] == form[-1].hold


def test_pulses_are_quarters_or_threes_of_eighths():
    found = {metre: pulses_of(planned(metre=metre)[0]) for metre in ("4/4", "3/4", "6/8", "3/8", "7/8")}
    assert found == {
        "4/4": (0, 12, 24, 36),
        "3/4": (0, 12, 24),
        "6/8": (0, 18),
        "3/8": (0,),
        "7/8": (0, 12, 24, 36),
    }


@pytest.mark.parametrize("mode", ["major", "minor"])
def test_pieces_begin_at_home_and_end_in_a_cadence(mode):
    for seed in range(20):
        _, form = planned(seed, mode=mode, bars=16)
        assert form[0].chord.root == form[-1].chord.root == 0
        assert form[-2].chord.tones == (7, 11, 2)
        assert form[-1].chord.tones == ((0, 4, 7) if mode == "major" else (0, 3, 7))
        for measure, following in pairwise(form):
            assert measure.following == following.chord


def test_sections_of_one_letter_have_one_harmony():
    _, form = planned(3, bars=20)
    by_section = {}
    for measure in form[:-2]:
        by_section.setdefault((measure.section, measure.index), set()).add(measure.chord)
    assert all(len(chords) == 1 for chords in by_section.values())
    assert [measure.closes for measure in form[2:10]] == [False, False, False, True] * 2


def test_swing_puts_offbeats_on_the_last_third():
    _, swung = planned(genres=("Jazz",), metre="4/4", intensity="high", bars=8)
    _, even = planned(genres=("Pop Rock",), metre="4/4", intensity="high", bars=8)
    assert {slot % 12 for measure in swung for slot in measure.slots} <= {0, 4, 8}
    assert {slot % 12 for measure in even for slot in measure.slots} <= {0, 3, 6, 9}


def test_notes_last_until_the_next_one_or_the_end_of_the_bar():
    _, form = planned(metre="4/4", bars=8)
    assert form[0].until_next(0, (0, 24)) == 24
    assert form[0].until_next(24, (0, 24)) == 24
    last = form[-1]
    assert last.hold == 24
    assert last.until_next(0, (0,)) == 24  # nothing sounds into the last chord
    assert last.until_next(24, (0, 24)) == 24
