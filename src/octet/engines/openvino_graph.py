"""The decoder's layers as OpenVINO graphs, made straight from its weights; nothing is traced.

    step     vectors (B, S, D) that follow a past -> logits (B, K * V) after the last of them
    cross    vectors to attend to (R, L, D) -> keys and values of every layer, each (R, H, L, E)

The past lives inside a run of the graph, as one variable for the keys and one for the values of each layer. How they
are written down decides the speed: read, put in order by `order` (which here leaves it as it is), lengthened, attended
to, stored. OpenVINO's CPU plugin makes one operation of that, which appends in place; without the reordering it does
not see the pattern, and copies the whole past at every step.

The first R rows of a batch attend to what they are told, and the others pass cross-attention by.

Legend: B batch, R rows that are told something, S new positions, T past and new ones, L attended vectors, D width,
H heads, E width of a head, K codebooks, V vocabulary.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import torch
from torch import Tensor

from octet.engines.openvino_ops import Ops, numpy_of, openvino_part
from octet.engines.prepare import Precision, Weights
from octet.families.token_lm.transformer import DecoderConfig

NUMBERS = {
    "fp32": ("f32", "f32"),
    "bf16": ("bf16", "bf16"),
    "int8": ("f32", "f16"),
    "int4": ("f32", "f16"),
    "w8a8": ("f32", "u8"),
    "w4a8": ("f32", "u8"),
}
"""What is computed in, and what the past is kept in."""
ROUNDED_TOGETHER = {"w8a8": 128, "w4a8": 128}
"""Numbers of an activation that share a scale, where activations are rounded to 8 bits."""


def installed() -> bool:
    """Whether OpenVINO is there; it is not imported."""
    return importlib.util.find_spec("openvino") is not None


def require_openvino() -> None:
    """Find out before the work, not after it.

    Raises:
        MissingExtra: OpenVINO is not installed.
    """
    openvino_part()


class Graph:
    """A compiled graph. Runs of it do not disturb each other."""

    def __init__(self, model: Any, weights: Weights, precision: Precision) -> None:
        self._weights = weights  # OpenVINO reads them where they lie, and does not keep them alive
        computing, past = NUMBERS[precision]
        settings = {
            "INFERENCE_PRECISION_HINT": computing,  # else the plugin chooses by the processor
            "KV_CACHE_PRECISION": past,
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": ROUNDED_TOGETHER.get(precision, 0),
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "NUM_STREAMS": 1,
        }
        self._compiled = openvino_part().Core().compile_model(model, "CPU", settings)

    def run(self) -> Run:
        """A new run, with an empty past."""
        return Run(self._compiled.create_infer_request())

    def inputs_of(self, kind: str) -> list[list[str]]:
        """Of each operation of a kind that is executed, after all fusing, the kinds of what it reads."""
        nodes = self._compiled.get_runtime_model().get_ops()
        return [[_kind(each.get_node()) for each in node.input_values()] for node in nodes if _kind(node) == kind]


class Run:
    """One sequence's run of a graph, with its past."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self._held: dict[str, Tensor] = {}  # likewise

    def __call__(self, **inputs: Tensor) -> list[Tensor]:
        """Outputs, in order. Inputs are kept from call to call unless they are given again."""
        for name, tensor in inputs.items():
            self._held[name] = tensor.contiguous()
            self._request.set_tensor(name, _tensor(self._held[name]))
        self._request.infer()
        return [torch.from_numpy(output.data.copy()) for output in self._request.output_tensors]


def step_graph(config: DecoderConfig, weights: Weights, precision: Precision) -> Graph:
    """The step, of `weights` that were prepared for this precision.

    Inputs: `vectors`; `mask` (B, 1, S, T), added to scores; `order` (B,) int32; with rotary positions `turns`
    (2, B or 1, 1, S, E); and with cross-attention `told_mask` (R, 1, 1, L), `keys.0`, `values.0`, `keys.1`, ... as
    `cross_graph` makes them. Output: logits.
    """
    return Graph(_Writer(config, weights).step(), weights, precision)


def cross_graph(config: DecoderConfig, weights: Weights, precision: Precision) -> Graph:
    """The projection of what is attended to. Input: `told`; outputs: `keys.0`, `values.0`, `keys.1`, ..."""
    return Graph(_Writer(config, weights).cross(), weights, precision)


