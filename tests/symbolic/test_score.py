from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from tests.symbolic.music import SCORES, TICKS

from octet.core.errors import InvalidInput
from octet.symbolic.score import Key, Metre, Note, Score, Tempo, Track


def long_note(ticks):
    return (Track(0, (Note(0, 60, ticks),)),)


def test_seconds_follow_the_tempos():
    score = Score(long_note(1920), tempos=(Tempo.of(60), Tempo.of(120, 480), Tempo.of(30, 960)))
    assert [score.seconds(ticks) for ticks in (0, 240, 480, 720, 960, 1440)] == [0, 0.5, 1, 1.25, 1.5, 3.5]
    assert score.duration_seconds == 5.5


@given(SCORES, TICKS, TICKS)
def test_time_passes_as_ticks_do(score, first, second):
    assert (score.seconds(first) < score.seconds(second)) == (first < second)


@given(SCORES)
def test_bars_follow_each_other_to_the_end_and_change_metre_where_the_score_does(score):
    bars = score.bars()
    assert [bar.number for bar in bars] == list(range(len(bars)))
    assert bool(bars) == (score.end_ticks > 0)
    changes = {metre.start_ticks: metre for metre in score.metres}
    for bar, following in pairwise(bars):
        assert bar.start_ticks < following.start_ticks <= bar.end_ticks
        assert following.start_ticks == bar.end_ticks or following.start_ticks in changes
        assert following.metre == changes.get(following.start_ticks, bar.metre)
    if bars:
        assert bars[-1].start_ticks < score.end_ticks


@given(SCORES)
def test_a_score_does_not_depend_on_the_order_of_its_notes(score):
    tracks = (Track(track.program, track.notes[::-1], track.is_drum, track.name) for track in score.tracks)
    assert Score(tuple(tracks), score.tempos[::-1], score.metres[::-1], score.keys[::-1], score.lyrics) == score


def test_transposing_moves_pitches_and_keys_but_no_drums():
    notes = (Note(0, 60, 1),)
    score = Score((Track(0, notes), Track(0, notes, is_drum=True)), keys=(Key(0, 10, "minor"),))
    moved = score.transposed(3)
    assert [track.notes[0].pitch for track in moved.tracks] == [63, 60]
    assert moved.keys[0].name == "D flat minor"
    assert moved.transposed(-3) == score
    with pytest.raises(InvalidInput, match="pitch is from 0 to 127; given 128"):
        score.transposed(68)


def test_without_tempo_and_metre_a_score_is_at_120_in_four_four():
    score = Score((), tempos=(Tempo.of(90, 480),), metres=(Metre(960, 6, 8),))
    assert [round(tempo.bpm) for tempo in score.tempos] == [120, 90]
    assert [metre.name for metre in score.metres] == ["4/4", "6/8"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Note(-1, 60, 1), "a note's start is from 0"),
        (lambda: Note(0, 128, 1), "a note's pitch is from 0 to 127; given 128"),
        (lambda: Note(0, 60, 0), "a note's duration is from 1"),
        (lambda: Note(0, 60, 1, 0), "a note's velocity is from 1 to 127"),
        (lambda: Note(10**9, 60, 1), "a note's start is from 0 to 5000000"),
        (lambda: Track(128, ()), "a program is from 0 to 127"),
        (lambda: Tempo.of(0), "0 quarter notes a minute make no tempo"),
        (lambda: Tempo.of(float("nan")), "make no tempo"),
        (lambda: Metre(0, 4, 3), "a power of two from 1 to 64; given 3"),
        (lambda: Key(0, 12, "major"), "a tonic is from 0 to 11"),
        (lambda: Key(0, 0, "dorian"), "major or minor; given 'dorian'"),
        (lambda: Score((), tempos=(Tempo.of(60), Tempo.of(70))), "at one time; keep one"),
    ],
)
def test_what_is_no_music_is_refused(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()
