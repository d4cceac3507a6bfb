"""The verb `music`: public weights and our own become files, streams, and the same files again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.jobs.players import small
from tests.systems.musicgen.published_examples import native_file, native_settings, transformers_model

import octet
from octet.audio.loudness import integrated_loudness
from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.families.token_lm.engine import TorchEngine
from octet.jobs.music import LOUDNESS_LUFS, Model, music_to_file, stream
from octet.jobs.replay import replay

RATE_HZ = 4000
SHORT = {"duration_seconds": 0.05, "seed": 3}


def torch_of(folder: Path) -> Model:
    """Without OpenVINO, which (2026.4) does not survive, in one process, the interrupts that other tests send."""
    return Model(str(folder), engine="torch")


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("public")
    transformers_model(folder, rate_hz=RATE_HZ)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A MusicGen of our own, and beside it the codec that it names."""
    return small(tmp_path_factory.mktemp("trained")) / "music"


def test_public_weights_play_and_say_what_they_played(public: Path, tmp_path: Path) -> None:
    made = music_to_file(torch_of(public), {"prompt": "a tune", **SHORT}, tmp_path / "tune.wav")
    kept = Waveform.load(tmp_path / "tune.wav")
    assert kept.sample_rate_hz == RATE_HZ
    assert kept.duration_seconds == pytest.approx(0.05, abs=0.001)
    assert made.metadata["request"] == {"prompt": "a tune", **SHORT}
    assert kept.metadata == made.metadata


def test_a_file_is_brought_to_its_loudness_or_left_as_it_is(public: Path, tmp_path: Path) -> None:
    options = {"prompt": "a tune", "duration_seconds": 0.5}
    even = music_to_file(torch_of(public), options, tmp_path / "even.wav")
    plain = music_to_file(torch_of(public), options, tmp_path / "plain.wav", normalise=False)
    assert integrated_loudness(even.samples, RATE_HZ) <= LOUDNESS_LUFS + 0.1
    assert plain == octet.load(public, engine="torch").generate(**options)
    ratio = even.samples / np.where(plain.samples == 0, 1, plain.samples)
    assert ratio.std() < 1e-3
    assert not np.allclose(even.samples, plain.samples)


@pytest.mark.parametrize("normalise", [True, False])
def test_music_is_made_again_from_its_file(trained: Path, tmp_path: Path, normalise: bool) -> None:
    music_to_file(torch_of(trained), {"prompt": "x", **SHORT}, tmp_path / "one.wav", normalise=normalise)
    replay(tmp_path / "one.wav", tmp_path / "again.wav")
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "again.wav").read_bytes()


@pytest.mark.parametrize("part", ["codec_hash", "text_encoder_hash"])
def test_music_of_other_weights_is_not_made_again(trained: Path, tmp_path: Path, part: str) -> None:
    made = music_to_file(torch_of(trained), {"prompt": "x", **SHORT}, tmp_path / "one.wav")
    changed = Waveform(made.samples, made.sample_rate_hz, {**made.metadata, part: "0"})
    changed.save(tmp_path / "other.wav")
    with pytest.raises(InvalidInput, match=f"{part} 0"):
        replay(tmp_path / "other.wav", tmp_path / "again.wav")


def test_a_melody_is_heard_at_the_codecs_rate(trained: Path, tmp_path: Path) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050)
    Waveform(np.stack([tone, tone]), 22_050).save(tmp_path / "hum.wav")
    model = octet.load(trained, engine="torch")
    with_it = model.generate("x", melody=tmp_path / "hum.wav", **SHORT)
    assert with_it != model.generate("x", **SHORT)


def test_the_stream_is_the_file(trained: Path) -> None:
    options = {"prompt": "x", "duration_seconds": 2.5}
    pieces = list(stream(torch_of(trained), options))
    whole = octet.load(trained, engine="torch").generate(**options)
    assert len(pieces) > 1
    np.testing.assert_allclose(np.concatenate([p.samples for p in pieces], axis=1), whole.samples, atol=1e-5)


def test_audiocrafts_files_need_their_t5_and_their_codec(tmp_path: Path) -> None:
    whole, native = tmp_path / "whole", tmp_path / "native"
    native.mkdir()
    native_file(
        native, transformers_model(whole, rate_hz=400), native_settings()
    )  # at the published 50 frames a second
    player = octet.load(native, text_encoder=whole, codec=whole, engine="torch")
    assert player.generate("a tune", **SHORT) == octet.load(whole, engine="torch").generate("a tune", **SHORT)
    with pytest.raises(InvalidInput, match="t5-base"):
        octet.load(native, codec=whole, offline=True)


def test_parts_that_a_model_has_not(public: Path) -> None:
    with pytest.raises(InvalidInput, match="takes no vocoder"):
        octet.load(public, vocoder="vocoder-tiny")
    for part in ({"codec": public}, {"text_encoder": public}):
        with pytest.raises(InvalidInput, match=f"takes no {next(iter(part))}"):
            octet.load("fastspeech2", **part)
    with pytest.raises(InvalidInput, match="plays no music"):
        stream(Model("fastspeech2"), {"prompt": "x"})


def test_quantised_weights_are_kept_and_played_without_the_decoders_own(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openvino")
    monkeypatch.setenv("OCTET_CACHE", str(tmp_path))
    first = octet.load(trained, weights="int8")
    (kept,) = (tmp_path / "engines").iterdir()
    again = octet.load(trained, weights="w8a8")
    by_torch = octet.load(trained, engine="torch", weights="int8")
    assert list((tmp_path / "engines").iterdir()) == [kept]
    for player in (first, again, by_torch):
        assert not list(player.model.decoder.layers.parameters())
        assert player.generate("a tune", **SHORT).duration_seconds == pytest.approx(0.05, abs=0.02)
    plain = octet.load(trained, engine="torch").generate("a tune", temperature=0.0, **SHORT)
    rounded = octet.load(trained, weights="int8").generate("a tune", temperature=0.0, **SHORT)
    assert plain.samples.shape == rounded.samples.shape
    assert isinstance(by_torch.engine, TorchEngine)
    assert not [each for each in by_torch.engine.decoder.modules() if isinstance(each, torch.nn.Linear)]
