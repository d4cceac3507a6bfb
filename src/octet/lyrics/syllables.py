"""Phones of words as syllables: what sounds before the beat, what is held, and what closes.

A syllable takes as much of what is between two vowels as a word may begin with: one consonant, a glide or liquid with
the consonant before it, an s before that. A word without a vowel is held on a nasal or liquid, or on its last sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from octet.text.phonemes import VOWELS, Phone

_GLIDES = frozenset(("j", "w", "ɥ", "ɰ", "l", "ɹ", "r", "ɾ", "ʁ"))
_NASALS = frozenset(("m", "n", "ŋ", "ɲ", "ɴ"))
_NUCLEI = frozenset(VOWELS)


@dataclass(frozen=True)
class Syllable:
    """What is sung on one note, or held over several."""

    onset: tuple[Phone, ...]
    nucleus: Phone
    coda: tuple[Phone, ...] = ()

    @property
    def after_onset(self) -> tuple[Phone, ...]:
        """What sounds from the beat on."""
        return (self.nucleus, *self.coda)


def syllables(phones: Sequence[Phone]) -> list[Syllable]:
    """The syllables of a word's phones, of which pauses are no part.

    >>> from octet.text.languages.english import pronounce
    >>> [len(syllable.onset) for syllable in syllables(pronounce("extremely")[0].phones)]
    [0, 3, 1]
    """
    sounds = [phone for phone in phones if not phone.is_pause]
    nuclei = [index for index, phone in enumerate(sounds) if phone.symbol in _NUCLEI]
    if not nuclei:
        nuclei = [_held(sounds)] if sounds else []
    edges = [
        0,
        *(second - onset_length(sounds[first + 1 : second]) for first, second in pairwise(nuclei)),
        len(sounds),
    ]
    return [
        Syllable(tuple(sounds[start:nucleus]), sounds[nucleus], tuple(sounds[nucleus + 1 : end]))
        for nucleus, (start, end) in zip(nuclei, pairwise(edges), strict=False)
    ]


def _held(sounds: Sequence[Phone]) -> int:
    held = [index for index, phone in enumerate(sounds) if phone.symbol in _NASALS | _GLIDES]
    return held[0] if held else len(sounds) - 1


def onset_length(between: Sequence[Phone]) -> int:
    """How many of the consonants between two vowels begin the second syllable."""
    cluster = [phone.symbol for phone in between]
    length = min(len(cluster), 1)
    if len(cluster) > length and cluster[-1] in _GLIDES and cluster[-2] not in _NASALS | _GLIDES:
        length += 1
    if len(cluster) > length and cluster[-length - 1] == "s" and cluster[-length] in ("p", "t", "k"):
        length += 1
    return length


def spread(found: Sequence[Syllable], notes: int) -> list[list[Syllable]]:
    """Syllables over the notes of a word: one each; what is too much goes with the last, and notes beyond hold on.

    >>> la = Syllable((), Phone("a"))
    >>> [len(on_note) for on_note in spread([la, la, la], 2)], [len(on_note) for on_note in spread([la], 2)]
    ([1, 2], [1, 0])
    """
    shared = [[syllable] for syllable in found[:notes]] + [[] for _ in range(notes - len(found))]
    if len(found) > notes:
        shared[-1] += found[notes:]
    return shared


def even(found: Sequence[Syllable], notes: int) -> list[list[Syllable]]:
    """Syllables over the notes that a spelling divides a word into: where they are fewer, held on evenly."""
    if len(found) >= notes:
        return spread(found, notes)
    shared: list[list[Syllable]] = [[] for _ in range(notes)]
    for index, syllable in enumerate(found):
        shared[-(-index * notes // len(found))].append(syllable)
    return shared
