"""Words are set to the tune, a syllable a note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.symbolic.lyrics import Syllable, sung, syllables
from octet.symbolic.score import Note, Score, Track

CHORDS = Track(0, tuple(Note(start, pitch, 480) for start in (0, 480) for pitch in (72, 76, 79)))
TUNE = Track(40, tuple(Note(start, 70, 240) for start in (0, 240, 480)))
DRUMS = Track(0, (Note(0, 38, 240),), is_drum=True)


def test_hyphens_and_hangul_part_syllables() -> None:
    assert syllables("Hal-le-lu, 안녕 you - 2") == [
        Syllable("Hal", "begin"),
        Syllable("le", "middle"),
        Syllable("lu,", "end"),
        Syllable("안", "begin"),
        Syllable("녕", "end"),
        Syllable("you"),
        Syllable("2"),
    ]


@given(st.text(max_size=80))
def test_no_letter_is_lost(text: str) -> None:
    def letters(words: str) -> str:
        return "".join(letter for letter in words if letter.isalnum())

    assert letters("".join(one.text for one in syllables(text))) == letters(text)


def test_the_tune_carries_them() -> None:
    score, spare = sung(Score((CHORDS, DRUMS, TUNE)), syllables("one two three four"))
    assert spare == 1
    assert [(lyric.start_ticks, lyric.text, lyric.track) for lyric in score.lyrics] == [
        (0, "one", 2),
        (240, "two", 2),
        (480, "three", 2),
    ]


def test_drums_alone_carry_no_words() -> None:
    with pytest.raises(InvalidInput, match="drums alone carry no words"):
        sung(Score((DRUMS,)), syllables("la"))
