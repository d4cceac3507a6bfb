"""Japanese: kanji and kana to phones with the pitch accent of Tokyo.

With the extra `japanese` (Open JTalk, see `japanese_openjtalk`) any text is read, with accent. Without it text in kana
is read by a table (`japanese_kana`), without accent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from octet.core.errors import InvalidInput, MissingExtra
from octet.text.languages import japanese_kana, japanese_openjtalk
from octet.text.languages.japanese_normalize import normalize
from octet.text.languages.japanese_openjtalk import Phrase
from octet.text.phonemes import Phone, Word

__all__ = ["kana", "normalize", "pronounce"]

# A full stop or comma between digits belongs to a number, which Open JTalk reads.
_TOKEN = re.compile(r"[,.](?!(?<=\d.)\d)|[?!]|(?:[^\s,.?!]|(?<=\d)[,.](?=\d))+")
_KANJI = re.compile("[\u3005\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def pronounce(text: str) -> list[Word]:
    """Accent phrases (without the extra: blank-separated words) and punctuation, in order, with their phones.

    Vowels and ɴ carry "H" or "L", the pitch of their mora; without the extra nothing.

    Raises:
        InvalidInput: there is kanji, and the extra that reads it is not installed.
    """
    return [
        Word(read, (Phone(read),), "ja")
        if isinstance(read, str)
        else Word(read.text, read.phones, "ja", unpronounced=read.unknown)
        for read in _read(text)
    ]


def kana(text: str) -> str:
    """The reading of a text in katakana as it sounds (は as ワ where it is a particle), punctuation kept.

    Raises:
        InvalidInput: there is kanji, and the extra that reads it is not installed.
    """
    written = "".join(read + " " if isinstance(read, str) else read.kana for read in _read(text))
    return written.strip()


def _read(text: str) -> Iterator[Phrase | str]:
    """Accent phrases, and punctuation marks as strings."""
    for token in _TOKEN.findall(text):
        if token in ",.?!":
            yield token
        else:
            yield from _phrases(token)


def _phrases(token: str) -> list[Phrase]:
    try:
        return japanese_openjtalk.phrases(token)
    except MissingExtra as missing:
        kanji = _KANJI.search(token)
        if kanji:
            raise InvalidInput(
                f"{kanji.group()!r} in {token[:40]!r} is kanji, and reading it {_lower(missing)}"
            ) from None
    katakana = japanese_kana.katakana(token)
    symbols, unknown = japanese_kana.symbols(katakana)
    reading = "".join(character for character in katakana if character not in unknown)
    return [Phrase(token, reading, tuple(map(Phone, symbols)), unknown)]


def _lower(missing: MissingExtra) -> str:
    return str(missing).removeprefix("this ")
