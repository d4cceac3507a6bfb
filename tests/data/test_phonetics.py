from __future__ import annotations

import itertools

import pytest

from octet.data.phonetics import distance
from octet.text.phonemes import CONSONANTS, VOWELS

SOUNDS = (*CONSONANTS, *VOWELS)


def test_distance_is_symmetric_and_zero_only_for_the_same_sound():
    for first, second in itertools.product(SOUNDS, SOUNDS):
        assert distance(first, second) == distance(second, first)
        assert (distance(first, second) == 0) == (first == second)
        assert 0 <= distance(first, second) <= 1.5


@pytest.mark.parametrize(
    ("sound", "near", "far"),
    [
        ("t", "d", "k"), ("s", "z", "m"), ("p", "pʰ", "b"), ("tɕ", "tʃ", "k"), ("ʁ", "ɾ", "p"), ("n", "ŋ", "s"),
        ("i", "ɪ", "a"), ("ɚ", "ə", "i"), ("ɝ", "ɹ", "s"), ("u", "w", "k"), ("ɑ̃", "ɑ", "i"),
        ("oʊ", "o", "eɪ"), ("a", "aː", "e"), ("z̩", "z", "p"),
    ],
)  # fmt: skip
def test_sounds_that_are_taken_for_each_other_are_nearer(sound, near, far):
    assert distance(sound, near) < distance(sound, far)


def test_pauses_are_no_sounds():
    with pytest.raises(ValueError, match="pauses"):
        distance("a", ",")
