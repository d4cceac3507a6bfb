from __future__ import annotations

import re
from itertools import islice

import pytest

from octet.core.errors import InvalidInput
from octet.data.corpora.sentences import _grammar, held_out, normal_form, sentences
from octet.text.phonemes import LANGUAGES

MANY = 3000


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_many_different_and_finished(language):
    made = list(islice(sentences(language, 1), MANY))
    assert len({normal_form(sentence) for sentence in made}) == MANY
    assert not [sentence for sentence in made if re.search(r"[{}|/@()#~+]", sentence)]
    assert not [sentence for sentence in made if sentence[-1] not in '.?!。？！"']


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_seed_same_sentences(language):
    first, again, other = (list(islice(sentences(language, seed), 50)) for seed in (3, 3, 4))
    assert first == again != other


@pytest.mark.parametrize("language", LANGUAGES)
def test_grammars_refer_only_to_rules_and_forms_that_exist(language):
    grammar = _grammar(language)
    for name, alternatives in grammar.items():
        for text in (form for forms in alternatives for form in forms):
            for rule, form in re.findall(r"\{([^\W\d]+[0-9]?)(?:\.(\d+))?\}", text):
                assert rule in grammar, (name, text)
                assert all(len(forms) >= int(form or 1) for forms in grammar[rule]), (name, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_sentences_are_enough_and_never_made(language):
    kept = held_out(language)
    assert len(kept) >= (120 if language == "en" else 40)
    assert len({normal_form(line) for line in kept}) == len(kept)
    for seed in (0, 1):
        made = {normal_form(sentence) for sentence in islice(sentences(language, seed), 5_000)}
        assert not made & {normal_form(line) for line in kept}


def test_a_held_out_sentence_that_the_grammar_can_make_is_skipped(monkeypatch):
    made = next(sentences("en", 5))
    monkeypatch.setattr("octet.data.corpora.sentences.held_out", lambda _: (made.lower(),))
    assert made not in islice(sentences("en", 5), 2000)


def test_english_words_are_many_and_articles_agree():
    made = list(islice(sentences("en", 1), MANY))
    words = {word.strip('.,?!":').lower() for sentence in made for word in sentence.split()}
    assert len(words) > 2000
    assert not [sentence for sentence in made if re.search(r"\b[aA] [aeio]|\b[aA]n [^aeiouhAEIO]", sentence)]
    lengths = [len(sentence.split()) for sentence in made]
    assert min(lengths) <= 3
    assert max(lengths) >= 15


def test_korean_particles_fit_the_syllable_before():
    for sentence in islice(sentences("ko", 1), MANY):
        for noun, particle in re.findall(r"(김치|불고기|고양이|선물|신발|꽃)([은는을를])(?= )", sentence):
            assert (particle in "은을") == (noun in ("선물", "신발", "꽃")), sentence


def test_unknown_languages_are_refused():
    with pytest.raises(InvalidInput, match="no sentences for language 'xx'"):
        next(sentences("xx", 0))
