"""Normalised text to words with phones, by espeak-ng: what English, German, French and Spanish share.

espeak reads a clause at a time, because words change one another (French liaison, "the" before a vowel, Spanish
b, d, g between vowels). It writes some short words as one ("of the" -> ʌvðə), so its groups are laid over
the written words again: with the fewest differences from how each word sounds alone.

Only letters of the Latin script ever reach espeak, which would otherwise say the names of strange characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from itertools import pairwise

from octet.text.espeak import phonemize
from octet.text.espeak_ipa import STRESS, Replacements, tokenise
from octet.text.phonemes import Phone, Word

_CLAUSE_WORDS = 40  # espeak cuts clauses of about 800 bytes itself, in places of its own
_WORD_LETTERS = 40  # and drops the end of words beyond its buffers
_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|[,.?!]|\s+|.", re.DOTALL)
_OUTSIDE_LATIN = re.compile(r"[^a-zà-öø-ÿœß'-]", re.IGNORECASE)
_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "ng", "ſ": "s", "ẞ": "ß"}
)


@dataclass(frozen=True)
class EspeakLanguage:
    """How espeak's answers become words of one language.

    `respell` changes a word before espeak sees it, `adjust` a word's phones afterwards, and `readings` gives the IPA
    of those words of a clause (by index) that espeak takes for others. `accents` is False where words have no stress.
    """

    code: str
    voice: str
    replacements: Replacements
    accents: bool = True
    respell: Callable[[str], str] = str
    adjust: Callable[[tuple[Phone, ...]], tuple[Phone, ...]] = tuple
    readings: Callable[[Sequence[str]], Mapping[int, str]] = lambda _words: {}


def pronounce(text: str, language: EspeakLanguage) -> list[Word]:
    """Words and punctuation of a normalised text, in order; never raises on any text.

    Characters without a pronunciation become words without phones that carry them in `unpronounced`.
    """
    words: list[Word] = []
    clause: list[str] = []
    for token in _tokens(text):
        if token in ",.?!" or not _spellable(token):
            words += _clause_words(clause, language)
            clause = []
            words.append(_mark_or_unknown(token, language.code))
        else:
            clause.append(token)
    return words + _clause_words(clause, language)


def _tokens(text: str) -> Iterator[str]:
    return (match.group() for match in _TOKEN.finditer(text) if not match.group().isspace())


def _mark_or_unknown(token: str, code: str) -> Word:
    if token in ",.?!":
        return Word(token, (Phone(token),), code)
    return Word(token, (), code, unpronounced=token)


@lru_cache(maxsize=50_000)
def _spellable(token: str) -> str:
    """The word in letters that espeak knows, or nothing if one of its letters has no Latin base."""
    folded = "".join(
        _folded(letter) for letter in unicodedata.normalize("NFC", token).translate(_WITHOUT_DECOMPOSITION)
    )
    return "" if _OUTSIDE_LATIN.search(folded) or not any(map(str.isalpha, folded)) else folded


def _folded(letter: str) -> str:
    if not _OUTSIDE_LATIN.match(letter):
        return letter
    return "".join(part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))


def _clause_words(words: Sequence[str], language: EspeakLanguage) -> list[Word]:
    spoken: list[Word] = []
    for start in range(0, len(words), _CLAUSE_WORDS):
        chunk = words[start : start + _CLAUSE_WORDS]
        readings = language.readings(chunk)
        groups = _groups_of_words([language.respell(_spellable(word)) for word in chunk], language)
        for index, (word, ipa) in enumerate(zip(chunk, groups, strict=True)):
            spoken.append(_word(word, readings.get(index, ipa), language))
    return spoken


def _word(text: str, ipa: str, language: EspeakLanguage) -> Word:
    tokens = tokenise(ipa, language.replacements, accents=language.accents)
    phones = language.adjust(tokens.phones)
    return Word(text, phones, language.code, unpronounced=tokens.unknown or ("" if phones else text))


def _groups_of_words(words: Sequence[str], language: EspeakLanguage) -> list[str]:
    """espeak's IPA for every word of a clause."""
    spoken = [word for word in words if len(word) <= _WORD_LETTERS]
    groups = phonemize(" ".join(spoken), language.voice).split() if spoken else []
    if len(groups) != len(spoken):
        groups = _laid_over(spoken, groups, language.voice)
    remaining = iter(groups)
    return [next(remaining) if len(word) <= _WORD_LETTERS else _alone(word, language.voice) for word in words]


