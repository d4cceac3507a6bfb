"""Word and phoneme error rates: what counts as the same word, and how sets are scored."""

import jiwer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.evaluation.intelligibility import evaluate, evaluate_phones, sounds, words

SENTENCES = ["The cat sat.", "It rains in Spain today, doesn't it?"]


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("It costs 21 dollars.", "it costs twenty-one dollars"),
        ("Don’t!", "don't"),
        ("'Tis the boys' ball", "tis the boys ball"),
        ("A well-known café — naïve?", "a well known cafe naive"),
        ("  END\n", "end"),
    ],
)
def test_spellings_of_the_same_words_are_equal(written, heard):
    assert words(written) == words(heard)


def test_open_and_closed_compounds_differ():
    assert evaluate(["ice cream"], ["icecream"])["word_error_rate"] == 1.0


@given(st.text(alphabet="abcXYZ '’-.,!?é\n", max_size=40))
@settings(max_examples=60)
def test_words_are_stable_and_plain(text):
    once = words(text)
    assert words(" ".join(once)) == once
    assert all(word.strip("'") == word and word.isascii() and word.islower() for word in once)


def test_scores_in_order():
    scores = evaluate(SENTENCES, ["the cat sat down", "it rains in pain today does it"])
    assert list(scores) == [
        *("word_error_rate", "word_error_rate_low", "word_error_rate_high"),
        *("substitution_rate", "deletion_rate", "insertion_rate", "words"),
    ]
    assert scores["word_error_rate"] == pytest.approx(3 / 10)
    assert scores["word_error_rate_low"] == pytest.approx(2 / 7)
    assert scores["word_error_rate_high"] == pytest.approx(1 / 3)
    assert (scores["substitution_rate"], scores["deletion_rate"], scores["insertion_rate"]) == (0.2, 0.0, 0.1)
    assert scores["words"] == 10


def test_agrees_with_jiwer_on_normalised_text():
    heard = ["a cat set", "rains in spain the day does it not"]
    expected = jiwer.wer([" ".join(words(text)) for text in SENTENCES], heard)
    assert evaluate(SENTENCES, heard)["word_error_rate"] == pytest.approx(expected, abs=1e-12)


def test_perfect_and_silent():
    assert evaluate(SENTENCES, SENTENCES)["word_error_rate"] == 0
    silent = evaluate(SENTENCES, ["", ""])
    assert (silent["word_error_rate"], silent["deletion_rate"]) == (1, 1)


def test_pauses_do_not_count_as_phones():
    assert sounds(["sil", "h", "aɪ", ",", "."]) == ("h", "aɪ")
    scores = evaluate_phones([["sil", "h", "aɪ", ".", "sil"]], [["h", ",", "iː"]])
    assert list(scores) == ["phoneme_error_rate", "phoneme_error_rate_low", "phoneme_error_rate_high", "phones"]
    assert list(scores.values()) == [0.5, 0.5, 0.5, 2]


@pytest.mark.parametrize(("references", "heard"), [([], []), (["a"], []), (["..."], ["a"])])
def test_sentences_that_make_no_sense_are_refused(references, heard):
    with pytest.raises(InvalidInput):
        evaluate(references, heard)


def test_phones_without_a_sound_are_refused():
    with pytest.raises(InvalidInput, match="nothing to recognise"):
        evaluate_phones([["sil", "."]], [["a"]])
