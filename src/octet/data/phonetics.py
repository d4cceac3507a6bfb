"""How unlike two sounds of the inventory are, from 0 (the same) to 1.5 (a vowel and an obstruent).

Consonants differ in place, manner, voicing and release, vowels in height, backness, rounding, length and colour: the
features of the IPA chart, weighted by hand. A diphthong or an affricate stands for its parts together.
"""

from __future__ import annotations

from functools import cache

from octet.text.phonemes import PAUSES, VOWELS

# Place from lips (0) to glottis (1), manner from closed (0) to open (1).
_PLACES = {
    **dict.fromkeys("pbmɸβw", 0.0),
    **dict.fromkeys("fvɥ", 0.1),
    **dict.fromkeys("θð", 0.2),
    **dict.fromkeys("tdnszrɾl", 0.3),
    **dict.fromkeys("ɹʂʐʈ", 0.4),
    **dict.fromkeys("ʃʒ", 0.45),
    **dict.fromkeys("ɕʑçɲʎj", 0.5),
    **dict.fromkeys("kɡŋxɣɰ", 0.7),
    **dict.fromkeys("ʁɴ", 0.8),
    **dict.fromkeys("hʔ", 1.0),
}
_MANNERS = {
    **dict.fromkeys("pbtdkɡʔʈ", 0.0),
    **dict.fromkeys("fvθðszʃʒɕʑʂʐçxɣhɸβ", 0.4),
    **dict.fromkeys("mnŋɲɴ", 0.6),
    **dict.fromkeys("rɾʁlʎ", 0.8),
    **dict.fromkeys("ɹjwɥɰ", 1.0),
}
_VOICED = frozenset("bdɡmnŋɲɴvðzʒʑʐɣβrɾʁɹlʎjwɥɰ")

# Height from open (0) to close (1), backness from front (0) to back (1), rounding.
_VOWEL_SHAPES = {
    **{"i": (1.0, 0.0, 0), "y": (1.0, 0.0, 1), "ɪ": (0.85, 0.2, 0), "ʏ": (0.85, 0.2, 1), "e": (0.7, 0.0, 0)},
    **{"ø": (0.7, 0.0, 1), "ɛ": (0.4, 0.1, 0), "œ": (0.4, 0.1, 1), "æ": (0.15, 0.15, 0), "a": (0.0, 0.4, 0)},
    **{"ɑ": (0.0, 0.9, 0), "ʌ": (0.35, 0.7, 0), "ə": (0.5, 0.5, 0), "ɚ": (0.5, 0.5, 0), "ɝ": (0.5, 0.5, 0)},
    **{"ɐ": (0.15, 0.5, 0), "o": (0.7, 1.0, 1), "ɔ": (0.35, 1.0, 1), "u": (1.0, 1.0, 1), "ʊ": (0.85, 0.8, 1)},
    **{"ɯ": (1.0, 0.9, 0), "ɤ": (0.7, 0.9, 0), "z̩": (1.0, 0.4, 0), "ʐ̩": (0.9, 0.5, 0)},
}
_DIPHTHONGS = frozenset({"eɪ", "aɪ", "ɔɪ", "aʊ", "oʊ"})
_RHOTIC = frozenset("ɚɝ")
_RELATED = {  # consonants that are vowels between other sounds
    **{("j", vowel): 0.4 for vowel in ("i", "iː", "ɪ")},
    **{("w", vowel): 0.4 for vowel in ("u", "uː", "ʊ", "o", "ɯ")},
    **{("ɥ", vowel): 0.4 for vowel in ("y", "yː", "ʏ", "i", "u")},
    **{("ɰ", vowel): 0.4 for vowel in ("ɯ", "ɯː", "i")},
    **{("ɹ", vowel): 0.4 for vowel in ("ɚ", "ɝ")},
    **{("ɾ", vowel): 0.5 for vowel in ("ɐ", "ə", "ɚ")},
    **{("ʁ", vowel): 0.5 for vowel in ("ɐ", "ə")},
    **{("z", "z̩"): 0.5, ("ʐ", "ʐ̩"): 0.5, ("l", "ə"): 0.9, ("n", "ə"): 0.9},
}
_UNRELATED = 1.5


@cache
def distance(first: str, second: str) -> float:
    """Between two symbols of the inventory that are no pauses.

    >>> distance("t", "t"), distance("t", "d") < distance("t", "m") < distance("t", "a")
    (0.0, True)
    """
    if first in PAUSES or second in PAUSES:
        raise ValueError(f"distances are between sounds, not pauses: {first!r}, {second!r}")
    if first == second:
        return 0.0
    if (first in VOWELS) != (second in VOWELS):
        consonant, vowel = (second, first) if first in VOWELS else (first, second)
        return _RELATED.get((consonant, vowel), _UNRELATED)
    return _between_vowels(first, second) if first in VOWELS else _between_consonants(first, second)


def _between_vowels(first: str, second: str) -> float:
    (height, back, rounded), (height2, back2, rounded2) = _vowel_shape(first), _vowel_shape(second)
    colour = sum((test(first) != test(second)) for test in (_is_nasal, _is_diphthong, lambda v: v[0] in _RHOTIC))
    length = 0.05 * (("ː" in first) != ("ː" in second))
    shape = 0.4 * abs(height - height2) + 0.3 * abs(back - back2) + 0.1 * abs(rounded - rounded2)
    return min(1.0, 0.05 + shape + 0.1 * colour + length)


def _vowel_shape(vowel: str) -> tuple[float, float, float]:
    if vowel in _VOWEL_SHAPES:
        return _VOWEL_SHAPES[vowel]
    parts = [_VOWEL_SHAPES[letter] for letter in vowel if letter in _VOWEL_SHAPES]
    height, back, rounded = (sum(values) / len(parts) for values in zip(*parts, strict=True))
    return height, back, rounded


def _is_nasal(vowel: str) -> bool:
    return vowel.endswith("̃")


def _is_diphthong(vowel: str) -> bool:
    return vowel in _DIPHTHONGS


def _between_consonants(first: str, second: str) -> float:
    (place, manner, voice), (place2, manner2, voice2) = _consonant_shape(first), _consonant_shape(second)
    release = 0.05 * (_release(first) != _release(second))
    return min(1.0, 0.05 + 0.4 * abs(place - place2) + 0.5 * abs(manner - manner2) + 0.15 * (voice != voice2) + release)


def _consonant_shape(consonant: str) -> tuple[float, float, bool]:
    letters = [letter for letter in consonant if letter in _PLACES]
    places, manners = [_PLACES[letter] for letter in letters], [_MANNERS[letter] for letter in letters]
    return sum(places) / len(places), sum(manners) / len(manners), letters[-1] in _VOICED


def _release(consonant: str) -> str:
    return "".join(mark for mark in consonant if mark not in _PLACES)
