"""Low-rank adaptation: nothing changes at first, only the detours learn, and merging changes nothing."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from octet.core.errors import InvalidInput
from octet.nn.lora import AdaptedLinear, LoraConfig, adapt, merge, merged_state

CONFIG = LoraConfig(rank=2, alpha=6.0, layers=("up", "down"))


class Toy(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleDict(
            {"up": nn.Linear(4, 8), "down": nn.Linear(8, 3, bias=False), "norm": nn.LayerNorm(3)}
        )
        self.head = nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.inner["down"](torch.relu(self.inner["up"](x)))
        return self.head(self.inner["norm"](inner))


def toy(seed: int = 0) -> Toy:
    torch.manual_seed(seed)
    return Toy()


def trained() -> Toy:
    """Adapted, its detours far from zero."""
    made = toy()
    adapt(made, CONFIG)
    with torch.no_grad():
        for layer in made.modules():
            if isinstance(layer, AdaptedLinear):
                layer.widen.normal_()
    return made


X = torch.randn(5, 4, generator=torch.Generator().manual_seed(1))


def test_adapting_changes_nothing_at_first() -> None:
    made = toy()
    adapt(made, CONFIG)
    assert torch.equal(made(X), toy()(X))


def test_only_detours_learn() -> None:
    made = toy()
    adapt(made, CONFIG)
    learning = {name for name, weight in made.named_parameters() if weight.requires_grad}
    assert learning == {f"inner.{layer}.{part}" for layer in ("up", "down") for part in ("narrow", "widen")}
    before = merged_state(made)
    optimizer = torch.optim.SGD([weight for weight in made.parameters() if weight.requires_grad], 0.5)
    for _ in range(3):
        optimizer.zero_grad()
        made(X).square().sum().backward()
        optimizer.step()
    after = merged_state(made)
    assert {name for name in after if not torch.equal(after[name], before[name])} == {
        "inner.up.weight",
        "inner.down.weight",
    }


def test_a_detour_is_of_its_rank_and_scale() -> None:
    layer = trained().inner["up"]
    change = layer.merged() - layer.base.weight
    assert torch.linalg.matrix_rank(change) == 2
    torch.testing.assert_close(change, 3.0 * layer.widen @ layer.narrow)


def test_the_merged_state_is_that_of_a_plain_model() -> None:
    made, plain = trained(), toy(9)
    plain.load_state_dict(merged_state(made))
    torch.testing.assert_close(plain(X), made(X))
    assert "inner.up.base.weight" in made.state_dict()  # nothing was changed


def test_merging_in_place() -> None:
    made = trained()
    expected = made(X)
    merge(made)
    torch.testing.assert_close(made(X), expected)
    assert made.state_dict().keys() == toy().state_dict().keys()
    assert all(weight.requires_grad for weight in made.parameters())


def test_without_adaptation_the_state_is_the_state() -> None:
    made = toy()
    assert merged_state(made).keys() == made.state_dict().keys()


def test_what_cannot_be_adapted_is_told() -> None:
    with pytest.raises(InvalidInput, match="no linear layers called norm, sideways"):
        adapt(toy(), LoraConfig(layers=("norm", "sideways")))
    with pytest.raises(InvalidInput, match="adapted already"):
        adapt(trained(), CONFIG)


@pytest.mark.parametrize("wrong", [{"rank": 0}, {"rank": 10**9}, {"alpha": 0}, {"layers": ()}])
def test_impossible_configurations_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LoraConfig.model_validate({"layers": ("up",)} | wrong)
