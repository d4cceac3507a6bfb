"""Korean: from any text to phones by way of hangul as it is pronounced.

    text -> normalize (korean_normalize) -> respell (korean_lexicon, korean_rules) -> phones (korean_phones)

`respell` writes the standard pronunciation (표준 발음법, 2017) in hangul, `pronounce` turns that into the shared
inventory. Allophones written are those that Korean listeners hear as wrong when missing: plain stops voiced inside
a word, ɕ before i and j, ɾ and l, unreleased codas. Vowel length, which the young no longer make, is not.
"""

from __future__ import annotations

import re

from octet.text.languages import korean_lexicon, korean_rules
from octet.text.languages.korean_normalize import normalize
from octet.text.languages.korean_numbers import DIGITS
from octet.text.languages.korean_phones import phones_of_phrase
from octet.text.languages.korean_symbols import JAMO_NAMES, LETTER_NAMES
from octet.text.phonemes import Phone, Word

__all__ = ["normalize", "pronounce", "respell"]

_PHRASE = re.compile(r"[가-힣]+(?: +[가-힣]+)*")
_CLAUSE_END = re.compile("(?<=지만)(?= )|(?<=수록)(?= )")  # one takes breath here, so sounds do not meet
_TOKEN = re.compile(r"[,.?!]|[^\s,.?!]+")
_NAMES = JAMO_NAMES | LETTER_NAMES | {str(digit): name for digit, name in enumerate(DIGITS)}


def respell(text: str) -> str:
    """Hangul as it is pronounced, with the blanks, punctuation and foreign characters of `text` in their places.

    One syllable stays one syllable. Rules work across blanks and stop at anything else.

    >>> respell("값이 없는 국물, 같이 할 수 있다.")
    '갑씨 엄는 궁물, 가치 할 쑤 읻따.'
    """
    return _PHRASE.sub(lambda phrase: "".join(map(_respell_phrase, _CLAUSE_END.split(phrase.group()))), text)


def _respell_phrase(phrase: str) -> str:
    return korean_rules.apply(korean_lexicon.mark(phrase))


def pronounce(text: str) -> list[Word]:
    """Words and punctuation marks of normalised text, in order, with their phones.

    Latin letters, digits and single jamo that normalisation left are read by their names; what has no name is
    kept in `Word.unpronounced`.

    >>> [phone.symbol for phone in pronounce("고기.")[0].phones]
    ['k', 'o', 'ɡ', 'i']
    """
    words: list[Word] = []
    phrase: list[str] = []
    for token in _TOKEN.findall(text):
        if token in ",.?!":
            words += [*_phrase(phrase), Word(token, (Phone(token),), "ko")]
            phrase = []
        else:
            phrase.append(token)
    return words + _phrase(phrase)


def _phrase(tokens: list[str]) -> list[Word]:
    readable = [_readable(token) for token in tokens]
    spoken = [hangul for hangul, _ in readable if hangul]
    phones = iter(phones_of_phrase(spoken, respell(" ".join(spoken)).split()))
    return [
        Word(token, next(phones) if hangul else (), "ko", unpronounced=unknown)
        for token, (hangul, unknown) in zip(tokens, readable, strict=True)
    ]


def _readable(token: str) -> tuple[str, str]:
    """The token as hangul alone, and the characters of it that cannot be read."""
    names = [character if "가" <= character <= "힣" else _NAMES.get(character.upper(), "") for character in token]
    unknown = "".join(character for character, name in zip(token, names, strict=True) if not name)
    return "".join(names), unknown
