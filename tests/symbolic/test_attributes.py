from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.symbolic.music import SCORES

from octet.core.errors import InvalidInput
from octet.symbolic.attributes import GENRES, Attributes, extract, tempo_class
from octet.symbolic.instruments import CLASSES, PROGRAMS, class_of
from octet.symbolic.score import Metre, Note, Score, Tempo, Track

QUARTER = 480
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


def notes(*starts, pitch=60, length=240):
    return tuple(Note(start, pitch, length) for start in starts)


def drummed(*starts, metre=(4, 4)):
    return Score((Track(0, notes(*starts), is_drum=True),), metres=(Metre(0, *metre),))


def test_every_program_is_of_one_class():
    assert sorted(program for programs in PROGRAMS.values() for program in programs) == list(range(128))
    assert len(CLASSES) == 28
    assert (CLASSES[0], CLASSES[5], CLASSES[27]) == ("piano", "bass", "drum")
    assert class_of(Track(40, (), is_drum=True)) == "drum"


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_all_24_keys_are_heard_and_told_from_their_relatives_by_the_tonic(tonic, mode):
    scale = [Note(index * QUARTER, 48 + tonic + step, QUARTER) for index, step in enumerate(SCALES[mode])]
    score = Score((Track(0, (*scale, Note(7 * QUARTER, 60 + tonic, QUARTER))),))
    found = extract(score)
    assert (found.tonic, found.mode) == (tonic, mode)


def test_drums_have_no_key_and_no_range():
    found = extract(drummed(0, QUARTER))
    assert (found.tonic, found.mode, found.octaves) == (None, None, None)
    assert found.instruments == ("drum",)


@pytest.mark.parametrize(
    ("metre", "starts", "danceable"),
    [
        ((4, 4), (0, 120, 2 * QUARTER), True),
        ((4, 4), (0, QUARTER, QUARTER + 120, 3 * QUARTER), False),
        ((4, 4), (0, QUARTER), None),
        ((4, 4), (0, 0, QUARTER), True),  # notes are counted, not positions
        ((3, 4), (0, 240, QUARTER), True),
        ((3, 4), (0, QUARTER, 2 * QUARTER), False),
        ((2, 4), (0, 240, QUARTER), True),
        ((2, 4), (QUARTER,), False),
        ((6, 8), (0, 240), None),
        ((4, 4), (0, 4 * QUARTER, 6 * QUARTER, 7 * QUARTER), True),  # the second bar counts from its own start
    ],
)
def test_danceability_counts_drum_notes_in_strong_beats(metre, starts, danceable):
    tracks = tuple(Track(0, notes(start, pitch=40 + index), is_drum=True) for index, start in enumerate(starts))
    assert extract(Score(tracks, metres=(Metre(0, *metre),))).danceable is danceable


def test_without_drums_nothing_is_danceable():
    assert extract(Score((Track(0, notes(0, 120)),))).danceable is None


@pytest.mark.parametrize(
    ("onsets", "intensity"), [(4, "low"), (5, "medium"), (7, "medium"), (8, "high"), (1, "low"), (16, "high")]
)
def test_intensity_is_onsets_a_beat(onsets, intensity):
    starts = [index * 4 * QUARTER // onsets // 40 * 40 for index in range(onsets)]
    tracks = (Track(0, notes(*starts, length=40)), Track(40, notes(starts[0], length=40)))
    assert extract(Score(tracks)).intensity == intensity


def test_lengths_start_with_the_music():
    """Two silent bars before it, and one tempo and metre throughout."""
    score = Score((Track(0, notes(8 * QUARTER + 100, 12 * QUARTER)),), tempos=(Tempo.of(60),))
    found = extract(score)
    assert (found.bars, found.metre, found.bpm) == (2, "4/4", 60)
    assert found.seconds == 4.5


def test_metre_and_tempo_are_left_open_where_they_change():
    tracks = (Track(0, notes(0, 7 * QUARTER)),)
    changing = Score(tracks, (Tempo.of(60), Tempo.of(70, QUARTER)), (Metre(0, 4, 4), Metre(4 * QUARTER, 3, 4)))
    assert (extract(changing).metre, extract(changing).bpm) == (None, None)
    late = Score(tracks, (Tempo.of(60), Tempo.of(70, 99 * QUARTER)), (Metre(0, 4, 4), Metre(100 * QUARTER, 3, 4)))
    assert (extract(late).metre, extract(late).bpm) == ("4/4", 60)


def test_range_is_whole_octaves_without_drums():
    for distance, octaves in ((0, 0), (11, 0), (12, 1), (35, 2)):
        tracks = (Track(0, (Note(0, 50, 1), Note(0, 50 + distance, 1))), Track(0, notes(0, pitch=0), is_drum=True))
        assert extract(Score(tracks)).octaves == octaves


@given(SCORES)
def test_every_score_with_notes_has_attributes_that_do_not_depend_on_the_order_of_tracks(score):
    if not score.end_ticks:
        with pytest.raises(InvalidInput, match="has no notes"):
            extract(score)
        return
    found = extract(score)
    assert found == extract(Score(score.tracks[::-1], score.tempos, score.metres))
    assert Attributes.model_validate_json(found.model_dump_json()) == found


@given(SCORES, st.integers(-5, 5))
def test_transposing_changes_the_tonic_alone(score, semitones):
    try:
        moved = score.transposed(semitones)
    except InvalidInput:
        return
    if score.end_ticks:
        before, after = extract(score), extract(moved)
        assert before.model_copy(update={"tonic": None, "mode": None}) == after.model_copy(
            update={"tonic": None, "mode": None}
        )


def test_names_are_checked_and_put_in_order():
    assert Attributes(instruments=("drum", "piano", "piano")).instruments == ("piano", "drum")
    assert len(GENRES) == 22
    for wrong in ({"instruments": ("kazoo",)}, {"genres": ("polka",)}, {"artist": "me"}, {"metre": "4/5"}, {"bars": 0}):
        with pytest.raises(ValidationError):
            Attributes(**wrong)


def test_tempos_are_slow_moderate_or_fast():
    found = [tempo_class(bpm) for bpm in (50, 76, 77, 119, 120, 200)]
    assert found == ["slow", "slow", "moderate", "moderate", "fast", "fast"]
