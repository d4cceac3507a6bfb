"""Which engine runs a decoder, and with which weights.

torch       on any device, as the decoder is, or in fp32 or bf16
openvino    on the CPU, in fp32, bf16, int8, int4, w8a8 or w4a8; of the extra `openvino`
auto        openvino where it is installed and the decoder is on the CPU, torch elsewhere
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Literal, get_args

import torch

from octet.core.errors import InvalidInput
from octet.engines import cache
from octet.engines.openvino_engine import OpenVinoEngine
from octet.engines.openvino_graph import installed, require_openvino
from octet.engines.prepare import BITS, PRECISIONS, Precision, flat, prepared, unflat
from octet.families.token_lm.engine import Engine, TorchEngine
from octet.families.token_lm.transformer import DecoderConfig, TokenDecoder

EngineName = Literal["auto", "torch", "openvino"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)
TORCH_TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


def engine_for(
    decoder: TokenDecoder,
    engine: EngineName = "auto",
    weights: Precision | None = None,
    *,
    name: str | None = None,
    place: Path | None = None,
) -> Engine:
    """An engine for a decoder.

    Args:
        decoder: ready to generate. The engine may share its weights: train a decoder that no engine runs.
        engine: see the head of the file.
        weights: one of `PRECISIONS`; by default as the decoder's own, fp16 as fp32.
        name: under which quantised weights are kept, by default `entry`, which follows from the weights themselves.
        place: where they are kept, by default the user's cache.

    Raises:
        InvalidInput: no such engine or weights, or the engine cannot run them where the decoder is.
        MissingExtra: openvino is asked for, or needed, and is not installed.
    """
    _require_known("engine", engine, ENGINES)
    if weights is not None:
        _require_known("weights", weights, PRECISIONS)
    if engine == "torch" or (engine == "auto" and not _prefers_openvino(decoder, weights)):
        return _torch(decoder, weights)
    return _openvino(decoder, weights, name, place)


def entry(decoder: TokenDecoder, weights: Precision) -> str:
    """The name under which a decoder's quantised weights are kept."""
    return f"{cache.digest(decoder.state_dict())}-int{BITS[weights]}"


def reopened(config: DecoderConfig, name: str, weights: Precision, *, place: Path | None = None) -> Engine | None:
    """The engine that `engine_for` once made of quantised weights, without the decoder, which takes far more memory.

    None where there is no entry of this `name` any more.

    Raises:
        MissingExtra: openvino is not installed.
    """
    held = cache.found(name, place=place)
    return None if held is None else OpenVinoEngine(config, unflat(held), weights)


def _prefers_openvino(decoder: TokenDecoder, weights: Precision | None) -> bool:
    """Also where torch cannot do what is asked for, so that one is told what to install."""
    return _on_cpu(decoder) and (weights in BITS or installed())


def _torch(decoder: TokenDecoder, weights: Precision | None) -> TorchEngine:
    if weights is None:
        return TorchEngine(decoder)
    if weights not in TORCH_TYPES:
        raise InvalidInput(f"weights {weights} are for the engine openvino, on the CPU; torch runs fp32 and bf16")
    wanted = TORCH_TYPES[weights]
    return TorchEngine(decoder if decoder.norm.weight.dtype == wanted else copy.deepcopy(decoder).to(wanted))


def _openvino(decoder: TokenDecoder, weights: Precision | None, name: str | None, place: Path | None) -> Engine:
    if not _on_cpu(decoder):
        raise InvalidInput(f"openvino runs on the CPU and the model is on {decoder.norm.weight.device}: move it first")
    require_openvino()  # before a minute of quantising
    if weights is None:
        weights = "bf16" if decoder.norm.weight.dtype == torch.bfloat16 else "fp32"
    if weights in TORCH_TYPES:
        return OpenVinoEngine(decoder.config, prepared(decoder, weights), weights)
    held = cache.remembered(name or entry(decoder, weights), lambda: flat(prepared(decoder, weights)), place=place)
    return OpenVinoEngine(decoder.config, unflat(held), weights)


def _on_cpu(decoder: TokenDecoder) -> bool:
    return decoder.norm.weight.device.type == "cpu"


def _require_known(kind: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise InvalidInput(f"no {kind} {given!r}: choose from {', '.join(known)}")
