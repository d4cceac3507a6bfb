"""A MIDI file carries words, and stays a MIDI file."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octet.symbolic import midi
from octet.symbolic.midi_comment import comment_of, with_comment
from octet.symbolic.score import Metre, Note, Score, Track

SCORE = Score((Track(40, (Note(0, 60, 480), Note(480, 64, 960))),), metres=(Metre(0, 3, 4),))


@given(st.text(min_size=1, max_size=300).filter(lambda text: "\0" not in text))
def test_words_come_back_and_the_music_is_the_same(words: str) -> None:
    score = SCORE
    said = with_comment(midi.encode(score), words)
    assert comment_of(said) == words
    assert midi.decode(said) == midi.decode(midi.encode(score))


def test_other_programs_read_it() -> None:
    mido = pytest.importorskip("mido")
    file = mido.MidiFile(file=io.BytesIO(with_comment(midi.encode(SCORE), '{"octet": "곡"}' * 50)))
    assert any(message.type == "text" for track in file.tracks for message in track)


def test_a_file_without_words_says_nothing() -> None:
    assert comment_of(midi.encode(SCORE)) == ""


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_harm(data: bytes) -> None:
    assert isinstance(comment_of(data), str)
    assert isinstance(comment_of(b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\0\xff\0\xff\1" + data), str)
