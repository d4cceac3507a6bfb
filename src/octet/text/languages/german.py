"""German, as espeak-ng's voice "de" reads it, with word stress on the vowels."""

from __future__ import annotations

from octet.text import espeak_words, normalization
from octet.text.normalization.german import FORMS
from octet.text.phonemes import Word

# espeak's "ɾ" is the vocalised r of the coda and "ɜ" the ending -er; English words in German keep the nearest
# German sounds.
_REPLACEMENTS = {
    **{"r": ("ʁ",), "ɾ": ("ɐ",), "ɜ": ("ɐ",), "ʊɐ": ("ʊ", "ɐ"), "ɔø": ("ɔɪ",), "ɛɪ": ("eː",), "l̩": ("ə", "l")},
    **{"ɑː": ("aː",), "ɑ": ("a",), "o": ("oː",), "e": ("eː",), "u": ("ʊ",), "i": ("iː",), "n̩": ("ə", "n")},
    **{"ɹ": ("ʁ",), "ɒ": ("ɔ",), "ɔː": ("ɔ",), "ɜː": ("œ",), "əʊ": ("oː",), "oʊ": ("oː",), "eɪ": ("eː",)},
    **{"ʌ": ("a",), "æ": ("ɛ",), "w": ("v",), "θ": ("s",), "ð": ("z",), "əl": ("ə", "l"), "iə": ("iː", "ɐ")},
    **{"eə": ("ɛ", "ɐ"), "ʊə": ("ʊ", "ɐ"), "aɪə": ("aɪ", "ɐ"), "aɪɚ": ("aɪ", "ɐ"), "ɪː": ("iː",), "ᵻ": ("ɪ",)},
}
ESPEAK = espeak_words.EspeakLanguage(code="de", voice="de", replacements=_REPLACEMENTS)


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
