"""Tone sandhi of Mandarin on syllables with tone digits (Chao 1968; Shih 1986 for chains of third tones).

Tones are the digits of syllables grouped in words. Nothing here knows characters other than 一 and 不.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

Tones = list[str]
_DIGITS = frozenset("零〇一二三四五六七八九两幺")
_PLACES_BEFORE = _DIGITS | frozenset("十点第")
# 一 keeps its first tone where it counts places: January, number one, ground floor, first year.
_RANKED = ("月", "号", "楼", "年级", "等奖", "班", "级", "期", "季度", "日", "组", "排", "路车")


def third_tones(tones: Sequence[str], words: Sequence[int]) -> Tones:
    """Third tones rise (3 -> 2) before a third tone: inside words first, then between them.

    Runs of one-syllable words are paired from the right, so that 我很好 is 3 2 3.

    >>> third_tones(["3", "3", "3"], [1, 2]), third_tones(["3", "3", "3"], [2, 1])
    (['3', '2', '3'], ['2', '2', '3'])

    Args:
        words: how many syllables each word has; their sum is the number of tones.
    """
    feet = _feet(tones, words)
    result = [tone for foot in feet for tone in _inside(foot)]
    ends = {sum(map(len, feet[: index + 1])) - 1 for index in range(len(feet))}
    for index, (tone, following) in enumerate(pairwise(result)):
        if index in ends and tone == following == "3":
            result[index] = "2"
    return result


def _feet(tones: Sequence[str], words: Sequence[int]) -> list[list[str]]:
    """The tones of each word of several syllables, and of pairs of neighbouring one-syllable words."""
    feet: list[list[str]] = []
    position = 0
    for single, run in groupby(words, key=lambda length: length == 1):
        lengths = list(run)
        if single:
            lengths = ([1] if len(lengths) % 2 else []) + [2] * (len(lengths) // 2)
        for length in lengths:
            feet.append(list(tones[position : position + length]))
            position += length
    return feet


def _inside(tones: list[str]) -> Tones:
    """Within a foot all third tones of a chain rise but the last; four syllables are two feet of two."""
    if len(tones) == 4:
        return third_tones(tones, [2, 2])
    return [
        "2" if tone == "3" and index + 1 < len(tones) and tones[index + 1] == "3" else tone
        for index, tone in enumerate(tones)
    ]


def yi(characters: str, index: int, following: str, word: str) -> str:
    """The tone of 一 at `index`: 4 before tones 1 to 3, 2 before 4, else (numbers, ranks, ends of words) 1.

    Args:
        following: the next syllable's tone in its full form, "" at the end of a phrase.
        word: the word that 一 stands in, from its first character on.
    """
    before, after = characters[max(0, index - 1) : index], characters[index + 1 : index + 3]
    decimal = after[:1] == "点" and after[1:2] in _DIGITS
    if not following or before in _PLACES_BEFORE or after[:1] in _DIGITS | {"十"} or decimal:
        return "1"
    if after.startswith(_RANKED) or (len(word) > 1 and word.endswith("一")):
        return "1"
    if before and before == after[:1] and characters[index - 2 : index - 1] != "一":  # 看一看, but 一天一天
        return "5"
    return "2" if following == "4" else "4"


def bu(characters: str, index: int, following: str) -> str:
    """The tone of 不 at `index`: 2 before the fourth tone, neutral in 看不看, else 4."""
    before, after = characters[max(0, index - 1) : index], characters[index + 1 : index + 2]
    if before and before == after:
        return "5"
    return "2" if following == "4" else "4"
