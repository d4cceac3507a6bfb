"""Codecs on the sound of corpora, and MusicGen on tokens, by their recipes."""

from __future__ import annotations

import pytest
import torch
from tests.codecs.examples import FEATURES, SPECTRAL
from tests.data.pieces import codec, pieces
from tests.encoders.text.examples import tokenizer
from tests.jobs.corpora import tones

from octet.audio import files, spectrogram
from octet.core.artifacts import load_config, load_state
from octet.core.errors import InvalidInput
from octet.jobs.prepare import Making, prepare
from octet.jobs.train import train
from octet.systems.musicgen import model as musicgen
from octet.systems.musicgen.recipe import LORA
from octet.training.compute import Compute
from octet.training.run import Run

SHORT = {"plan.steps": "2", "plan.evaluate_every": "2", "plan.warmup_steps": "1"}
CODEC = SHORT | {
    "model.codec": SPECTRAL.model_dump_json(),
    "model.features": FEATURES.model_dump_json(),
    "model.crop_samples": "4000",
    "model.begin_batches": "2",
    "plan.batch_frames": "250",
}
MUSIC = SHORT | {
    "model.pattern": "{shifts: [0, 1, 2, 3]}",
    "model.frame_rate_hz": "50",
    "model.decoder": "{codebooks: 4, vocabulary: 16, width: 16, heads: 2, layers: 1, inner_width: 16}",
    "model.text": "{kind: tiny, buckets: 64, width: 8, heads: 2, layers: 1}",
    "model.segment_seconds": "1.0",
    "model.stride_seconds": "0.5",
    "plan.batch_frames": "100",
}


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    pieces(folder)
    return folder


@pytest.fixture(scope="module")
def small_codec(tmp_path_factory, music):
    path = codec(tmp_path_factory.mktemp("codec"))
    assert prepare("tokens", music, Making(codec=str(path)), workers=1) == {
        "pieces": 6,
        "hours": pytest.approx(1 / 300),
    }
    return path


def run(recipe, data, out, settings, **options):
    return train(recipe, data, out, overrides=settings, compute=Compute(device="cpu"), **options)


def test_a_codec_trains_on_music_and_speech_and_shows_what_it_copies(tmp_path, music):
    speech = tones(tmp_path / "speech")
    last = run("codec-tiny", [music, speech], tmp_path / "run", CODEC)
    assert load_config(last)[0] == "spectral-codec"
    assert all(torch.isfinite(value).all() for value in load_state(last).values())
    opened = Run.open(tmp_path / "run")
    assert opened.document["data"]["examples"] == 4 + 6
    names = set(opened.metric_names())
    assert {"loss", "loudness", "commitment", "perplexity", "evaluation/loss", "evaluation/loudness"} <= names
    shown = {path.name: path for path in (tmp_path / "run" / "samples" / "step-00000002").glob("*")}
    assert {"p2.png", "p2.wav", "p2-original.png", "p2-original.wav"} <= set(shown)
    copy, original = (files.read(shown[name]) for name in ("p2.wav", "p2-original.wav"))
    assert copy[1] == original[1] == 4000
    assert copy[0].shape == original[0].shape == (1, 8000)


def test_only_a_training_from_nothing_begins_with_what_it_hears(tmp_path, music):
    """A run that goes on, or starts from weights, would lose them."""

    def phases(out, **options):
        seen = []
        settings = CODEC | options.pop("settings", {})
        run("codec-tiny", music, out, settings, on_progress=lambda step: seen.append(step.phase), **options)
        return seen

    assert "beginning" in phases(tmp_path / "run")
    assert "beginning" not in phases(tmp_path / "run", settings={"plan.steps": "4"})
    assert "beginning" not in phases(tmp_path / "second", init_from=str(tmp_path / "run"))


def test_a_sound_shorter_than_a_window_is_shown_too(tmp_path):
    pieces(tmp_path / "short", seconds=0.03)
    run("codec-tiny", tmp_path / "short", tmp_path / "run", CODEC)
    assert (tmp_path / "run" / "samples" / "step-00000002" / "p2.png").is_file()


def test_musicgen_trains_on_tokens_and_remembers_its_codec(tmp_path, music, small_codec):
    settings = MUSIC | {"model.codec": str(small_codec)}
    last = run("musicgen-tiny", music, tmp_path / "run", settings)
    made = musicgen.load(last)
    assert made.config.codec == str(small_codec)
    opened = Run.open(tmp_path / "run")
    assert opened.document["data"] | {"sha256": ""} == {"examples": 4, "frames": 200, "sha256": ""}
    assert {"loss", "codebook_3", "evaluation/loss", "evaluation/codebook_3"} <= set(opened.metric_names())
    again = run("musicgen-tiny", music, tmp_path / "run", settings | {"plan.steps": "3"})
    assert again.name == "step-00000003"


