from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.symbolic.songs import SONGS

from octet.core.errors import InvalidInput
from octet.symbolic import ds
from octet.symbolic.song import Curve, Phrase, Song, SungNote, SungPhone

SEGMENT = {
    "offset": 0.5,
    "text": "SP 啊 SP",
    "ph_seq": "SP zh/n zh/a zh/n SP",
    "ph_dur": "0.4 0.1 0.5 0.1 0.4",
    "ph_num": "2 2 1",
    "note_seq": "rest A#3 C4+12 rest",
    "note_dur": "0.5 0.25 0.35 0.4",
    "note_slur": "0 0 1 0",
    "f0_seq": "220.0 230.5 240",
    "f0_timestep": "0.5",
    "gender": 0.25,
    "spk_mix": {"soft": 0.5, "power": 0.5},
    "lang": "zh",
    "seed": 7,
}


def without_lyrics(song):
    """What a `.ds` file is asked to keep: the words of notes are in its text only."""
    return [
        replace(phrase, notes=tuple(replace(note, lyric="") for note in phrase.notes), text="")
        for phrase in song.phrases
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(SONGS)
def test_notes_phones_and_curves_are_read_as_they_are_written(song):
    assert without_lyrics(ds.parse(ds.render(song))) == without_lyrics(song)


def test_all_fields_of_a_segment_are_read():
    (phrase,) = ds.parse(json.dumps([SEGMENT])).phrases
    assert phrase.notes == (
        SungNote(0.5, None, "SP"),
        SungNote(0.25, 58.0, "啊"),
        SungNote(0.35, 60.12, slur=True),
        SungNote(0.4, None, "SP"),
    )
    assert [(phone.symbol, phone.note, phone.language) for phone in phrase.phones] == [
        ("SP", 0, ""),
        ("n", 0, "zh"),
        ("a", 1, "zh"),
        ("n", 1, "zh"),
        ("SP", 3, ""),
    ]
    assert phrase.curves == {"f0_hz": Curve(0.5, (220.0, 230.5, 240.0))}
    assert phrase.constants == {"gender": 0.25}
    assert phrase.singers == {"soft": 0.5, "power": 0.5}
    assert (phrase.start_seconds, phrase.language, phrase.seed) == (0.5, "zh", 7)


def test_a_file_of_one_segment_and_files_with_a_mark_are_read(tmp_path):
    (tmp_path / "one.ds").write_text(json.dumps(SEGMENT), encoding="utf-8-sig")
    song = ds.read(tmp_path / "one.ds")
    ds.write(tmp_path / "two.ds", song)
    assert ds.read(tmp_path / "two.ds") == song


def test_older_files_with_notes_a_phone_begin_notes_with_their_vowels():
    legacy = {
        "ph_seq": "SP l a a l a AP",
        "ph_dur": "0.3 0.1 0.4 0.2 0.1 0.4 0.2",
        "note_seq": "rest C4 C4 D4 C4 C4 rest",
        "note_dur_seq": "0.3 0.5 0.5 0.2 0.5 0.5 0.2",
        "is_slur_seq": "0 0 0 1 0 0 0",
    }
    (phrase,) = ds.parse(json.dumps([legacy])).phrases
    assert [(note.pitch, note.slur, round(note.duration_seconds, 6)) for note in phrase.notes] == [
        (None, False, 0.4),
        (60, False, 0.4),
        (62, True, 0.3),
        (60, False, 0.4),
        (None, False, 0.2),
    ]
    assert [(phone.symbol, phone.note, phone.leads) for phone in phrase.phones] == [
        ("SP", 0, False),
        ("l", 0, True),
        ("a", 1, False),
        ("l", 1, True),
        ("a", 3, False),
        ("AP", 4, False),
    ]
    assert phrase.phones[2].duration_seconds == pytest.approx(0.6)


def test_a_song_without_phones_is_not_written(tmp_path):
    with pytest.raises(InvalidInput, match="must be pronounced first"):
        ds.write(tmp_path / "none.ds", Song((Phrase(0.0, (SungNote(1.0, 60.0, "la"),)),)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ph_seq": "SP a"}, "segment 0: .*ph_seq has 2, ph_dur has 5, the_sum_of_ph_num has 5"),
        ({"note_slur": "0 0 0 0"}, "ph_num has 3, notes_without_slur has 4"),
        ({"note_dur": "0.5 0 0.35 0.4"}, "a note lasts 0 s"),
        ({"note_dur": "0.5 -1 0.35 0.4"}, "a note lasts -1 s"),
        ({"ph_dur": "0.4 nan 0.5 0.1 0.4"}, "ph_dur holds 'nan'"),
        ({"note_seq": "rest X3 C4 rest"}, "a list of notes holds 'X3'"),
        ({"note_seq": "rest rest rest rest", "note_slur": "0 0 0 0", "ph_num": "2 1 1 1"}, "rests only"),
        ({"f0_timestep": "0.1"}, "the curve f0_hz lasts 0.30 s and its phrase 1.50 s"),
        ({"f0_timestep": "0"}, "a curve's step is 0 s"),
        ({"ph_num": "2 2.5 1"}, "ph_num holds a number that is no count"),
        ({"note_seq": None}, "it has no note_seq"),
        ({"spk_mix": {"a": "0.1 0.2"}}, "no spk_mix_timestep"),
        ({"spk_mix": "a"}, "names with shares"),
    ],
)
def test_fields_that_do_not_fit_are_named(changes, message):
    with pytest.raises(InvalidInput, match=message):
        ds.parse(json.dumps([SEGMENT | changes]))


@pytest.mark.parametrize("text", ["", "[", "[" * 100_000, "[1" + "0" * 5000 + "]", "nothing"])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(InvalidInput, match="no JSON"):
        ds.parse(text)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from([*sorted(SEGMENT), "note_glide", "energy", "energy_timestep", "is_slur_seq", "note_dur_seq"]),
        st.none() | st.text(max_size=8) | st.floats() | st.integers() | st.lists(st.integers(), max_size=3),
        max_size=4,
    )
)
def test_strange_fields_are_refused_or_read_but_nothing_else(changes):
    with suppress(InvalidInput):
        assert isinstance(ds.parse(json.dumps([SEGMENT | changes])), Song)


def test_a_phone_before_the_beat_is_written_into_the_word_before():
    phones = (SungPhone("sil", 0), SungPhone("l", 0, leads=True), SungPhone("a", 1, "H"))
    song = Song((Phrase(0.0, (SungNote(0.5, None), SungNote(1.0, 60.0, "la")), phones),))
    (segment,) = json.loads(ds.render(song))
    assert (segment["ph_seq"], segment["ph_num"], segment["text"]) == ("sil l aH", "2 1", "SP la")
