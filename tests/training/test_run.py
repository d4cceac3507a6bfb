import json
import shlex
import shutil
import sys

import numpy as np
import pytest
from tests.training.toys import LENGTHS, plan, train

from octet.core.artifacts import load_config
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.training.run import Run, data_summary, describe


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    train(folder, {"plan": {"steps": 25, "checkpoint_every": 10}})
    return folder


def test_a_run_can_be_read_back(run):
    opened = Run.open(run)
    assert opened.kind == "toy"
    assert opened.config["dropout"] == 0.0
    assert opened.plan == plan(steps=25, checkpoint_every=10)
    assert opened.last_checkpoint == run / "checkpoints" / "step-00000025"
    assert load_config(opened.last_checkpoint)[0] == "toy"
    assert opened.document["data"] == data_summary(LENGTHS)
    assert opened.document["versions"]["octet"]
    assert opened.document["commands"][0].endswith(shlex.join(sys.argv[1:]))


def test_metrics_are_arrays(run):
    opened = Run.open(run)
    steps, losses = opened.metric("loss")
    assert steps.tolist() == [10, 20, 25]
    assert losses.dtype == np.float64
    assert np.all(np.diff(losses) < 0)
    assert {"loss", "mel", "learning_rate", "gradient_norm", "epoch", "seconds"} <= set(opened.metric_names())
    assert opened.metric("examples_per_second")[1].min() > 0
    speeds = opened.metric("frames_per_second")[1] / opened.metric("examples_per_second")[1]
    assert np.all((speeds > min(LENGTHS)) & (speeds < max(LENGTHS)))
    assert opened.metric("nothing")[0].size == 0


def test_a_run_without_checkpoint_or_log_yet(tmp_path):
    describe(tmp_path, "toy", {}, plan(), data_summary([1]))
    opened = Run.open(tmp_path)
    assert opened.last_checkpoint is None
    assert opened.metric_names() == []


@pytest.mark.parametrize("text", [None, "{", "[]", '{"model": {}}'])
def test_what_is_no_run_folder_is_refused(tmp_path, text):
    if text is not None:
        (tmp_path / "run.json").write_text(text)
    with pytest.raises(InvalidArtifact, match="is not a run folder") as caught:
        Run.open(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_damaged_checkpoint_is_named_with_the_remedy(tmp_path):
    options = {"plan": {"steps": 4, "checkpoint_every": 2}}
    train(tmp_path, options)
    (tmp_path / "checkpoints" / "step-00000004" / "trainer.json").write_text("{")
    with pytest.raises(InvalidArtifact, match=r"step-00000004 is not a readable checkpoint .* remove it to continue"):
        train(tmp_path, options)
    shutil.rmtree(tmp_path / "checkpoints" / "step-00000004")
    (tmp_path / "checkpoints" / "step-00000002" / "trainer.safetensors").write_bytes(b"cut")
    with pytest.raises(InvalidArtifact, match=r"step-00000002 is not a readable checkpoint .*: remove it"):
        train(tmp_path, options)


def test_the_corpus_is_told_by_its_lengths_and_their_order():
    assert data_summary([3, 4])["frames"] == 7
    assert data_summary(np.array([3, 4], dtype=np.int32)) == data_summary([3, 4])
    assert data_summary([4, 3])["sha256"] != data_summary([3, 4])["sha256"]


def test_the_first_difference_is_named(tmp_path):
    describe(tmp_path, "toy", {"stack": {"layers": 3}}, plan(), data_summary([1]))
    with pytest.raises(InvalidInput, match=r"model.config.stack.layers = 3, not 4: choose another --out"):
        describe(tmp_path, "toy", {"stack": {"layers": 4}}, plan(), data_summary([1]))
    with pytest.raises(InvalidInput, match=r"model.kind = 'toy', not 'other'"):
        describe(tmp_path, "other", {"stack": {"layers": 3}}, plan(), data_summary([1]))
    assert len(json.loads((tmp_path / "run.json").read_text())["commands"]) == 1
