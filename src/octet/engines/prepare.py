"""A decoder's weights as an engine wants them: matrices in the precision asked for, one matrix for all heads.

The heads keep 8 bits where the rest has 4: what they get wrong, nothing behind them sets right. `w8a8` and `w4a8` are
the weights of `int8` and `int4`; there, what is multiplied with them is rounded to 8 bits too, anew at every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import torch
from torch import Tensor

from octet.engines.quantize import Quantized, quantized
from octet.families.token_lm.transformer import TokenDecoder

Precision = Literal["fp32", "bf16", "int8", "int4", "w8a8", "w4a8"]
Weights = Mapping[str, Tensor | Quantized]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
BITS: Mapping[str, Literal[4, 8]] = {"int8": 8, "w8a8": 8, "int4": 4, "w4a8": 4}  # of weights that are quantised
CODES, PACKED, SCALES = ".int8", ".int4", ".scales"  # how parts of a quantised matrix are named on disk


def prepared(decoder: TokenDecoder, precision: Precision) -> dict[str, Tensor | Quantized]:
    """All of `TokenDecoder`'s weights by its own names, but that heads are one, `heads.weight`.

    Embeddings are looked up, not multiplied, and stay as they are. Under bf16 all do: the engine computes in it.
    """
    state = {name: tensor.float() for name, tensor in decoder.state_dict().items() if not name.startswith("heads.")}
    state["heads.weight"] = torch.cat([weight.detach().float() for weight in decoder.heads.parameters()])
    return {name: _stored(name, tensor, precision) for name, tensor in state.items()}


def _stored(name: str, tensor: Tensor, precision: Precision) -> Tensor | Quantized:
    if precision not in BITS or tensor.dim() != 2 or name.startswith("embeddings."):
        return tensor
    return quantized(tensor, 8 if name.startswith("heads.") else BITS[precision])


def flat(weights: Weights) -> dict[str, Tensor]:
    """Tensors only, to be written to a file."""
    tensors: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if isinstance(weight, Quantized):
            tensors[name + (CODES if weight.bits == 8 else PACKED)] = weight.codes
            tensors[name + SCALES] = weight.scales
        else:
            tensors[name] = weight
    return tensors


def unflat(tensors: Mapping[str, Tensor]) -> dict[str, Tensor | Quantized]:
    """What `flat` was given."""
    weights: dict[str, Tensor | Quantized] = {}
    for name, tensor in tensors.items():
        if name.endswith(CODES):
            stem = name.removesuffix(CODES)
            weights[stem] = Quantized(tensor, tensors[stem + SCALES], 8)
        elif name.endswith(PACKED):
            stem = name.removesuffix(PACKED)
            weights[stem] = Quantized(tensor, tensors[stem + SCALES], 4)
        elif not name.endswith(SCALES):
            weights[name] = tensor
    return weights
