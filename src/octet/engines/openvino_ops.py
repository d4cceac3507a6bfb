"""The operations that graphs of transformers are written with, over weights of any precision; see `openvino_graph`.

OpenVINO is imported here alone.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from octet.core.errors import require
from octet.engines.prepare import Weights

EPSILON = 1e-5  # of layer normalisation


class Ops:
    """Writes operations down, and keeps the inputs of the graph by name."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.ops: Any = openvino_part("opset15")
        self.inputs: dict[str, Any] = {}

    def norm(self, x: Any, name: str) -> Any:
        even = self.ops.mvn(x, self.whole([-1]), True, EPSILON, "inside_sqrt")
        scaled = self.ops.multiply(even, self.constant(f"{name}.weight"))
        return self.ops.add(scaled, self.constant(f"{name}.bias"))

    def linear(self, x: Any, name: str) -> Any:
        """Without a bias."""
        return self.ops.matmul(x, self.constant(f"{name}.weight"), False, True)

    def affine(self, x: Any, name: str) -> Any:
        """With one."""
        return self.ops.add(self.linear(x, name), self.constant(f"{name}.bias"))

    def constant(self, name: str) -> Any:
        """A weight. Codes are restored on the way to the multiplication, which the plugin makes one operation of."""
        weight = self.weights[name]
        if isinstance(weight, Tensor):
            return self.ops.constant(numpy_of(weight), shared_memory=True)
        outputs, inputs = weight.shape
        groups = weight.scales.shape[1]
        shape = [outputs, groups, inputs // groups] if groups > 1 else [outputs, inputs]
        kind = openvino_part().Type.i8 if weight.bits == 8 else openvino_part().Type.i4
        codes = self.ops.constant(openvino_part().Tensor(numpy_of(weight.codes), shape, kind), shared_memory=True)
        scales = self.ops.constant(numpy_of(weight.scales.reshape(*shape[:-1], 1)), shared_memory=True)
        numbers = self.ops.multiply(self.ops.convert(codes, "f32"), scales)
        return self.ops.reshape(numbers, self.whole([outputs, inputs]), False) if groups > 1 else numbers

    def input(self, name: str, *shape: int, kind: type = np.float32) -> Any:
        made = self.ops.parameter(openvino_part().PartialShape(list(shape)), kind)
        made.output(0).set_names({name})
        self.inputs[name] = made
        return made

    def whole(self, numbers: int | Sequence[int]) -> Any:
        return self.ops.constant(np.asarray(numbers, dtype=np.int32))


def numpy_of(tensor: Tensor) -> np.ndarray[Any, Any]:
    """The same memory."""
    return tensor.detach().contiguous().numpy()


def openvino_part(part: str = "") -> Any:
    """OpenVINO, or a module of it.

    Raises:
        MissingExtra: it is not installed.
    """
    package = require("openvino", extra="openvino")
    return importlib.import_module(f"openvino.{part}") if part else package
