"""Syllables onto notes: a vowel begins exactly on its beat, the consonants before it take time from what was before.

So people sing, and so a singer is heard as being in time; labels that begin notes with consonants make uneven rhythm.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from octet.data.corpora.singer.lyrics import Sound, Syllable
from octet.data.manifest import BREATH
from octet.text.phonemes import SILENCE

_SHORTEST, _LONGEST = 0.03, 0.17  # seconds of a consonant
_STRETCH = (0.9, 1.2)  # of a consonant's spoken length
_CONSONANTS = 0.5  # at most, of the time from one vowel to the next
_CONSONANTS_OF_REST = 0.6
_ROOM_TO_BREATHE = 0.3  # seconds
_BREATH = (0.24, 0.5)  # its length, in seconds
_BREATH_SHARE = 0.8  # of a rest, at most


class Note(NamedTuple):
    """A note of a piece in seconds; `pitch` and `syllable`, its number in the piece, are None in a rest."""

    start: float
    end: float
    pitch: int | None = None
    syllable: int | None = None


class Placed(NamedTuple):
    """A phone in its place, and the number of its rest, or of the first note of its syllable."""

    symbol: str
    accent: str
    start: float
    end: float
    note: int
    sound: Sound | None = None  # None for silence and breath
    is_nucleus: bool = False


def with_rests(notes: Sequence[Note], end: float) -> list[Note]:
    """Notes and rests from 0 to `end`, without gaps.

    >>> [note.pitch for note in with_rests([Note(0.5, 1.0, 60, 0), Note(1.0, 1.5, 62, 1)], 2.0)]
    [None, 60, 62, None]
    """
    result: list[Note] = []
    now = 0.0
    for note in (*notes, Note(end, end)):
        if note.start > now:
            result.append(Note(now, note.start))
        if note.end > note.start:
            result.append(note)
        now = note.end
    return result


def place(notes: Sequence[Note], syllables: Sequence[Syllable], rng: random.Random) -> list[Placed]:
    """The phones of a piece, silences and breaths included, from its start to its end without gaps.

    Args:
        notes: with rests, as `with_rests` gives them; the first and the last are rests.
    """
    first = {note.syllable: index for index, note in reversed(list(enumerate(notes)))}
    last = {note.syllable: index for index, note in enumerate(notes)}
    before: list[list[Placed]] = []
    after: list[list[Placed]] = []
    for number, syllable in enumerate(syllables):
        start, end = notes[first[number]].start, notes[last[number]].end
        own = [(sound, first[number]) for sound in syllable.onset]
        if notes[first[number] - 1].pitch is None:
            rest = notes[first[number] - 1]
            before.append(_until(start, own, _CONSONANTS_OF_REST * (rest.end - rest.start), rng))
        else:
            others = [(sound, first[number - 1]) for sound in syllables[number - 1].coda]
            room = _CONSONANTS * (start - notes[first[number - 1]].start)
            before.append(_until(start, [*others, *own], room, rng))
        closes = notes[last[number] + 1].pitch is None
        coda = [(sound, first[number]) for sound in syllable.coda if closes]
        after.append(_until(end, coda, _CONSONANTS * (end - start), rng))
    return list(_joined(notes, syllables, [first[number] for number in range(len(syllables))], before, after, rng))


def _joined(
    notes: Sequence[Note],
    syllables: Sequence[Syllable],
    first: Sequence[int],
    before: Sequence[Sequence[Placed]],
    after: Sequence[Sequence[Placed]],
    rng: random.Random,
) -> Iterator[Placed]:
    """Vowels fill what consonants and rests leave."""
    now = 0.0
    for number, syllable in enumerate(syllables):
        note = first[number]
        onset = before[number]
        if notes[note - 1].pitch is None:
            yield from _rest(now, onset[0].start if onset else notes[note].start, note - 1, rng)
        yield from onset
        ends = after[number] or (before[number + 1] if number + 1 < len(syllables) else ())
        rests = [other.start for other in notes[note:] if other.pitch is None]
        starts = [notes[index].start for index in first[number + 1 : number + 2]]
        end = min([*(phone.start for phone in ends[:1]), *rests[:1], *starts])
        sound = syllable.nucleus
        yield Placed(sound.phone.symbol, sound.phone.accent, notes[note].start, end, note, sound, is_nucleus=True)
        yield from after[number]
        now = after[number][-1].end if after[number] else end
    yield Placed(SILENCE, "", now, notes[-1].end, len(notes) - 1)


def _until(end: float, sounds: Sequence[tuple[Sound, int]], room: float, rng: random.Random) -> list[Placed]:
    """Consonants one after another up to `end`, at their spoken lengths if these leave room."""
    wanted = [
        min(max(rng.uniform(*_STRETCH) * (sound.end_seconds - sound.start_seconds), _SHORTEST), _LONGEST)
        for sound, _ in sounds
    ]
    scale = min(1.0, room / max(sum(wanted), 1e-9))
    placed = []
    for (sound, note), length in zip(reversed(sounds), reversed(wanted), strict=True):
        placed.append(Placed(sound.phone.symbol, sound.phone.accent, end - scale * length, end, note, sound))
        end -= scale * length
    return placed[::-1]


def _rest(start: float, end: float, note: int, rng: random.Random) -> Iterator[Placed]:
    """Silence, and a breath before what is sung next where there is time for one."""
    breath = min(rng.uniform(*_BREATH), _BREATH_SHARE * (end - start))
    if end - start < _ROOM_TO_BREATHE:
        breath = 0.0
    yield Placed(SILENCE, "", start, end - breath, note)
    if breath:
        yield Placed(BREATH, "", end - breath, end, note)
