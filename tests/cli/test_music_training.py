"""From nothing to music by the installed command: a corpus, a codec, its tokens, a MusicGen, and a sound of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.running import Octet, Outcome, installed, refused

from octet.core.errors import MissingExtra
from octet.symbolic.soundfont import default_path

CODEC = (
    "plan.steps=3",
    "plan.batch_frames=800",
    "model.crop_samples=16000",
    "model.codec.channels=16",
    "model.codec.hidden_channels=16",
    "model.codec.dimension=8",
    "model.codec.codebook_size=16",
)
MUSIC = (
    "plan.steps=3",
    "plan.batch_frames=1000",
    "model.decoder.vocabulary=16",
    "model.decoder.codebooks=4",
    "model.pattern.shifts=[0, 1, 2, 3]",
    "model.decoder.width=32",
    "model.decoder.inner_width=32",
    "model.decoder.layers=1",
    "model.text={kind: tiny, buckets: 64, width: 16}",
)


def there_is_a_font() -> bool:
    try:
        return default_path().is_file()
    except MissingExtra:
        return False


def done(*words: object) -> Outcome:
    outcome = installed(*map(str, words), "--json")
    assert outcome.code == 0, outcome.err
    return outcome


def trained(recipe: str, data: Path, out: Path, settings: tuple[str, ...]) -> Path:
    words = [word for setting in settings for word in ("--set", setting)]
    answer = done("train", recipe, "--data", data, "--out", out, "--device", "cpu", *words)
    return Path(json.loads(answer.text)["checkpoint"])


@pytest.mark.slow
def test_from_nothing_to_music(tmp_path: Path):
    from octet.codecs import contract
    from octet.systems.musicgen import model
    from octet.systems.musicgen.generate import Musician

    if not there_is_a_font():
        pytest.skip("there is no SoundFont")
    data, codec = tmp_path / "bands", tmp_path / "codec"
    made = done("prepare", "bands", "--hours", "0.05", "--out", data, "--workers", "1")
    assert json.loads(made.text)["pieces"] > 2
    assert '"phase": "making bands"' in made.err
    heard = contract.load(trained("codec-tiny", data, codec, CODEC))
    told = done("prepare", "tokens", "--out", data, "--codec", codec, "--workers", "1")
    assert json.loads(told.text) == json.loads(made.text)
    assert '"phase": "computing tokens"' in told.err
    checkpoint = trained("musicgen-tiny", data, tmp_path / "music", (*MUSIC, f"model.codec={codec}"))
    music = Musician(model.load(checkpoint), heard).generate("warm piano", duration_seconds=0.6)
    assert music.samples.shape == (1, 9600)
    assert music.sample_rate_hz == 16_000
    assert np.isfinite(music.samples).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prepare", "band"], "bands, musiccaps, audiocraft, fma, tokens"),
        (["prepare", "musiccaps"], "--from FOLDER"),
        (["prepare", "fma", "--from", "nowhere"], "nowhere"),
        (["prepare", "bands", "--hours", "0"], "hours must be above 0"),
        (["prepare", "tokens", "--codec", "nothing"], "no model called 'nothing'"),
        (["prepare", "tokens", "--codec", "vocoder-tiny"], "a codec"),
        (["train", "codec-tiny", "--data", "nowhere"], "octet prepare CORPUS --out"),
        (["train", "codec-tiny", "--data", "a", "--set", "model.crop_samples=1"], "crops of at least"),
        (["train", "musicgen-tiny", "--data", "a", "--set", "model.codec=nothing"], "--set model.codec=CODEC"),
        (["train", "musicgen-tin", "--data", "a"], "did you mean 'musicgen-tiny'?"),
        (["train", "vocoder-tiny", "--data", "a", "--data", "b"], "give --data once"),
    ],
)
def test_what_cannot_be_prepared_or_trained(
    octet: Octet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
):
    monkeypatch.chdir(tmp_path)
    refused(octet(*words, "--out", "out"), said)
    assert not list(tmp_path.iterdir())
