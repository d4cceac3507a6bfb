"""What cannot be spoken or written: one clear line, exit code 2, and nothing half-written."""

from __future__ import annotations

import io
import json
import pickle
import resource
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.cli.running import Octet, installed, refused
from tests.jobs.corpora import tones

from octet.audio import spectrogram
from octet.audio.waveform import Waveform
from octet.core import artifacts
from octet.jobs.load import BUNDLED
from octet.vocoders.vocos import Vocos, VocosConfig

ACOUSTIC = BUNDLED / "fastspeech2-tiny"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([""], "said aloud"),
        (["...!?"], "said aloud"),
        (["Hi.", "--language", "tlh"], "en, ko, zh, ja, de, fr, es"),
        (["Hi.", "--voice", "nobody"], "slt"),
        (["Hi.", "--speed", "9"], "4"),
        (["Hi.", "--speed", "nan"], "speed"),
        (["Hi.", "--pitch=-25"], "-24"),
        (["Hi.", "--energy", "0"], "0.1"),
        (["Hi \udcff."], "UTF-8"),
        (["<speak>Hi.", "--ssml"], "SSML, line 1"),
        (["<!DOCTYPE a><speak>Hi.</speak>", "--ssml"], "document type"),
        (['<speak>Hi.<voice name="nobody">Bye.</voice></speak>', "--ssml"], "nobody"),
        (["Hi.", "--file", "text.txt"], "once"),
        ([], "once"),
        (["--file", "missing.txt"], "missing.txt"),
        (["--file", "."], "directory"),
        (["--file", "latin1.txt"], "byte 2"),
        (["Hi.", "--lexicon", "latin1.txt"], "byte 2"),
        (["Hi.", "--lexicon", "text.txt"], "line 1"),
        (["Hi.", "--model", "nothing"], "fastspeech2-tiny"),
        (["Hi.", "--model", "vocoder-tiny"], "does not speak"),
        (["Hi.", "--vocoder", "nothing"], "vocoder-tiny"),
        (["Hi.", "--vocoder", "fastspeech2-tiny"], "vocoder"),
        (["Hi.", "--model", "text.txt"], "text.txt"),
        (["Hi.", "--model", "fastspeech2", "--system", "fastspeech2"], "not both"),
        (["Hi.", "--timestamps", "times.vtt"], ".json or .srt"),
        (["Hi.", "--timestamps", "text.txt/times.srt"], "times.srt"),
        (["Hi.", "--stream"], "-o FILE, or --stream"),
    ],
)
def test_a_request_that_cannot_be_met(
    octet: Octet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
):
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("Hello.")
    Path("latin1.txt").write_bytes("Grün.".encode("latin-1"))
    Path("out.wav").write_bytes(b"earlier")
    before = sorted(tmp_path.iterdir())
    refused(octet("speak", *words, "-o", "out.wav"), said)
    assert sorted(tmp_path.iterdir()) == before
    assert Path("out.wav").read_bytes() == b"earlier"


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("folder.wav", "folder"),
        ("text.txt/hello.wav", "text.txt"),
        ("hello.aiff", ".wav, .flac, .ogg, .opus, .mp3"),
        ("hello", "without suffix"),
        ("/proc/hello.wav", "/proc/hello.wav"),
    ],
)
def test_an_output_that_cannot_be_written(
    octet: Octet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, said: str
):
    monkeypatch.chdir(tmp_path)
    Path("folder.wav").mkdir()
    Path("text.txt").write_text("Hello.")
    before = sorted(tmp_path.rglob("*"))
    refused(octet("speak", "Hello.", "-o", output), said)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "words",
    [["Hi.", "--voice", "nobody"], ["...!?"], ["Hi.", "--speed", "9"], ["Hi.", "--model", "nothing"], ["日本" * 9000]],
)
def test_a_folder_is_made_only_for_a_sound(octet: Octet, tmp_path: Path, words: list[str]):
    output, times = tmp_path / "new" / "deep" / "x.opus", tmp_path / "times" / "x.srt"
    refused(octet("speak", *words, "-o", output, "--timestamps", times))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("recipe", "setting", "said"),
    [
        ("vocoder-tiny", "plan.steps=0", "greater than 0"),
        ("vocoder-tiny", "plan.learning_rate=-1", "greater than 0"),
        ("vocoder-tiny", "plan.ema_decay=1", "less than 1"),
        ("vocoder-tiny", "plan.clip_norm=.nan", "finite"),
        ("vocoder-tiny", "model.generator.layers=1000000000", "less than or equal to 100"),
        ("vocoder-tiny", "model.stft_resolutions=[[512, 0, 512]]", "greater than or equal to 1"),
        ("recogniser-tiny", "plan.batch_frames=0", "greater than 0"),
        ("fastspeech2-tiny", "plan.accumulation=0", "greater than 0"),
        ("fastspeech2-tiny", "model.width=127", "does not divide"),
        ("fastspeech2s-tiny", "model.segment_frames=0", "greater than or equal to 1"),
    ],
)
def test_a_plan_without_sense(octet: Octet, tmp_path: Path, corpus: Path, recipe: str, setting: str, said: str):
    run = tmp_path / "run"
    refused(octet("train", recipe, "--data", corpus, "--out", run, "--set", setting), said)
    assert not run.exists()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tones(tmp_path_factory.mktemp("tones"), spectrogram.tiny())


