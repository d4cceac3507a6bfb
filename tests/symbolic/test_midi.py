from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.symbolic.music import SCORES

from octet.core.errors import InvalidInput
from octet.symbolic import midi
from octet.symbolic.score import Key, Lyric, Metre, Note, Score, Tempo, Track, uninterrupted

SMALL = Score(
    (Track(73, (Note(0, 72, 480, 90), Note(480, 74, 240)), name="flute"), Track(0, (Note(0, 36, 60),), is_drum=True)),
    (Tempo.of(96),),
    (Metre(0, 3, 4),),
    (Key(0, 2, "major"),),
    (Lyric(0, "라"), Lyric(480, "la")),
)


def canonical(score):
    """As MIDI can hold it: no pitch twice at a time in a track."""
    tracks = (replace(track, notes=tuple(uninterrupted(track.notes))) for track in score.tracks)
    return replace(score, tracks=tuple(tracks))


@given(SCORES)
def test_what_is_written_is_read_again(score):
    assert midi.decode(midi.encode(score)) == canonical(score)


def test_words_are_written_into_the_track_that_sings_them(tmp_path):
    lyrics = (Lyric(0, "hap", "begin", track=1), Lyric(0, "sad", verse=2, track=1), Lyric(480, "py", "end", track=1))
    sung = Score((Track(0, (Note(0, 40, 960),)), Track(52, (Note(0, 72, 480), Note(480, 74, 480)))), lyrics=lyrics)
    midi.write(tmp_path / "sung.mid", sung)
    (track,) = (track for track in mido.MidiFile(tmp_path / "sung.mid").tracks if "lyrics" in {m.type for m in track})
    assert [message.text for message in track if message.type == "lyrics"] == ["hap-", "py"]
    assert 72 in {message.note for message in track if message.type == "note_on"}
    assert midi.read(tmp_path / "sung.mid").lyrics == (Lyric(0, "hap", "begin"), Lyric(480, "py", "end"))


def test_files_hold_what_another_reader_finds(tmp_path):
    midi.write(tmp_path / "small.mid", SMALL)
    messages = [message for track in mido.MidiFile(tmp_path / "small.mid").tracks for message in track]
    struck = {
        (message.note, message.velocity) for message in messages if message.type == "note_on" and message.velocity
    }
    assert struck == {(72, 90), (74, 80), (36, 80)}
    assert {message.channel for message in messages if message.type == "note_on" and message.note == 36} == {9}
    assert [message.tempo for message in messages if message.type == "set_tempo"] == [625_000]
    assert [message.key for message in messages if message.type == "key_signature"] == ["D"]
    assert midi.read(tmp_path / "small.mid") == SMALL


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("mode", ["major", "minor"])
def test_every_key_is_kept(tonic, mode):
    score = replace(SMALL, keys=(Key(0, tonic, mode),))
    assert midi.decode(midi.encode(score)).keys == score.keys


def test_other_resolutions_are_brought_to_ours():
    file, track = mido.MidiFile(ticks_per_beat=96), mido.MidiTrack()
    track += [mido.Message("note_on", note=60, time=48), mido.Message("note_off", note=60, time=24)]
    file.tracks.append(track)
    buffer = io.BytesIO()
    file.save(file=buffer)
    (read,) = midi.decode(buffer.getvalue()).tracks
    assert read.notes == (Note(240, 60, 120, 64),)


def test_a_pitch_struck_again_ends_the_note_before():
    notes = (Note(0, 60, 1000), Note(480, 60, 480), Note(480, 60, 100), Note(0, 64, 1000))
    assert uninterrupted(notes) == [Note(0, 60, 480), Note(0, 64, 1000), Note(480, 60, 480)]


@settings(max_examples=300)
@given(st.data())
def test_damaged_files_are_refused_or_read_but_nothing_else(data):
    whole = bytearray(midi.encode(SMALL))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=6)):
        whole[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    with suppress(InvalidInput):
        assert isinstance(midi.decode(bytes(whole[:cut])), Score)


def test_files_that_are_none_are_named(tmp_path):
    (tmp_path / "text.mid").write_text("hello, this is no music")
    with pytest.raises(InvalidInput, match=r"text\.mid: this is not a readable MIDI file"):
        midi.read(tmp_path / "text.mid")
    with pytest.raises(InvalidInput, match=r"cannot read .*nowhere\.mid"):
        midi.read(tmp_path / "nowhere.mid")
    with (tmp_path / "large.mid").open("wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(InvalidInput, match="larger than 16 MiB"):
        midi.read(tmp_path / "large.mid")
