"""`octet music` and `octet replay` as the installed command, with public weights from a folder."""

from __future__ import annotations

import io
import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.cli.running import ENVIRONMENT, OCTET, Octet, installed, refused
from tests.jobs.players import small
from tests.systems.musicgen.published_examples import transformers_model

from octet.audio.waveform import Waveform

RATE_HZ = 4000


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    transformers_model(folder, rate_hz=RATE_HZ)
    return folder


def test_music_replayed_and_streamed(model: Path, tmp_path: Path) -> None:
    words = ("music", "a tune", "--model", str(model), "--seconds", "0.1", "--as-it-is")
    made = installed(*words, "-o", str(tmp_path / "tune.wav"))
    assert (made.code, made.err) == (0, "")
    again = installed("replay", str(tmp_path / "tune.wav"), "-o", str(tmp_path / "again.wav"))
    assert (again.code, again.err) == (0, "")
    assert (tmp_path / "tune.wav").read_bytes() == (tmp_path / "again.wav").read_bytes()
    streamed = installed(*words[:-1], "--stream")
    assert (streamed.code, streamed.err) == (0, "")
    samples, rate = soundfile.read(io.BytesIO(streamed.out), dtype="float32")
    assert rate == RATE_HZ
    np.testing.assert_allclose(samples, Waveform.load(tmp_path / "tune.wav").samples[0], atol=1e-4)


def test_without_words_it_is_said(octet: Octet, model: Path, tmp_path: Path) -> None:
    made = octet("music", "--engine", "torch", "--model", model, "--seconds", "0.05", "-o", tmp_path / "any.wav")
    assert made.code == 0
    assert "without words" in made.text


def test_a_beginning_is_continued(octet: Octet, model: Path, tmp_path: Path) -> None:
    Waveform(np.random.default_rng(0).uniform(-0.5, 0.5, 800), RATE_HZ).save(tmp_path / "begin.wav")
    words = (
        "music",
        "x",
        "--engine",
        "torch",
        "--model",
        model,
        "--continue",
        tmp_path / "begin.wav",
        "--seconds",
        "0.2",
        "--json",
    )
    made = octet(*words, "-o", tmp_path / "more.wav")
    assert json.loads(made.text) == {"file": str(tmp_path / "more.wav"), "seconds": 0.2, "prompt": "x"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seconds", "0"], "duration_seconds"),
        (["--seconds", "-1"], "duration_seconds"),
        (["--seconds", "1e9"], "duration_seconds"),
        (["--temperature", "-1"], "temperature"),
        (["--top-p", "2"], "top_p"),
        (["--guidance-scale", "nan"], "guidance_scale"),
        (["--melody", "nowhere.wav"], "hears no melody"),
        (["--continue", "nowhere.wav"], "nowhere.wav"),
        (["--model", "fastspeech2"], "takes no engine"),
        (["--model", "nothing"], "nothing"),
        (["--stream"], "where the sound goes"),
    ],
)
def test_bad_input_is_told_in_one_line(octet: Octet, model: Path, tmp_path: Path, words: list[str], said: str) -> None:
    outcome = octet("music", "x", "--engine", "torch", "--model", model, "-o", tmp_path / "no.wav", *words)
    refused(outcome, said)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_sound_is_no_beginning(octet: Octet, model: Path, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    outcome = octet(
        "music",
        "x",
        "--engine",
        "torch",
        "--model",
        model,
        "--continue",
        tmp_path / "text.wav",
        "-o",
        tmp_path / "no.wav",
    )
    refused(outcome, "text.wav")
    assert not (tmp_path / "no.wav").exists()


def test_an_interrupt_leaves_nothing(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    """In a process of its own, whichever engine is installed."""
    played = small(tmp_path_factory.mktemp("players")) / "music"
    words = ("music", "a tune", "--model", str(played), "--seconds", "3000", "-o", str(tmp_path / "long.wav"), "--json")
    with subprocess.Popen([OCTET, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as playing:
        assert playing.stderr
        playing.stderr.readline()  # the first frame is made, and many are not
        playing.send_signal(signal.SIGINT)
        last = playing.stderr.read().decode().splitlines()[-1]
    assert (playing.returncode, last) == (130, "octet: interrupted")
    assert list(tmp_path.iterdir()) == []
