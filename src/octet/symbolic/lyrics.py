"""Words set to a tune: a syllable a note.

Syllables are runs of letters between spaces; a hyphen within a word parts its syllables ("hal-le-lu-jah"), and every
Hangul or Chinese character and kana is one by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import mean
from typing import NamedTuple

from octet.core.errors import InvalidInput
from octet.symbolic.score import Lyric, Note, Score, Syllabic

_ALONE = re.compile(r"[가-힣぀-ヿ㐀-鿿][ーゃゅょャュョ]?[^\w\s]*")
_LETTER = re.compile(r"\w")


class Syllable(NamedTuple):
    """What is sung on a note, and its place in its word."""

    text: str
    syllabic: Syllabic = "single"


def syllables(text: str) -> list[Syllable]:
    """The syllables of a text, in order.

    >>> [one.text for one in syllables("Hal-le-lu-jah, 안녕!")]
    ['Hal', 'le', 'lu', 'jah,', '안', '녕!']
    """
    return [syllable for word in text.split() for syllable in _of_word(word)]


def sung(score: Score, words: Sequence[Syllable]) -> tuple[Score, int]:
    """The score with words on the notes of its tune, from the first on, and how many syllables found no note.

    Raises:
        InvalidInput: there is no tune: drums alone.
    """
    index, starts = _tune(score)
    lyrics = (Lyric(start, word.text, word.syllabic, track=index) for start, word in zip(starts, words, strict=False))
    return replace(score, lyrics=tuple(lyrics)), max(0, len(words) - len(starts))


def _of_word(word: str) -> Iterator[Syllable]:
    parts = [part for piece in word.split("-") for part in _parts(piece)]
    last = len(parts) - 1
    for number, part in enumerate(parts):
        yield Syllable(
            part, "single" if last == 0 else "begin" if number == 0 else "end" if number == last else "middle"
        )


def _parts(piece: str) -> list[str]:
    if not _LETTER.search(piece):
        return []
    found = _ALONE.findall(piece)
    return found if found and "".join(found) == piece else [piece]


def _tune(score: Score) -> tuple[int, list[int]]:
    """The index of the track that is highest on average and mostly one note at a time, and where its notes start."""
    pitched = [index for index, track in enumerate(score.tracks) if track.notes and not track.is_drum]
    if not pitched:
        raise InvalidInput("drums alone carry no words: ask for an instrument that plays a tune")
    index = max(pitched, key=lambda index: _tunefulness(score.tracks[index].notes))
    return index, sorted({note.start_ticks for note in score.tracks[index].notes})


def _tunefulness(notes: Sequence[Note]) -> float:
    """Average pitch, times the share of notes that begin alone."""
    return mean(note.pitch for note in notes) * len({note.start_ticks for note in notes}) / len(notes)
