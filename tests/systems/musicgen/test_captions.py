"""What training does to captions, and how often."""

from __future__ import annotations

import re

import torch
from hypothesis import given
from hypothesis import strategies as st

from octet.systems.musicgen.captions import ATTRIBUTES, CaptionTraining, augmented, merged, without_some_words

TOLD = {"key": "C", "bpm": 90, "genre": ["jazz", "soul"], "moods": None, "title": "secret"}
ALWAYS = CaptionTraining(merge=1, keep_attribute=1, drop_description=0, drop_word=0)


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_attributes_are_told_in_any_order_and_no_others() -> None:
    wordings = {merged("warm piano", TOLD, ALWAYS, rng(seed)) for seed in range(60)}
    assert "warm piano. key: C. bpm: 90. genre: jazz, soul" in wordings
    assert len(wordings) == 6
    assert not any("secret" in wording or "moods" in wording for wording in wordings)


@given(st.text(max_size=30))
def test_an_unmerged_caption_ends_in_one_full_stop(caption: str) -> None:
    plain = merged(caption, TOLD, CaptionTraining(merge=0), rng())
    assert plain == (f"{caption.rstrip('.')}. ".strip() if caption else "")


def test_what_is_left_when_the_description_goes() -> None:
    only = ALWAYS.model_copy(update={"drop_description": 1.0})
    assert sorted(merged("piano", {"bpm": 90, "key": "C"}, only, rng()).split(". ")) == ["bpm: 90", "key: C"]
    assert merged("piano", {}, only, rng()) == ""


def test_how_often_each_thing_happens() -> None:
    training, generator = CaptionTraining(), rng()
    made = [merged("piano", {"bpm": 90}, training, generator) for _ in range(4000)]
    told = sum("bpm" in text for text in made) / 4000
    gone = sum(not text.startswith("piano") for text in made) / 4000
    assert abs(told - 0.25 * 0.5) < 0.02
    assert abs(gone - 0.25 * 0.5) < 0.02


@given(st.floats(0, 1), st.integers(0, 99))
def test_words_are_left_out_and_the_rest_keeps_its_order(p: float, seed: int) -> None:
    words = [f"w{number}" for number in range(20)]
    kept = without_some_words(" ".join(words), p, rng(seed)).split()
    assert kept == [word for word in words if word in kept]
    assert p > 0 or kept == words


def test_a_third_of_the_words_goes() -> None:
    kept = without_some_words(" ".join(["w"] * 4000), 0.3, rng())
    assert abs(len(kept.split()) / 4000 - 0.7) < 0.03


def test_both_together() -> None:
    both = ALWAYS.model_copy(update={"drop_word": 0.5})
    text = augmented("a long caption of many words", TOLD, both, rng())
    assert text != augmented("a long caption of many words", TOLD, both, rng(1))
    assert re.search("|".join(ATTRIBUTES), text)
