"""Phones of respelled hangul (see `korean.respell`), in the symbols of `octet.text.phonemes`.

Plain stops are voiced between voiced sounds of one word (고기 -> k o ɡ i). A word that leans on its neighbour
(두 개, 삼 분, 하는 것) counts as one word with it.
"""

from __future__ import annotations

import re

from octet.text.languages.korean_hangul import Syllable, decompose
from octet.text.phonemes import Phone

_ONSETS = dict(
    zip(
        "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅈㅉㅊㅋㅌㅍㅎ",
        "k k͈ n t t͈ ɾ m p p͈ s s͈ tɕ tɕ͈ tɕʰ kʰ tʰ pʰ h".split(),
        strict=True,
    )
)
_VOICED = {"ㄱ": "ɡ", "ㄷ": "d", "ㅂ": "b", "ㅈ": "dʑ"}
_CODAS = dict(zip("ㄱㄴㄷㄹㅁㅂㅇ", "k̚ n t̚ l m p̚ ŋ".split(), strict=True))
_VOWELS = {
    **{jamo: (symbol,) for jamo, symbol in zip("ㅏㅐㅓㅔㅗㅜㅡㅣ", "a e ʌ e o u ɯ i".split(), strict=True)},
    **{jamo: ("j", symbol) for jamo, symbol in zip("ㅑㅒㅕㅖㅛㅠ", "a e ʌ e o u".split(), strict=True)},
    **{jamo: ("w", symbol) for jamo, symbol in zip("ㅘㅙㅚㅝㅞㅟ", "a e e ʌ e i".split(), strict=True)},
    "ㅢ": ("ɰ", "i"),
}
_SOFTENING_VOWELS = "ㅑㅒㅕㅖㅛㅠㅣㅟ"
_LEANED_ON = re.compile(
    "(?:열|스물|서른|마흔|쉰|예순|일흔|여든|아흔)?[한두세네]|스무|[이그저새온]|[영공일이삼사오육칠팔구십백천만억조]+"
)
_LEANS = re.compile("것.*|[거게건걸데지]|대로|거[야다라고니면죠]|거예요|겁니다")


def phones_of_phrase(written: list[str], respelled: list[str]) -> list[tuple[Phone, ...]]:
    """The phones of each word of a phrase, given as written (which tells what leans on what) and as respelled."""
    phones = []
    before: Syllable | None = None
    for index, word in enumerate(respelled):
        leans = index > 0 and bool(_LEANED_ON.fullmatch(written[index - 1]) or _LEANS.fullmatch(written[index]))
        symbols: list[str] = []
        for position, syllable in enumerate(map(decompose, word)):
            symbols += _syllable(syllable, before, joined=position > 0 or leans)
            before = syllable
        phones.append(tuple(map(Phone, symbols)))
    return phones


def _syllable(syllable: Syllable, before: Syllable | None, *, joined: bool) -> list[str]:
    onset, vowel, coda = syllable
    symbols = [] if onset == "ㅇ" else [_onset(syllable, before, joined=joined)]
    glide_is_heard = onset not in "ㅅㅈㅉㅊ"  # these are already palatal: 샤 is ɕ a, 쥬 is tɕ u
    symbols += [symbol for symbol in _VOWELS[vowel] if symbol != "j" or glide_is_heard]
    return symbols + ([_CODAS[coda]] if coda else [])


def _onset(syllable: Syllable, before: Syllable | None, *, joined: bool) -> str:
    onset = syllable.onset
    if onset == "ㄹ" and before is not None and before.coda == "ㄹ":
        return "l"
    if onset == "ㅅ" and syllable.vowel in _SOFTENING_VOWELS:
        return "ɕ"
    if joined and onset in _VOICED and before is not None and before.coda in ("", *"ㄴㄹㅁㅇ"):
        return _VOICED[onset]
    return _ONSETS[onset]
