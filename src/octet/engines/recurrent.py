"""One step of a transformer of linear attention (see `families.linear_attention`), run by OpenVINO on the CPU.

A step reads what comes in, vectors (B, D), and what each layer remembers; it gives logits (B, V) and what each layer
remembers then. Nothing is changed in place, so that branches may share a memory: it is a few megabytes, beside weights
of hundreds that every step reads. Weights may have 8 bits; sums of features, and all else, are float32.

Names of weights are those of MuseCoco's layers: attention_norm, attention.qkv, attention.out, inner_norm, up, down, and
behind all layers norm and head.

Legend: B batch, H heads, E width of queries, keys and values, D model width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from octet.engines.openvino_graph import Graph
from octet.engines.openvino_ops import Ops, openvino_part
from octet.engines.prepare import Weights
from octet.engines.quantize import Quantized, quantized
from octet.families.linear_attention import EPSILON, Memory

RecurrentPrecision = Literal["fp32", "int8"]


@dataclass(frozen=True)
class Sizes:
    """Of a transformer; heads need not add up to the width."""

    layers: int
    width: int
    heads: int

    @property
    def head_width(self) -> int:
        """E."""
        return self.width // self.heads


class RecurrentEngine:
    """The step. Calls from several threads take turns."""

    def __init__(self, sizes: Sizes, weights: Weights, precision: RecurrentPrecision) -> None:
        """`weights` are what `prepared` makes of a model's for this precision.

        Raises:
            MissingExtra: OpenVINO is not installed.
        """
        self.sizes = sizes
        self._graph = Graph(_Writer(sizes, weights).step(), weights, precision)  # keeps the weights alive
        self._run = self._graph.run()

    @torch.inference_mode()
    def step(self, vectors: Tensor, memories: Sequence[Memory]) -> tuple[Tensor, tuple[Memory, ...]]:
        """Vectors (B, D) float32 and a memory a layer -> logits (B, V), the memories then."""
        held = {f"products.{number}": memory.products for number, memory in enumerate(memories)}
        held |= {f"features.{number}": memory.features for number, memory in enumerate(memories)}
        logits, *found = self._run(vectors=vectors.float(), **held)
        return logits, tuple(Memory(*pair) for pair in _pairs(found))


def prepared(state: Mapping[str, Tensor], precision: RecurrentPrecision) -> dict[str, Tensor | Quantized]:
    """A model's weights as the engine takes them: matrices with 8 bits where that is asked for."""
    return {
        name: quantized(tensor, 8) if precision == "int8" and tensor.dim() == 2 else tensor.detach().float()
        for name, tensor in state.items()
        if not name.startswith("embedding.")  # looked up outside
    }


def _pairs(tensors: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    return zip(tensors[::2], tensors[1::2], strict=True)


class _Writer:
    """Writes the graph down, operation by operation."""

    def __init__(self, sizes: Sizes, weights: Weights) -> None:
        self.sizes = sizes
        self.basic = Ops(weights)
        self.ops = self.basic.ops

    def step(self) -> Any:
        x = self.basic.input("vectors", -1, self.sizes.width)
        memories: list[Any] = []
        for number in range(self.sizes.layers):
            layer = f"layers.{number}"
            mixed, *memory = self.attention(self.basic.norm(x, f"{layer}.attention_norm"), number)
            memories += memory
            x = self.ops.add(x, mixed)
            inner = self.ops.gelu(self.basic.affine(self.basic.norm(x, f"{layer}.inner_norm"), f"{layer}.up"), "erf")
            x = self.ops.add(x, self.basic.affine(inner, f"{layer}.down"))
        logits = self.basic.linear(self.basic.norm(x, "norm"), "head")
        results = [self.ops.result(output) for output in (logits, *memories)]
        return openvino_part().Model(results, list(self.basic.inputs.values()), "recurrent step")

    def attention(self, x: Any, number: int) -> tuple[Any, Any, Any]:
        """What the layer adds, its products and its features."""
        heads, width = self.sizes.heads, self.sizes.head_width
        layer = f"layers.{number}.attention"
        parts = self.ops.split(self.basic.affine(x, f"{layer}.qkv"), self.whole(-1), 3).outputs()
        q, k, v = (self.ops.reshape(part, self.whole([0, heads, width]), True) for part in parts)
        q, k = self.feature(q), self.feature(k)
        products = self.basic.input(f"products.{number}", -1, heads, width, width)
        features = self.basic.input(f"features.{number}", -1, heads, width)
        outer = self.ops.multiply(self.ops.unsqueeze(k, self.whole([3])), self.ops.unsqueeze(v, self.whole([2])))
        products, features = self.ops.add(products, outer), self.ops.add(features, k)
        below = self.ops.reduce_sum(self.ops.multiply(q, features), self.whole([2]), True)
        above = self.ops.squeeze(
            self.ops.matmul(self.ops.unsqueeze(q, self.whole([2])), products, False, False), self.whole([2])
        )
        mixed = self.ops.divide(above, self.ops.add(below, self.small(EPSILON)))
        joined = self.ops.reshape(mixed, self.whole([0, heads * width]), True)
        return self.basic.affine(joined, f"{layer}.out"), products, features

    def feature(self, x: Any) -> Any:
        """elu(x) + 1, as `families.linear_attention.feature` has it."""
        return self.ops.add(self.ops.relu(x), self.ops.exp(self.ops.minimum(x, self.small(0.0))))

    def whole(self, numbers: int | list[int]) -> Any:
        return self.basic.whole(numbers)

    def small(self, number: float) -> Any:
        return self.ops.constant(np.asarray(number, dtype=np.float32))
