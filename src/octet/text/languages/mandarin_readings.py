"""Which syllables Han characters are read as: segmentation, polyphones, neutral tones, r-colouring, sandhi.

pypinyin's phrase tables give the reading, `mandarin_words` corrects them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from octet.text.languages import mandarin_sandhi, mandarin_words
from octet.text.languages.mandarin_numbers import LETTER_NAMES

_RUN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[A-Za-z]+|.", re.DOTALL)
_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LONGEST_WORD = 7
_BEFORE_DEI = frozenset("我你他她们就还总也都可非又")
_AFTER_DI = frozenset("图球铁区址面位点板震理下上道毯方主带形狱步域基层段势质皮平砖瓜盘产壳核雷价租")
_PARTICLES = dict(zip("的了吗呢吧啊呀嘛啦着们", "de5 le5 ma5 ne5 ba5 a5 ya5 ma5 la5 zhe5 men5".split(), strict=True))


@dataclass(frozen=True)
class Reading:
    """A word as written, its syllables after sandhi ("ni2", "huar1"), and characters of it without a reading."""

    text: str
    syllables: tuple[str, ...]
    unknown: str = ""


def read(text: str) -> list[Reading]:
    """The readings of a stretch without punctuation or blanks.

    >>> [(reading.text, reading.syllables) for reading in read("我很好")]
    [('我', ('wo3',)), ('很好', ('hen2', 'hao3'))]
    """
    readings: list[Reading] = []
    for run in _RUN.findall(text):
        if _HAN.match(run):
            readings += _han(run)
        elif run.isascii() and run.isalpha():
            readings.append(Reading(run, tuple(" ".join(LETTER_NAMES[letter] for letter in run.upper()).split())))
        else:
            readings.append(Reading(run, (), unknown=run))
    return readings


def _han(run: str) -> list[Reading]:
    words = _segmented(run)
    flat = [syllable for index in range(len(words)) for syllable in _lexical(words, index)]
    spoken = iter(_after_sandhi(run, words, flat))
    readings = [
        Reading(
            word,
            tuple(syllable for syllable in (next(spoken) for _ in word) if syllable),
            "".join(character for character in word if ord(character) not in PINYIN_DICT),
        )
        for word in words
    ]
    return _merged(readings)


def _segmented(run: str) -> list[str]:
    """Longest words first, from the left; characters in no known word stand alone."""
    words: list[str] = []
    index = 0
    while index < len(run):
        lengths = range(min(_LONGEST_WORD, len(run) - index), 0, -1)
        length = next(length for length in lengths if length == 1 or _is_word(run[index : index + length]))
        words.append(run[index : index + length])
        index += length
    return words


@lru_cache(maxsize=20_000)
def _is_word(characters: str) -> bool:
    return characters in _readings() or characters in _neutral() or characters in _pairs() or characters in PHRASES_DICT


@cache
def _readings() -> dict[str, list[str]]:
    entries = re.findall(r"(\S+):((?:[a-z]+\d ?)+)", mandarin_words.READINGS)
    return {word: reading.split() for word, reading in entries}


@cache
def _neutral() -> frozenset[str]:
    return frozenset(mandarin_words.NEUTRAL.split())


@cache
def _pairs() -> frozenset[str]:
    return frozenset(mandarin_words.THIRD_TONE_PAIRS.split())


def _lexical(words: list[str], index: int) -> list[str]:
    """The syllables of a word before sandhi, one for each character ("" for one without a reading)."""
    word = words[index]
    if word in _readings():
        return list(_readings()[word])
    if len(word) == 1:
        return [_single(words, index)]
    syllables = [_full(*pair) for pair in zip(word, _table(word), strict=True)]
    if word in _neutral() or (word.endswith("子") and len(word) > 1):
        syllables[-1] = syllables[-1][:-1] + "5"
    return syllables


def _full(character: str, syllable: str) -> str:
    """The tables write 一 and 不 after sandhi, which is done here, and later."""
    if character in "一不" and not syllable.endswith("5"):
        return "yi1" if character == "一" else "bu4"
    return syllable


@lru_cache(maxsize=20_000)
def _table(word: str) -> tuple[str, ...]:
    if any(ord(character) not in PINYIN_DICT for character in word):
        return tuple(_table(character)[0] if ord(character) in PINYIN_DICT else "" for character in word)
    return tuple(lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True))


def _single(words: list[str], index: int) -> str:
    """A character that no word claims: structural particles are told from their other readings by the neighbours."""
    word = words[index]
    before = words[index - 1] if index else ""
    after = words[index + 1] if index + 1 < len(words) else ""
    if word == "地":
        doubled = index > 1 and before == words[index - 2]
        return "de5" if (len(before) > 1 or doubled) and after and after[0] not in _AFTER_DI else "di4"
    if word == "得":
        return "dei3" if before[-1:] in _BEFORE_DEI and before and after else "de5"
    if word in _PARTICLES and before:
        return _PARTICLES[word]
    if word == "子" and before:
        return "zi5"
    return _full(word, _table(word)[0])


def _after_sandhi(run: str, words: list[str], syllables: list[str]) -> list[str]:
    """Syllables as spoken, one for each character; "" for 儿 that is an r of the syllable before, and for unknowns."""
    syllables = _rhotic(run, syllables)
    place = {start + offset: (word, offset) for start, word in _starts(words) for offset in range(len(word))}
    for index, character in enumerate(run):
        following = _citation_tone(run, syllables, index + 1)
        word, offset = place[index]
        if character == "一" and syllables[index] == "yi1":
            syllables[index] = "yi" + mandarin_sandhi.yi(run, index, following, word[offset:] if offset == 0 else word)
        elif character == "不" and syllables[index] == "bu4":
            syllables[index] = "bu" + mandarin_sandhi.bu(run, index, following)
    heard = [index for index, syllable in enumerate(syllables) if syllable]
    lengths = [sum(bool(syllables[start + offset]) for offset in range(len(word))) for start, word in _starts(words)]
    tones = mandarin_sandhi.third_tones([syllables[index][-1] for index in heard], [n for n in lengths if n])
    for index, tone in zip(heard, tones, strict=True):
        syllables[index] = syllables[index][:-1] + tone
    return syllables


def _starts(words: list[str]) -> list[tuple[int, str]]:
    starts: list[tuple[int, str]] = []
    position = 0
    for word in words:
        starts.append((position, word))
        position += len(word)
    return starts


def _citation_tone(run: str, syllables: list[str], index: int) -> str:
    """The tone that 一 and 不 hear in the next syllable: that of the character, even where it is weak (一个: 4)."""
    if index >= len(run) or not syllables[index]:
        return ""
    tone = syllables[index][-1]
    return tone if tone != "5" else _table(run[index])[0][-1]


def _rhotic(run: str, syllables: list[str]) -> list[str]:
    result = list(syllables)
    for match in re.finditer("儿", run):
        index = match.start()
        if (
            index
            and run[index - 1] in mandarin_words.RHOTIC_HOSTS
            and not _is_full_er(run, index)
            and result[index - 1]
        ):
            host = result[index - 1]
            result[index - 1], result[index] = f"{host[:-1].removesuffix('r')}r{host[-1]}", ""
    return result


def _is_full_er(run: str, index: int) -> bool:
    around = run[max(0, index - 2) : index + 3]
    return any(word in around for word in mandarin_words.FULL_ER.split())


def _merged(readings: list[Reading]) -> list[Reading]:
    """A word that is only 儿 belongs to the one before it."""
    merged: list[Reading] = []
    for reading in readings:
        if merged and reading.text == "儿" and not reading.syllables:
            merged[-1] = Reading(merged[-1].text + "儿", merged[-1].syllables, merged[-1].unknown)
        else:
            merged.append(reading)
    return merged
