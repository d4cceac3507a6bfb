"""A `TokenDecoder` run by OpenVINO on the CPU; the contract is `families.token_lm.engine`.

Tokens become vectors here, with torch; OpenVINO runs the layers and the heads. Weights are read from memory at every
step, so fewer bits are more steps a second.

Legend: B batch, R rows that are told something, K codebooks, S steps, D width, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from octet.engines.memory import give_back
from octet.engines.openvino_graph import Run, cross_graph, step_graph
from octet.engines.prepare import Precision, Weights
from octet.engines.quantize import Quantized
from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.transformer import DecoderConfig, entering


class OpenVinoEngine:
    """A decoder that can run; sessions do not disturb each other, and take turns when they are on different threads."""

    def __init__(self, config: DecoderConfig, weights: Weights, precision: Precision) -> None:
        """`weights` are what `prepare.prepared` makes of a decoder's for this precision.

        Raises:
            MissingExtra: OpenVINO is not installed.
        """
        self.config = config
        tables = [cast(Tensor, weights[f"embeddings.{k}.weight"]) for k in range(config.codebooks)]
        self.embeddings = [partial(F.embedding, weight=table) for table in tables]
        self.step_graph = step_graph(config, weights, precision)
        self.cross_graph = cross_graph(config, weights, precision) if config.cross_attention else None
        self._codes = [weight.codes for weight in weights.values() if isinstance(weight, Quantized)]
        self._lengths: set[int] = set()

    @torch.inference_mode()
    def start(self, conditions: Conditions, known: Tensor, steps: int) -> OpenVinoSession:
        run = self.step_graph.run()
        session = OpenVinoSession(self, run, conditions, steps + conditions.prefix_length, self._told(conditions))
        session.read(known)
        return session

    def settle(self, length: int) -> None:
        """Called after so many steps were read at once.

        OpenVINO keeps quantised weights in an order of its own, and reads ours only when a length is new to it.
        """
        if length not in self._lengths:
            self._lengths.add(length)
            give_back(self._codes)

    def _told(self, conditions: Conditions) -> dict[str, Tensor]:
        """Keys and values to attend to, made once a sequence. Where nothing is told, of no rows."""
        if self.cross_graph is None:
            return {}
        width = self.config.width
        vectors = torch.zeros(0, 1, width) if conditions.cross is None else conditions.cross.float()
        valid = conditions.cross_valid
        if valid is None:
            valid = torch.ones(vectors.shape[:2], dtype=torch.bool)
        keys_values = self.cross_graph.run()(told=vectors)
        names = [f"{part}.{number}" for number in range(self.config.layers) for part in ("keys", "values")]
        return {"told_mask": _added(valid[:, None, None, :])} | dict(zip(names, keys_values, strict=True))


@dataclass
class OpenVinoSession:
    """See `families.token_lm.engine.Session`."""

    engine: OpenVinoEngine
    run: Run
    conditions: Conditions
    capacity: int
    told: dict[str, Tensor]
    length: int = 0
    logits: Tensor = field(default_factory=lambda: torch.empty(0))

    @torch.inference_mode()
    def step(self, tokens: Tensor) -> Tensor:
        self.read(tokens[:, :, None])
        return self.logits

    def read(self, tokens: Tensor) -> None:
        """Read steps (B, K, S), and before the first of all what stands in front of it.

        Raises:
            ValueError: more than was said.
        """
        config = self.engine.config
        vectors, places = entering(config, self.engine.embeddings, tokens, self.conditions, self.length)
        start, self.length = self.length, self.length + vectors.shape[1]
        if self.length > self.capacity:
            raise ValueError(f"position {self.length} in a cache for {self.capacity}")
        mask = places.mask
        if mask is None:  # plain causality
            mask = torch.ones(1, 1, self.length - start, self.length, dtype=torch.bool).tril(start)
        given = {} if start else self.told | {"order": torch.arange(len(tokens), dtype=torch.int32)}
        if places.turns is not None:
            given["turns"] = places.turns.float()
        # For each row its own: in bfloat16, OpenVINO 2026.4 applies a single one to the first row alone.
        mask = mask.expand(len(tokens), -1, -1, -1)
        (logits,) = self.run(vectors=vectors.float(), mask=_added(mask), **given)
        self.engine.settle(self.length - start)
        self.logits = logits.view(len(tokens), config.codebooks, -1)


def _added(mask: Tensor) -> Tensor:
    """What is added to scores: nothing where a mask is true, and all but infinity where it is not."""
    return torch.zeros(mask.shape).masked_fill(~mask, torch.finfo(torch.float32).min)
