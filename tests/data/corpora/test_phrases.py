from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

from octet.core.errors import InvalidInput
from octet.data.corpora import phrases
from octet.data.corpora.asides import everyday
from octet.data.corpora.captions import FIELD, KINDS, LANGUAGES, SAYS, by_hand, caption, lists_of
from octet.data.corpora.held_apart import has_held_out
from octet.data.corpora.phrases import phrased
from octet.symbolic.attributes import Attributes
from octet.symbolic.instruments import CLASSES

KNOWN = Attributes(
    instruments=("piano", "cello", "drum"),
    danceable=False,
    intensity="high",
    bars=8,
    metre="3/4",
    tonic=9,
    mode="minor",
    bpm=131.9999,
    octaves=4,
    seconds=21.4,
    emotion="tense",
    genres=("Jazz",),
)
ALL = pytest.mark.parametrize("language", LANGUAGES)
FACTS = set(SAYS) - {"piece"}


def many(language, count=500, attributes=KNOWN):
    rng = random.Random(7)
    return [phrased(attributes, language, rng) for _ in range(count)]


@ALL
def test_no_two_are_alike_and_nothing_is_left_unfilled(language):
    found = many(language)
    assert many(language) == found
    assert len({one.text for one in found}) > 0.95 * len(found)
    assert not [one.text for one in found if re.search(r"[{}@|]|\([n가-힣]\)|  ", one.text)]


@ALL
def test_each_fact_is_told_about_as_often_and_only_with_its_value(language):
    found = many(language)
    for name in set(Attributes.model_fields) - {"artist", "instruments"}:
        told = [getattr(one.says, name) for one in found if getattr(one.says, name) is not None]
        assert set(told) == {{"bpm": 132, "seconds": 21}.get(name, getattr(KNOWN, name))}
        assert len(told) > 0.08 * len(found), name
    assert {name for one in found for name in one.says.instruments or ()} == set(KNOWN.instruments)
    absent = {name for one in found for name in one.without}
    assert absent <= set(CLASSES) - set(KNOWN.instruments)
    assert len(absent) > 10


@ALL
def test_what_is_told_stands_in_the_text(language):
    lists = lists_of(language, *KINDS)
    numbers = {"bars": "8", "octaves": "4", "seconds": "21"}
    for one in many(language):
        text = one.text.lower()
        for name, number in numbers.items():
            written = (number, lists["number"][int(number)]) if int(number) < 10 else (number,)
            assert getattr(one.says, name) is None or any(form in text for form in written), (name, text)
        for name in (*(one.says.instruments or ()), *one.without):
            names = [phrases._bare(word).lower() for word in lists[f"instrument.{name}"]]
            assert any(word in text for word in names), (name, text)


@ALL
def test_no_held_out_template_comes_out(language):
    assert not [one.text for one in many(language, 1500) if has_held_out(one.text, language)]


@ALL
def test_a_held_out_template_is_known_by_its_words(language):
    rng = random.Random(3)
    made = [caption(KNOWN, language, rng, test=True, request=True).text for _ in range(300)]
    assert sum(has_held_out(text, language) for text in made) > 0.8 * len(made)


@ALL
def test_a_text_with_the_words_of_a_held_out_template_is_drawn_again(language, monkeypatch):
    first, second = many(language, 2)
    held = {first.text}
    monkeypatch.setattr(phrases, "has_held_out", lambda text, _: text in held)
    assert first.text not in {one.text for one in many(language, 50)}
    assert second.text != first.text


@ALL
def test_no_list_has_a_stretch_of_a_sentence_written_by_hand(language):
    lists = lists_of(language, *KINDS)
    long = 6 if language == "en" else 4
    written = {run for one in by_hand() if one.language == language for run in runs(one.text, long)}
    assert written
    own = {run for entries in lists.values() for entry in entries for run in runs(entry, long)}
    assert own
    assert not own & written


def runs(text, length):
    """All stretches of so many words."""
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


@ALL
def test_lists_refer_only_to_lists_and_values(language):
    lists = lists_of(language, "phrases.")
    every = lists_of(language, *KINDS)
    fields = {name for entries in lists.values() for entry in entries for name in FIELD.findall(entry)}
    assert fields - set(every) - phrases._VALUES == {"np", "a", "b"}
    for fact in FACTS:
        assert every[f"say.{fact}"]
        assert every[f"bit.{fact}"]
        assert f"pre.{fact}" in every or f"post.{fact}" in every
    for name in ("emotion", "feeling", "feelingly"):
        assert {f"{name}.{emotion}" for emotion in ("happy", "tense", "sad", "calm")} <= set(every)


@ALL
def test_facts_about_the_same_are_not_told_twice(language):
    for one in many(language, 200, Attributes(bpm=60.0, tonic=0, mode="major")):
        assert one.says.model_dump(exclude_none=True).items() <= {"bpm": 60.0, "tonic": 0, "mode": "major"}.items()
        assert len(re.findall(r"\b60", one.text)) <= 1


@ALL
def test_everyday_sentences_tell_nothing_of_music(language):
    found = everyday(language)
    assert len(found) > 100
    telling = {"en": ("piano", "guitar", "happy", "slow"), "ko": ("피아노", "기타", "행복", "느린")}[language]
    assert not [line for line in found if any(word in line.lower() for word in telling)]
    assert not [line for line in found if re.search(r"\d", line)]


def test_orders_vary():
    """Of two facts either comes first."""
    places = [(one.text.find("132"), one.text.find("21")) for one in many("en", 1200)]
    both = [first < second for first, second in places if first >= 0 and second >= 0]
    assert len(both) > 20
    assert 0.2 < sum(both) / len(both) < 0.8
    assert any(a != b for a, b in pairwise(both))


def test_other_languages_and_pieces_of_which_nothing_is_known_are_refused():
    with pytest.raises(InvalidInput, match="captions in en, ko; asked for was 'tlh'"):
        phrased(KNOWN, "tlh", random.Random(0))
    with pytest.raises(InvalidInput, match="nothing is known"):
        phrased(Attributes(), "en", random.Random(0))
