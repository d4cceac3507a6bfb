"""Scores at random, as hypothesis draws them."""

from __future__ import annotations

from hypothesis import strategies as st

from octet.symbolic.score import Key, Lyric, Metre, Note, Score, Tempo, Track

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
