from __future__ import annotations

import random
import re

import pytest

from octet.core.errors import InvalidInput
from octet.data.corpora import captions
from octet.data.corpora.captions import LANGUAGES, caption
from octet.data.corpora.composer.compose import compose
from octet.data.corpora.composer.genres import STYLES
from octet.symbolic.attributes import EMOTIONS, Attributes
from octet.symbolic.instruments import CLASSES

KNOWN = Attributes(
    instruments=("piano", "cello", "drum"),
    danceable=True,
    intensity="high",
    bars=8,
    metre="3/4",
    tonic=9,
    mode="minor",
    bpm=131.9999,
    octaves=4,
    seconds=10.9,
    emotion="tense",
    genres=("Jazz",),
)
ALL = pytest.mark.parametrize("language", LANGUAGES)


def many(language, count=400, attributes=KNOWN, **options):
    rng = random.Random(7)
    return [caption(attributes, language, rng, **options) for _ in range(count)]


@ALL
@pytest.mark.parametrize("test", [False, True])
def test_wording_varies_and_nothing_is_left_unfilled(language, test):
    found = many(language, test=test)
    assert len({one.text for one in found}) > 0.9 * len(found)
    for one in found:
        assert not re.search(r"[{}@|]|\(n\)|  |\.\.", one.text), one.text
        assert one.text[0] == one.text[0].upper()


@ALL
def test_every_attribute_is_said_sometimes_and_only_with_its_value(language):
    found = many(language)
    for name in Attributes.model_fields:
        said = [getattr(one.says, name) for one in found if getattr(one.says, name) is not None]
        if name == "artist":
            assert not said
        else:
            assert set(said) == {getattr(KNOWN, name)}
    assert {name for one in found for name in one.without} <= set(CLASSES) - set(KNOWN.instruments)


@ALL
def test_what_a_caption_says_stands_in_its_text(language):
    numbers = {"bars": "8", "bpm": "132", "seconds": "11", "octaves": "4"}
    for one in many(language):
        for name, number in numbers.items():
            words = captions.lists_of(language, "")["tempo.fast"] if name == "bpm" else ()
            written = number in re.findall(r"\d+", one.text) or any(word in one.text.lower() for word in words)
            assert getattr(one.says, name) is None or written, (name, one.text)
        for name in one.says.instruments or ():
            assert any(word in one.text for word in _capitalised(captions.lists_of(language, "")[f"instrument.{name}"]))


def _capitalised(words):
    return [form for word in words for form in (word, word.capitalize(), word[:1].upper() + word[1:])]


@ALL
def test_templates_for_testing_are_not_those_for_training(language):
    lists = captions.lists_of(language, "")
    for name in ("opening", "detail"):
        training, testing = set(lists[name]), set(lists[f"{name}.test"])
        assert training
        assert testing
        # What says that one can dance is a list of words and no template.
        assert training & testing <= {"{danceable}"}


@ALL
def test_there_are_words_for_all_that_the_composer_writes(language):
    lists = captions.lists_of(language, "")
    for name in CLASSES:
        assert lists[f"instrument.{name}"]
    for genre in STYLES:
        assert lists[f"genre.{genre}"]
    for emotion in EMOTIONS:
        assert len(lists[f"emotion.{emotion}"]) >= 4
    assert len(lists["tonic"]) == 12
    assert all(entry for entries in lists.values() for entry in entries)
    assert {field for name in ("opening", "detail") for line in lists[name] for field in captions._fields(line)} == set(
        captions.SAYS
    )


@ALL
def test_what_is_not_known_is_not_said(language):
    some = Attributes(instruments=("flute",), genres=("Folk",), emotion="calm")
    for one in many(language, attributes=some):
        said = one.says.model_dump(exclude_none=True)
        assert said.items() <= some.model_dump().items()


@ALL
def test_every_piece_has_captions(language):
    for seed in range(60):
        assert caption(compose(seed=seed).attributes, language, random.Random(seed)).text


def test_large_bands_are_named_in_part():
    band = Attributes(instruments=CLASSES[:9], genres=("Symphony",), emotion="happy")
    named = [one.says.instruments for one in many("en", attributes=band) if one.says.instruments]
    assert {len(names) for names in named} == {4}
    assert {name for names in named for name in names} == set(band.instruments)


def test_other_languages_and_pieces_of_which_nothing_is_known_are_refused():
    with pytest.raises(InvalidInput, match="captions in en, ko; asked for was 'tlh'"):
        caption(KNOWN, "tlh", random.Random(0))
    with pytest.raises(InvalidInput, match="too little is known"):
        caption(Attributes(bars=4), "en", random.Random(0))
