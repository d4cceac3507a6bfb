"""Spanish of Spain, as espeak-ng's voice "es" reads it (θ, ʎ), with word stress on the vowels."""

from __future__ import annotations

from octet.text import espeak_words, normalization
from octet.text.normalization.spanish import FORMS
from octet.text.phonemes import Word

# Five vowels are enough (espeak's ɛ is an allophone of e), and long p is a mark of espeak's own.
_REPLACEMENTS = {
    **{"ɛ": ("e",), "ɔ": ("o",), "ʝ": ("j",), "ɟ": ("j",), "oɪ": ("ɔɪ",), "eʊ": ("e", "u"), "pː": ("p",)},
    **{"ɪ": ("i",), "ʊ": ("u",), "ɑ": ("a",), "ə": ("e",), "ɹ": ("ɾ",), "aː": ("a",), "iː": ("i",), "uː": ("u",)},
}
ESPEAK = espeak_words.EspeakLanguage(code="es", voice="es", replacements=_REPLACEMENTS)


def normalize(text: str) -> str:
    """Spell out numbers, dates, signs and abbreviations.

    >>> normalize("El 3 de marzo de 2021 pagué 21 € al Sr. Ruiz.")
    'El tres de marzo de dos mil veintiuno pagué veintiún euros al señor Ruiz.'
    """
    return normalization.normalize(text, FORMS)


def pronounce(text: str) -> list[Word]:
    """Words and punctuation of a normalised text.

    >>> [phone.symbol for phone in pronounce("ciudad")[0].phones]
    ['θ', 'j', 'u', 'ð', 'a', 'd']
    """
    return espeak_words.pronounce(text, ESPEAK)
