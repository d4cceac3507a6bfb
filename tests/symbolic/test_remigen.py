from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.symbolic.music import SCORES

from octet.core.errors import InvalidInput
from octet.data.corpora.composer.compose import compose
from octet.symbolic import midi, remigen
from octet.symbolic.attributes import extract
from octet.symbolic.remigen import IDS, VOCABULARY, decode, encode, from_ids, in_c, to_ids
from octet.symbolic.score import Metre, Note, Score, Tempo, Track

PITCHES = st.integers(0, 127)
ON_GRID = st.builds(
    lambda start, pitch, duration, velocity: Note(start * 40, pitch, duration * 40, 4 * velocity + 2),
    st.integers(0, 400),
    PITCHES,
    st.sampled_from(remigen._DURATIONS[1:60]),
    st.integers(0, 31),
)
# Music that the dictionary holds exactly: whole positions, its durations, velocities and tempos, one track a program.
EXACT = st.builds(
    lambda tracks, tempo, metre: Score(
        tuple(
            track
            for program, notes in sorted(tracks.items())
            if (track := Track(program % 128, tuple(notes), program == 128))
        ),
        (Tempo.of(16 * 2 ** (tempo / 12)),),
        (Metre(0, *metre),),
    ),
    st.dictionaries(
        st.integers(0, 128),
        st.lists(ON_GRID, min_size=1, max_size=8, unique_by=lambda note: note.pitch),
        min_size=1,
        max_size=5,
    ),
    st.integers(0, 48),
    st.sampled_from([(4, 4), (3, 4), (6, 8), (3, 8), (2, 2), (5, 4), (7, 8), (1, 4)]),
)


def test_the_dictionary_is_the_published_one():
    assert len(VOCABULARY) == len(IDS) == 1253
    spots = {"<s>": 0, "</s>": 2, "b-1": 5, "o-0": 6, "i-0": 134, "i-128": 262, "p-0": 263, "p-128": 391, "d-0": 519}
    spots |= {"v-0": 647, "s-0": 679, "s-9": 688, "t-0": 933, "t-35": 968, "e-0": 982, "<sep>": 984, "I1s2_0_0": 985}
    spots |= {"I4_0": 1069, "C1_0": 1098, "R1_0": 1103, "R3_0": 1106, "S2s1_0": 1110, "S4_0_0": 1128, "B1s1_0": 1194}
    spots |= {"TS1s1_0": 1199, "K1_0": 1207, "T1s1_0": 1210, "P4_0": 1214, "ST1_0": 1227, "EM1_0": 1242, "TM1_5": 1252}
    assert {token: IDS[token] for token in spots} == spots


def test_a_bar_is_written_in_order():
    score = Score(
        (
            Track(0, (Note(0, 36, 40),), is_drum=True),
            Track(40, (Note(480, 76, 960, 127),)),
            Track(0, (Note(0, 60, 480, 64), Note(0, 67, 480, 64))),
        ),
        (Tempo.of(120),),
    )
    expected = "s-9 t-35 o-0 i-0 p-67 d-12 v-16 p-60 d-12 v-16 i-128 p-164 d-1 v-20 o-12 i-40 p-76 d-18 v-31 b-1"
    assert encode(score) == expected.split()


@pytest.mark.parametrize(
    ("metre", "number"),
    [((1, 4), 6), ((2, 4), 7), ((3, 4), 8), ((4, 4), 9), ((3, 8), 16), ((6, 8), 19), ((1, 1), 0), ((128, 64), 253)],
)
def test_metres_have_their_numbers(metre, number):
    tokens = encode(Score((Track(0, (Note(0, 60, 40),)),), metres=(Metre(0, *metre),)))
    assert tokens[0] == f"s-{number}"


def test_durations_are_twelve_of_each_doubled_step():
    assert len(remigen._DURATIONS) == 96
    assert remigen._DURATIONS[:14] == (*range(13), 14)
    assert remigen._DURATIONS[23:26] == (34, 36, 40)
    assert remigen._DURATIONS[95] == 12 * 127 + 11 * 128


@given(EXACT)
def test_what_the_dictionary_holds_comes_back_exactly(score):
    """Down to the first bar that sounds, with which the tokens begin."""
    first = min(note.start_ticks for track in score.tracks for note in track.notes)
    bar = score.metres[0].bar_ticks
    shift = first // bar * bar
    tracks = (
        replace(track, notes=tuple(replace(note, start_ticks=note.start_ticks - shift) for note in track.notes))
        for track in score.tracks
    )
    assert decode(encode(score)) == replace(score, tracks=tuple(tracks))


@settings(max_examples=60)
@given(SCORES)
def test_reading_and_writing_again_changes_nothing(score):
    if score.end_ticks:
        tokens = encode(score)
        assert encode(decode(tokens)) == tokens
        assert from_ids(to_ids(tokens)) == tokens
        assert encode(midi.decode(midi.encode(decode(tokens)))) == tokens


