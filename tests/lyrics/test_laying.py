from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lyrics.lines import melody, phones

from octet.core.errors import InvalidInput
from octet.lyrics.laying import laid
from octet.lyrics.pronounce import pronounced


def lyrics(song):
    return [("-" if note.slur else note.lyric, note.syllabic) for _, note in song.timed_notes()]


def test_words_are_laid_a_syllable_a_note():
    song = laid(melody([6]), "Amazing grace, how sweet", language="en")
    assert lyrics(song) == [
        ("Amazing", "begin"),
        ("+", "middle"),
        ("+", "end"),
        ("grace", "single"),
        ("how", "single"),
        ("sweet", "single"),
    ]
    assert phones(pronounced(song)).startswith("sil | ə m | eɪ z | ɪ ŋ ɡ ɹ | eɪ s h | aʊ s w | iː t")


def test_hyphens_divide_and_signs_hold_on():
    song = laid(melody([5]), "hap-py - day _", language="en")
    assert lyrics(song) == [("hap", "begin"), ("py", "end"), ("-", "single"), ("day", "single"), ("-", "single")]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("나의 사랑", "ko", "나의사랑"),
        ("月亮代表", "zh", "月亮代表"),
        ("さくら きって", "ja", "さくらきって"),
        ("ラーメン", "ja", "ラ-メン"),
    ],
)
def test_other_scripts_are_laid_by_their_units(text, language, expected):
    count = {"さくら きって": 5, "ラーメン": 4}.get(text, 4)
    found = lyrics(laid(melody([count]), text))
    said = "".join(lyric for lyric, _ in found)
    katakana = expected.translate({code: code + 0x60 for code in range(0x3041, 0x3097)})
    assert said == (katakana if language == "ja" else expected)
    assert laid(melody([count]), text).language == language


def test_lines_are_laid_on_phrases():
    song = laid(melody([2, 1]), "la la\nlo\n", language="en")
    assert [[note.lyric for note in phrase.notes if note.pitch] for phrase in song.phrases] == [["la", "la"], ["lo"]]
    with pytest.raises(InvalidInput, match="line 2 has 2 syllables and its phrase, from bar 3 on, 1 notes"):
        laid(melody([4, 1]), "la la la la\nlo lo", language="en")


@pytest.mark.parametrize(
    ("notes", "text", "message"),
    [
        ([8], "la la la la la", "has 8 notes and the lyrics 5 syllables: from bar 2 on 3 notes have none"),
        ([2], "la la la", "has 2 notes and the lyrics 3 syllables: after its end, in bar 1, 1 are left over"),
        ([2], " \n ", "the lyrics are empty"),
        ([1, 1], "la -", "hold a syllable on over a rest"),
        ([1], "☃", "nothing says how '☃' is sung"),
        ([1], "a" * 200_001, "too long"),
    ],
)
def test_lyrics_that_do_not_fit_are_refused(notes, text, message):
    with pytest.raises(InvalidInput, match=message):
        laid(melody(notes), text, language="en")


@given(st.text("가나다 \n-_", max_size=12), st.integers(1, 8))
def test_any_text_is_laid_or_refused(text, notes):
    with suppress(InvalidInput):
        assert len(list(laid(melody([notes]), text, language="ko").timed_notes())) == notes
