"""Modules filled with an artifact's weights: what is stored comes back, and neither half of an artifact is trusted."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.nn.filled import filled, filled_with


class Scaled(nn.Module):
    """A weight that is drawn, and a constant that is made of a range."""

    steps: torch.Tensor

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.linear = nn.Linear(width, width)
        nn.init.normal_(self.linear.weight)
        self.register_buffer("steps", torch.linspace(0, 1, 5), persistent=False)


def test_what_is_stored_comes_back_with_its_constants(tmp_path):
    stored = Scaled()
    artifacts.save(tmp_path, "scaled", {}, stored.state_dict())
    loaded = filled(Scaled, tmp_path)
    assert not loaded.training
    assert torch.equal(loaded.linear.weight, stored.linear.weight)
    assert torch.equal(loaded.steps, stored.steps)


def test_a_description_larger_than_its_weights_is_refused_before_it_takes_memory(tmp_path):
    with pytest.raises(InvalidArtifact, match=r"describes a model of \d{13,} numbers and holds 20"):
        filled_with(Scaled().state_dict(), lambda: Scaled(2_000_000), tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(tmp_path, value):
    state = Scaled().state_dict()
    state["linear.weight"][0, 0] = value
    with pytest.raises(InvalidArtifact, match=r"linear\.weight holds values that are not numbers"):
        filled_with(state, Scaled, tmp_path)


@pytest.mark.parametrize("system", ["fastspeech2", "fastspeech2s"])
def test_loading_does_without_torchs_compiler(system):
    code = (
        f"import sys, octet; octet.load({system!r}); print({{'torch._dynamo', 'sympy', 'pypinyin'}} & {{*sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