def test_composed_pieces_keep_notes_bars_and_attributes():
    for seed in range(40):
        piece = compose(seed=seed)
        found = extract(decode(encode(piece.score)))
        for name in ("instruments", "danceable", "intensity", "bars", "metre", "octaves"):
            assert getattr(found, name) == getattr(piece.attributes, name)
        assert found.bpm == pytest.approx(piece.attributes.bpm, rel=0.03)


def test_version_one_has_the_tempo_after_every_onset():
    new = decode("s-9 t-35 o-0 i-0 p-60 d-12 v-16 o-12 i-0 p-62 d-12 v-16 b-1".split())
    old = decode("s-9 o-0 t-35 i-0 p-60 d-12 v-16 o-12 t-35 i-0 p-62 d-12 v-16 b-1".split())
    assert old == new
    assert new.tempos[0].bpm == pytest.approx(120.8, abs=0.05)
    (_, changed) = decode("s-9 o-12 t-35 i-0 p-60 d-12 v-16 o-24 t-47 i-0 p-62 d-12 v-16 b-1".split()).tempos
    assert (changed.start_ticks, round(changed.bpm)) == (960, 242)


def test_metres_may_change_and_bars_may_be_silent():
    score = Score(
        (Track(0, (Note(0, 60, 480, 82), Note(3840, 62, 480, 82), Note(4800, 64, 480, 82))),),
        (Tempo.of(16),),
        (Metre(0, 4, 4), Metre(1920, 2, 4), Metre(4800, 3, 4)),
    )
    tokens = encode(score)
    assert [token for token in tokens if token[0] == "s"] == ["s-9", "s-7", "s-7", "s-7", "s-8"]
    assert decode(tokens) == score


def test_long_metres_are_divided():
    tokens = encode(Score((Track(0, (Note(0, 60, 480), Note(3000, 62, 480))),), metres=(Metre(0, 12, 4),)))
    assert [token for token in tokens if token[0] in "so"] == ["s-11", "o-0", "s-11", "o-3"]


def test_an_onset_just_before_a_bar_falls_into_it():
    tokens = encode(Score((Track(0, (Note(0, 60, 480), Note(1910, 62, 10))),)))
    assert tokens.count("b-1") == 2
    assert tokens[-6:] == ["o-0", "i-0", "p-62", "d-1", "v-20", "b-1"]


def test_an_unfinished_end_is_left_out():
    whole = "s-9 t-35 o-0 i-0 p-60 d-12 v-16".split()
    for end in range(7):
        tail = ["o-12", "i-40", "p-70", "d-4"][:end]
        assert decode([*whole, *tail]) == decode(whole)
    assert decode([]) == Score(())


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ("o-0", "token 0, 'o-0': o cannot follow nothing"),
        ("s-9 t-35 o-0 p-60", "token 3, 'p-60': p cannot follow o"),
        ("s-9 t-35 o-0 i-0 p-200", "token 4, 'p-200': p-200 is no pitch of i-0"),
        ("s-9 t-35 o-0 i-128 p-60", "p-60 is no pitch of i-128"),
        ("s-9 t-99", "token 1, 't-99': a token of music was expected"),
        ("s-9 </s>", "a token of music was expected"),
        ("s-9 e-0", "a token of music was expected"),
        ("s-9 t-35 o-0 i-0 p-60 d-96", "durations end with d-95"),
        ("K1_0", "a token of music was expected"),
    ],
)
def test_what_is_no_music_is_named(tokens, message):
    with pytest.raises(InvalidInput, match=message):
        decode(tokens.split())


def test_unknown_tokens_and_numbers_are_refused():
    with pytest.raises(InvalidInput, match="'q-1' is no token"):
        to_ids(["q-1"])
    for number in (-1, 1253):
        with pytest.raises(InvalidInput, match=f"{number} is no token's number"):
            from_ids([0, number])
    with pytest.raises(InvalidInput, match="no notes"):
        encode(Score(()))


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from([token for token in VOCABULARY if token[0] in "obsitpdv" and "-" in token]), max_size=20)
)
def test_any_tokens_are_read_or_refused(tokens):
    try:
        score = decode(tokens)
    except InvalidInput as error:
        assert str(error).startswith("token ")  # noqa: PT017
    else:
        assert score.end_ticks >= 0


def test_pieces_are_brought_to_c_major_or_a_minor_downwards():
    for seed in range(30):
        piece = compose(seed=seed)
        if piece.attributes.mode is not None:
            found = extract(in_c(piece.score))
            assert (found.tonic, found.mode) == (0 if found.mode == "major" else 9, piece.attributes.mode)
    low = Score((Track(0, (Note(0, 2, 480), Note(480, 6, 480), Note(960, 9, 480), Note(1440, 2, 480))),))
    assert [note.pitch for note in in_c(low).tracks[0].notes] == [0, 4, 7, 0]
    lower = Score((Track(0, (Note(0, 11, 960), Note(480, 3, 480), Note(960, 6, 480), Note(1440, 1, 40))),))
    assert min(note.pitch for note in in_c(lower).tracks[0].notes) >= 0
