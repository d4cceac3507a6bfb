from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from tests.data.corpora.composer.plans import part, planned

from octet.data.corpora.composer import parts
from octet.data.corpora.composer.drums import GROOVES, drums, keeper, lean
from octet.data.corpora.composer.genres import STYLES
from octet.data.corpora.composer.melody import Hit, melody, motif

BAND = ("flute", "guitar", "bass", "strings", "drum")
SHAPES = [
    (metre, intensity) for metre in ("4/4", "3/4", "6/8", "3/8", "2/4") for intensity in ("low", "medium", "high")
]
IN_EVERY_SHAPE = pytest.mark.parametrize(("metre", "intensity"), SHAPES)


def band(metre="4/4", intensity="medium", **wish):
    return planned(instruments=BAND, metre=metre, intensity=intensity, bars=16, octaves=4, **wish)


def require_in_slots(hits, form):
    """Every hit starts at a slot of its bar and ends before the next one."""
    for hit in hits:
        measure = form[hit.start // form[0].length]
        assert hit.start - measure.start in measure.slots
        assert 0 < hit.length <= measure.start + measure.length - hit.start
        if measure.hold is not None and hit.start < measure.start + measure.hold:
            assert hit.start + hit.length <= measure.start + measure.hold


@IN_EVERY_SHAPE
@pytest.mark.parametrize("line", sorted(parts.BASS_STARTS))
def test_basses_play_roots_first_in_their_slots(line, metre, intensity):
    plan, form = band(metre, intensity)
    hits = parts.bass(form, part(plan, "b"), plan, line)
    require_in_slots(hits, form)
    by_start = {hit.start: hit for hit in hits}
    assert len(by_start) == len(hits)
    for measure in form:
        first = next((hit for start, hit in sorted(by_start.items()) if start >= measure.start), None)
        if first.start < measure.start + measure.length and line != "offbeat":
            assert (first.pitch - plan.tonic - measure.chord.root) % 12 == 0
    last = form[-1].start + form[-1].hold
    assert (by_start[last].pitch - plan.tonic) % 12 == 0


@IN_EVERY_SHAPE
@pytest.mark.parametrize("pattern", sorted(parts.COMPING_STARTS))
def test_chords_are_of_the_bar_and_in_its_slots(pattern, metre, intensity):
    plan, form = band(metre, intensity)
    found = part(plan, "c")
    hits = parts.chords(form, found, plan, pattern)
    require_in_slots(hits, form)
    for hit in hits:
        measure = form[hit.start // form[0].length]
        assert (hit.pitch - plan.tonic) % 12 in measure.chord.tones
        assert found.low <= hit.pitch <= found.high
    assert {hit.start // form[0].length for hit in hits} >= {measure.start // form[0].length for measure in form[-1:]}


def test_patterns_differ_to_the_ear():
    plan, form = band(intensity="high")
    played = {
        pattern: frozenset((hit.start, hit.pitch) for hit in parts.chords(form, part(plan, "c"), plan, pattern))
        for pattern in parts.COMPING_STARTS
    }
    assert len(set(played.values())) == len(played)
    lines = {
        line: frozenset((hit.start, hit.pitch) for hit in parts.bass(form, part(plan, "b"), plan, line))
        for line in parts.BASS_STARTS
    }
    assert len(set(lines.values())) == len(lines)


@IN_EVERY_SHAPE
def test_long_notes_fill_their_bars(metre, intensity):
    plan, form = band(metre, intensity)
    hits = parts.long_notes(form, part(plan, "p"), plan, random.Random(1))
    require_in_slots(hits, form)
    for measure in form[:-1]:
        here = [hit for hit in hits if hit.start == measure.start]
        assert {hit.length for hit in here} == {measure.length}
        assert {(hit.pitch - plan.tonic) % 12 for hit in here} <= set(measure.chord.tones)


def tune(form, plan, seed=1, rests=()):
    return melody(form, part(plan, "m"), plan, random.Random(seed), rests)


@IN_EVERY_SHAPE
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_tunes_sing_the_chord_on_the_beat_and_come_home(metre, intensity, mode):
    plan, form = band(metre, intensity, mode=mode)
    found = part(plan, "m")
    hits = tune(form, plan)
    require_in_slots(hits, form)
    assert len({hit.start for hit in hits}) == len(hits)
    for hit in hits:
        measure = form[hit.start // form[0].length]
        assert found.low <= hit.pitch <= found.high
        if hit.start - measure.start in measure.pulses and hit is not hits[-1]:
            assert (hit.pitch - plan.tonic) % 12 in measure.chord.tones
    assert (hits[-1].pitch - plan.tonic) % 12 == 0


def test_tunes_move_mostly_by_small_steps():
    leaps = []
    for seed in range(20):
        plan, form = band(seed=seed)
        pitches = [hit.pitch for hit in tune(form, plan, seed)]
        leaps += np.abs(np.diff(pitches)).tolist()
    assert np.mean(np.array(leaps) <= 4) > 0.7
    assert np.mean(np.array(leaps) > 9) < 0.02
    assert 0.0 < np.mean(np.array(leaps) == 0) < 0.3


def test_tunes_rest_where_they_are_told():
    plan, form = band()
    hits = tune(form, plan, rests=("intro",))
    assert min(hit.start for hit in hits) >= 2 * plan.bar_positions
    assert min(hit.start for hit in tune(form, plan)) < plan.bar_positions


def test_motifs_answer_leaps():
    for seed in range(50):
        steps = motif(random.Random(seed)).steps
        assert len(steps) == 16
        assert all(abs(following) <= 1 for step, following in pairwise(steps) if abs(step) > 2)


@IN_EVERY_SHAPE
@pytest.mark.parametrize("groove", sorted(GROOVES))
def test_drums_play_in_their_slots(groove, metre, intensity):
    _, form = band(metre, intensity)
    hits = drums(form, groove)
    require_in_slots([hit._replace(length=1) for hit in hits], form)
    assert len({(hit.start, hit.pitch) for hit in hits}) == len(hits)
    assert all(35 <= hit.pitch <= 83 for hit in hits)
    assert any(hit.start == form[-1].start + form[-1].hold for hit in hits)


def test_grooves_differ_and_every_style_has_one():
    _, form = band(intensity="high")
    played = {groove: frozenset((hit.start, hit.pitch) for hit in drums(form, groove)) for groove in GROOVES}
    assert len(set(played.values())) == len(GROOVES)
    assert {style.groove for style in STYLES.values()} <= set(GROOVES)
    for style in STYLES.values():
        assert set(style.comping) <= set(parts.COMPING_STARTS)
        assert set(style.bass_lines) <= set(parts.BASS_STARTS)
    assert keeper("shuffle") != keeper("rock")


@pytest.mark.parametrize("danceable", [True, False])
@pytest.mark.parametrize("metre", ["4/4", "3/4", "2/4"])
@pytest.mark.parametrize("groove", sorted(GROOVES))
def test_every_bar_leans_as_it_should_and_no_position_falls_silent(groove, metre, danceable):
    _, form = band(metre, "high")
    strong = {0, 2} if metre == "4/4" else {0}
    others = {measure.start for measure in form}
    before = drums(form, groove)
    after = lean(before, form, strong, danceable, others)
    assert {hit.start for hit in before} - others <= {hit.start for hit in after}
    assert len({(hit.start, hit.pitch) for hit in after}) == len(after)
    for measure in form:
        bar = [hit for hit in after if measure.start <= hit.start < measure.start + measure.length]
        right = sum((hit.start - measure.start) // 12 in strong for hit in bar)
        assert (right > len(bar) - right) if danceable else (right < len(bar) - right)


def test_what_leans_already_is_left_as_it_is():
    _, form = band()
    hits = [Hit(measure.start, 2, 36) for measure in form]
    assert lean(hits, form, {0, 2}, True, set()) == hits
