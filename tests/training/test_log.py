import json
import sys

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from octet.audio import files
from octet.core.errors import InvalidInput
from octet.training.log import Evaluation, Log
from octet.training.run import rows

EVALUATION = Evaluation(
    scalars={"wer": 0.25},
    spectrograms={"sentence": np.random.default_rng(0).random((20, 50))},
    audio={"sentence": np.sin(np.arange(800) / 5).astype(np.float32) / 2},
    sample_rate_hz=8000,
)


def test_samples_can_be_seen_and_heard(tmp_path):
    with Log(tmp_path, 0) as log:
        log.evaluation(300, EVALUATION)
    folder = tmp_path / "samples" / "step-00000300"
    with Image.open(folder / "sentence.png") as picture:
        assert picture.size == (50, 40)
    samples, rate = files.read(folder / "sentence.wav")
    assert rate == 8000
    assert np.abs(samples[0] - EVALUATION.audio["sentence"]).max() < 1e-4
    assert rows(tmp_path) == [{"step": 300, "evaluation/wer": 0.25}]


def test_tensorboard_shows_the_same(tmp_path):
    with Log(tmp_path, 0) as log:
        log.scalars(10, {"loss": 1.5})
        log.evaluation(10, EVALUATION)
    board = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert [(event.step, event.value) for event in board.Scalars("loss")] == [(10, 1.5)]
    assert [(event.step, event.value) for event in board.Scalars("evaluation/wer")] == [(10, 0.25)]
    assert [(image.width, image.height) for image in board.Images("sentence")] == [(50, 40)]
    assert [round(audio.sample_rate) for audio in board.Audio("sentence")] == [8000]


def test_without_tensorboard_the_rest_is_written(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with Log(tmp_path, 0) as log:
        log.scalars(10, {"loss": 1.5})
        log.evaluation(10, EVALUATION)
    assert rows(tmp_path) == [{"step": 10, "loss": 1.5}, {"step": 10, "evaluation/wer": 0.25}]
    assert not (tmp_path / "tensorboard").exists()


def test_an_evaluation_of_numbers_alone_makes_no_folder(tmp_path):
    with Log(tmp_path, 0) as log:
        log.evaluation(10, Evaluation({"wer": 0.5}))
    assert not (tmp_path / "samples").exists()


def test_a_log_continued_at_a_step_forgets_what_came_after(tmp_path):
    with Log(tmp_path, 0) as log:
        for step in (10, 20, 30):
            log.scalars(step, {"loss": float(step)})
    with Log(tmp_path, 20) as log:
        log.scalars(25, {"loss": 0.0})
    assert [row["step"] for row in rows(tmp_path)] == [10, 20, 25]


def test_what_is_not_finite_is_null_so_that_every_line_is_json(tmp_path):
    with Log(tmp_path, 0) as log:
        log.scalars(10, {"a": float("nan"), "b": float("inf"), "c": 1.0})
    with Log(tmp_path, 10):  # reading and writing it again changes nothing
        pass
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert json.loads(line, parse_constant=pytest.fail) == {"step": 10, "a": None, "b": None, "c": 1.0}


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="cannot write"):
        Log(tmp_path / "file" / "run", 0)
