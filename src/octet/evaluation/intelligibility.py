"""Intelligibility: does a listener who has never met the model hear the words that were asked for.

The listener is a speech recogniser (`octet.evaluation.listener`) or, for languages that it lacks and for single
sounds, a recogniser of phones. Its own mistakes are part of every figure, so a figure is read beside that of the
recordings or of the teacher's speech, scored by the same listener on the same sentences.

Conventions
    * Sentences come in pairs, the text asked for (reference) first. Both go through `words`: numbers, dates and
      abbreviations are spelled out as the English front end does; letters lower-cased, accents dropped; typographic
      apostrophes made plain, kept inside a word and dropped at its edges; all other punctuation parts words.
    * Hyphens part words, so "twenty-one" and "twenty one" are equal; "icecream" and "ice cream" are not: two edits.
      The listener spells American English: so must the references.
    * Phones are symbols of `octet.text.phonemes` without accents; pauses are removed, being a matter of style.
    * Rates are errors per reference symbol, 0.25 for one in four, and may pass 1. Sets are pooled: errors of all
      sentences over symbols of all sentences. Intervals are 95 %, over sentences, from a fixed seed.

Metrics
    * `word_error_rate`, and its parts by substitution, deletion and insertion.
    * `phoneme_error_rate`.

Citations
    * V. I. Levenshtein 1966; M. Bisani and H. Ney 2004: see `octet.evaluation.editing`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import same_count
from octet.evaluation.editing import Edits, confidence_interval, edits, pooled
from octet.text.languages import english
from octet.text.phonemes import PAUSES

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")


def validate(references: Sequence[object], hypotheses: Sequence[object]) -> None:
    """Refuse sets that do not pair up.

    Raises:
        InvalidInput: the counts differ, or there is nothing.
    """
    same_count("sentences", references, hypotheses)


def words(text: str) -> tuple[str, ...]:
    """The words of an English text as both sides are compared.

    >>> words("“Don’t”, she said -- twenty-one Cafés!")
    ("don't", 'she', 'said', 'twenty', 'one', 'cafes')
    """
    spelled = english.normalize(text).translate(_APOSTROPHES)
    letters = unicodedata.normalize("NFKD", spelled.casefold())
    return tuple(_WORD.findall("".join(letter for letter in letters if not unicodedata.combining(letter))))


def sounds(symbols: Sequence[str]) -> tuple[str, ...]:
    """Phone symbols without pauses."""
    return tuple(symbol for symbol in symbols if symbol not in PAUSES)


def word_edits(references: Sequence[str], hypotheses: Sequence[str]) -> list[Edits]:
    """The edits of each sentence, from texts.

    Raises:
        InvalidInput: they do not pair up, or a reference has no word.
    """
    validate(references, hypotheses)
    return [_compare(words(asked), words(heard), asked) for asked, heard in zip(references, hypotheses, strict=True)]


def phone_edits(references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]]) -> list[Edits]:
    """The edits of each sentence, from phone symbols.

    Raises:
        InvalidInput: they do not pair up, or a reference has no sound.
    """
    validate(references, hypotheses)
    pairs = zip(references, hypotheses, strict=True)
    return [_compare(sounds(asked), sounds(heard), " ".join(asked)) for asked, heard in pairs]


def evaluate(references: Sequence[str], hypotheses: Sequence[str]) -> dict[str, float]:
    """The word error rate of a set of sentences, its interval and its parts.

    Raises:
        InvalidInput: see `word_edits`.
    """
    sentences = word_edits(references, hypotheses)
    total = pooled(sentences)
    return {
        **_rates("word_error_rate", sentences),
        "substitution_rate": total.substitutions / total.length,
        "deletion_rate": total.deletions / total.length,
        "insertion_rate": total.insertions / total.length,
        "words": float(total.length),
    }


def evaluate_phones(references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]]) -> dict[str, float]:
    """The phoneme error rate of a set of sentences and its interval.

    Raises:
        InvalidInput: see `phone_edits`.
    """
    sentences = phone_edits(references, hypotheses)
    return {**_rates("phoneme_error_rate", sentences), "phones": float(pooled(sentences).length)}


def _rates(name: str, sentences: Sequence[Edits]) -> dict[str, float]:
    low, high = confidence_interval(sentences)
    return {name: pooled(sentences).rate, f"{name}_low": low, f"{name}_high": high}


def _compare(asked: tuple[str, ...], heard: tuple[str, ...], source: str) -> Edits:
    if not asked:
        raise InvalidInput(f"the reference {source!r} holds nothing to recognise; give each sentence at least one word")
    return edits(asked, heard)
