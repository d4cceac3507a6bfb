"""Puts the marks of `korean_rules` into a phrase: those of the words in `korean_words`, then of `korean_morphology`."""

from __future__ import annotations

from octet.text.languages import korean_morphology, korean_words
from octet.text.languages.korean_hangul import decompose, with_onset
from octet.text.languages.korean_rules import MARKS

_PLAIN_ONSET = frozenset(with_onset("ㄱㄷㅂㅅㅈ"))
_UNMARK = str.maketrans("_", " ", MARKS)


def _entries(block: str) -> dict[str, str]:
    """Written word -> word with marks. A blank inside an entry is written `_`."""
    pairs = (entry.split("=") if "=" in entry else (entry.translate(_UNMARK), entry) for entry in block.split())
    return {written.replace("_", " "): marked.replace("_", " ") for written, marked in pairs}


def _linking(block: str) -> dict[str, str]:
    """First part of a compound -> the same with `~` behind the syllable that holds the linking ㅅ."""
    marked = {}
    for part in block.split():
        at = max(index for index, syllable in enumerate(part) if decompose(syllable).coda == "ㅅ") + 1
        marked[part] = part[:at] + "~" + part[at:]
    return marked


ANYWHERE = _entries(korean_words.ANYWHERE)
AT_START = _entries(korean_words.AT_START)
PLAIN = _entries(korean_words.PLAIN)
LINKING = _linking(korean_words.LINKING)
_EVERYWHERE = ANYWHERE | PLAIN
_TAKEN = frozenset(word[-2:] for word in korean_words.LAST_SYLLABLE_TAKEN.split())
_LONGEST = max(map(len, (*_EVERYWHERE, *AT_START, *LINKING)))


def mark(phrase: str) -> str:
    """A phrase of hangul and blanks with the marks that its words need; inside a known word the lexicon alone decides.

    >>> mark("깃발과 꽃잎을 볼 수")
    "깃~발과 꽃+잎을 볼 '수"
    """
    phrase = korean_morphology.respelled(phrase)
    derived = korean_morphology.marks(phrase)
    marked: list[str] = []
    index = 0
    while index < len(phrase):
        length, found = _match(phrase, index)
        marked += (derived.get(index, ""), found)
        index += length
    return "".join(marked)


def _match(phrase: str, index: int) -> tuple[int, str]:
    """The longest entry at `index` as (its length, its marked form), or the one character there."""
    at_start = index == 0 or phrase[index - 1] == " "
    inside = index > 0 and phrase[index - 1 : index + 1] in _TAKEN
    for length in range(min(_LONGEST, len(phrase) - index), 0, -1):
        word = phrase[index : index + length]
        if at_start and word in AT_START:
            return length, AT_START[word]
        if word in _EVERYWHERE and not inside:
            return length, _EVERYWHERE[word]
        if word in LINKING and _links(LINKING[word], phrase[index + length : index + length + 1]):
            return length, LINKING[word]
    return 1, phrase[index]


def _links(marked: str, following: str) -> bool:
    return not marked.endswith("~") or following in _PLAIN_ONSET
