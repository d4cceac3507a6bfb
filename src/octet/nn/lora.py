"""Low-rank adaptation (Hu et al. 2021, arXiv 2106.09685): a model adapts while its own weights stay as they are.

A linear layer W gets a detour: W x + (alpha / rank) B A x, where B and A are thin and B begins at zero. Only they are
trained, so that a model of billions of weights is adapted in the memory of its inference, and afterwards they are added
to W, so that nothing is slower and nothing is stored twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from octet.core.errors import InvalidInput


class LoraConfig(BaseModel):
    """`layers` are last names of linear layers; an `alpha` of twice the rank is customary."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    rank: int = Field(default=8, ge=1, le=1024)
    alpha: float = Field(default=16.0, gt=0)
    layers: tuple[str, ...] = Field(min_length=1)


class AdaptedLinear(nn.Module):
    """A linear layer with its detour."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.base = base
        self.scale = alpha / rank
        self.narrow = nn.Parameter(base.weight.new_empty(rank, base.in_features))
        self.widen = nn.Parameter(base.weight.new_zeros(base.out_features, rank))
        nn.init.kaiming_uniform_(self.narrow, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        """(..., in) -> (..., out)."""
        detour = nn.functional.linear(nn.functional.linear(x, self.narrow), self.widen)
        adapted: Tensor = self.base(x) + self.scale * detour
        return adapted

    def merged(self) -> Tensor:
        """The weight (out, in) that does all this at once."""
        return self.base.weight + self.scale * (self.widen @ self.narrow)


def adapt(model: nn.Module, config: LoraConfig) -> None:
    """Freeze a model and give its layers of the given names detours, in place.

    Raises:
        InvalidInput: there is no such layer, or the model is adapted already.
    """
    if any(_adapted(model)):
        raise InvalidInput("this model is adapted already: merge it first")
    chosen = [(name, layer) for name, layer in model.named_modules() if name.rpartition(".")[2] in config.layers]
    found = {name: layer for name, layer in chosen if isinstance(layer, nn.Linear)}
    if not found:
        raise InvalidInput(f"the model has no linear layers called {', '.join(config.layers)}")
    model.requires_grad_(False)
    for name, layer in found.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, AdaptedLinear(layer, config.rank, config.alpha))


def merged_state(model: nn.Module) -> dict[str, Tensor]:
    """The state of a model, detours added to what they adapt: under the names it has without them."""
    state: dict[str, Tensor] = dict(model.state_dict())
    for name, layer in _adapted(model):
        for own in [key for key in state if key.startswith(f"{name}.")]:
            weight = state.pop(own)
            if own.startswith(f"{name}.base."):
                state[own.replace(f"{name}.base.", f"{name}.")] = weight
        state[f"{name}.weight"] = layer.merged().detach()
    return state


def merge(model: nn.Module) -> None:
    """Add all detours to what they adapt, in place; all weights can be trained again."""
    for name, layer in list(_adapted(model)):
        parent, _, last = name.rpartition(".")
        with torch.no_grad():
            layer.base.weight.copy_(layer.merged())
        setattr(model.get_submodule(parent), last, layer.base)
    model.requires_grad_(True)


def _adapted(model: nn.Module) -> Iterator[tuple[str, AdaptedLinear]]:
    return ((name, layer) for name, layer in model.named_modules() if isinstance(layer, AdaptedLinear))
