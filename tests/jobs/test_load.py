"""`octet.load`: names, paths, options, and no network for what is bundled."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import octet
from octet.audio import spectrogram
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.jobs.load import BUNDLED, load, load_vocoder, model_hash, resolve
from octet.jobs.models import bundled
from octet.systems.fastspeech2.generate import Speaker
from octet.systems.fastspeech2.model import Config
from octet.systems.fastspeech2.waveform import FastSpeech2s, WaveformConfig
from octet.vocoders.vocos import Vocos, VocosConfig

SENTENCES = {
    "en": "Two cups, please.",
    "ko": "안녕하세요.",
    "zh": "你好。",
    "ja": "こんにちは。",
    "de": "Guten Tag.",
    "fr": "Bonjour.",
    "es": "Buenos días.",
}


@pytest.fixture(scope="module")
def speaker() -> Speaker:
    return octet.load("fastspeech2")


def other_vocoder(folder: Path) -> Path:
    config = VocosConfig(spec=spectrogram.tiny(), channels=8, intermediate_channels=8, layers=1)
    artifacts.save(folder, "vocos", config.model_dump(mode="json"), Vocos(config).state_dict())
    return folder


def test_a_speaker_has_ten_voices(speaker: Speaker):
    assert set(speaker.voices) == {"slt", "rms", "awb", "kal", "ko", "zh", "ja", "de", "fr", "es"}


def test_generate_and_stream_make_the_same_sound(speaker: Speaker):
    audio = speaker.generate("Hello. How are you?", voice="slt", speed=1.2)
    parts = list(speaker.stream("Hello. How are you?", voice="slt", speed=1.2))
    assert [part.text for part in parts] == ["Hello.", "How are you?"]
    assert np.array_equal(audio.samples, np.concatenate([part.audio.samples for part in parts], axis=1))
    assert isinstance(audio, octet.Waveform)


def test_an_unknown_option_is_named(speaker: Speaker):
    for ask in (speaker.generate, speaker.stream):
        with pytest.raises(InvalidInput, match=r"unknown option 'volume': choose from text, voice, .*speed"):
            ask("Hello.", volume=2)


def test_a_saved_waveform_says_how_it_was_made(speaker: Speaker, tmp_path: Path):
    speaker.generate("Hello.", seed=7).save(tmp_path / "hello.flac")
    metadata = octet.Waveform.load(tmp_path / "hello.flac").metadata
    assert metadata["request"] == {"text": "Hello.", "seed": 7}
    assert metadata["model"] == {"name": "fastspeech2", "vocoder": None}
    assert metadata["model_hash"] == model_hash(BUNDLED / "fastspeech2-tiny")
    assert metadata["vocoder_hash"] == model_hash(BUNDLED / "vocoder-tiny")


@pytest.mark.disable_socket
@pytest.mark.parametrize("language", SENTENCES)
def test_nothing_bundled_needs_a_network(language: str):
    fresh = load("fastspeech2")
    assert fresh.generate(SENTENCES[language]).duration_seconds > 0.3
    assert {row.name for row in bundled()} >= {"fastspeech2-tiny", "vocoder-tiny"}


@pytest.mark.parametrize("name", [BUNDLED / "fastspeech2-tiny", "fastspeech2-tiny", str(BUNDLED / "fastspeech2-tiny")])
def test_a_name_and_a_path_load_the_same(speaker: Speaker, name: str | Path):
    assert load(name).generate("Hello.") == speaker.generate("Hello.")


def test_a_folder_where_one_works_does_not_replace_what_is_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    other_vocoder(tmp_path / "vocoder-tiny")
    (tmp_path / "fastspeech2-tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    assert resolve("fastspeech2") == BUNDLED / "fastspeech2-tiny"
    assert load("fastspeech2").source["vocoder_hash"] == model_hash(BUNDLED / "vocoder-tiny")


def test_another_vocoder_may_be_given(speaker: Speaker, tmp_path: Path):
    other = load("fastspeech2", vocoder=other_vocoder(tmp_path / "other"))
    assert other.source["model"]["vocoder"] == str(tmp_path / "other")
    assert other.source["vocoder_hash"] != speaker.source["vocoder_hash"]
    assert other.generate("Hello.").duration_seconds == speaker.generate("Hello.").duration_seconds


def test_fastspeech2s_speaks_without_a_vocoder(tmp_path: Path):
    _, bundled_config = artifacts.load_config(BUNDLED / "fastspeech2-tiny")
    sizes = {"width": 16, "inner_width": 16, "predictor_width": 16, "encoder_layers": 1, "decoder_layers": 1}
    acoustic = Config.model_validate(bundled_config | sizes | {"speakers": ["one"]})
    shape = WaveformConfig(acoustic=acoustic, upsampling="harmonic", channels=8, layers=2, dilation_cycle=2)
    kind, settings, state = FastSpeech2s(shape).artifact()
    artifacts.save(tmp_path / "joint", kind, settings, state)
    assert load(tmp_path / "joint").generate("Hello.", voice="one").sample_rate_hz == 16000
    with pytest.raises(InvalidInput, match="takes no vocoder"):
        load(tmp_path / "joint", vocoder="vocoder-tiny")


@pytest.mark.parametrize("name", ["nothing", Path("no/where"), "fastspeech2-small", ""])
def test_a_name_of_nothing(name: str | Path):
    with pytest.raises(InvalidInput):
        load(name, offline=True)


def test_the_hash_follows_the_files(tmp_path: Path):
    copy = Path(shutil.copytree(BUNDLED / "vocoder-tiny", tmp_path / "copy"))
    assert model_hash(copy) == model_hash(BUNDLED / "vocoder-tiny")
    (copy / artifacts.CONFIG).write_text((copy / artifacts.CONFIG).read_text() + "\n")
    assert model_hash(copy) != model_hash(BUNDLED / "vocoder-tiny")
    (tmp_path / "weights.pth.tar").write_bytes(b"1")
    one = model_hash(tmp_path)
    (tmp_path / "weights.pth.tar").write_bytes(b"2")
    assert model_hash(tmp_path) != one


def test_a_vocoder_with_values_that_are_not_numbers(tmp_path: Path):
    folder = other_vocoder(tmp_path / "other")
    state = {name: tensor / 0 * 0 for name, tensor in artifacts.load_state(folder).items()}
    artifacts.save(folder, *artifacts.load_config(folder), state)
    with pytest.raises(InvalidArtifact, match="not numbers"):
        load_vocoder(folder)
    assert load_vocoder("vocoder-tiny").spec == spectrogram.tiny()