class _Writer:
    """Writes a graph down, operation by operation."""

    def __init__(self, config: DecoderConfig, weights: Weights) -> None:
        self.config = config
        basic = Ops(weights)
        self.ops, self.inputs = basic.ops, basic.inputs
        self.norm, self.linear = basic.norm, basic.linear
        self.input, self.whole = basic.input, basic.whole
        self.stored: list[Any] = []

    def step(self) -> Any:
        x = self.input("vectors", -1, -1, self.config.width)
        self.input("mask", -1, 1, -1, -1)
        self.input("order", -1, kind=np.int32)
        turns = self.turns() if self.config.rotary else None
        told = self.told() if self.config.cross_attention else []
        for number in range(self.config.layers):
            layer = f"layers.{number}"
            x = self.ops.add(x, self.self_attention(self.norm(x, f"{layer}.self_norm"), layer, turns))
            x = self.cross_attention(x, layer, *told[number]) if told else x
            inner = self.linear(self.norm(x, f"{layer}.inner_norm"), f"{layer}.up")
            x = self.ops.add(x, self.linear(self.ops.gelu(inner, "erf"), f"{layer}.down"))
        last = self.ops.gather(x, self.whole(-1), self.whole(1))
        logits = self.linear(self.norm(last, "norm"), "heads")
        return openvino_part().Model([self.ops.result(logits)], self.stored, list(self.inputs.values()), "step")

    def cross(self) -> Any:
        vectors = self.input("told", -1, -1, self.config.width)
        outputs = []
        for number in range(self.config.layers):
            both = self.linear(vectors, f"layers.{number}.cross_attention.key_value")
            outputs += [self.split(part) for part in self.ops.split(both, self.whole(-1), 2).outputs()]
        return openvino_part().Model(outputs, list(self.inputs.values()), "cross")

    def told(self) -> list[tuple[Any, Any]]:
        """Inputs of keys and values to attend to, and their mask."""
        self.input("told_mask", -1, 1, 1, -1)
        shape = (-1, self.config.heads, -1, self.config.head_width)
        return [
            (self.input(f"keys.{number}", *shape), self.input(f"values.{number}", *shape))
            for number in range(self.config.layers)
        ]

    def turns(self) -> tuple[Any, Any]:
        """Cosines and sines, each (B or 1, 1, S, E)."""
        both = self.input("turns", 2, -1, 1, -1, self.config.head_width)
        cosines, sines = (self.ops.gather(both, self.whole(part), self.whole(0)) for part in (0, 1))
        return cosines, sines

    def turned(self, x: Any, turns: tuple[Any, Any]) -> Any:
        """Queries or keys (B, H, S, E) by rotary positions."""
        first, second = self.ops.split(x, self.whole(-1), 2).outputs()
        across = self.ops.concat([self.ops.negative(second), first], -1)
        return self.ops.add(self.ops.multiply(x, turns[0]), self.ops.multiply(across, turns[1]))

    def self_attention(self, x: Any, layer: str, turns: tuple[Any, Any] | None) -> Any:
        parts = self.ops.split(self.linear(x, f"{layer}.self_attention.qkv"), self.whole(-1), 3).outputs()
        q, k, v = (self.split(part) for part in parts)
        if turns is not None:
            q, k = self.turned(q, turns), self.turned(k, turns)
        keys, values = self.remembered(f"{layer}.keys", k), self.remembered(f"{layer}.values", v)
        mixed = self.ops.scaled_dot_product_attention(q, keys, values, self.inputs["mask"])
        return self.linear(self.joined(mixed), f"{layer}.self_attention.out")

    def remembered(self, name: str, new: Any) -> Any:
        """The past with `new` (B, H, S, E) behind it, which is the past of the next step."""
        heads, width = self.config.heads, self.config.head_width
        rows = self.ops.shape_of(self.inputs["order"], "i32")
        empty = self.ops.broadcast(np.float32(0), self.ops.concat([rows, self.whole([heads, 0, width])], 0))
        past = self.ops.read_value(empty, name, np.float32, openvino_part().PartialShape([-1, heads, -1, width]))
        ordered = self.ops.gather(past, self.inputs["order"], self.whole(0))
        longer = self.ops.concat([ordered, new], -2)
        self.stored.append(self.ops.assign(longer, name))
        return longer

    def cross_attention(self, x: Any, layer: str, keys: Any, values: Any) -> Any:
        """Of the rows that are told something; the rest is x itself."""
        rows = self.ops.gather(self.ops.shape_of(keys, "i32"), self.whole([0]), self.whole(0))
        parts = self.ops.variadic_split(x, self.whole(0), self.ops.concat([rows, self.whole([-1])], 0))
        seeing, others = parts.outputs()
        query = self.split(self.linear(self.norm(seeing, f"{layer}.cross_norm"), f"{layer}.cross_attention.query"))
        mixed = self.ops.scaled_dot_product_attention(query, keys, values, self.inputs["told_mask"])
        heard = self.linear(self.joined(mixed), f"{layer}.cross_attention.out")
        return self.ops.concat([self.ops.add(seeing, heard), others], 0)

    def split(self, x: Any) -> Any:
        """(B, S, D) -> (B, H, S, E)."""
        shape = self.whole([0, 0, self.config.heads, self.config.head_width])
        return self.ops.transpose(self.ops.reshape(x, shape, True), self.whole([0, 2, 1, 3]))

    def joined(self, x: Any) -> Any:
        """(B, H, S, E) -> (B, S, D)."""
        rows = self.ops.transpose(x, self.whole([0, 2, 1, 3]))
        return self.ops.reshape(rows, self.whole([0, 0, self.config.width]), True)


def _kind(node: Any) -> str:
    return str(node.get_rt_info()["layerType"].astype(str))


def _tensor(tensor: Tensor) -> Any:
    return openvino_part().Tensor(numpy_of(tensor), shared_memory=True)
