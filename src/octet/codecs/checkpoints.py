"""Files of public codec checkpoints: read without trust, every failure told in one line that names the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch

from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput

State = dict[str, torch.Tensor]
Made = TypeVar("Made")

WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
UNREADABLE = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    OSError,
    ArithmeticError,
    RecursionError,
    InvalidInput,
)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object.

    Raises:
        InvalidArtifact: missing, or something else.
    """
    config = described(path, lambda: json.loads(path.read_text(encoding="utf-8")))
    if not isinstance(config, dict):
        raise InvalidArtifact(f"{path} describes no codec that can be read: it holds no settings by name")
    return config


def weights_of(folder: Path) -> State:
    """The tensors of a transformers folder.

    Raises:
        InvalidArtifact: none there, or damaged or hostile.
    """
    found = next((folder / name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if found is None:
        raise InvalidArtifact(f"{folder} holds none of {', '.join(WEIGHT_FILES)}; fetch the whole checkpoint")
    if found.suffix == ".safetensors":
        return artifacts.read_safetensors(found)
    return tensors_of(artifacts.read_torch_file(found), found)


def tensors_of(content: Any, source: Path) -> State:
    """The tensors by name that a torch file held.

    Raises:
        InvalidArtifact: it holds something else.
    """
    if not isinstance(content, dict) or not all(isinstance(tensor, torch.Tensor) for tensor in content.values()):
        raise InvalidArtifact(f"{source} holds no codec's weights: tensors by name were expected")
    return {str(name): artifacts.float32(str(name), tensor, source) for name, tensor in content.items()}


def below(state: State, prefix: str) -> State:
    """The part of a model whose names begin with `prefix`, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}


def require(config: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Refuse settings for which there is no code; one that is absent or null has its public default.

    Raises:
        InvalidInput: naming the first.
    """
    for name, wanted in expected.items():
        found = config.get(name)
        if found is not None and found != wanted:
            raise InvalidInput(f"its {name} is {found!r}, and only {wanted!r} can be read")


def described(source: Path, make: Callable[[], Made]) -> Made:
    """The configuration that `make` reads from `source`.

    Raises:
        InvalidArtifact: whatever went wrong, in one line.
    """
    try:
        return make()
    except UNREADABLE as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:200]
        raise InvalidArtifact(f"{source} describes no codec that can be read: {missing}") from None


def read_yaml(text: str) -> Any:
    """Plain YAML.

    Raises:
        ValueError: it is none.
    """
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from None
