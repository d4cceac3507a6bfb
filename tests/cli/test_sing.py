"""`octet sing` as the installed command, with a small singer and the bundled vocoder; what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.cli.running import Octet, installed, refused
from tests.lyrics.lines import melody, song
from tests.systems.diffsinger.examples import small

from octet.audio.waveform import Waveform
from octet.core import artifacts
from octet.symbolic.song import F0
from octet.symbolic.songs import read_song, write_song
from octet.systems.diffsinger.model import DiffSinger


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "small"
    torch.manual_seed(0)
    config = small(vocoder="vocoder-tiny")
    artifacts.save(
        folder, "diffsinger", config.model_dump(mode="json"), DiffSinger(config).for_generation().state_dict()
    )
    return folder


def test_a_score_is_sung_and_sung_again(model: Path, tmp_path: Path) -> None:
    write_song(tmp_path / "song.mxl", song("A- maz- ing grace , how sweet", "en"))
    words = (
        "sing",
        str(tmp_path / "song.mxl"),
        "--model",
        str(model),
        "--singer",
        "two",
        "--steps",
        "2",
        "--key",
        "-2",
    )
    made = installed(*words, "--ds", str(tmp_path / "sung.ds"), "--json", "-o", str(tmp_path / "song.wav"))
    assert made.code == 0, made.err
    told = json.loads(made.text)
    assert (told["notes"], told["phrases"]) == (6, 2)
    assert [json.loads(line)["done"] for line in made.err.splitlines()] == [1, 2]
    sound = Waveform.load(tmp_path / "song.wav")
    written = read_song(tmp_path / "sung.ds")
    lead = -min(phrase.start_seconds for phrase in written.phrases)
    assert sound.duration_seconds == pytest.approx(written.end_seconds + lead, abs=0.05)
    assert all(F0 in phrase.curves for phrase in written.phrases)
    again = installed("replay", str(tmp_path / "song.wav"), "-o", str(tmp_path / "again.wav"))
    assert (again.code, again.err) == (0, "")
    assert (tmp_path / "again.wav").read_bytes() == (tmp_path / "song.wav").read_bytes()


def test_speed_lyrics_and_stems(octet: Octet, model: Path, tmp_path: Path) -> None:
    write_song(tmp_path / "tune.mid", melody([4]))
    (tmp_path / "words.txt").write_text("사랑 해 -")
    words = ("sing", tmp_path / "tune.mid", "--lyrics", tmp_path / "words.txt", "--model", model, "--steps", "2")
    plain = octet(*words, "-o", tmp_path / "plain.wav")
    assert plain.code == 0, plain.err
    assert "4 notes in 1 phrases" in plain.text
    assert octet(*words, "--tempo", "240", "--stems", "-o", tmp_path / "fast.wav").code == 0
    slow, fast = (Waveform.load(tmp_path / name) for name in ("plain.wav", "fast.wav"))
    assert fast.duration_seconds == pytest.approx(slow.duration_seconds / 2, abs=0.05)
    (stem,) = tmp_path.glob("fast.*.wav")
    np.testing.assert_allclose(Waveform.load(stem).samples, fast.samples, atol=1e-3)


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
