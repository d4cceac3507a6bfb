"""Label files in which each phone has its note (Opencpop's, and older `.ds`), as phrases of notes with phones.

Such files start a note with its syllable's consonant and repeat the vowel for each further note of a melisma. Here a
note starts with its vowel: where phones have durations, notes take theirs from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from octet.symbolic.song import SILENCE, Phrase, SungNote, SungPhone

INITIALS = frozenset("b p m f d t n l g k h j q x zh ch sh r z c s y w".split())  # of pinyin, as such files write them
_LEAD_SECONDS = 0.1


@dataclass(frozen=True)
class LabelledPhone:
    """A phone with the pitch and length of its note; a slur repeats the vowel before on a further note."""

    symbol: str
    pitch: float | None
    note_seconds: float
    slur: bool
    duration_seconds: float | None


def phrase_of(
    labelled: Sequence[LabelledPhone], *, start_seconds: float = 0.0, lyrics: Sequence[str] = (), **told: Any
) -> Phrase:
    """A phrase of labelled phones.

    Args:
        lyrics: one for each syllable that is sung, or none.
        told: more of the phrase's fields.
    """
    laid = _Laid()
    for phone in labelled:
        laid.add(phone)
    heads = [index for index, note in enumerate(laid.notes) if note.pitch is not None and not note.slur]
    for index, lyric in zip(heads, lyrics if len(lyrics) == len(heads) else (), strict=False):
        laid.notes[index] = replace(laid.notes[index], lyric=lyric)
    return Phrase(start_seconds, tuple(laid.notes), tuple(laid.phones), **told)


class _Laid:
    """Notes and phones as they are laid out, one labelled phone after another."""

    def __init__(self) -> None:
        self.notes: list[SungNote] = []
        self.phones: list[SungPhone] = []
        self._head = 0

    def add(self, phone: LabelledPhone) -> None:
        if phone.symbol in INITIALS:
            self._lead(phone)
        elif phone.slur and self.phones and self.notes[-1].pitch is not None:
            self._hold(phone)
        else:
            self._begin(phone)

    def _lead(self, phone: LabelledPhone) -> None:
        """A consonant, which sounds in the note before; before the first there is a rest for it."""
        if not self.notes:
            self.notes.append(SungNote(phone.duration_seconds or _LEAD_SECONDS, None, SILENCE))
            self.phones.append(SungPhone(SILENCE, 0, duration_seconds=None if phone.duration_seconds is None else 0.0))
        elif phone.duration_seconds:
            longer = self.notes[-1].duration_seconds + phone.duration_seconds
            self.notes[-1] = replace(self.notes[-1], duration_seconds=longer)
        self.phones.append(SungPhone(phone.symbol, self._head, leads=True, duration_seconds=phone.duration_seconds))

    def _hold(self, phone: LabelledPhone) -> None:
        """The vowel before, held on over a further note."""
        self.notes.append(SungNote(_seconds(phone), phone.pitch, slur=True))
        held = self.phones[-1]
        if held.duration_seconds is not None and phone.duration_seconds is not None:
            self.phones[-1] = replace(held, duration_seconds=held.duration_seconds + phone.duration_seconds)

    def _begin(self, phone: LabelledPhone) -> None:
        self._head = len(self.notes)
        lyric = phone.symbol if phone.pitch is None else ""
        self.notes.append(SungNote(_seconds(phone), phone.pitch, lyric))
        self.phones.append(SungPhone(phone.symbol, self._head, duration_seconds=phone.duration_seconds))


def _seconds(phone: LabelledPhone) -> float:
    return phone.note_seconds if phone.duration_seconds is None else phone.duration_seconds
