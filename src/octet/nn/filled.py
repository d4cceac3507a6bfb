"""A module that an artifact describes, with the artifact's weights in it: neither part is trusted.

A configuration of a few bytes may ask for terabytes, and weights that are not numbers end in noise or in sounds without
end, so the module is first built without memory and counted, and the weights are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from octet.core import artifacts
from octet.core.errors import InvalidArtifact

Module = TypeVar("Module", bound=nn.Module)

_SPARE_NUMBERS = 1_000_000  # parts that train but are not stored
_CONSTANTS = frozenset({torch.arange, torch.linspace, torch.logspace, torch.hann_window})


def filled(build: Callable[[], Module], folder: Path) -> Module:
    """The module that `build` makes of an artifact's configuration, with its weights, ready to generate.

    Raises:
        InvalidArtifact: as `filled_with`; or there are no readable weights.
    """
    return filled_with(artifacts.load_state(folder), build, folder)


def filled_with(state: Mapping[str, torch.Tensor], build: Callable[[], Module], source: Path) -> Module:
    """The module that `build` makes of a configuration, with weights of any origin, ready to generate.

    Raises:
        InvalidArtifact: it cannot be built, is larger than what is stored, or the weights do not fit or are no numbers.
    """
    try:
        _require_stored(build, state, source)
        with _Uninitialised():
            module = build()
    except (ValueError, TypeError, ArithmeticError, RuntimeError, AssertionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise InvalidArtifact(f"{source} describes a model that cannot be built ({reason})") from None
    artifacts.load_state_into(module, state, source)
    _require_numbers(module, source)
    return module.eval()


def _require_stored(build: Callable[[], Module], state: Mapping[str, torch.Tensor], source: Path) -> None:
    with torch.device("meta"), _Uninitialised():
        described = sum(parameter.numel() for parameter in build().parameters())
    held = sum(tensor.numel() for tensor in state.values())
    if described > held + _SPARE_NUMBERS:
        raise InvalidArtifact(f"{source} describes a model of {described} numbers and holds {held}: fetch it again")


def _require_numbers(module: nn.Module, source: Path) -> None:
    wrong = [name for name, tensor in module.state_dict().items() if not tensor.isfinite().all()]
    if wrong:
        raise InvalidArtifact(f"{source} is damaged: {wrong[0]} holds values that are not numbers; fetch it again")


class _Uninitialised(TorchFunctionMode):
    """Leaves `torch.nn.init` out, for weights are about to be loaded, and keeps short constants on the CPU.

    On the meta device either would import torch's compiler, which takes two seconds.
    """

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        named = dict(kwargs or {})
        if getattr(function, "__module__", "") == "torch.nn.init":
            return named.get("tensor", args[0] if args else None)
        if function in _CONSTANTS:
            named.setdefault("device", "cpu")
        return function(*args, **named)
