"""Everyday sentences, of which music's readers learn that not every word says something of a piece."""

from __future__ import annotations

from functools import cache
from itertools import islice

from octet.data.corpora import sentences
from octet.data.corpora.captions import KINDS, SAYS, lists_of
from octet.data.corpora.held_apart import plain

_SENTENCES = 500  # a language; more would fill a small reader's buckets with words that mean nothing
_LEAST_LETTERS, _LEAST_SYLLABLES = 4, 2  # of a word that others may begin with: "piano", "pianos"
_TELLING = {*SAYS, "feeling", "feelingly", "speedily", "notes", "dancing", "instrument", "tonic"}  # lists
_TELLING -= {"piece", "danceable"}  # whose words are those of any sentence


@cache
def everyday(language: str) -> tuple[str, ...]:
    """Sentences of the corpus `voices` without a number or a word that says something of music."""
    lists = lists_of(language, *KINDS)
    entries = [entry for name in lists if name.split(".")[0] in _TELLING for entry in lists[name]]
    telling = {word for entry in entries for word in plain(entry).split()} - set(lists["idle"])
    made = islice(sentences.sentences(language, 0), _SENTENCES)
    return tuple(line for line in made if not any(_tells(word, telling) for word in plain(line).split()))


def _tells(word: str, telling: set[str]) -> bool:
    """Whether it is such a word, begins with one, or has a digit."""
    least = _LEAST_SYLLABLES if word[0] >= "가" else _LEAST_LETTERS
    beginnings = {word, *(word[:end] for end in range(least, len(word)))}
    return not beginnings.isdisjoint(telling) or not word.isalpha()


@cache
def strange(language: str) -> tuple[str, ...]:
    """Words that say nothing of music."""
    return tuple(dict.fromkeys(word for line in everyday(language) for word in plain(line).split()))
