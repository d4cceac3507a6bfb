"""Mandarin lyrics as initials and finals of pinyin, which singers of other houses know (Opencpop's dictionary)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from octet.core.errors import InvalidInput
from octet.lyrics.pronounce import words_of
from octet.symbolic.phone_notes import INITIALS
from octet.symbolic.song import BREATH, NEXT_SYLLABLE, SILENCE, Phrase, Song, SungPhone
from octet.text.languages import mandarin

_SPELLED = re.compile(r"(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?([aeiouv][a-z]*)[1-5]?")
_UMLAUT = ("j", "q", "x", "y")


def in_pinyin(song: Song) -> Song:
    """The song with phones of its lyrics: an initial before the beat, a final on it.

    Raises:
        InvalidInput: a note without a syllable in characters or pinyin.
    """
    return replace(song, phrases=tuple(_phrase(phrase) for phrase in song.phrases), language="zh")


def divided(syllable: str) -> tuple[str, str]:
    """Initial, which may be empty, and final.

    >>> divided("zhuang4"), divided("yuan2"), divided("xue"), divided("er2")
    (('zh', 'uang'), ('y', 'van'), ('x', 've'), ('', 'er'))

    Raises:
        InvalidInput: no pinyin.
    """
    match = _SPELLED.fullmatch(syllable)
    if match is None:
        raise InvalidInput(f"{syllable!r} is neither a character nor pinyin, which this singer's phones are made of")
    initial, final = match[1] or "", match[2]
    return initial, "v" + final[1:] if initial in _UMLAUT and final[0] == "u" else final


def _phrase(phrase: Phrase) -> Phrase:
    pieces = {note: piece for word in words_of(phrase) for note, piece in zip(word.notes, word.pieces, strict=True)}
    held = {note for note, piece in pieces.items() if piece == NEXT_SYLLABLE}
    read = dict(zip([note for note in pieces if note not in held], _read(pieces, held), strict=True))
    notes = tuple(replace(note, slur=note.slur or index in held) for index, note in enumerate(phrase.notes))
    laid = replace(phrase, notes=notes, phones=(), language="zh")
    return replace(laid, phones=tuple(_phones(laid, read)))


def _read(pieces: dict[int, str], held: set[int]) -> list[str]:
    """The pinyin of each piece; characters are read together, after tone sandhi."""
    written = [piece for note, piece in pieces.items() if note not in held]
    together = mandarin.pinyin("".join(written)).split()
    if len(together) == len(written) and not any(piece.isascii() for piece in written):
        return together
    return [piece.lower() if piece.isascii() else mandarin.pinyin(piece) for piece in written]


def _phones(phrase: Phrase, read: dict[int, str]) -> Iterator[SungPhone]:
    heads = phrase.heads
    for index, following in zip(heads, (*heads[1:], None), strict=True):
        note = phrase.notes[index]
        if note.pitch is None:
            yield SungPhone(BREATH if note.lyric == BREATH else SILENCE, index)
        else:
            yield SungPhone(divided(read[index])[1], index)
        initial = divided(read[following])[0] if following in read else ""
        if initial:
            assert initial in INITIALS
            yield SungPhone(initial, index, leads=True)
