"""`octet sing`: what it refuses, each in a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.running import Octet, refused
from tests.lyrics.lines import melody, song

from octet.symbolic.songs import write_song


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_song(tmp_path / "song.musicxml", song("la la , la", "en"))
    write_song(tmp_path / "tune.mid", melody([4]))
    (tmp_path / "words.txt").write_text("la la")
    (tmp_path / "broken.ds").write_text("[{")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.mid"], "cannot read nowhere.mid"),
        (["broken.ds"], "broken.ds: this is no JSON"),
        (["words.txt"], "heads no list of labels"),
        (["tune.mid"], "none of the 4 notes has a lyric"),
        (["tune.mid", "--lyrics", "words.txt"], "has 4 notes and the lyrics 2 syllables: from bar 1 on 2 notes"),
        (["tune.mid", "--lyrics", "nowhere.txt"], "nowhere.txt"),
        (["song.musicxml", "--part", "Bass"], "no part 'Bass'"),
        (["song.musicxml", "--verse", "2"], "no verse 2"),
        (["song.musicxml", "--language", "tlh"], "unknown language 'tlh'"),
        (["song.musicxml", "--key", "90"], "key_semitones"),
        (["song.musicxml", "--speed", "0"], "speed"),
        (["song.musicxml", "--steps", "0"], "num_inference_steps"),
        (["song.musicxml", "--sampler", "magic"], "sampler"),
        (["song.musicxml", "--tempo", "90", "--speed", "2"], "not both"),
        (["song.musicxml", "--ds", "sung.txt"], "must end in .ds"),
        (["song.musicxml", "--part", "1", "--part", "1", "--ds", "sung.ds"], "holds one voice"),
        (["song.musicxml", "--model", "nothing"], "nothing"),
        (["song.musicxml", "--model", "fastspeech2"], "does not sing"),
    ],
)
def test_what_cannot_be_sung_is_refused(
    octet: Octet, folder: Path, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.iterdir())
    refused(octet("sing", *words, "-o", "song.wav"), said)
    assert sorted(folder.iterdir()) == before


def test_the_format_is_refused_before_the_work(octet: Octet, folder: Path) -> None:
    refused(octet("sing", folder / "song.musicxml", "-o", folder / "song.m4a"), ".m4a")
