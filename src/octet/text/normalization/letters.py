"""Acronyms, words in capitals, and signs that have a name."""

from __future__ import annotations

import re
from functools import lru_cache

from octet.text.normalization.forms import Forms
from octet.text.normalization.numbers import put

_CAPITAL = "A-ZÀ-ÖØ-Þ"
_SHOUTED = re.compile(rf"(?<![\w'])[{_CAPITAL}][{_CAPITAL}']+(?:\s+[{_CAPITAL}][{_CAPITAL}']*)+(?![\w'])")
_VOWELS = frozenset("AEIOUYÄÖÜÀÂÉÈÊÍÓÚ")
_LETTER_AND_DIGIT = re.compile(r"(?<=[^\W\d_])[-–]?(?=\d)|(?<=\d)[-–]?(?=[^\W\d_])")
_JOINED = re.compile(rf"(?<!\w)([{_CAPITAL}]{{1,4}})&([{_CAPITAL}]{{1,4}})(?!\w)")
_DOTTED = re.compile(
    rf"(?<![\w.])(?:[{_CAPITAL}]\.\s?){{2,}}(?!\w)|(?<![\w.])(?:[{_CAPITAL}]\.){{1,}}[{_CAPITAL}](?!\w)"
)


def apart(text: str) -> str:
    """Letters and digits that touch: "MP3" -> "MP 3", "COVID-19" -> "COVID 19"."""
    return _LETTER_AND_DIGIT.sub(" ", text)


def acronyms(text: str, forms: Forms) -> str:
    """ "FBI" -> "F B I", "NASA" -> "Nasa", "U.S." -> "U S"; shouted phrases become ordinary words."""
    text = _DOTTED.sub(lambda match: _dotted(match, forms), text)
    text = _JOINED.sub(lambda match: f"{spell(match[1], forms)} & {spell(match[2], forms)}", text)
    text = _SHOUTED.sub(lambda match: _shouted(match, forms), text)
    return _capitals(forms).sub(lambda match: put(match, _acronym(match, forms)), text)


def symbols(text: str, forms: Forms) -> str:
    """Signs with a name: "&" -> "and"."""
    return _signs(forms).sub(
        lambda match: f" {forms.symbols[match.group()]} " if forms.spaced else forms.symbols[match.group()], text
    )


def spell(letters: str, forms: Forms) -> str:
    """Each letter by its name, or as a capital where the language's reader knows letters."""
    return " ".join(forms.letters.get(letter, letter) for letter in letters.upper() if letter.isalpha())


@lru_cache(maxsize=16)
def _signs(forms: Forms) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(sign) for sign in sorted(forms.symbols, key=len, reverse=True)))


@lru_cache(maxsize=16)
def _capitals(forms: Forms) -> re.Pattern[str]:
    plural = f"(?P<plural>{forms.acronym_plural})?" if forms.acronym_plural else "(?P<plural>(?!))?"
    return re.compile(rf"(?<!\w)(?P<letters>[{_CAPITAL}]{{2,}}){plural}(?!\w|'[{_CAPITAL}])")


def _acronym(match: re.Match[str], forms: Forms) -> str:
    word = match["letters"]
    if word in forms.words_in_capitals and word not in forms.spelled_acronyms:
        return word.lower() + (match["plural"] or "")
    if _is_word(word, forms):
        return word.capitalize() + (match["plural"] or "")
    spelled = spell(word, forms)
    return spelled + ("'s" if match["plural"] else "")


def _is_word(word: str, forms: Forms) -> bool:
    if word in forms.spelled_acronyms:
        return False
    return word in forms.spoken_acronyms or (len(word) > 3 and any(letter in _VOWELS for letter in word))


def _shouted(match: re.Match[str], forms: Forms) -> str:
    """A phrase in capitals is shouted if one of its words can be no acronym."""
    words = re.findall(rf"[{_CAPITAL}]+", match.group())
    known = forms.words_in_capitals - forms.spelled_acronyms
    ordinary = [word for word in words if word not in forms.spoken_acronyms and _is_word(word, forms)]
    if any(word in known for word in words) or len(ordinary) * 2 > len(words):
        return match.group().lower()
    return match.group()


def _dotted(match: re.Match[str], forms: Forms) -> str:
    letters = re.sub(r"[.\s]", "", match.group())
    ends = match.string[match.end() :].strip() == ""
    words = letters.capitalize() if letters in forms.spoken_acronyms else spell(letters, forms)
    stop = "." if ends and match.group().rstrip().endswith(".") else ""
    return words + stop + (" " if match.group().endswith(" ") else "")
