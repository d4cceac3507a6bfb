"""The sung line of a `Score` as a `Song`, and a song as a score of one track.

A note without a syllable that follows a sung note at once holds its syllable on; after a rest it has none, which
whoever pronounces the song will report.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from octet.core.errors import InvalidInput
from octet.symbolic.score import TICKS_PER_QUARTER, Lyric, Note, Score, Slur, Track
from octet.symbolic.song import Song
from octet.symbolic.song_line import LineNote, line_of, marked, song_of, words

_NEAR_TICKS = TICKS_PER_QUARTER // 4  # of a note, an event that gives it a syllable
_VOICE = 52  # General MIDI's choir
_SINGING = re.compile(
    r"vo[ckix]|sing|melod|lead|sopran|lyric|보컬|멜로디|노래|主旋律|人声|歌|メロディ|ボーカル", re.IGNORECASE
)


def song_from(score: Score, *, part: str | int | None = None, verse: int = 1, language: str = "") -> Song:
    """The song in a score.

    Args:
        part: a track by its name or by its number from 1; None for the one that has words, is named as a voice, or
            stands alone.
        verse: which verse; notes without it sing the first.

    Raises:
        InvalidInput: no such part or verse, or no telling which part sings (those there are are listed), two notes at
            one time.
    """
    track = _chosen(score, part)
    found = _verse(score, track, verse)
    notes = [_line_note(note, found.get(note.start_ticks)) for note in score.tracks[track].notes]
    if found:
        notes = [notes[0], *(_held(before, note) for before, note in pairwise(notes))]
    line = words([told for note in notes if (told := marked(note)) is not None])
    return song_of(line, score, language=language, title=score.tracks[track].name)


def score_of(song: Song, *, marks_held: bool = False) -> Score:
    """A song as a score: pitches to the nearest semitone, syllables in the first verse, a slur over each melisma.

    Args:
        marks_held: write "-" under each note that holds a syllable on, for files without slurs.
    """
    line = line_of(song)
    notes = tuple(Note(note.start_ticks, round(note.pitch), note.end_ticks - note.start_ticks) for note in line)
    slurred = [*(note.slur for note in line[1:]), False]
    extends = [follows and not note.slur for note, follows in zip(line, slurred, strict=True)]
    lyrics = [
        Lyric(note.start_ticks, note.lyric, note.syllabic, extends=extended and not marks_held, track=0)
        for note, extended in zip(line, extends, strict=True)
        if note.lyric
    ]
    if marks_held:
        lyrics += [Lyric(note.start_ticks, "-", track=0) for note in line if note.slur]
    timeline = song.timeline
    track = Track(_VOICE, notes, name=song.title)
    return replace(timeline, tracks=(track,), lyrics=tuple(lyrics), slurs=tuple(_slurs(line)))


def _chosen(score: Score, part: str | int | None) -> int:
    """The index of the track to sing."""
    named = {name: index for index, track in reversed(list(enumerate(score.tracks))) if (name := track.name.lower())}
    if part is not None:
        said = str(part).strip()
        if said.lower() in named:
            return named[said.lower()]
        if said.isdigit() and len(said) < 6 and 1 <= int(said) <= len(score.tracks):
            return int(said) - 1
        raise InvalidInput(f"no part {said[:40]!r}; there are {_listed(score)}")
    likely = _with_words(score) or _sung(score)
    if len(likely) != 1:
        raise InvalidInput(f"which part is sung? Name one of {_listed(score)}")
    return likely[0]


def _listed(score: Score) -> str:
    return ", ".join(f"{index} {track.name!r}" for index, track in enumerate(score.tracks, start=1)) or "none"


def _with_words(score: Score) -> list[int]:
    """The track under which most words stand, or with whose notes most words begin."""
    starts = [frozenset(note.start_ticks for note in track.notes) for track in score.tracks]
    own = [sum(lyric.track == index for lyric in score.lyrics) for index in range(len(score.tracks))]
    told = [sum(lyric.start_ticks in starts[index] for lyric in score.lyrics) for index in range(len(score.tracks))]
    counts = own if any(own) else [0 if track.is_drum else n for n, track in zip(told, score.tracks, strict=True)]
    best = max(counts, default=0)
    if not best:
        return []
    tied = [index for index, count in enumerate(counts) if count == best]
    return sorted(tied, key=lambda index: len(score.tracks[index].notes))[:1]


def _sung(score: Score) -> list[int]:
    pitched = [index for index, track in enumerate(score.tracks) if track.notes and not track.is_drum]
    return [index for index in pitched if _SINGING.search(score.tracks[index].name)] or pitched


def _verse(score: Score, track: int, verse: int) -> dict[int, Lyric]:
    """The syllables of a verse by the starts of their notes."""
    own = [lyric for lyric in score.lyrics if lyric.track == track]
    lyrics = own or [lyric for lyric in score.lyrics if lyric.track is None]
    if verse != 1 and verse not in {lyric.verse for lyric in lyrics}:
        raise InvalidInput(f"there is no verse {verse}; there are {len({lyric.verse for lyric in lyrics})}")
    starts = [note.start_ticks for note in score.tracks[track].notes]
    return _near(lyrics, starts, 1) | _near(lyrics, starts, verse)


def _near(lyrics: Sequence[Lyric], starts: Sequence[int], verse: int) -> dict[int, Lyric]:
    """Each syllable with the note that starts nearest to it, where one is near."""
    found: dict[int, Lyric] = {}
    place = 0
    for lyric in lyrics:
        if lyric.verse != verse:
            continue
        while place + 1 < len(starts) and abs(starts[place + 1] - lyric.start_ticks) <= abs(
            starts[place] - lyric.start_ticks
        ):
            place += 1
        if starts and abs(starts[place] - lyric.start_ticks) <= _NEAR_TICKS:
            found.setdefault(starts[place], lyric)
    return found


def _line_note(note: Note, lyric: Lyric | None) -> LineNote:
    if lyric is None:
        return LineNote(note.start_ticks, note.end_ticks, note.pitch)
    return LineNote(note.start_ticks, note.end_ticks, note.pitch, lyric.text, lyric.syllabic)


def _held(before: LineNote, note: LineNote) -> LineNote:
    follows = note.start_ticks - before.end_ticks <= TICKS_PER_QUARTER // 32
    return replace(note, slur=True) if not note.lyric and follows else note


def _slurs(line: Sequence[LineNote]) -> list[Slur]:
    """From each syllable to the last note that holds it on."""
    slurs: dict[int, Slur] = {}
    head = 0
    for note in line:
        if note.slur:
            slurs[head] = Slur(head, note.start_ticks, 0)
        else:
            head = note.start_ticks
    return list(slurs.values())
