"""A song's lyrics as phones on its notes: onsets before the beat, vowels on it, melismas held on.

Words are read a phrase at a time. A rest is silence (`sil`) or a breath (`AP`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from octet.core.errors import InvalidInput
from octet.lyrics.syllables import Syllable
from octet.lyrics.words import Pieces, clean, syllables_of_words
from octet.symbolic.song import BREATH, NEXT_SYLLABLE, Phrase, Song, SungNote, SungPhone
from octet.text.detect import detect
from octet.text.lexicon import Lexicon
from octet.text.phonemes import SILENCE, Phone

_SHOWN = 5  # bars that are named in a message


@dataclass(frozen=True)
class SungWord:
    """A word's notes, by index in their phrase, and what stands under each."""

    notes: tuple[int, ...]
    pieces: Pieces


def pronounced(song: Song, *, language: str | None = None, lexicon: Lexicon | None = None) -> Song:
    """The song with phones on its notes; their durations are left to the singer. Phones that it has are replaced.

    Args:
        language: of the lyrics; None for the song's own, or else that of its words.
        lexicon: pronunciations that go before all others.

    Raises:
        InvalidInput: notes without lyrics (their bars are named), an unknown language, or a word that no front end
            and no lexicon can say.
    """
    _require_lyrics(song)
    code = language or song.language or detect(_text(song))
    phrases = tuple(_phrase(song, phrase, phrase.language or code, lexicon) for phrase in song.phrases)
    return replace(song, phrases=phrases, language=song.language or code)


def words_of(phrase: Phrase) -> list[SungWord]:
    """The words of a phrase, each with its notes; slurs are left out."""
    words: list[SungWord] = []
    inside = False
    for index in phrase.heads:
        note = phrase.notes[index]
        if note.pitch is None:
            inside = False
            continue
        goes_on = inside and (note.syllabic in ("middle", "end") or note.lyric == NEXT_SYLLABLE)
        if goes_on:
            words[-1] = SungWord((*words[-1].notes, index), (*words[-1].pieces, clean(note.lyric)))
        else:
            words.append(SungWord((index,), (clean(note.lyric),)))
        inside = note.syllabic in ("begin", "middle") or note.lyric == NEXT_SYLLABLE
    return words


def _require_lyrics(song: Song) -> None:
    sung = [(start, note) for start, note in song.timed_notes() if not note.slur]
    silent = [start for start, note in sung if not clean(note.lyric)]
    if len(silent) == len(sung):
        raise InvalidInput(f"none of the {len(sung)} notes has a lyric; give the lyrics in a file")
    if silent:
        bars = list(dict.fromkeys(song.bar(start) for start in silent))
        named = ", ".join(map(str, bars[:_SHOWN])) + (" ..." if len(bars) > _SHOWN else "")
        raise InvalidInput(
            f"{len(silent)} of {len(sung)} notes have no lyric (bars {named}); give each one, or - to hold on"
        )


def _text(song: Song) -> str:
    return " ".join(note.lyric for _, note in song.timed_notes() if note.lyric)


def _phrase(song: Song, phrase: Phrase, language: str, lexicon: Lexicon | None) -> Phrase:
    words = words_of(phrase)
    try:
        sung = syllables_of_words([word.pieces for word in words], language, lexicon)
    except InvalidInput as error:
        raise InvalidInput(f"bar {song.bar(phrase.onsets[0] + phrase.notes[0].duration_seconds)}: {error}") from None
    on_notes = {
        index: found
        for word, notes in zip(words, sung, strict=True)
        for index, found in zip(word.notes, notes, strict=True)
    }
    held = {index for index, found in on_notes.items() if not found}
    notes = tuple(
        replace(note, slur=True, lyric="") if index in held else note for index, note in enumerate(phrase.notes)
    )
    phones = tuple(_phones(replace(phrase, notes=notes, phones=()), on_notes, language))
    return replace(phrase, notes=notes, phones=phones, language=language)


def _phones(phrase: Phrase, on_notes: dict[int, list[Syllable]], language: str) -> Iterator[SungPhone]:
    """Each note's phones from the beat on, then what leads to the next one; the first note's have the rest before."""
    heads = phrase.heads
    for place, index in enumerate(heads):
        following = heads[place + 1] if place + 1 < len(heads) else None
        note = phrase.notes[index]
        own = _of_rest(note) if note.pitch is None else _from_beat(on_notes[index], with_onset=place == 0)
        yield from (SungPhone(phone.symbol, index, phone.accent, language=language) for phone in own)
        if following is not None and phrase.notes[following].pitch is not None:
            leads = on_notes[following][0].onset
            yield from (SungPhone(phone.symbol, index, phone.accent, leads=True, language=language) for phone in leads)


def _of_rest(note: SungNote) -> Sequence[SungPhone | Phone]:
    return [SungPhone(BREATH, 0)] if note.lyric == BREATH else [Phone(SILENCE)]


def _from_beat(found: Sequence[Syllable], *, with_onset: bool) -> Sequence[Phone]:
    """The first syllable from its vowel on, and whole syllables after it."""
    first = (*found[0].onset, *found[0].after_onset) if with_onset else found[0].after_onset
    return [*first, *(phone for syllable in found[1:] for phone in (*syllable.onset, *syllable.after_onset))]