@lru_cache(maxsize=20_000)
def _alone(word: str, voice: str) -> str:
    pieces = [word[start : start + _WORD_LETTERS] for start in range(0, len(word), _WORD_LETTERS)]
    return "_".join("_".join(phonemize(piece, voice).split()) for piece in pieces)


def _laid_over(words: Sequence[str], groups: Sequence[str], voice: str) -> list[str]:
    """Split and join espeak's groups so that there is one a word."""
    alone = [_sketch(_alone(word, voice)) for word in words]
    heard = [_sketch(group) for group in groups]
    result: list[str] = []
    for (start_i, start_j), (i, j) in pairwise(_cheapest_path(alone, heard)):
        phonemes = [phoneme for group in groups[start_j:j] for phoneme in group.split("_")]
        if start_i == i:  # a group of no word is said with the word before it
            result[-1:] = ["_".join((*result[-1:], *phonemes))]
        else:
            result += _shared_out(phonemes, [len(sketch) for sketch in alone[start_i:i]])
    return result


# Words taken and groups given: one for one, one group of several words, several groups of one word, one left out.
_STEPS = ((1, 1), (2, 1), (3, 1), (4, 1), (1, 2), (1, 3), (1, 4), (1, 0), (0, 1))


def _cheapest_path(alone: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Uniform-cost search from (0, 0) to (words, groups); cheap because most groups sound as their word alone."""
    goal = (len(alone), len(heard))
    queue: list[tuple[int, tuple[int, int], tuple[int, int]]] = [(0, (0, 0), (0, 0))]
    came_from: dict[tuple[int, int], tuple[int, int]] = {}
    while goal not in came_from:
        cost, here, before = heappop(queue)
        if here in came_from:
            continue
        came_from[here] = before
        for taken, given in _STEPS:
            i, j = here[0] + taken, here[1] + given
            if i <= goal[0] and j <= goal[1] and (here != (0, 0) or taken):
                step = _difference("".join(alone[here[0] : i]), "".join(heard[here[1] : j]))
                heappush(queue, (cost + step + taken * given - 1 + 4 * (not taken * given), (i, j), here))
    path = [goal]
    while path[-1] != (0, 0):
        path.append(came_from[path[-1]])
    return path[::-1]


def _shared_out(phonemes: list[str], lengths: list[int]) -> list[str]:
    """Phonemes given to words in proportion to how many each has alone."""
    total = max(sum(lengths), 1)
    cuts = [round(len(phonemes) * sum(lengths[:count]) / total) for count in range(len(lengths) + 1)]
    return ["_".join(phonemes[start:end]) for start, end in pairwise(cuts)]


@lru_cache(maxsize=50_000)
def _difference(meant: str, said: str) -> int:
    return sum(((Counter(said) - Counter(meant)) + (Counter(meant) - Counter(said))).values())


@lru_cache(maxsize=50_000)
def _sketch(ipa: str) -> str:
    """One letter a phoneme, the same for all vowels: which vowel it is changes in weak forms."""
    bare = (unicodedata.normalize("NFD", phoneme.lstrip(STRESS))[:1] for phoneme in re.split(r"[_ \n]", ipa))
    return "".join("V" if letter in _VOWEL_LETTERS else letter for letter in bare if letter)


_VOWEL_LETTERS = frozenset("aeiouyæøœɐɑɒɔəɘɚɛɜɝɪɯʊʌʏᵻɨʉɵɤ")
