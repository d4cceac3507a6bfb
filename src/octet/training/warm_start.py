"""Beginning a run with the weights of another model: as many as fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.training.checkpoint import TENSORS, checkpoints

PARAMETRIZED = ".parametrizations."


def warm_start(model: nn.Module, source: Path) -> tuple[int, int]:
    """Take the weights of an artifact, a checkpoint or a run whose name and shape agree with one of the model's.

    An artifact may hold a part of what trains, such as the generator of a vocoder, with its weight normalisation folded
    away: so its names are also looked for inside each part, and a normalised weight is set through its normalisation.

    Returns:
        How many tensors were taken, and how many the model has.

    Raises:
        InvalidArtifact: the source is damaged or no model.
        InvalidInput: nothing fits.
    """
    found = checkpoints(source)
    state = _state(found[-1] if found else source)
    targets = _targets(model, folded=not any(PARAMETRIZED in name for name in state))
    parts = ["", *(f"{name}." for name, _ in model.named_children())]
    fitting = max((_fitting(targets, state, part) for part in parts), key=len)
    if not fitting:
        raise InvalidInput(f"no weight of {source} has the name and shape of one of this model's: start from another")
    with torch.no_grad():
        for name, value in fitting.items():
            _set(model, name, value)
    return len(fitting), len(targets)


def _state(folder: Path) -> dict[str, Tensor]:
    """Of a checkpoint all weights, averaged where there is an average; of an artifact its own."""
    if not (folder / TENSORS).is_file():
        return artifacts.load_state(folder)
    tensors = artifacts.read_safetensors(folder / TENSORS)
    raw = {name.removeprefix("model."): value for name, value in tensors.items() if name.startswith("model.")}
    return raw | {name.removeprefix("ema."): value for name, value in tensors.items() if name.startswith("ema.")}


def _targets(model: nn.Module, *, folded: bool) -> dict[str, Tensor]:
    """The model's own tensors; `folded`, a parametrised weight as one, under its plain name."""
    state: dict[str, Tensor] = model.state_dict()
    if not folded:
        return state
    plain = {name: value for name, value in state.items() if PARAMETRIZED not in name}
    for name, module in model.named_modules():
        if parametrize.is_parametrized(module, "weight"):
            plain[f"{name}.weight"] = module.weight
    return plain


def _fitting(targets: Mapping[str, Tensor], state: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    pairs = {name: state.get(name.removeprefix(part)) for name in targets if name.startswith(part)}
    return {name: value for name, value in pairs.items() if value is not None and value.shape == targets[name].shape}


def _set(model: nn.Module, name: str, value: Tensor) -> None:
    owner_name, _, attribute = name.rpartition(".")
    owner = model.get_submodule(owner_name)
    if parametrize.is_parametrized(owner, attribute):
        setattr(owner, attribute, value)
    else:
        getattr(owner, attribute).copy_(value)
