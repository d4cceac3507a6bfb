"""A sung line on a grid of ticks, as MIDI, MusicXML, UST and USTX hold it, to a `Song` of phrases, and back.

Phrases are cut at rests. A rest between two phrases is shared by them, up to half a second each; the first phrase is
given a short rest for the consonants before its first beat, if need be before the song's start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from octet.core.errors import InvalidInput
from octet.symbolic.score import Score, Syllabic
from octet.symbolic.song import BREATH, NEXT_SYLLABLE, SILENCE, Phrase, Song, SungNote

_CUT_SECONDS = 0.4  # the shortest rest between phrases
_MARGIN_SECONDS = 0.5  # of rest at a phrase's ends, at most
_HEAD_SECONDS = 0.25  # at its beginning, at least
_HELD = frozenset(("-", "–", "—", "ー", "~", "〜", "_", "+~", "+*"))
_RESTS = frozenset(("r", "sp", "rest", "pau", "sil"))
_BREATHS = frozenset(("ap", "br", "breath", "息", "吸"))


@dataclass(frozen=True)
class LineNote:
    """A note of a line. `lyric`, `syllabic` and `slur` are as in `SungNote`."""

    start_ticks: int
    end_ticks: int
    pitch: float
    lyric: str = ""
    syllabic: Syllabic = "single"
    slur: bool = False


def marked(note: LineNote) -> LineNote | None:
    """What a mark in place of a lyric means: held on ("-", "ー", "+~"), the next syllable ("+"); None for a rest."""
    lyric = note.lyric.strip()
    if lyric in _HELD:
        return replace(note, lyric="", slur=True)
    if lyric.startswith(NEXT_SYLLABLE) and (lyric[1:].isdigit() or lyric == NEXT_SYLLABLE):
        return replace(note, lyric=NEXT_SYLLABLE)
    return None if lyric.lower() in _RESTS else replace(note, lyric=lyric)


def words(notes: Sequence[LineNote]) -> list[LineNote]:
    """With the places of syllables in words that are spelled out once, and "+" for what follows."""
    found = list(notes)
    syllables = [index for index, note in enumerate(found) if not note.slur]
    for index, following in pairwise((*syllables, None)):
        assert index is not None
        goes_on = following is not None and found[following].lyric == NEXT_SYLLABLE
        if found[index].lyric == NEXT_SYLLABLE:
            found[index] = replace(found[index], syllabic="middle" if goes_on else "end")
        elif goes_on:
            found[index] = replace(found[index], syllabic="begin")
    return found


def song_of(line: Sequence[LineNote], timeline: Score, *, language: str = "", title: str = "") -> Song:
    """A line as a song. A note that goes on into the next is cut short; a held note after a rest is refused.

    Raises:
        InvalidInput: no notes, two notes at one time, or a mark that holds or continues what is not there (its bar is
            named).
    """
    notes = [note for note in sorted(line, key=lambda note: note.start_ticks) if note.end_ticks > note.start_ticks]
    if not notes:
        raise InvalidInput("this line has no notes; at least one note to sing was expected")
    trimmed = [_cut(note, following, timeline) for note, following in pairwise(notes)] + notes[-1:]
    _require_something_to_hold(trimmed, timeline)
    groups = _grouped(trimmed, timeline)
    gaps = [_gap(before[-1], after[0], timeline) for before, after in pairwise(groups)]
    heads = [max(_HEAD_SECONDS, min(_MARGIN_SECONDS, timeline.seconds(trimmed[0].start_ticks)))]
    heads += [min(_MARGIN_SECONDS, gap / 2) for gap in gaps]
    tails = [*(min(_MARGIN_SECONDS, gap / 2) for gap in gaps), _MARGIN_SECONDS]
    phrases = [_phrase(group, timeline, head, tail) for group, head, tail in zip(groups, heads, tails, strict=True)]
    return Song(tuple(phrases), Score((), timeline.tempos, timeline.metres, timeline.keys), language, title)


def line_of(song: Song) -> list[LineNote]:
    """The notes of a song on the grid of its timeline, in order; each at least a tick long."""
    notes: list[LineNote] = []
    for phrase in song.phrases:
        for start, note in zip(phrase.onsets, phrase.notes, strict=True):
            if note.pitch is not None:
                ticks = max(0, song.timeline.ticks(start))
                end = max(ticks + 1, song.timeline.ticks(start + note.duration_seconds))
                notes.append(LineNote(ticks, end, note.pitch, note.lyric, note.syllabic, note.slur))
    return notes


def _cut(note: LineNote, following: LineNote, timeline: Score) -> LineNote:
    if note.start_ticks == following.start_ticks:
        bar = timeline.bar_number(note.start_ticks)
        raise InvalidInput(f"bar {bar} has two notes at one time; a sung line has one: name the part or voice to sing")
    return replace(note, end_ticks=min(note.end_ticks, following.start_ticks))


def _require_something_to_hold(notes: Sequence[LineNote], timeline: Score) -> None:
    for before, note in zip((None, *notes), notes, strict=False):
        alone = before is None or _gap(before, note, timeline) > 0.02
        if note.slur and (alone or (before is not None and _is_breath(before))):
            bar = timeline.bar_number(note.start_ticks)
            raise InvalidInput(f"bar {bar} has a note that holds a syllable on, after none; give it a lyric")


def _gap(before: LineNote, after: LineNote, timeline: Score) -> float:
    return timeline.seconds(after.start_ticks) - timeline.seconds(before.end_ticks)


def _grouped(notes: Sequence[LineNote], timeline: Score) -> list[list[LineNote]]:
    groups = [[notes[0]]]
    for before, note in pairwise(notes):
        if _gap(before, note, timeline) >= _CUT_SECONDS:
            groups.append([])
        groups[-1].append(note)
    return groups


def _phrase(group: Sequence[LineNote], timeline: Score, head: float, tail: float) -> Phrase:
    start = timeline.seconds(group[0].start_ticks) - head
    return Phrase(start, (SungNote(head, None), *_sung(group, timeline), SungNote(tail, None)))


def _sung(group: Sequence[LineNote], timeline: Score) -> Iterator[SungNote]:
    """The notes of a phrase and the rests between them; a slur reaches to the note that it holds on from."""
    for note, following in pairwise((*group, None)):
        assert note is not None
        end = timeline.seconds(note.end_ticks)
        gap = 0.0 if following is None else timeline.seconds(following.start_ticks) - end
        reach = gap if following is not None and following.slur else 0.0
        seconds = end + reach - timeline.seconds(note.start_ticks)
        if _is_breath(note):
            yield SungNote(seconds, None, BREATH)
        else:
            yield SungNote(seconds, note.pitch, note.lyric, note.syllabic, note.slur)
        if gap > reach:
            yield SungNote(gap, None, SILENCE)


def _is_breath(note: LineNote) -> bool:
    return note.lyric.lower() in _BREATHS
