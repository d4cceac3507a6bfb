from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.symbolic.music import SCORES

from octet.core.errors import InvalidInput
from octet.symbolic.score import Metre, Score, Tempo
from octet.symbolic.song import F0, Curve, Phrase, Song, SungNote, SungPhone

REST = SungNote(0.5, None)
LA = SungNote(0.5, 60.0, "la")
HELD = SungNote(0.25, 62.0, slur=True)


def test_phones_before_the_beat_belong_to_the_next_syllable():
    phones = (
        SungPhone("sil", 0),
        SungPhone("l", 0, leads=True),
        SungPhone("a", 1),
        SungPhone("l", 1, leads=True),
        SungPhone("a", 3),
    )
    phrase = Phrase(1.0, (REST, LA, HELD, LA), phones)
    assert phrase.heads == (0, 1, 3)
    assert phrase.phone_notes == (0, 1, 1, 3, 3)
    assert phrase.onsets == (1.0, 1.5, 2.0, 2.25)


def test_transposing_moves_notes_and_f0():
    song = Song((Phrase(0.0, (REST, LA), curves={F0: Curve(0.5, (100.0, 110.0))}),))
    moved = song.transposed(12).phrases[0]
    assert [note.pitch for note in moved.notes] == [None, 72.0]
    assert moved.curves[F0].values == (200.0, 220.0)


@given(SCORES, st.integers(0, 20_000))
def test_ticks_and_seconds_answer_each_other(score, ticks):
    assert score.ticks(score.seconds(ticks)) == ticks


@given(SCORES)
def test_bars_are_numbered_as_they_are_listed(score):
    for bar in score.bars():
        assert score.bar_number(bar.start_ticks) == bar.number + 1


def test_a_time_is_in_a_bar_after_the_last_note_too():
    timeline = Score((), (Tempo.of(60),), (Metre(0, 3, 4), Metre(480, 3, 4)))
    song = Song((Phrase(0.0, (LA,)),), timeline)
    assert [song.bar(seconds) for seconds in (-1, 0, 0.9, 1, 3.9, 4)] == [1, 1, 1, 2, 2, 3]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SungNote(0.0, 60), "a note lasts 0 s"),
        (lambda: SungNote(-1.0, None), "a note lasts -1 s"),
        (lambda: SungNote(float("nan"), None), "a note lasts nan s"),
        (lambda: SungNote(1.0, 128), "a note's pitch is 128"),
        (lambda: SungNote(1.0, None, slur=True), "a rest cannot hold"),
        (lambda: SungPhone("a", 0, duration_seconds=-0.1), "the phone a lasts -0.1 s"),
        (lambda: Curve(0.0, (1.0,)), "a curve's step is 0 s"),
        (lambda: Curve(0.1, ()), "a curve has 0 values"),
        (lambda: Phrase(0.0, ()), "no notes"),
        (lambda: Phrase(0.0, (REST, HELD)), "a slur after a rest"),
        (lambda: Phrase(0.0, (LA, HELD), (SungPhone("a", 1),)), "in note 1, where no word begins"),
        (lambda: Phrase(0.0, (LA,), curves={"energy": Curve(0.1, (0.0,) * 10)}), "energy lasts 1.00 s and .* 0.50 s"),
        (lambda: Song((Phrase(0.0, (REST,)),)), "rests only"),
        (lambda: Song(()), "rests only"),
    ],
)
def test_what_cannot_be_sung_is_refused(make, message):
    with pytest.raises(InvalidInput, match=message):
        make()
