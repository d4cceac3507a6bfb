"""German, as espeak-ng's voice "de" reads it, with word stress on the vowels."""

from __future__ import annotations

from itertools import zip_longest

from octet.text import espeak_words, normalization
from octet.text.normalization.german import FORMS
from octet.text.phonemes import VOWELS, Phone, Word

# espeak's "ɾ" and "r" are one sound, "ɜ" is the ending -er; English words in German keep the nearest German sounds.
_REPLACEMENTS = {
    **{"r": ("ʁ",), "ɾ": ("ʁ",), "ɜ": ("ɐ",), "ʊɐ": ("ʊ", "ɐ"), "ɔø": ("ɔɪ",), "ɛɪ": ("eː",), "l̩": ("ə", "l")},
    **{"ɑː": ("aː",), "ɑ": ("a",), "o": ("oː",), "e": ("eː",), "u": ("ʊ",), "i": ("iː",), "n̩": ("ə", "n")},
    **{"ɹ": ("ʁ",), "ɒ": ("ɔ",), "ɔː": ("ɔ",), "ɜː": ("œ",), "əʊ": ("oː",), "oʊ": ("oː",), "eɪ": ("eː",)},
    **{"ʌ": ("a",), "æ": ("ɛ",), "w": ("v",), "θ": ("s",), "ð": ("z",), "əl": ("ə", "l"), "iə": ("iː", "ɐ")},
    **{"eə": ("ɛ", "ɐ"), "ʊə": ("ʊ", "ɐ"), "aɪə": ("aɪ", "ɐ"), "aɪɚ": ("aɪ", "ɐ"), "ɪː": ("iː",), "ᵻ": ("ɪ",)},
}
_VOWELS = frozenset(VOWELS)


def _with_vocalised_r(phones: tuple[Phone, ...]) -> tuple[Phone, ...]:
    """r is ɐ where no vowel follows: Uhr, warten."""
    return tuple(
        Phone("ɐ") if phone.symbol == "ʁ" and (after is None or after.symbol not in _VOWELS) else phone
        for phone, after in zip_longest(phones, phones[1:])
    )


ESPEAK = espeak_words.EspeakLanguage(code="de", voice="de", replacements=_REPLACEMENTS, adjust=_with_vocalised_r)


def normalize(text: str) -> str:
    """Spell out numbers, dates, signs and abbreviations.

    >>> normalize("Am 3. Oktober 1990 kostete es 5,20 €.")
    'Am dritten Oktober neunzehnhundertneunzig kostete es fünf Euro zwanzig.'
    """
    return normalization.normalize(text, FORMS)


def pronounce(text: str) -> list[Word]:
    """Words and punctuation of a normalised text.

    >>> [phone.symbol for phone in pronounce("Pferd")[0].phones]
    ['pf', 'eː', 'ɐ', 't']
    """
    return espeak_words.pronounce(text, ESPEAK)