def test_a_musicgen_is_adapted_and_what_is_adapted_stays_as_large(tmp_path, music, small_codec):
    settings = MUSIC | {"model.codec": str(small_codec)}
    before = run("musicgen-tiny", music, tmp_path / "run", settings)
    quick = settings | {"plan.learning_rate": "0.1", "plan.ema_decay": "0"}
    after = run("musicgen-tiny-lora", music, tmp_path / "adapted", quick, init_from=str(tmp_path / "run"))
    old, new = load_state(before), load_state(after)
    assert {name: weight.shape for name, weight in old.items()} == {name: weight.shape for name, weight in new.items()}
    changed = {name for name in old if name.startswith("decoder.") and not torch.equal(old[name], new[name])}
    assert {name.split(".")[-2] for name in changed} <= set(LORA.layers)
    assert changed
    with pytest.raises(
        InvalidInput, match="musicgen-tiny-lora adapts a model that is there already: give it with --init"
    ):
        run("musicgen-tiny-lora", music, tmp_path / "other", settings)
    wider = settings | {"model.text.width": "16"}
    with pytest.raises(InvalidInput, match=r"\d+ of \d+ weights fit those of .*: give the settings"):
        run("musicgen-tiny-lora", music, tmp_path / "other", wider, init_from=str(tmp_path / "run"))
    assert not (tmp_path / "other").exists()


def test_a_musicgen_with_a_t5_takes_one_from_a_folder(tmp_path, music, small_codec):
    transformers = pytest.importorskip("transformers")
    from tests.encoders.text.examples import t5_config

    folder = tmp_path / "t5"
    transformers.T5EncoderModel(t5_config()).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    text = f"{{kind: t5, name: {folder}, width: {t5_config().d_model}}}"
    settings = MUSIC | {"model.text": text, "model.codec": str(small_codec), "plan.precision": "fp32"}
    last = run("musicgen-small", music, tmp_path / "run", settings)
    assert load_config(last)[1]["text"]["name"] == str(folder)
    assert not any(name.startswith("text.encoder") for name in load_state(last))


def test_a_musicgen_reads_with_a_musecocos_first_stage(tmp_path, music, small_codec):
    import octet

    settings = MUSIC | {"model.codec": str(small_codec), "model.text": "{kind: reader}"}
    last = run("musicgen-tiny", music, tmp_path / "run", settings)
    assert not [name for name in load_state(last) if "encoder" in name]
    player = octet.load(last, engine="torch")
    request = {"duration_seconds": 0.5, "temperature": 0.0, "guidance_scale": 3.0}
    waltz, march = (player.generate(prompt, **request).samples for prompt in ("슬픈 왈츠, 피아노", "a fast march"))
    assert waltz.shape == march.shape
    assert (waltz != march).any()


def test_without_its_t5_or_its_codec_a_musicgen_says_what_to_give(tmp_path, music, small_codec, monkeypatch):
    monkeypatch.setenv("OCTET_OFFLINE", "1")
    with pytest.raises(InvalidInput, match=r"t5-base.*--set model\.text\.name=FOLDER"):
        run("musicgen-small", music, tmp_path / "run", SHORT | {"model.codec": str(small_codec)})
    with pytest.raises(InvalidInput, match=r"no model called 'nothing'.*--set model\.codec=CODEC"):
        run("musicgen-tiny", music, tmp_path / "run", {"model.codec": "nothing"})
    with pytest.raises(InvalidInput, match=r"no tokens of this codec in .*octet prepare tokens --out"):
        run("musicgen-tiny", music, tmp_path / "run", {"model.codec": str(codec(tmp_path / "other", seed=1))})
    assert not (tmp_path / "run").exists()


def test_a_corpus_of_the_wrong_kind_or_number_is_refused(tmp_path, music):
    speech = tones(tmp_path / "speech", spectrogram.tiny())
    with pytest.raises(InvalidInput, match="trains on one corpus, 2 were given: give --data once"):
        run("vocoder-tiny", [speech, speech], tmp_path / "run", SHORT)
    with pytest.raises(InvalidInput, match="no features for this MelSpec"):
        run("vocoder-tiny", music, tmp_path / "run", SHORT)
    with pytest.raises(InvalidInput, match="speech was expected, this is music"):
        prepare("features", music, Making())
    with pytest.raises(InvalidInput, match="music was expected, this is speech"):
        prepare("tokens", speech, Making(codec=str(codec(tmp_path / "codec"))))
    assert not (tmp_path / "run").exists()
