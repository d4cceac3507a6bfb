"""A run in stages: which are entered, how the learning rate goes, and that a continued run is the same run."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.training.toys import Corpus, Toy, ToyConfig

from octet.core.artifacts import read_safetensors
from octet.core.training import Plan
from octet.training.checkpoint import checkpoints
from octet.training.compute import Compute
from octet.training.interrupt import Stopped
from octet.training.loop import fit
from octet.training.run import Run
from octet.training.schedule import learning_rate_factor, stage_at

PLAN = Plan(steps=12, batch_frames=60, warmup_steps=2, checkpoint_every=3, learning_rate=1e-2)


class Staged(Toy):
    """The first half trains all but the hidden layer, the second only that."""

    stages = (0.5, 0.5)

    def __init__(self, config: ToyConfig = ToyConfig(dropout=0.2), stop_at: int = -1) -> None:  # noqa: B008
        super().__init__(config)
        self.entered: list[int] = []
        self.stop_at = stop_at

    def enter_stage(self, number: int) -> None:
        self.entered.append(number)
        for name, weight in self.named_parameters():
            weight.requires_grad_(("hidden" in name) == (number == 1))
        if len(self.entered) == self.stop_at:
            raise KeyboardInterrupt


@given(st.integers(0, 999), st.lists(st.floats(0.05, 1), min_size=1, max_size=4))
def test_stages_follow_each_other_and_count_their_own_steps(step: int, parts: list[float]) -> None:
    shares = [part / sum(parts) for part in parts]
    stage = stage_at(shares, step, step / 1000)
    start = sum(shares[: stage.number])
    assert start <= step / 1000 + 1e-9
    assert stage.step == pytest.approx(step - 1000 * start, abs=1)
    assert 0 <= stage.fraction <= 1


def test_the_learning_rate_falls_and_rises_anew(tmp_path) -> None:
    model = Staged()
    fit(model, Corpus(), PLAN, tmp_path, compute=Compute(device="cpu"))
    assert model.entered == [0] * 6 + [1] * 6
    rates = [learning_rate_factor(PLAN, *stage_at(Staged.stages, step, step / 12)[1:]) for step in range(12)]
    assert rates[:6] == pytest.approx(rates[6:])
    assert rates[5] < rates[1]
    assert Run.open(tmp_path).metric("loss")[1].shape[0] > 0


def test_what_a_stage_leaves_alone_stays_as_it_is(tmp_path) -> None:
    model = Staged()
    hidden = model.hidden.weight.detach().clone()
    fit(model, Corpus(), PLAN.model_copy(update={"steps": 4, "checkpoint_every": 2}), tmp_path / "a")
    found = sorted((tmp_path / "a" / "checkpoints").glob("step-*"))
    middle, end = (read_safetensors(folder / "trainer.safetensors") for folder in found)
    assert torch.equal(middle["model.hidden.weight"], hidden)
    assert not torch.equal(end["model.hidden.weight"], hidden)
    assert torch.equal(end["model.embedding.weight"], middle["model.embedding.weight"])


def test_a_continued_run_is_the_same_run(tmp_path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        fit(Staged(), Corpus(), PLAN, tmp_path / "whole")
        with pytest.raises((KeyboardInterrupt, Stopped)):
            fit(Staged(stop_at=8), Corpus(), PLAN, tmp_path / "broken")
        fit(Staged(), Corpus(), PLAN, tmp_path / "broken")
    finally:
        torch.set_num_threads(before)
    whole, again = (
        read_safetensors(checkpoints(tmp_path / name)[-1] / "trainer.safetensors") for name in ("whole", "broken")
    )
    assert whole.keys() == again.keys()
    assert all(torch.equal(whole[name], again[name]) for name in whole)
