"""Given lyrics laid on a melody, a syllable a note.

Lyrics are text. Words are divided into syllables by their language, or by the writer's own hyphens (hap-py); a `-`
(or ー, _) that stands alone holds the syllable before on over one more note, `+` likewise. Where the text has as many
lines as the melody has phrases, each line is laid on its phrase, and the first that does not fit is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from octet.core.errors import InvalidInput
from octet.lyrics import east_asian
from octet.lyrics.words import clean, syllables_of_words
from octet.symbolic.score import Syllabic
from octet.symbolic.song import NEXT_SYLLABLE, Phrase, Song, SungNote
from octet.text.detect import LATIN_LANGUAGES, detect
from octet.text.lexicon import Lexicon

MOST_CHARACTERS = 200_000
_HELD = frozenset("-–—ー_~")
_HYPHEN = re.compile(r"[-‐‑]+")
Unit = tuple[str, Syllabic]  # a syllable as written, or "-"


def laid(song: Song, text: str, *, language: str | None = None, lexicon: Lexicon | None = None) -> Song:
    """The song with the lyrics of a text; those that it has, and its phones, are replaced.

    Raises:
        InvalidInput: no lyrics, more notes than syllables or the reverse (by how many, and from which bar), or a word
            that cannot be divided.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidInput(f"lyrics of {len(text)} characters are too long; at most {MOST_CHARACTERS} are read")
    code = language or song.language or detect(text)
    lines = [units for line in text.splitlines() if (units := list(_units(line, code, lexicon)))]
    if not lines:
        raise InvalidInput("the lyrics are empty; a syllable a note was expected")
    sung = [sum(note.pitch is not None for note in phrase.notes) for phrase in song.phrases]
    by_line = len(lines) == sum(map(bool, sung)) and len(lines) > 1
    remaining = iter([unit for line in lines for unit in line])
    if by_line:
        _require_lines(song, lines)
    else:
        _require_all(song, sum(map(len, lines)))
    phrases = tuple(
        _laid(phrase, list(islice(remaining, count))) for phrase, count in zip(song.phrases, sung, strict=True)
    )
    return replace(song, phrases=phrases, language=code)


def _units(line: str, language: str, lexicon: Lexicon | None) -> Iterator[Unit]:
    for word in line.split():
        if word in _HELD or word == NEXT_SYLLABLE:
            yield "-", "single"
            continue
        parts = [part for written in _HYPHEN.split(word) if (part := clean(written))]
        pieces = parts if len(parts) > 1 else [unit for part in parts for unit in _pieces(part, language, lexicon)]
        yield from zip(pieces, _places(len(pieces)), strict=True)


def _pieces(word: str, language: str, lexicon: Lexicon | None) -> list[str]:
    """A word without hyphens, in what is sung on a note each: spelled out once where it is in Latin letters."""
    if word.isascii() or language in LATIN_LANGUAGES:
        (found,) = syllables_of_words([(word,)], language, lexicon)
        return [word, *[NEXT_SYLLABLE] * (sum(map(len, found)) - 1)]
    if language != "ja":
        return list(word)
    return _morae(east_asian.katakana(word))


def _morae(katakana: str) -> list[str]:
    """Of katakana: a stop goes with the mora before it, a length mark holds on."""
    found: list[str] = []
    for mora in east_asian.MORA.findall(katakana):
        if mora == "ッ" and found:
            found[-1] += mora
        else:
            found.append("-" if mora == "ー" else mora)
    return found


def _places(count: int) -> list[Syllabic]:
    if count < 2:
        return ["single"] * count
    middles: list[Syllabic] = ["middle"] * (count - 2)
    return ["begin", *middles, "end"]


def _require_lines(song: Song, lines: Sequence[Sequence[Unit]]) -> None:
    sung = [phrase for phrase in song.phrases if any(note.pitch is not None for note in phrase.notes)]
    for number, (phrase, units) in enumerate(zip(sung, lines, strict=True), start=1):
        notes = _onsets(phrase)
        if len(notes) != len(units):
            raise InvalidInput(
                f"line {number} has {len(units)} syllables and its phrase, from bar {song.bar(notes[0])} on, "
                f"{len(notes)} notes; write - for each note that holds a syllable on"
            )


def _require_all(song: Song, units: int) -> None:
    notes = [onset for phrase in song.phrases for onset in _onsets(phrase)]
    if units < len(notes):
        raise InvalidInput(
            f"the melody has {len(notes)} notes and the lyrics {units} syllables: from bar {song.bar(notes[units])} on "
            f"{len(notes) - units} notes have none; write - for each note that holds a syllable on"
        )
    if units > len(notes):
        raise InvalidInput(
            f"the melody has {len(notes)} notes and the lyrics {units} syllables: after its end, in bar "
            f"{song.bar(notes[-1])}, {units - len(notes)} are left over; take them away"
        )


def _onsets(phrase: Phrase) -> list[float]:
    return [start for start, note in zip(phrase.onsets, phrase.notes, strict=True) if note.pitch is not None]


def _laid(phrase: Phrase, units: Sequence[Unit]) -> Phrase:
    remaining = iter(units)
    notes: list[SungNote] = []
    for note in phrase.notes:
        if note.pitch is not None:
            text, place = next(remaining)
            held = text == "-"
            if held and (not notes or notes[-1].pitch is None):
                raise InvalidInput(
                    "the lyrics hold a syllable on over a rest; begin what follows a rest with a syllable"
                )
            note = replace(note, lyric="" if held else text, syllabic=place, slur=held)
        notes.append(note)
    return replace(phrase, notes=tuple(notes), phones=(), text="")
