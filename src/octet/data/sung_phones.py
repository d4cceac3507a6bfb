"""Which phone sounds when in a piece that is sung, and to which note: as its row knows, or as can be found out.

Times that the row does not know come from a TextGrid or an aligner, like those of speech (`octet.data.alignment`).
Phones are given to notes by where their syllable's vowel sounds. Where there is no score at all (PopCS), notes are made
of the pitch at which each vowel is sung.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octet.audio import world
from octet.core.errors import InvalidInput
from octet.data.alignment import Aligner, timed_phones, written_phones
from octet.data.manifest import BREATH, PhoneTime, Row, SungNote
from octet.text.phonemes import PAUSES, SILENCE, SYMBOL_IDS, VOWELS

HELD = "-"  # the lyric of a note on which the syllable before is held on
_LOW_HZ, _HIGH_HZ = 65.0, 1100.0

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class SungPhones:
    """Phones and notes, each from 0 to the end, and for each phone the first note of its syllable, or its rest."""

    phones: tuple[PhoneTime, ...]
    notes: tuple[SungNote, ...]
    phone_notes: tuple[int, ...]


def sung_phones(
    row: Row, folder: Path, sound: Samples, sample_rate_hz: int, aligner: Aligner | None = None
) -> SungPhones:
    """The phones and notes of a row, whose mono sound (N,) is given.

    Raises:
        InvalidInput: not sung, phones or notes that cannot be used, or times that nobody knows.
    """
    if row.sung is None:
        raise InvalidInput("it has no score; a corpus of singing was expected")
    phones = row.phones or _found(row, folder, sound, sample_rate_hz, aligner)
    unknown = [phone.symbol for phone in phones if phone.symbol not in SYMBOL_IDS and phone.symbol != BREATH]
    if unknown:
        raise InvalidInput(f"its phone {unknown[0]!r} is not one of octet.text.phonemes, nor {BREATH}")
    notes = row.sung.notes or tuple(notes_of_vowels(phones, sound, sample_rate_hz))
    of = row.sung.phone_notes or given_to_notes(phones, notes)
    if len(of) != len(phones) or not all(0 <= number < len(notes) for number in of):
        raise InvalidInput(f"it has {len(phones)} phones, {len(of)} numbers of notes for them, and {len(notes)} notes")
    return SungPhones(tuple(phones), tuple(notes), tuple(of))


def given_to_notes(phones: Sequence[PhoneTime], notes: Sequence[SungNote]) -> tuple[int, ...]:
    """For each phone the first note of its syllable, or its rest.

    Where there are as many vowels as syllables, each has its own; else a vowel belongs to the note that sounds most of
    its time. The consonants before it belong to the same, those at the end of a stretch of sounds to the vowel before.

    Raises:
        InvalidInput: no notes.
    """
    if not notes:
        raise InvalidInput("a score has no notes")
    sung = [number for number, note in enumerate(notes) if note.pitch is not None and note.lyric != HELD]
    rests = [number for number, note in enumerate(notes) if note.pitch is None]
    of: list[int | None] = [None] * len(phones)
    vowels = [place for place, phone in enumerate(phones) if phone.symbol in VOWELS]
    in_order = dict(zip(vowels, sung, strict=True)) if len(vowels) == len(sung) else {}
    for place, phone in enumerate(phones):
        if phone.symbol in VOWELS:
            of[place] = in_order[place] if in_order else _nearest(phone, notes, sung or rests)
        elif is_pause(phone):
            of[place] = _nearest(phone, notes, rests or sung)
    for place in reversed(range(len(phones))):
        if of[place] is None and place + 1 < len(phones) and not is_pause(phones[place + 1]):
            of[place] = of[place + 1]
    before = 0
    for place in range(len(phones)):
        before = max(before, of[place] or 0) if of[place] is not None else before
        of[place] = before
    return tuple(number or 0 for number in of)


def is_pause(phone: PhoneTime) -> bool:
    """Silence, a written pause, or breath."""
    return phone.symbol in PAUSES or phone.symbol == BREATH


def notes_of_vowels(phones: Sequence[PhoneTime], sound: Samples, sample_rate_hz: int) -> Iterator[SungNote]:
    """A note a vowel, to where the next one begins, at the nearest semitone to the middle of its F0; and rests.

    Raises:
        MissingExtra: pyworld, which measures F0, is not installed.
    """
    f0_hz, times = world.f0(sound, sample_rate_hz, 0.005, _LOW_HZ, _HIGH_HZ)
    heads = [phone for phone in phones if phone.symbol in VOWELS or is_pause(phone)]
    starts = [0.0, *(phone.start_seconds for phone in heads[1:]), phones[-1].end_seconds]
    last = 60.0
    for phone, start, end in zip(heads, starts, starts[1:], strict=False):
        if is_pause(phone):
            yield SungNote(start_seconds=start, end_seconds=end)
            continue
        within = f0_hz[(times >= phone.start_seconds) & (times < phone.end_seconds) & (f0_hz > 0)]
        last = float(np.rint(69 + 12 * np.log2(np.median(within) / 440))) if len(within) else last
        yield SungNote(start_seconds=start, end_seconds=end, pitch=last)


def _found(
    row: Row, folder: Path, sound: Samples, sample_rate_hz: int, aligner: Aligner | None
) -> tuple[PhoneTime, ...]:
    """Times from a TextGrid or an aligner; written pauses that are sung over are left out."""
    written = [phone for phone, _ in written_phones(row.text, row.language)]
    timed = timed_phones(row, folder, sound, sample_rate_hz, written, aligner)
    kept = [phone for phone in timed if phone.symbol not in PAUSES or phone.end_seconds > phone.start_seconds]
    return tuple(phone.model_copy(update={"symbol": SILENCE}) if phone.symbol in PAUSES else phone for phone in kept)


def _nearest(phone: PhoneTime, notes: Sequence[SungNote], candidates: Sequence[int]) -> int:
    """Of the notes, held notes included with the first of theirs, that which shares the most time, or is nearest."""

    def closeness(number: int) -> float:
        end = _held_until(notes, number)
        shared = min(phone.end_seconds, end) - max(phone.start_seconds, notes[number].start_seconds)
        return shared if shared > 0 else shared - abs(phone.start_seconds - notes[number].start_seconds)

    return max(candidates, key=closeness)


def _held_until(notes: Sequence[SungNote], number: int) -> float:
    while number + 1 < len(notes) and notes[number + 1].lyric == HELD:
        number += 1
    return notes[number].end_seconds
