"""English: General American, as espeak-ng's voice "en-us" reads it, with word stress on the vowels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from octet.text import espeak_words, normalization
from octet.text.normalization.english import FORMS
from octet.text.phonemes import Word

# espeak's symbols that the inventory lacks, or that are one sound in General American: r-coloured vowels and diphthongs
# are taken apart, the vowels of "on" and "law" are one, weak vowels become ɪ and ə.
_REPLACEMENTS = {
    **{"ɪɹ": ("ɪ", "ɹ"), "ɛɹ": ("ɛ", "ɹ"), "ɔːɹ": ("ɔː", "ɹ"), "ɑːɹ": ("ɑː", "ɹ"), "ʊɹ": ("ʊ", "ɹ")},
    **{"aɪɚ": ("aɪ", "ɚ"), "aɪə": ("aɪ", "ə"), "iə": ("i", "ə"), "əl": ("ə", "l"), "n̩": ("ə", "n")},
    **{"ɜː": ("ɝ",), "ɜ": ("ɝ",), "ᵻ": ("ɪ",), "ɐ": ("ə",), "ɔ": ("ɔː",), "ɑ": ("ɑː",), "a": ("æ",), "o": ("oʊ",)},
    **{"r": ("ɹ",), "x": ("k",), "ɬ": ("l",), "nʲ": ("n", "j"), "ɑ̃": ("ɑː", "n"), "ɔ̃": ("ɔː", "n"), "e": ("eɪ",)},
}


def _letter_names(words: Sequence[str]) -> Mapping[int, str]:
    """ "A" is the letter, not the article, next to another letter ("U S A") and behind the first word ("plan A")."""

    def is_letter(index: int) -> bool:
        if words[index] != "A":
            return False
        neighbours = [words[place] for place in (index - 1, index + 1) if 0 <= place < len(words)]
        return index > 0 or any(len(word) == 1 and word.isupper() and word != "I" for word in neighbours)

    return {index: "ˈeɪ" for index in range(len(words)) if is_letter(index)}


ESPEAK = espeak_words.EspeakLanguage(code="en", voice="en-us", replacements=_REPLACEMENTS, readings=_letter_names)


def normalize(text: str) -> str:
    """Spell out numbers, dates, signs and abbreviations.

    >>> normalize("Dr. Smith paid $3.50 on 3/5/2021.")
    'Doctor Smith paid three dollars and fifty cents on March fifth, twenty twenty one.'
    """
    return normalization.normalize(text, FORMS)


def pronounce(text: str) -> list[Word]:
    """Words and punctuation of a normalised text.

    >>> [phone.symbol for phone in pronounce("bird")[0].phones]
    ['b', 'ɝ', 'd']
    """
    return espeak_words.pronounce(text, ESPEAK)
