"""The whole way from text to sentences of phones."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.text.assembly import MOST_PHONES
from octet.text.frontend import analyze, language_module, sentences
from octet.text.lexicon import parse
from octet.text.phonemes import LANGUAGES, PAUSES, SILENCE, Prosody, Sentence, Word


def _texts(text: str, **options: object) -> list[str]:
    return [sentence.text for sentence in analyze(text, **options)]  # type: ignore[arg-type]


def _words(text: str, **options: object) -> list[str]:
    return [word.text for sentence in analyze(text, **options) for word in sentence.words]  # type: ignore[arg-type]


def _check(sentence: Sentence) -> None:
    """What every synthesiser may rely on."""
    phones = sentence.phones
    assert phones[-1].symbol in PAUSES[1:]
    assert sentence.words[-1].phones == (phones[-1],)
    assert any(not phone.is_pause for phone in phones)
    assert all(phone.symbol != SILENCE for phone in phones)
    assert len(phones) <= MOST_PHONES + 1
    assert all(word.phones or word.unpronounced for word in sentence.words)


def test_sentences_and_words() -> None:
    assert _words("Dr. Smith paid $2. Why?") == ["Doctor", "Smith", "paid", "two", "dollars", ".", "Why", "?"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Good morning"),
        ("ko", "안녕하세요"),
        ("zh", "你好"),
        ("de", "Guten Morgen"),
        ("fr", "Bonjour"),
        ("es", "Buenos días"),
    ],
)
def test_a_mark_is_added_where_none_is(language: str, text: str) -> None:
    (sentence,) = analyze(text, language=language)
    _check(sentence)
    assert sentence.words[-1].text == "."
    assert {word.language for word in sentence.words} == {language}


def test_each_sentence_may_have_a_language_of_its_own() -> None:
    text = "나는 Python을 좋아해. Ich habe heute leider keine Zeit. Je ne sais pas ce que tu veux."
    languages = [[word.language for word in sentence.words] for sentence in analyze(text)]
    assert languages[0] == ["ko", "en", "ko", "ko", "ko"]
    assert set(languages[1]) == {"de"}
    assert set(languages[2]) == {"fr"}


def test_the_callers_language_stands_but_for_other_scripts() -> None:
    (sentence,) = analyze("the 2 Hunde 한국", language="de")
    assert [word.language for word in sentence.words] == ["de", "de", "de", "ko", "ko"]
    assert _words("Python 3을", language="ko") == ["Python", "삼을", "."]


@pytest.mark.parametrize("text", ["", "   ", "...", "🙂", "?!", "[pause 1s]", "\n\n", "\u200b", "«»"])
def test_nothing_to_say_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="can be said aloud"):
        analyze(text)


def test_unknown_languages_are_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match=f"unknown language 'tlh'; Octet speaks {', '.join(LANGUAGES)}"):
        sentences("nuqneH", language="tlh")
    with pytest.raises(InvalidInput, match="unknown language"):
        language_module("english")


def test_what_cannot_be_said_is_reported_with_its_sentence() -> None:
    first, second = analyze("🙂 Hi! 🙂\n\n🎵\n\nBye Ж.")
    assert [word.unpronounced for word in first.words] == ["🙂", "", "🙂", "🎵", ""]
    assert [word.unpronounced for word in second.words] == ["", "Ж", ""]


def test_pauses_in_plain_text() -> None:
    first, second = analyze("One [pause 500ms] two. [pause: 1s] Three")
    assert [(word.text, word.pause_seconds) for word in first.words] == [
        ("One", None),
        (",", 0.5),
        ("two", None),
        (".", 1.0),
    ]
    assert [word.pause_seconds for word in second.words] == [None, None]
    with pytest.raises(InvalidInput, match="no length of time"):
        analyze("a [pause soon] b")


def test_a_pause_lengthens_the_mark_before_it_and_pauses_add_up() -> None:
    (sentence,) = analyze("One, [pause 100ms] [pause 200ms] two [pause]")
    assert [(word.text, word.pause_seconds) for word in sentence.words] == [
        ("One", None),
        (",", pytest.approx(0.3)),
        ("two", None),
        (".", 0.5),
    ]
    assert analyze("[pause 1s] Hi")[0].words[0].pause_seconds == 1


def test_the_strongest_of_neighbouring_marks_stays() -> None:
    assert _words("Well... (really?!), yes") == ["Well", ".", "really", "?", "yes", "."]


def test_lexicon_entries_go_first() -> None:
    lexicon = parse("SQL\tsequel\nOctet\t/ˈoʊktɛt/\nK팝\t케이팝\tko")
    (sentence,) = analyze("Octet speaks SQL", lexicon=lexicon)
    assert [phone.symbol for phone in sentence.words[0].phones] == ["oʊ", "k", "t", "ɛ", "t"]
    assert sentence.words[2].text == "sequel"
    assert _words("K팝 최고", lexicon=lexicon)[0] == "케이팝"
    assert _words("K팝", language="en", lexicon=parse("K팝\tx\tfr"))[0] == "K"


def test_ssml_reaches_the_words() -> None:
    parts = analyze(
        '<speak>Hello <prosody rate="2" pitch="+1st">fast</prosody> <say-as interpret-as="characters">AI</say-as>.'
        '<break time="2s"/><voice name="bob"><lang xml:lang="fr">bonjour</lang></voice></speak>',
        ssml=True,
    )
    first, second = parts
    assert [word.text for word in first.words] == ["Hello", "fast", "A", "I", "."]
    assert [word.prosody for word in first.words[:2]] == [Prosody(), Prosody(2.0, 1.0)]
    assert first.words[-1].pause_seconds == 2
    assert (first.voice, second.voice) == (None, "bob")
    assert second.words[0].language == "fr"
    with pytest.raises(InvalidInput, match="can be said aloud"):
        analyze("<speak></speak>", ssml=True)


def test_plain_text_may_hold_angle_brackets() -> None:
    assert _words("1 < 2") == ["one", "less", "than", "two", "."]


def test_paragraphs_of_ssml_end_sentences() -> None:
    assert _texts("<speak><p>one</p><s>two</s> three</speak>", ssml=True) == ["one", "two", "three"]


@pytest.mark.parametrize("text", ["word " * 2000, "a" * 10_000, "9" * 5000, "1234 " * 1000, "字" * 3000, "가" * 3000])
def test_endless_text_is_said_in_parts(text: str) -> None:
    parts = analyze(text)
    assert len(parts) > 5
    for part in parts:
        _check(part)


def test_sentences_come_before_the_end_is_read() -> None:
    seconds = time.process_time()
    assert next(sentences("First one. " + "And another one is here. " * 40_000, language="en")).text == "First one."
    assert time.process_time() - seconds < 1


def test_ten_thousand_characters_of_english_in_two_seconds() -> None:
    text = ("It was the best of times, it was the worst of times, and 1,234 people had seen all of it in 1859. " * 110)[
        :10_000
    ]
    analyze("Warm up.")
    seconds = time.process_time()
    analyze(text)
    assert time.process_time() - seconds < 2


@settings(max_examples=120, deadline=None)
@given(
    st.text(alphabet="ab Ä1.,?!-'\n한字か🙂é[]<&Ж", max_size=40),
    st.sampled_from([None, "en", "ko", "zh", "de", "fr", "es"]),
)
def test_any_text_is_said_or_refused(text: str, language: str | None) -> None:
    try:
        parts = analyze(text, language=language)
    except InvalidInput:
        return
    for part in parts:
        _check(part)


def test_words_are_immutable_and_hashable() -> None:
    (sentence,) = analyze("Hi")
    assert isinstance(hash(sentence), int)
    assert all(isinstance(word, Word) for word in sentence.words)
