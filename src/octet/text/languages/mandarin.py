"""Mandarin: from any text in Han characters to phones by way of pinyin after tone sandhi.

text -> normalize (mandarin_normalize) -> readings (mandarin_readings) -> sandhi (mandarin_sandhi) -> phones
"""

from __future__ import annotations

import re

from octet.text.languages.mandarin_normalize import normalize
from octet.text.languages.mandarin_readings import Reading, read
from octet.text.languages.mandarin_syllables import phones
from octet.text.phonemes import Phone, Word

__all__ = ["normalize", "pinyin", "pronounce"]

_RHOTIC = re.compile(r"\b([a-z]*(?!\be)[a-z])r(\d)")
_TOKEN = re.compile(r"[,.?!]|[^\s,.?!]+")


def pinyin(text: str) -> str:
    """Pinyin with tone digits after sandhi, a blank between syllables; punctuation follows its syllable.

    In ASCII as speech synthesisers read it: v for ü, and 儿 as a syllable of its own where it colours the one before.

    >>> pinyin("你好, 一个老虎不是女花儿.")
    'ni2 hao3, yi2 ge5 lao2 hu3 bu2 shi4 nv3 hua1 er5.'
    """
    written = ""
    for token in _TOKEN.findall(text):
        if token in ",.?!":
            written = written.rstrip() + token + " "
        else:
            written += "".join(" ".join(reading.syllables) + " " for reading in read(token) if reading.syllables)
    return _RHOTIC.sub(r"\1\2 er5", written.strip())


def pronounce(text: str) -> list[Word]:
    """Words and punctuation marks of normalised text, in order, with their phones; tones are on the vowels.

    >>> [phone.symbol + phone.accent for phone in pronounce("你好")[0].phones]
    ['n', 'i2', 'x', 'aʊ3']
    """
    words: list[Word] = []
    for token in _TOKEN.findall(text):
        if token in ",.?!":
            words.append(Word(token, (Phone(token),), "zh"))
        else:
            words += map(_word, read(token))
    return words


def _word(reading: Reading) -> Word:
    spoken = tuple(phone for syllable in reading.syllables for phone in phones(syllable))
    return Word(reading.text, spoken, "zh", unpronounced=reading.unknown)
