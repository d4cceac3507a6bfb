"""Every recipe, by its own command, on a corpus on disk."""

import json

import pytest
import torch
from tests.jobs.corpora import tones

from octet.audio import files, spectrogram
from octet.core.artifacts import load_config, load_state
from octet.core.errors import InvalidInput
from octet.jobs.recipes import RECIPES, recipe_of
from octet.jobs.train import train
from octet.training.compute import Compute
from octet.training.run import Run

SHORT = {"plan.steps": "2", "plan.evaluate_every": "2", "plan.batch_frames": "300"}
SMALL = {
    "fastspeech2-tiny": {"model.width": "16", "model.inner_width": "16", "model.predictor_width": "16"},
    "fastspeech2s-tiny": {
        "model.acoustic.width": "16",
        "model.acoustic.inner_width": "16",
        "model.channels": "8",
        "model.layers": "2",
        "model.segment_frames": "32",
    },
    "vocoder-tiny": {"model.generator.channels": "16", "model.crop_frames": "32"},
    "recogniser-tiny": {"model.channels": "16", "model.hidden_channels": "16"},
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return tones(tmp_path_factory.mktemp("tones"), spectrogram.tiny())


def run(recipe, corpus, out, **options):
    overrides = SHORT | SMALL[recipe] | options.pop("overrides", {})
    return train(recipe, corpus, out, overrides=overrides, compute=Compute(device="cpu"), **options)


@pytest.mark.parametrize(("recipe", "kind"), [(name, name.removesuffix("-tiny")) for name in SMALL])
def test_a_recipe_trains_and_leaves_an_artifact_and_samples(tmp_path, corpus, recipe, kind):
    last = run(recipe, corpus, tmp_path)
    assert load_config(last)[0] == {"vocoder": "vocos"}.get(kind, kind)
    assert all(torch.isfinite(value).all() for value in load_state(last).values())
    opened = Run.open(tmp_path)
    assert opened.plan.steps == 2
    assert opened.metric("loss")[0].tolist() == [2]
    assert opened.metric("evaluation/loss")[0].tolist() == [2]
    heard = (
        {path.name for path in (tmp_path / "samples" / "step-00000002").glob("*")} if kind != "recogniser" else set()
    )
    if kind != "recogniser":
        assert {"3.png", "7.png", "3-original.png", "3-original.wav"} <= heard
    if kind in ("vocoder", "fastspeech2s"):
        samples, rate_hz = files.read(tmp_path / "samples" / "step-00000002" / "3.wav")
        assert rate_hz == 16_000
        assert samples.shape[1] > 0


def test_a_model_knows_its_corpus(tmp_path, corpus):
    run("fastspeech2-tiny", corpus, tmp_path)
    config = Run.open(tmp_path).config
    assert config["speakers"] == ["one", "two"]
    assert config["statistics"]["f0_low_hz"] < 110 < 180 < config["statistics"]["f0_high_hz"]
    assert config["width"] == 16


def test_a_run_given_again_continues(tmp_path, corpus):
    run("vocoder-tiny", corpus, tmp_path)
    last = run("vocoder-tiny", corpus, tmp_path, overrides={"plan.steps": "4"})
    assert last.name == "step-00000004"
    assert Run.open(tmp_path).metric("loss")[0].tolist() == [2, 4]


def test_a_run_can_start_from_another(tmp_path, corpus):
    run("vocoder-tiny", corpus, tmp_path / "first")
    heard = []
    run("vocoder-tiny", corpus, tmp_path / "next", init_from=str(tmp_path / "first"), on_progress=heard.append)
    assert heard[0].phase == f"weights from {tmp_path / 'first'}"
    assert heard[0].done == heard[0].total > 10


def test_a_corpus_of_training_examples_alone_is_not_evaluated(tmp_path):
    corpus = tones(tmp_path / "corpus", spectrogram.tiny(), splits=("train",))
    run("vocoder-tiny", corpus, tmp_path / "run")
    assert "evaluation/loss" not in Run.open(tmp_path / "run").metric_names()
    assert not (tmp_path / "run" / "samples").exists()


def test_statistics_are_measured_on_the_features_the_settings_ask_for(tmp_path):
    changed = spectrogram.tiny().model_copy(update={"window_samples": 400})
    corpus = tones(tmp_path / "corpus", changed)
    run("fastspeech2-tiny", corpus, tmp_path / "run", overrides={"model.spec.window_samples": "400"})
    assert Run.open(tmp_path / "run").config["spec"]["window_samples"] == 400
    with pytest.raises(InvalidInput, match="no features for this MelSpec"):
        run("fastspeech2-tiny", corpus, tmp_path / "other")


@pytest.mark.parametrize("name", RECIPES)
def test_the_catalogue_holds_every_recipe(name):
    recipe = recipe_of(name)
    preset = recipe.preset() if recipe.spec is None else None
    assert preset is None or preset[1].steps > 0


def test_an_unknown_recipe_or_setting_is_refused_with_a_close_one(tmp_path, corpus):
    with pytest.raises(InvalidInput, match=r"no recipe called 'fastspeech-tiny': did you mean 'fastspeech2-tiny'\?"):
        train("fastspeech-tiny", corpus, tmp_path)
    with pytest.raises(InvalidInput, match=r"--set model.chanels: there is no such setting; close are .*channels"):
        run("recogniser-tiny", corpus, tmp_path, overrides={"model.chanels": "3"})
    assert not list(tmp_path.iterdir())


def test_a_folder_without_corpus_is_refused(tmp_path):
    with pytest.raises(InvalidInput):
        train("vocoder-tiny", tmp_path / "none", tmp_path / "run")


def test_the_command_and_the_corpus_are_written_beside_the_run(tmp_path, corpus):
    run("recogniser-tiny", corpus, tmp_path)
    document = json.loads((tmp_path / "run.json").read_text())
    assert document["data"]["examples"] == 6
    assert len(document["data"]["sha256"]) == 64
    assert document["plan"]["batch_frames"] == 300
