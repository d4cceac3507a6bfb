"""Examples: windows, keys, what training tells, and texts."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import torch
from tests.systems.musecoco.examples import example, song

from octet.core.errors import InvalidInput
from octet.data.corpora.composer.compose import compose
from octet.data.manifest import Caption
from octet.symbolic.attributes import GENRES, Attributes, extract
from octet.symbolic.instruments import CLASSES
from octet.symbolic.remigen import decode, from_ids
from octet.symbolic.score import Note, Score, Track
from octet.systems.musecoco.examples import Examples, TextExample, pieces, said_by, sequence, some
from octet.systems.musecoco.wishes import prefix, told_by


def test_a_short_piece_is_one_example_in_c_with_its_own_attributes():
    piece = compose(Attributes(bars=4, tonic=7, mode="minor"), seed=3)
    (only,) = pieces("x", piece.score, piece.attributes)
    music = decode(from_ids(only.tokens))
    assert extract(music).tonic == 9
    assert (only.id, only.attributes.bars, only.attributes.mode) == ("x-0", 4, "minor")
    assert only.attributes.emotion == piece.attributes.emotion
    assert only.attributes.genres == piece.attributes.genres
    assert only.length == 66 + len(only.tokens) == len(sequence(only, None))


def test_a_long_piece_is_three_windows():
    score = song(*(60 + number % 12 for number in range(4 * 40)))
    found = list(pieces("long", score, Attributes(artist="Liszt"), random.Random(1)))
    assert len(found) == 3
    assert len({one.tokens for one in found}) > 1
    for one in found:
        assert from_ids(one.tokens).count("b-1") == one.attributes.bars == 16
        assert one.attributes.artist == "Liszt"


def test_windows_without_notes_or_of_too_many_tokens_are_left_out():
    lonely = Score((Track(0, (Note(0, 60, 480), Note(1920 * 100, 60, 480))),))
    assert len(list(pieces("lonely", lonely, rng=random.Random(5)))) < 3
    crowded = Score((Track(0, tuple(Note(n * 40, 20 + p, 40) for n in range(200) for p in range(12))),))
    assert list(pieces("crowded", crowded)) == []
    with pytest.raises(InvalidInput, match="no notes"):
        list(pieces("none", Score(())))


def test_training_tells_mostly_a_few_attributes_sometimes_nearly_all():
    attributes = compose(Attributes(instruments=("piano", "drum"), metre="4/4"), seed=0).attributes
    known = 11  # all but the artist
    rng = torch.Generator().manual_seed(0)
    counts = Counter()
    for _ in range(600):
        told = some(attributes, rng)
        kinds = {key.split("_")[0] for key in told}
        counts[len(kinds)] += 1
    # A pool of 20 draws of 1 to 4, 9 of 6 to 8 and 2 each of 9 and 10.
    assert set(counts) == {1, 2, 3, 4, 6, 7, 8, 9, 10}
    assert max(counts) < known
    assert sum(counts[count] for count in (1, 2, 3, 4)) / 600 == pytest.approx(20 / 33, abs=0.06)
    assert sum(counts[count] for count in (6, 7, 8)) / 600 == pytest.approx(9 / 33, abs=0.06)


def test_of_instruments_some_are_named_and_some_that_are_absent():
    attributes = Attributes(instruments=("piano", "violin", "flute"))
    rng = torch.Generator().manual_seed(0)
    named, absent = Counter(), Counter()
    for _ in range(100):
        told = some(attributes, rng)
        present = {CLASSES[int(key.removeprefix("I1s2_"))] for key, value in told.items() if value == 0}
        missing = {CLASSES[int(key.removeprefix("I1s2_"))] for key, value in told.items() if value == 1}
        assert present
        assert missing
        assert present <= set(attributes.instruments)
        assert not missing & set(attributes.instruments)
        named[len(present)] += 1
        absent[len(missing)] += 1
    assert set(named) == {1, 2, 3}
    assert len(absent) > 10


def test_nothing_known_tells_nothing():
    assert some(Attributes(), torch.Generator()) == {}


def test_the_same_generator_tells_the_same():
    item = example(0)
    one, two = (sequence(item, torch.Generator().manual_seed(7)) for _ in range(2))
    assert one == two
    assert sequence(item, None)[:65] == prefix(told_by(item.attributes))
    assert len(GENRES) == 22


def test_captions_tell_what_they_say():
    caption = Caption(text="sad, no drums", says=Attributes(emotion="sad", tonic=2), without=("drum",))
    assert said_by("c", caption) == TextExample("c", "sad, no drums", {"EM1": 2, "tonic": 2, "I1s2_27": 1})
    assert said_by("c", Caption(text="hm")).told == {}


def test_examples_have_lengths():
    items = [TextExample("a", "four", {}), TextExample("b", "", {})]
    found = Examples(items)
    assert found.lengths == [62, 61]  # 61 queries and the words
    assert found[1] is items[1]
