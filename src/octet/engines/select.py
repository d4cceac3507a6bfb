"""Which engine runs a decoder, and with which weights.

torch       on any device, as the decoder is, or in fp32 or bf16; on the CPU in int8, int4 or w8a8 too
openvino    on the CPU, in fp32, bf16, int8, int4, w8a8 or w4a8; of the extra `openvino`
auto        openvino where it is installed, or needed, and the decoder is on the CPU; torch elsewhere
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import torch

from octet.core.errors import InvalidInput
from octet.engines import cache
from octet.engines.openvino_engine import OpenVinoEngine
from octet.engines.openvino_graph import installed, require_openvino
from octet.engines.prepare import BITS, PRECISIONS, Precision, Weights, flat, prepared, unflat
from octet.engines.torch_linear import KERNELS, require_kernels, rounded_decoder
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
    kept = _Kept(name, place)
    if engine == "torch" or (engine == "auto" and not (_on_cpu(decoder) and _prefers_openvino(weights))):
        return _torch(decoder, weights, kept)
    return _openvino(decoder, weights, kept)


def entry(decoder: TokenDecoder, weights: Precision) -> str:
    """The name under which a decoder's quantised weights are kept."""
    return f"{cache.digest(decoder.state_dict())}-int{BITS[weights]}"


def reopened(
    config: DecoderConfig, name: str, weights: Precision, engine: EngineName = "auto", *, place: Path | None = None
) -> Engine | None:
    """The engine that `engine_for` once made of quantised weights, without the decoder, which takes far more memory.

    It runs on the CPU. None where there is no entry of this `name` any more; any engine may have made it.

    Raises:
        InvalidInput: no such engine, or it cannot run such weights.
        MissingExtra: openvino is asked for, or needed, and is not installed.
    """
    _require_known("engine", engine, ENGINES)
    by_torch = engine == "torch" or (engine == "auto" and not _prefers_openvino(weights))
    if by_torch:
        require_kernels(weights)
    held = cache.found(name, place=place)
    if held is None:
        return None
    return _rounded(config, unflat(held), weights) if by_torch else OpenVinoEngine(config, unflat(held), weights)


@dataclass(frozen=True)
class _Kept:
    """Quantised weights in the cache."""

    name: str | None
    place: Path | None

    def weights(self, decoder: TokenDecoder, precision: Precision) -> Weights:
        name = self.name or entry(decoder, precision)
        return unflat(cache.remembered(name, lambda: flat(prepared(decoder, precision)), place=self.place))


def _prefers_openvino(weights: Precision | None) -> bool:
    """Also where torch cannot do what is asked for, so that one is told what to install."""
    return installed() or (weights in BITS and weights not in KERNELS)


def _torch(decoder: TokenDecoder, weights: Precision | None, kept: _Kept) -> TorchEngine:
    if weights is None:
        return TorchEngine(decoder)
    if weights in TORCH_TYPES:
        wanted = TORCH_TYPES[weights]
        return TorchEngine(decoder if decoder.norm.weight.dtype == wanted else copy.deepcopy(decoder).to(wanted))
    if not _on_cpu(decoder):
        device = decoder.norm.weight.device
        raise InvalidInput(f"weights {weights} are for the CPU and the model is on {device}: there, take fp32 or bf16")
    require_kernels(weights)
    return _rounded(decoder.config, kept.weights(decoder, weights), weights)


def _rounded(config: DecoderConfig, weights: Weights, precision: Precision) -> TorchEngine:
    return TorchEngine(rounded_decoder(config, weights, precision))


def _openvino(decoder: TokenDecoder, weights: Precision | None, kept: _Kept) -> Engine:
    if not _on_cpu(decoder):
        raise InvalidInput(f"openvino runs on the CPU and the model is on {decoder.norm.weight.device}: move it first")
    require_openvino()  # before a minute of quantising
    if weights is None:
        weights = "bf16" if decoder.norm.weight.dtype == torch.bfloat16 else "fp32"
    if weights in TORCH_TYPES:
        return OpenVinoEngine(decoder.config, prepared(decoder, weights), weights)
    return OpenVinoEngine(decoder.config, kept.weights(decoder, weights), weights)


def _on_cpu(decoder: TokenDecoder) -> bool:
    return decoder.norm.weight.device.type == "cpu"


def _require_known(kind: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise InvalidInput(f"no {kind} {given!r}: choose from {', '.join(known)}")
