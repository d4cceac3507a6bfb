"""Scores at random, as hypothesis draws them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import strategies as st

from octet.symbolic.score import Key, Lyric, Metre, Note, Score, Slur, Tempo, Track, uninterrupted

TICKS = st.integers(0, 20_000)
NOTES = st.builds(Note, TICKS, st.integers(0, 127), st.integers(1, 5_000), st.integers(1, 127))
TRACKS = st.builds(
    Track,
    st.integers(0, 127),
    st.lists(NOTES, min_size=1, max_size=12).map(tuple),
    st.booleans(),
    st.text("abc ", max_size=5),
)
TEMPOS = st.builds(Tempo, TICKS, st.integers(200_000, 2_000_000))
METRES = st.builds(Metre, TICKS, st.integers(1, 12), st.sampled_from([2, 4, 8, 16]))
KEYS = st.builds(Key, TICKS, st.integers(0, 11), st.sampled_from(["major", "minor"]))
LYRICS = st.builds(Lyric, TICKS, st.sampled_from(["la", "라", "né"]))


def apart(elements):
    """Lists of things that start at different times."""
    return st.lists(elements, max_size=4, unique_by=lambda element: element.start_ticks).map(tuple)


SCORES = st.builds(
    Score, st.lists(TRACKS, max_size=20).map(tuple), apart(TEMPOS), apart(METRES), apart(KEYS), apart(LYRICS)
)


@st.composite
def sung_scores(draw):
    """Scores as notation holds them: a pitch sounds once at a time, words and slurs are on notes, signs are needed."""
    lines = draw(st.lists(sung_tracks(), min_size=1, max_size=3))
    tracks = tuple(track for track, _, _ in lines)
    end = max(note.end_ticks for track in tracks for note in track.notes)
    tempos = tuple(tempo for tempo in draw(apart(TEMPOS)) if tempo.start_ticks < end)
    metres = draw(apart(METRES))
    score = Score(tracks, tempos, metres)
    starts = [bar.start_ticks for bar in score.bars()]
    tonics = draw(
        st.lists(st.tuples(st.sampled_from(starts), st.integers(0, 11)), max_size=3, unique_by=lambda t: t[0])
    )
    keys = tuple(Key(start, tonic, "minor") for start, tonic in tonics)
    lyrics = tuple(replace(lyric, track=index) for index, (_, words, _) in enumerate(lines) for lyric in words)
    slurs = tuple(replace(slur, track=index) for index, (_, _, slurs) in enumerate(lines) for slur in slurs)
    return Score(tracks, _changes(score.tempos, bpm), _needed(score), _changes(sorted(keys), tonic_of), lyrics, slurs)


@st.composite
def sung_tracks(draw):
    """A line of notes with syllables and slurs, or several lines without."""
    notes = uninterrupted(draw(st.lists(NOTES, min_size=1, max_size=12)))
    is_drum = draw(st.booleans())
    track = Track(draw(st.integers(0, 127)), tuple(notes), is_drum, draw(st.sampled_from(["", "Voice", "목소리"])))
    if is_drum or draw(st.booleans()):
        return track, (), ()
    line = [
        replace(note, duration_ticks=min(note.duration_ticks, later.start_ticks - note.start_ticks))
        for note, later in pairwise(notes)
        if later.start_ticks > note.start_ticks
    ] + notes[-1:]
    words = st.builds(
        Lyric,
        st.sampled_from([note.start_ticks for note in line]),
        st.sampled_from(["la", "라", "né", "<&>"]),
        st.sampled_from(["single", "begin", "middle", "end"]),
        st.integers(1, 3),
        st.booleans(),
    )
    lyrics = draw(st.lists(words, max_size=6, unique_by=lambda lyric: (lyric.start_ticks, lyric.verse)))
    slurs = [Slur(a.start_ticks, b.start_ticks, 0) for a, b in pairwise(line) if draw(st.booleans())]
    return replace(track, notes=tuple(line)), tuple(lyrics), tuple(slurs)


def bpm(tempo):
    return tempo.quarter_microseconds


def tonic_of(key):
    return key.tonic


def _changes(signs, value):
    """Without those that say what the one before said."""
    return tuple(sign for place, sign in enumerate(signs) if place == 0 or value(sign) != value(signs[place - 1]))


def _needed(score):
    """The metres that notation prints: at a bar that starts with another, or after one that was cut short."""
    bars, kept = score.bars(), []
    for before, bar in zip((None, *bars), bars, strict=False):
        cut = before is not None and before.end_ticks != bar.start_ticks
        if before is None or cut or before.metre.name != bar.metre.name:
            kept.append(Metre(bar.start_ticks, bar.metre.numerator, bar.metre.denominator))
    return tuple(kept)


SUNG = sung_scores()