def test_a_request_too_long_for_the_format_is_found_before_the_work(octet: Octet, tmp_path: Path):
    text = tmp_path / "long.txt"
    text.write_text("안녕하세요. " * 2000, encoding="utf-8")
    outcome = octet("speak", "--file", text, "-o", tmp_path / "long.opus", "--json")
    refused(outcome, ".opus", "50000 bytes")  # no line of progress before it


@pytest.mark.parametrize("words", [["--timestamps", "times.srt"], ["--json"]])
def test_a_stream_takes_no_report(octet: Octet, words: list[str]):
    refused(octet("speak", "Hi.", "--stream", *words), "-o FILE")


def test_sound_and_timestamps_appear_together_or_not_at_all(octet: Octet, tmp_path: Path):
    (tmp_path / "times.srt").mkdir()
    refused(octet("speak", "Hi.", "-o", tmp_path / "hi.wav", "--timestamps", tmp_path / "times.srt"), "times.srt")
    assert [path.name for path in tmp_path.iterdir()] == ["times.srt"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes to set")
def test_a_full_disk_leaves_nothing(tmp_path: Path):
    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    times = tmp_path / "hi.json"
    outcome = installed("speak", "Hi.", "-o", str(tmp_path / "hi.wav"), "--timestamps", str(times), preexec_fn=small)
    refused(outcome, "hi.wav", "choose another place")
    assert list(tmp_path.iterdir()) == []


HIFIGAN_V1 = {  # the configuration that lies beside jik876's generators
    "resblock": "1",
    "upsample_rates": [8, 8, 2, 2],
    "upsample_kernel_sizes": [16, 16, 4, 4],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
    "num_mels": 80,
    "n_fft": 1024,
    "hop_size": 256,
    "win_size": 1024,
    "sampling_rate": 22050,
    "fmin": 0,
    "fmax": 8000,
}


class Runs:
    """Unpickling this writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.write_text, (self.path, "ran")


@pytest.mark.parametrize("option", ["--model", "--vocoder"])
def test_no_pickle_is_run(octet: Octet, tmp_path: Path, option: str):
    trap = tmp_path / "trap"
    pickle.loads(pickle.dumps(Runs(trap)))
    assert trap.read_text() == "ran"  # the trap works where something steps into it
    trap.unlink()
    evil = tmp_path / "evil.pth.tar"
    torch.save({"model": Runs(trap), "generator": Runs(trap)}, evil)
    (tmp_path / "config.json").write_text(json.dumps(HIFIGAN_V1))
    refused(octet("speak", "Hi.", option, evil, "-o", tmp_path / "hi.wav"), "evil.pth.tar")
    assert not trap.exists()
    assert not (tmp_path / "hi.wav").exists()


def copy_with(folder: Path, **changes: Any) -> Path:
    """The bundled model with other values in its configuration."""
    kind, config = artifacts.load_config(ACOUSTIC)
    artifacts.save(folder, kind, config | changes, artifacts.load_state(ACOUSTIC))
    return folder


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"width": "wide"}, "width"),
        ({"width": 64}, "shape"),
        ({"width": 127}, "127"),
        ({"width": 10**7}, "width"),
        ({"width": -1}, "width"),
        ({"inner_width": 16_384}, "numbers"),
        ({"encoder_layers": 10**9}, "encoder_layers"),
        ({"bins": 0}, "bins"),
        ({"surprise": 1}, "surprise"),
        ({"speakers": ["one"]}, "shape"),
        ({"vocoder": "nothing"}, "nothing"),
        ({"vocoder": None}, "vocoder"),
        ({"spec": spectrogram.ljspeech().model_dump(mode="json")}, "22050"),
    ],
)
def test_a_configuration_that_does_not_fit(octet: Octet, tmp_path: Path, changes: dict[str, Any], said: str):
    model = copy_with(tmp_path / "model", **changes)
    refused(octet("speak", "Hi.", "--model", model, "-o", tmp_path / "hi.wav"), said)
    assert not (tmp_path / "hi.wav").exists()


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "missing", "not numbers", "no configuration"])
def test_damaged_weights(octet: Octet, tmp_path: Path, damage: str):
    model = copy_with(tmp_path / "model")
    weights = model / artifacts.WEIGHTS
    match damage:
        case "cut":
            weights.write_bytes(weights.read_bytes()[:-100])
        case "empty":
            weights.write_bytes(b"")
        case "noise":
            weights.write_bytes(bytes(range(256)) * 10)
        case "missing":
            weights.unlink()
        case "not numbers":
            state = {name: tensor * float("nan") for name, tensor in artifacts.load_state(model).items()}
            artifacts.save(model, *artifacts.load_config(model), state)
        case "no configuration":
            (model / artifacts.CONFIG).write_text("{")
    refused(octet("speak", "Hi.", "--model", model, "-o", tmp_path / "hi.wav"), str(model))
    assert not (tmp_path / "hi.wav").exists()


def test_a_vocoder_of_other_spectrograms(octet: Octet, tmp_path: Path):
    config = VocosConfig(spec=spectrogram.ljspeech(), channels=8, intermediate_channels=8, layers=1)
    artifacts.save(tmp_path / "other", "vocos", config.model_dump(mode="json"), Vocos(config).state_dict())
    outcome = octet("speak", "Hi.", "--vocoder", tmp_path / "other", "-o", tmp_path / "hi.wav")
    refused(outcome, "16000", "22050")


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({}, "how it was made"),
        ({"verb": "sing", "request": {}}, "how it was made"),
        ({"verb": "speak", "request": {"text": "Hi."}}, "damaged"),
        ({"verb": "speak", "request": {"text": "Hi."}, "model": {"weights": "x"}}, "damaged"),
        ({"verb": "speak", "request": [], "model": {"name": "fastspeech2"}}, "damaged"),
        ({"verb": "speak", "request": {"text": "Hi.", "volume": 1}, "model": {"name": "fastspeech2"}}, "volume"),
        ({"verb": "speak", "request": {"text": "Hi."}, "model": {"name": "nothing"}}, "nothing"),
        ({"verb": "speak", "request": {"text": "Hi."}, "model": {"name": "fastspeech2"}}, "model_hash"),
        (
            {
                "verb": "speak",
                "request": {"text": "Hi."},
                "model": {"name": "fastspeech2"},
                "model_hash": "HERE",
                "vocoder_hash": "0",
            },
            "vocoder_hash",
        ),
    ],
)
def test_a_file_that_cannot_be_replayed(octet: Octet, tmp_path: Path, metadata: dict[str, Any], said: str):
    if metadata.get("model_hash") == "HERE":
        metadata = metadata | {"model_hash": json.loads(_hash_here(octet, tmp_path).out)["model_hash"]}
    Waveform([0.0] * 100, 8000, metadata).save(tmp_path / "given.wav")
    refused(octet("replay", tmp_path / "given.wav", "-o", tmp_path / "again.wav"), said)
    assert not (tmp_path / "again.wav").exists()


def _hash_here(octet: Octet, folder: Path) -> Any:
    return octet("speak", "Hi.", "-o", folder / "here.wav", "--json")


def test_standard_input_that_is_no_text(octet: Octet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Hi \xff")))
    refused(octet("speak", "-", "-o", tmp_path / "hi.wav"), "byte 3", "UTF-8")
    assert list(tmp_path.iterdir()) == []
