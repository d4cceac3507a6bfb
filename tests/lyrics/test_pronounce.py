from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lyrics.lines import melody, phones, song

from octet.core.errors import InvalidInput
from octet.lyrics.pronounce import pronounced
from octet.lyrics.words import syllables_of_words
from octet.symbolic.song import SungNote
from octet.text.lexicon import parse
from octet.text.phonemes import SYMBOL_IDS, VOWELS


def sung(text, language, lexicon=None):
    return phones(pronounced(song(text, language), lexicon=lexicon))


def test_onsets_sound_before_the_beat_and_codas_before_them():
    assert sung("sing this", "en") == "sil s | ɪ ŋ ð | ɪ s | sil"


def test_hyphenated_words_are_read_whole():
    assert (
        sung("A- maz- ing grace", "en") == sung("Amazing + + grace", "en") == "sil | ə m | eɪ z | ɪ ŋ ɡ ɹ | eɪ s | sil"
    )


def test_melismas_hold_on_without_phones():
    read = pronounced(song("glo- - - ri- a", "en"))
    (phrase,) = read.phrases
    assert [note.slur for note in phrase.notes] == [False, False, True, True, False, False, False]
    assert {phone.note for phone in phrase.phones} == {0, 1, 4, 5, 6}
    assert phones(read).startswith("sil ɡ l | ")


def test_a_word_with_fewer_syllables_than_notes_is_held_on():
    (phrase,) = pronounced(song("ti- me", "en")).phrases
    assert [note.slur for note in phrase.notes] == [False, False, True, False]


def test_a_word_on_one_note_is_sung_whole():
    assert sung("heaven", "en") == "sil h | ɛ v ə n | sil"


def test_korean_is_pronounced_across_blocks_and_words():
    assert sung("값- 이 없- 는", "ko") == "sil k | a p̚ s͈ | i | ʌ m n | ɯ n | sil"
    assert sung("독- 립", "ko") == "sil t | o ŋ n | i p̚ | sil"
    assert sung("독 립", "ko") == sung("독- 립", "ko")


def test_korean_may_have_several_blocks_on_a_note_and_english_words():
    assert sung("사랑 해", "ko") == "sil s | a ɾ a ŋ h | e | sil"
    assert "l" in sung("내 love", "ko")


def test_mandarin_is_read_from_characters_and_pinyin():
    assert sung("月 亮", "zh") == "sil ɥ | ɛ l j | ɑ ŋ | sil"
    assert sung("yue liang", "zh") == sung("yuè liàng", "zh") == sung("yue4 liang4", "zh") == sung("月 亮", "zh")
    (phrase,) = pronounced(song("你 好", "zh")).phrases
    assert [phone.accent for phone in phrase.phones if phone.accent] == ["2", "3"]
    assert sung("花 儿", "zh") == "sil x w | a | ɚ | sil"


def test_japanese_is_read_from_kana_and_romaji():
    assert sung("さ く ら", "ja") == sung("sa ku ra", "ja") == sung("サ ク ラ", "ja") == "sil s | a k | ɯ ɾ | a | sil"
    assert sung("は ん", "ja") == "sil h | a | ɴ | sil"
    assert sung("きっ て かん", "ja") == "sil k | i ʔ t | e k | a ɴ | sil"
    assert sung("さくら + +", "ja") == sung("さ く ら", "ja")
    assert sung("shi n tsu", "ja") == "sil ɕ | i | ɴ ts | ɯ | sil"


def test_kanji_is_read_by_the_extra():
    pytest.importorskip("pyopenjtalk")
    assert sung("桜 + +", "ja") == "sil s | a k | ɯ ɾ | a | sil"


def test_breaths_and_rests_have_phones_of_their_own():
    assert sung("la AP la", "en") == "sil l | ɑː | AP l | ɑː | sil"


def test_phrases_each_begin_with_silence():
    assert sung("la , la", "en") == "sil l | ɑː | sil || sil l | ɑː | sil"


def test_a_lexicon_goes_before_the_front_end():
    lexicon = parse("octet\t/ˈɑːktɛt/\nla\tlo")
    assert sung("oc- tet la", "en", lexicon) == sung("octet + lo", "en", lexicon)
    assert sung("octet +", "en", lexicon).startswith("sil | ɑː k t | ɛ t")


def test_punctuation_is_not_sung():
    assert sung("“Hap- py,” (day)", "en") == sung("hap- py day", "en")
    assert sung("Lord's", "en") == "sil l | ɔː ɹ d z | sil"


def test_notes_without_lyrics_are_reported_with_their_bars():
    with pytest.raises(InvalidInput, match="none of the 3 notes has a lyric; give the lyrics in a file"):
        pronounced(melody([3]), language="en")
    words = song("la la la la la", "en")
    notes = list(words.phrases[0].notes)
    notes[5] = SungNote(notes[5].duration_seconds, 60.0)
    gap = replace(words, phrases=(replace(words.phrases[0], notes=tuple(notes)),))
    with pytest.raises(InvalidInput, match=r"1 of 5 notes have no lyric \(bars 2\)"):
        pronounced(gap)


@pytest.mark.parametrize(
    ("text", "language", "message"),
    [
        ("라 ☃", "ko", "bar 1: nothing says how '☃' is sung in Korean"),
        ("la ☃", "en", "nothing says how '☃' is sung; add it to a lexicon"),
        ("ど ☃", "ja", "nothing says how '☃' is sung in Japanese"),
        ("我 ☃", "zh", "nothing says how '☃' is sung in Mandarin"),
        ("la", "xx", "unknown language 'xx'"),
    ],
)
def test_what_cannot_be_said_is_refused(text, language, message):
    with pytest.raises(InvalidInput, match=message):
        pronounced(song(text), language=language)


@pytest.mark.parametrize(("text", "language"), [("사 랑", "ko"), ("さ く", "ja"), ("我 爱", "zh"), ("love", "en")])
def test_the_language_is_found_out(text, language):
    assert pronounced(song(text)).language == language


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text("가나값닭있흙위의쟎힣", min_size=1, max_size=4), min_size=1, max_size=4))
def test_each_korean_block_is_a_syllable(words):
    read = syllables_of_words([tuple(word) for word in words], "ko")
    assert [[len(on_note) for on_note in word] for word in read] == [[1] * len(word) for word in words]
    for word in read:
        for (syllable,) in word:
            assert syllable.nucleus.symbol in VOWELS
            assert not {phone.symbol for phone in syllable.onset} & set(VOWELS)


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from("beauty rhythm every fire strengths hmm the".split()), st.integers(1, 4))))
def test_each_note_of_a_word_has_syllables_or_holds_on(words):
    read = syllables_of_words([(word, *"+" * (notes - 1)) for word, notes in words], "en")
    for (_, notes), on_notes in zip(words, read, strict=True):
        assert len(on_notes) == notes
        assert on_notes[0]
        assert all(
            phone.symbol in SYMBOL_IDS for note in on_notes for s in note for phone in (*s.onset, *s.after_onset)
        )
