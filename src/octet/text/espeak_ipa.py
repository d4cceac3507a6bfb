"""IPA text to phones of the shared inventory: longest match, with a table of replacements per language.

Used for what espeak-ng answers (phonemes separated by "_", words by blanks) and for the IPA that people write in a
lexicon or in SSML. Stress marks may stand before the vowel (espeak) or before the syllable (everybody else): they are
kept for the next vowel. Tones are digits 1 to 5, or Chao letters, after the vowel.

Reference for the symbols: Handbook of the International Phonetic Association (1999), chart and extensions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from octet.core.errors import InvalidInput
from octet.text.phonemes import CONSONANTS, VOWELS, Phone

Replacements = Mapping[str, tuple[str, ...]]

# Sounds of the IPA that the inventory does not tell apart, and other ways of writing those that it has.
COMMON: dict[str, tuple[str, ...]] = {
    **{"g": ("ɡ",), "ʧ": ("tʃ",), "ʤ": ("dʒ",), "ʦ": ("ts",), "ʣ": ("dz",), "ʨ": ("tɕ",), "ʥ": ("dʑ",)},
    **{"ɫ": ("l",), "ɬ": ("l",), "l̩": ("ə", "l"), "m̩": ("ə", "m"), "n̩": ("ə", "n"), "ŋ̍": ("ə", "ŋ"), "ɱ": ("m",)},
    **{"ʝ": ("j",), "ɟ": ("j",), "c": ("k",), "χ": ("x",), "ħ": ("h",), "ɦ": ("h",), "ʀ": ("ʁ",), "ɻ": ("ɹ",)},
    **{"ʋ": ("v",), "ɭ": ("l",), "ɖ": ("d",), "ʈ": ("t",), "ɳ": ("n",), "ʍ": ("w",), "nʲ": ("n", "j"), "ɽ": ("ɾ",)},
    **{"ɜ": ("ɝ",), "ɜː": ("ɝ",), "ɜɹ": ("ɝ",), "ɜːɹ": ("ɝ",), "əɹ": ("ɚ",), "ɐ̯": ("ɐ",)},
    **{"ɒ": ("ɔ",), "ᵻ": ("ɪ",), "ɨ": ("ɪ",), "ʉ": ("u",), "ʉː": ("uː",), "ɘ": ("ə",), "ɵ": ("ø",), "ɶ": ("œ",)},
    **{"əʊ": ("oʊ",), "ɔø": ("ɔɪ",), "ɔʏ": ("ɔɪ",), "oɪ": ("ɔɪ",), "ɛɪ": ("eɪ",), "ei": ("eɪ",), "ai": ("aɪ",)},
    **{"au": ("aʊ",), "oi": ("ɔɪ",), "ou": ("oʊ",), "ã": ("ɑ̃",), "õ": ("ɔ̃",), "ẽ": ("ɛ̃",)},
}
STRESS = "ˈˌ"
_STRESS_SPELLINGS = str.maketrans({"'": "ˈ", "’": "ˈ", "ʼ": "ˈ", ":": "ː", "͡": None, "͜": None, "‿": None})
_TONES = {"˥˩": "4", "˨˩˦": "3", "˧˥": "2", "˥": "1", **{digit: digit for digit in "12345"}}
_WITHOUT_SOUND = frozenset(" \t\n_.|‖-ːˑ")


@dataclass(frozen=True)
class Tokens:
    """The phones of a piece of IPA, and the characters that are no sound of the inventory or of its replacements."""

    phones: tuple[Phone, ...]
    unknown: str = ""


def tokenise(ipa: str, replacements: Replacements | None = None, *, accents: bool = True) -> Tokens:
    """Read IPA, preferring the longest symbol at every place.

    >>> [phone.accent + phone.symbol for phone in tokenise("ˈbɛtɚ t͡ʃaɪld").phones]
    ['b', 'ˈɛ', 't', 'ɚ', 'tʃ', 'aɪ', 'l', 'd']
    >>> tokenise("ta!").unknown
    '!'

    Args:
        replacements: the language's own, which go before the common ones and before the inventory.
        accents: False leaves stress out, for languages whose words have none.
    """
    return _tokenise(ipa, tuple(sorted((replacements or {}).items())), accents)


def read_ipa(ipa: str, source: str) -> tuple[Phone, ...]:
    """The phones of IPA that a person wrote; `source` says where, for the message.

    Raises:
        InvalidInput: a symbol is unknown, or there is no sound at all.
    """
    tokens = tokenise(ipa)
    if tokens.unknown:
        unknown = tokens.unknown[0]
        name = unicodedata.name(unknown, "unnamed character")
        raise InvalidInput(
            f"{source}: {unknown!r} ({name}) in /{ipa}/ is no phone of the inventory; see octet.text.phonemes.SYMBOLS"
        )
    if not tokens.phones:
        raise InvalidInput(f"{source}: /{ipa}/ holds no sound; write IPA such as /həˈloʊ/")
    return tokens.phones


@lru_cache(maxsize=20_000)
def _tokenise(ipa: str, replacements: tuple[tuple[str, tuple[str, ...]], ...], accents: bool) -> Tokens:
    pattern, symbols = _grammar(replacements)
    text = unicodedata.normalize("NFC", ipa).translate(_STRESS_SPELLINGS)
    phones: list[Phone] = []
    unknown = []
    stress = ""
    for piece in _pieces(pattern, text):
        if piece in symbols:
            for symbol in symbols[piece]:
                takes_it = symbol in _VOWELS
                phones.append(Phone(symbol, stress if takes_it and accents else ""))
                stress = "" if takes_it else stress
        elif piece in STRESS:
            stress = piece
        elif piece in _TONES and phones:
            _set_tone(phones, _TONES[piece])
        elif piece not in _WITHOUT_SOUND and not unicodedata.combining(piece[0]):
            unknown.append(piece)
    return Tokens(tuple(phones), "".join(unknown))


def _set_tone(phones: list[Phone], tone: str) -> None:
    """A tone belongs to the last vowel said."""
    for index in range(len(phones) - 1, -1, -1):
        if phones[index].symbol in _VOWELS:
            phones[index] = Phone(phones[index].symbol, tone)
            return


def _pieces(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    return (match.group() for match in pattern.finditer(text))


@lru_cache(maxsize=64)
def _grammar(
    replacements: tuple[tuple[str, tuple[str, ...]], ...],
) -> tuple[re.Pattern[str], dict[str, tuple[str, ...]]]:
    symbols = {symbol: (symbol,) for symbol in (*CONSONANTS, *VOWELS)} | COMMON | dict(replacements)
    longest_first = sorted((*symbols, *_TONES), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) + "|.", re.DOTALL), symbols


_VOWELS = frozenset(VOWELS)
