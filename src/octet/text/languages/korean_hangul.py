"""Hangul syllables taken apart and put together (Unicode chapter 18.6: conjoining jamo arithmetic).

A syllable is an onset, a vowel and a coda, each written as a compatibility jamo ("ㄱ", "ㅏ", "ㄺ").
The silent onset is "ㅇ", a missing coda "".
"""

from __future__ import annotations

from typing import NamedTuple

ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_FIRST = 0xAC00
_LAST = 0xD7A3


class Syllable(NamedTuple):
    """One hangul syllable."""

    onset: str
    vowel: str
    coda: str = ""


def is_syllable(character: str) -> bool:
    """Whether `character` is a precomposed hangul syllable.

    >>> is_syllable("한"), is_syllable("ㅎ")
    (True, False)
    """
    return _FIRST <= ord(character) <= _LAST


def decompose(character: str) -> Syllable:
    """The parts of a precomposed syllable.

    >>> decompose("닭")
    Syllable(onset='ㄷ', vowel='ㅏ', coda='ㄺ')
    """
    index = ord(character) - _FIRST
    return Syllable(ONSETS[index // 588], VOWELS[index % 588 // 28], CODAS[index % 28])


def compose(syllable: Syllable) -> str:
    """The precomposed character of a syllable.

    >>> compose(Syllable("ㄷ", "ㅏ", "ㄺ"))
    '닭'
    """
    onset, vowel, coda = syllable
    return chr(_FIRST + ONSETS.index(onset) * 588 + VOWELS.index(vowel) * 28 + CODAS.index(coda))


def with_coda(codas: str) -> str:
    """All syllables that end in one of `codas`, for use inside a character class of a pattern.

    >>> "할" in with_coda("ㄹ"), "하" in with_coda("ㄹ"), len(with_coda("ㄹ"))
    (True, False, 399)
    """
    return "".join(compose(Syllable(o, v, c)) for o in ONSETS for v in VOWELS for c in codas)


def with_onset(onsets: str) -> str:
    """All syllables that begin with one of `onsets`, for use inside a character class of a pattern."""
    return "".join(compose(Syllable(o, v, c)) for o in onsets for v in VOWELS for c in CODAS)


def ends_in_vowel(word: str) -> bool:
    """Whether a hangul word ends in a vowel, which decides between 은 and 는, 이 and 가.

    >>> ends_in_vowel("이"), ends_in_vowel("일")
    (True, False)
    """
    return bool(word) and is_syllable(word[-1]) and decompose(word[-1]).coda == ""
