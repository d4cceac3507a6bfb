"""French, as espeak-ng's voice "fr" reads it, with its liaisons. Words carry no stress: French stresses phrases."""

from __future__ import annotations

from itertools import zip_longest

from octet.text import espeak_words, normalization
from octet.text.normalization.french import FORMS
from octet.text.phonemes import Phone, Word

# The mark "-" on a vowel says that the word leans on the next one. English words in French keep the nearest French
# sounds, which is how they are borrowed (parking -> paʁkiŋ).
_REPLACEMENTS = {
    **{"ɪ": ("i",), "iː": ("i",), "ɪː": ("i",), "ᵻ": ("i",), "ʊ": ("u",), "uː": ("u",), "ɹ": ("ʁ",), "r": ("ʁ",)},
    **{"ɒ": ("ɔ",), "ɔː": ("ɔ",), "oː": ("o",), "ɑː": ("a",), "ɑ": ("a",), "æ": ("a",), "aː": ("a",), "ɐ": ("a",)},
    **{"ʌ": ("œ",)},
    **{"ɜː": ("œ",), "ɜ": ("œ",), "əʊ": ("o",), "oʊ": ("o",), "eɪ": ("ɛ", "j"), "aɪ": ("a", "j"), "aʊ": ("a", "u")},
    **{"ɔɪ": ("ɔ", "j"), "eə": ("ɛ", "ʁ"), "ʊə": ("u", "ʁ"), "iə": ("i", "ə"), "əl": ("ə", "l"), "n̩": ("ə", "n")},
    **{"aɪə": ("a", "j", "ə"), "aɪɚ": ("a", "j", "œ", "ʁ"), "θ": ("s",), "ð": ("z",), "x": ("k",), "h": ()},
}
_GLIDE_BEFORE = frozenset(("i", "e", "ɛ", "ɛ̃", "a", "ɑ̃", "ø", "œ", "o", "ɔ̃"))


def _respelled(word: str) -> str:
    """espeak takes words with "th" and double elisions for English, and stumbles over Latin."""
    return word.replace("th", "t").replace("Th", "T").replace("aujourd'hui", "aujourdui").replace("cetera", "cétéra")


def _with_glides(phones: tuple[Phone, ...]) -> tuple[Phone, ...]:
    """y before a vowel is the glide ɥ (huit, nuit), which espeak does not write."""
    return tuple(
        Phone("ɥ") if phone.symbol == "y" and after and after.symbol in _GLIDE_BEFORE else phone
        for phone, after in zip_longest(phones, phones[1:])
    )


ESPEAK = espeak_words.EspeakLanguage(
    code="fr", voice="fr-fr", replacements=_REPLACEMENTS, accents=False, respell=_respelled, adjust=_with_glides
)


def normalize(text: str) -> str:
    """Spell out numbers, dates, signs and abbreviations.

    >>> normalize("Le 1er mars 2021 à 14h30, M. Dupont a payé 5,20 €.")
    'Le premier mars deux mille vingt et un à quatorze heures trente, monsieur Dupont a payé cinq euros vingt.'
    """
    return normalization.normalize(text, FORMS)


def pronounce(text: str) -> list[Word]:
    """Words and punctuation of a normalised text.

    >>> [phone.symbol for phone in pronounce("bonne nuit")[1].phones]
    ['n', 'ɥ', 'i']
    """
    return espeak_words.pronounce(text, ESPEAK)
