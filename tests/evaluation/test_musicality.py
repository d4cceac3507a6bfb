"""Figures of music whose answer is known."""

from __future__ import annotations

from math import isnan, log2

import pytest

from octet.core.errors import InvalidInput
from octet.evaluation import musicality
from octet.symbolic.score import Note, Score, Track

QUARTER = 480
BAR = 4 * QUARTER


def quarters(*pitches: int, start: int = 0) -> tuple[Note, ...]:
    return tuple(Note(start + number * QUARTER, pitch, QUARTER) for number, pitch in enumerate(pitches))


SCALE = Score((Track(0, quarters(60, 62, 64, 65, 67, 69, 71, 72)),))
DRUMS = Score((Track(0, quarters(36, 38, 36, 38), is_drum=True),))


def test_entropy_is_of_pitch_classes() -> None:
    assert musicality.pitch_class_entropy(Score((Track(0, quarters(60, 72, 48)),))) == 0
    assert musicality.pitch_class_entropy(Score((Track(0, quarters(60, 61, 62, 63)),))) == pytest.approx(log2(4))


def test_a_scale_is_consistent_and_chromatic_music_is_not() -> None:
    assert musicality.scale_consistency(SCALE) == 1
    assert musicality.scale_consistency(Score((Track(0, quarters(*range(60, 72))),))) == pytest.approx(7 / 12)


def test_groove_counts_positions_that_differ() -> None:
    assert musicality.groove_consistency(SCALE) == 1
    sparse = Score((Track(0, (*quarters(60, 60, 60, 60), Note(BAR, 60, BAR))),))
    assert musicality.groove_consistency(sparse) == pytest.approx(1 - 3 / 48)


def test_polyphony_is_of_pitches_at_a_time() -> None:
    chord = tuple(Note(0, pitch, BAR) for pitch in (60, 64, 67))
    assert musicality.polyphony(SCALE) == 1
    assert musicality.polyphony(Score((Track(0, chord), Track(40, chord)))) == 3


def test_bars_that_come_again_are_counted() -> None:
    bars = (*quarters(60, 62, 64, 65), *quarters(67, 67, 67, 67, start=BAR), *quarters(60, 62, 64, 65, start=2 * BAR))
    assert musicality.repeated_bars(Score((Track(0, bars),))) == 0.5


def test_what_cannot_be_measured_is_left_out_of_means() -> None:
    assert isnan(musicality.pitch_class_entropy(DRUMS))
    assert isnan(musicality.groove_consistency(DRUMS))
    assert musicality.evaluate([DRUMS, SCALE])["scale_consistency"] == 1
    with pytest.raises(InvalidInput, match="none was given"):
        musicality.evaluate([])
