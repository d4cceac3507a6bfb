from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.symbolic import ust
from octet.symbolic.song import F0, Song
from octet.symbolic.song_line import line_of

HEAD = "[#VERSION]\nUST Version1.2\n[#SETTING]\nTempo=120.00\nProjectName=歌\nMode2=True\n"
NOTES = """[#0000]
Length=480
Lyric=R
NoteNum=60
[#0001]
Length=480
Lyric=さ
NoteNum=60
PBS=-40
PBW=80
[#0002]
Length=480
Lyric=く
NoteNum=62
Tempo=60,00
{}
[#0003]
Length=480
Lyric=ー
NoteNum=64
[#TRACKEND]
"""
PLAIN = HEAD + NOTES.format("PBS=-40\nPBW=80")


def f0(song):
    """MIDI numbers by time."""
    (phrase,) = song.phrases
    curve = phrase.curves[F0]
    times = phrase.start_seconds + np.arange(len(curve.values)) * curve.step_seconds
    return lambda at: float(np.interp(at, times, 69 + 12 * np.log2(np.array(curve.values) / 440)))


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-8-sig"])
def test_notes_lyrics_and_tempos_are_read(tmp_path, encoding):
    (tmp_path / "song.ust").write_text(PLAIN, encoding=encoding)
    song = ust.read(tmp_path / "song.ust", language="ja")
    assert [(n.start_ticks, n.end_ticks, n.pitch, n.lyric, n.slur) for n in line_of(song)] == [
        (480, 960, 60, "さ", False),
        (960, 1440, 62, "く", False),
        (1440, 1920, 64, "", True),
    ]
    assert [(tempo.start_ticks, tempo.bpm) for tempo in song.timeline.tempos] == [(0, 120), (960, 60)]
    assert (song.title, song.language) == ("歌", "ja")
    assert song.phrases[0].curves == {}


def test_bends_of_the_second_mode_are_drawn():
    at = f0(ust.parse(HEAD + NOTES.format("PBS=-100\nPBW=100,200,100\nPBY=0,10\nPBM=s,s,s")))
    assert at(0.8) == pytest.approx(60, abs=0.01)  # the first note alone
    assert at(0.95) == pytest.approx(61, abs=0.06)  # half way, on a line, from the note before
    assert at(1.2) == pytest.approx(63, abs=0.06)  # ten tenths above the note
    assert at(1.6) == pytest.approx(62, abs=0.01)


def test_a_bend_may_start_at_a_height_of_its_own():
    at = f0(ust.parse(HEAD + NOTES.format("PBS=0;-10\nPBW=200\nPBM=s")))
    assert at(1.1) == pytest.approx(61.5, abs=0.06)


def test_bends_of_the_first_mode_are_drawn():
    bend = "PBType=5\nPBStart=0\nPitchBend=" + ",".join(["100"] * 97)
    at = f0(ust.parse(HEAD.replace("Mode2=True", "") + NOTES.format(bend)))
    assert at(0.8) == pytest.approx(60, abs=0.01)
    assert at(1.5) == pytest.approx(63, abs=0.01)


def test_vibrato_swings_about_the_note():
    at = f0(ust.parse(HEAD + NOTES.format("VBR=50,100,80,10,10,0,0,0")))
    quarter, three = at(1.5 + 0.225), at(1.5 + 0.275)
    assert at(1.3) == pytest.approx(62, abs=0.01)
    assert quarter == pytest.approx(62.8, abs=0.02)
    assert three == pytest.approx(61.2, abs=0.02)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no section with a Length"),
        ("hello", "no section"),
        (PLAIN.replace("Length=480\nLyric=さ", "Length=-5\nLyric=さ"), r"section \[#0001\]: a Length of -5"),
        (PLAIN.replace("NoteNum=62", "NoteNum=high"), r"section \[#0002\]: NoteNum holds 'high'"),
        (PLAIN.replace("Tempo=120.00", "Tempo=0"), r"section \[#SETTING\]: 0.0 quarter notes a minute make no tempo"),
        (PLAIN.replace("PBW=80", "PBW=wide"), "a bend or vibrato holds 'wide'"),
        (PLAIN.replace("PBW=80", "PBW=99999999"), "both are too far"),
        (PLAIN.replace("Lyric=さ", "Lyric=ー"), "holds a syllable on, after none"),
        (PLAIN.replace("さ", "R").replace("く", "R").replace("ー", "R"), "no notes"),
    ],
)
def test_what_is_no_song_is_refused(text, message):
    with pytest.raises(InvalidInput, match=message):
        ust.parse(text)


@given(st.data())
def test_damaged_files_are_refused_or_read_but_nothing_else(data):
    letters = list(HEAD + NOTES.format("PBS=-100\nPBW=100,200\nPBY=10\nVBR=50,100,80,10,10,0,0,0"))
    for place in data.draw(st.lists(st.integers(0, len(letters) - 1), max_size=8)):
        letters[place] = data.draw(st.sampled_from([*"0-=,;.[]#\n9e", ""]))
    with suppress(InvalidInput):
        assert isinstance(ust.parse("".join(letters)), Song)
