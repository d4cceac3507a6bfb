"""`octet speak`, `replay` and `demo`, end to end."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import wave
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tests.cli.running import ENVIRONMENT, OCTET, Octet, installed

from octet.audio.waveform import Waveform
from octet.jobs.demo import everything
from octet.jobs.load import BUNDLED, SYSTEMS
from octet.jobs.models import bundled

TEXT = "Hello, world. This is a test."
VOICES = next(row.voices for row in bundled() if row.kind == "fastspeech2")


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".opus", ".mp3"])
def test_every_format_holds_speech_and_its_request(octet: Octet, tmp_path: Path, suffix: str):
    file = tmp_path / f"hello{suffix}"
    outcome = octet("speak", TEXT, "-o", file)
    audio = Waveform.load(file)
    assert outcome.code == 0
    assert str(file) in outcome.text
    assert audio.metadata["request"] == {"text": TEXT}
    assert 1 < audio.duration_seconds < 10
    assert np.abs(audio.samples).max() > 0.01
    assert list(tmp_path.iterdir()) == [file]


def test_argument_file_and_standard_input_say_the_same(octet: Octet, tmp_path: Path):
    written = tmp_path / "text.txt"
    written.write_text(TEXT, encoding="utf-8-sig")
    octet("speak", TEXT, "-o", tmp_path / "argument.wav")
    octet("speak", "--file", written, "-o", tmp_path / "file.wav")
    piped = installed("speak", "-", "-o", str(tmp_path / "pipe.wav"), data=TEXT.encode())
    assert (piped.code, piped.err) == (0, "")
    assert len({(tmp_path / f"{name}.wav").read_bytes() for name in ("argument", "file", "pipe")}) == 1


def test_voices_differ(octet: Octet, tmp_path: Path):
    for voice in VOICES:
        assert octet("speak", "Good morning.", "--voice", voice, "-o", tmp_path / f"{voice}.wav").code == 0
    assert len(VOICES) == 10
    assert len({(tmp_path / f"{voice}.wav").read_bytes() for voice in VOICES}) == 10


def test_korean_is_found_out(octet: Octet, tmp_path: Path):
    text = "안녕하세요. 만나서 반갑습니다."
    octet("speak", text, "-o", tmp_path / "found.wav")
    octet("speak", text, "--language", "ko", "--voice", "ko", "-o", tmp_path / "said.wav")
    assert Waveform.load(tmp_path / "found.wav") == Waveform.load(tmp_path / "said.wav")


def test_ssml_has_pauses_voices_and_prosody(octet: Octet, tmp_path: Path):
    def seconds(name: str, ssml: str) -> float:
        file = tmp_path / f"{name}.wav"
        assert octet("speak", "--ssml", f"<speak>{ssml}</speak>", "-o", file).code == 0
        return Waveform.load(file).duration_seconds

    plain = seconds("plain", "One fine day.")
    assert seconds("pause", 'One fine day.<break time="2s"/>') > plain + 1.5
    assert seconds("slow", '<prosody rate="50%">One fine day.</prosody>') > plain * 1.6
    seconds("kal", '<voice name="kal">One fine day.</voice>')
    octet("speak", "One fine day.", "--voice", "kal", "-o", tmp_path / "plain-kal.wav")
    assert Waveform.load(tmp_path / "kal.wav") == Waveform.load(tmp_path / "plain-kal.wav")


def test_a_lexicon_changes_what_is_said(octet: Octet, tmp_path: Path):
    lexicon = tmp_path / "lexicon.tsv"
    lexicon.write_text("SQL\tsequel\n", encoding="utf-8")
    octet("speak", "We love SQL.", "--lexicon", lexicon, "-o", tmp_path / "by-lexicon.wav")
    octet("speak", "We love sequel.", "-o", tmp_path / "respelt.wav")
    assert Waveform.load(tmp_path / "by-lexicon.wav") == Waveform.load(tmp_path / "respelt.wav")


def test_timestamps_lie_within_the_audio(octet: Octet, tmp_path: Path):
    for suffix in (".json", ".srt"):
        words = ("--timestamps", tmp_path / f"words{suffix}", "-o", tmp_path / "hello.wav")
        assert octet("speak", TEXT, *words).code == 0
    times = json.loads((tmp_path / "words.json").read_text(encoding="utf-8"))
    edges = [edge for word in times for edge in (word["start_seconds"], word["end_seconds"])]
    assert [word["text"] for word in times] == ["Hello", "world", "This", "is", "a", "test"]
    assert edges == sorted(edges)
    assert 0 <= edges[0] < edges[-1] <= Waveform.load(tmp_path / "hello.wav").duration_seconds
    entries = (tmp_path / "words.srt").read_text(encoding="utf-8").strip().split("\n\n")
    assert re.fullmatch(r"1\n00:00:00,\d{3} --> 00:00:\d\d,\d{3}\nHello", entries[0])
    assert [entry.splitlines()[2] for entry in entries] == [word["text"] for word in times]


def test_json_reports_what_was_made(octet: Octet, tmp_path: Path):
    file = tmp_path / "hello.wav"
    outcome = octet("speak", "Hi 😀 there. Bye.", "-o", file, "--json")
    report = json.loads(outcome.out)
    assert report["file"] == str(file)
    assert report["seconds"] == pytest.approx(Waveform.load(file).duration_seconds, abs=1e-3)
    assert report["unpronounced"] == "😀"
    assert [json.loads(line)["done"] for line in outcome.err.splitlines()] == [1, 2]


def test_what_has_no_pronunciation_is_reported(octet: Octet, tmp_path: Path):
    outcome = octet("speak", "Hi 😀 there.", "-o", tmp_path / "hi.wav")
    assert outcome.code == 0
    assert outcome.err == "octet: no pronunciation for '😀': spoken around\n"


def test_a_stream_has_the_samples_of_the_file(octet: Octet, tmp_path: Path):
    octet("speak", f"{TEXT} Hi 😀.", "-o", tmp_path / "hello.wav")
    streamed = installed("speak", f"{TEXT} Hi 😀.", "--stream")
    head, data = streamed.out[:44], streamed.out[44:]
    with wave.open(io.BytesIO(head)) as header:
        assert (header.getnchannels(), header.getsampwidth(), header.getframerate()) == (1, 2, 16000)
    with wave.open(str(tmp_path / "hello.wav")) as file:
        assert data == file.readframes(file.getnframes())
    assert streamed.err == "octet: no pronunciation for '😀': spoken around\n"


def test_a_listener_may_leave_a_stream():
    command = [OCTET, "speak", "One. Two. Three. Four. Five.", "--stream"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as speaking:
        assert speaking.stdout
        assert speaking.stderr
        speaking.stdout.read(44)
        speaking.stdout.close()
        assert speaking.stderr.read() == b""
    assert speaking.returncode == 0


def test_an_interrupt_leaves_nothing(tmp_path: Path):
    command = [OCTET, "speak", "One more sentence to say. " * 2000, "-o", tmp_path / "long.wav", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as speaking:
        assert speaking.stderr
        speaking.stderr.readline()  # the first sentence is made, and many are not
        speaking.send_signal(signal.SIGINT)
        last = speaking.stderr.read().decode().splitlines()[-1]
    assert (speaking.returncode, last) == (130, "octet: interrupted")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".wav", ".mp3"])
def test_replay_gives_the_same_samples(octet: Octet, tmp_path: Path, suffix: str):
    made, again = tmp_path / f"made{suffix}", tmp_path / f"again{suffix}"
    octet("speak", TEXT, "--voice", "rms", "--speed", "1.3", "--pitch", "2", "--energy", "1.2", "-o", made)
    assert octet("replay", made, "-o", again).code == 0
    assert Waveform.load(made) == Waveform.load(again)
    assert Waveform.load(made).metadata == Waveform.load(again).metadata


@pytest.mark.slow
def test_demo_makes_a_page_whose_files_exist(octet: Octet, tmp_path: Path):
    outcome = octet("demo", tmp_path / "demo")
    page = (tmp_path / "demo" / "index.html").read_text(encoding="utf-8")
    files = re.findall(r'src="([^"]+)"', page)
    assert outcome.code == 0
    assert f"{len(files) // 2} sounds" in outcome.text
    assert all((tmp_path / "demo" / file).stat().st_size > 1000 for file in files)
    left_out = [line for line in outcome.text.splitlines() if line.startswith("left out: ")]
    pieces = everything()
    missing = [piece for piece in pieces if not (BUNDLED / SYSTEMS[piece.model]).is_dir()]
    missing += [piece for piece in pieces if "漢字" in piece.title and not find_spec("pyopenjtalk")]
    assert len(left_out) == len(missing) == len(pieces) - len(files) // 2
    assert all(f"left out: {piece.title}: " in outcome.text for piece in missing)
