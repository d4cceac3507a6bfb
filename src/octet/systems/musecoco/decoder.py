"""What composes token by token: a MuseCoco by torch alone, or with its steps run by another engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import torch
from torch import Tensor

from octet.core.errors import InvalidInput
from octet.engines.openvino_graph import installed, require_openvino
from octet.engines.select import EngineName
from octet.systems.musecoco.config import Config
from octet.systems.musecoco.model import MuseCoco, State

if TYPE_CHECKING:
    from octet.engines.recurrent import RecurrentEngine


class Decoder(Protocol):
    """A model as sampling needs it."""

    @property
    def config(self) -> Config:
        """Its sizes."""

    @property
    def device(self) -> torch.device:
        """Where its tokens are."""

    def __call__(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """As `MuseCoco.forward`."""


@dataclass(frozen=True)
class OpenVinoDecoder:
    """Reads beginnings with torch, and takes every further step with OpenVINO."""

    model: MuseCoco
    engine: RecurrentEngine

    @property
    def config(self) -> Config:
        return self.model.config

    @property
    def device(self) -> torch.device:
        return self.model.device

    def __call__(self, tokens: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        if state is None or tokens.shape[1] != 1:
            return self.model(tokens, state)  # type: ignore[no-any-return]
        logits, memories = self.engine.step(self.model.entering(tokens, state.tokens)[:, 0], state.memories)
        return logits[:, None], State(state.tokens + 1, memories)


def decoder_for(
    model: MuseCoco, engine: EngineName = "auto", weights: Literal["fp32", "int8"] | None = None
) -> tuple[Decoder, str]:
    """A decoder, and the name of the engine: "auto" is openvino where it is installed and the model is on the CPU.

    Args:
        weights: fp32, by default, or int8, of openvino alone.

    Raises:
        InvalidInput: weights or a place that the engine cannot run.
        MissingExtra: openvino is asked for and not installed.
    """
    if weights not in (None, "fp32", "int8"):
        raise InvalidInput(f"MuseCoco runs in fp32 or int8, given {weights}")
    on_cpu = model.device.type == "cpu"
    if engine == "torch" or (engine == "auto" and not (on_cpu and (weights == "int8" or installed()))):
        if weights == "int8":
            raise InvalidInput("weights int8 are for the engine openvino, on the CPU; torch runs fp32")
        return model, "torch"
    if not on_cpu:
        raise InvalidInput(f"openvino runs on the CPU and the model is on {model.device}: move it first")
    require_openvino()
    from octet.engines.recurrent import RecurrentEngine, Sizes, prepared

    precision = weights or "fp32"
    sizes = Sizes(model.config.layers, model.config.width, model.config.heads)
    return OpenVinoDecoder(
        model, RecurrentEngine(sizes, prepared(model.state_dict(), precision), precision)
    ), "openvino"
