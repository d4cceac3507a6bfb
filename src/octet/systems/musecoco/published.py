"""Public MuseCoco weights (microsoft/muzic) as our models, and as artifacts.

    attribute2music   fairseq's checkpoint, one file: stage 2 (its optimiser's state, two thirds of it, is never read)
    text2attribute    a folder of transformers' BERT with classifiers: stage 1 (see published_text.py)

Nothing is unpickled but tensors, plain containers and the settings' `argparse.Namespace`; fairseq is not needed.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.nn.filled import filled_with
from octet.systems.musecoco import published_text
from octet.systems.musecoco.config import Config
from octet.systems.musecoco.model import MuseCoco
from octet.systems.musecoco.published_text import tensors
from octet.systems.musecoco.text import AttributeReader

_IGNORED = ("decoder.version", "decoder.embed_positions._float_tensor")
_NAMES = (
    (r"^decoder\.embed_tokens\.", "embedding."),
    (r"^decoder\.output_projection\.", "head."),
    (r"^decoder\.layer_norm\.", "norm."),
    (r"^decoder\.layers\.(\d+)\.self_attn_layer_norm\.", r"layers.\1.attention_norm."),
    (r"^decoder\.layers\.(\d+)\.self_attn\.out_proj\.", r"layers.\1.attention.out."),
    (r"^decoder\.layers\.(\d+)\.fc1\.", r"layers.\1.up."),
    (r"^decoder\.layers\.(\d+)\.fc2\.", r"layers.\1.down."),
    (r"^decoder\.layers\.(\d+)\.final_layer_norm\.", r"layers.\1.inner_norm."),
)
_QUERY = re.compile(r"^decoder\.layers\.(\d+)\.self_attn\.q_proj\.(weight|bias)$")


def is_published(path: Path) -> bool:
    """Whether a file or folder looks like public MuseCoco weights."""
    return path.suffix == ".pt" if path.is_file() else published_text.is_published(path)


def load(path: Path, *, positions: Literal["train", "released"] = "train") -> MuseCoco:
    """Stage 2 of an `attribute2music.pt`, ready to compose.

    Args:
        positions: "released" counts them as the published generator does, one more than in training.

    Raises:
        InvalidArtifact: missing, damaged or hostile, of stage 1, or of another architecture.
    """
    content = artifacts.read_torch_file(path, allowing=[argparse.Namespace])
    state = tensors(content.get("model") if isinstance(content, dict) else None, path)
    if any(name.startswith("classifieratt.") for name in state):
        raise InvalidArtifact(f"{path} holds stage 1 of MuseCoco, text to attributes, and stage 2 was expected")
    config = _config(_settings(content, path), state, positions, path)
    return filled_with(_named(state), lambda: MuseCoco(config), path)


def load_reader(folder: Path) -> AttributeReader:
    """Stage 1 of a folder of `text2attribute`.

    Raises:
        InvalidArtifact: missing, damaged or hostile, of stage 2, or of another architecture.
    """
    return published_text.load(folder)


def convert(source: Path, folder: Path, *, bits: artifacts.Bits = 32) -> None:
    """Write public weights of either stage as an artifact, a few times smaller and read at once.

    Raises:
        InvalidArtifact: as `load` and `load_reader`.
    """
    model: MuseCoco | AttributeReader = load(source) if source.is_file() else load_reader(source)
    kind, config, state = model.artifact()
    artifacts.save(folder, kind, config, state, bits=bits)


def _settings(content: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    args = content.get("args")
    if not isinstance(args, argparse.Namespace):
        raise InvalidArtifact(f"{path} has no settings in 'args': fetch the checkpoint that muzic published")
    return vars(args)


def _config(
    settings: Mapping[str, Any], state: Mapping[str, Tensor], positions: Literal["train", "released"], path: Path
) -> Config:
    """Sizes are read off the tensors, but for the number of heads, which they do not show."""
    if settings.get("activation_fn", "gelu") != "gelu":
        raise InvalidArtifact(f"{path} has the activation {settings['activation_fn']!r}, and only 'gelu' can be read")
    try:
        vocabulary, width = state["decoder.embed_tokens.weight"].shape
        document = {
            "layers": sum(_QUERY.match(name) is not None and name.endswith("weight") for name in state),
            "width": width,
            "heads": settings["decoder_attention_heads"],
            "inner_width": len(state["decoder.layers.0.fc1.weight"]),
            "vocabulary": vocabulary,
            "positions": positions,
        }
    except (LookupError, ValueError, TypeError) as error:
        raise InvalidArtifact(f"{path} describes no MuseCoco that can be read: {error} is missing or wrong") from None
    return artifacts.validated(Config, document, path)


def _named(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Our names; queries, keys and values in one. What is unknown keeps its name, and is refused by it."""
    ours: dict[str, Tensor] = {}
    for name, tensor in state.items():
        query = _QUERY.match(name)
        if query:
            parts = [state.get(name.replace("q_proj", f"{part}_proj")) for part in "qkv"]
            joined = [part for part in parts if part is not None]
            ours[f"layers.{query[1]}.attention.qkv.{query[2]}"] = torch.cat(joined)
        elif name not in _IGNORED and not re.search(r"\.self_attn\.[kv]_proj\.", name):
            ours[_renamed(name)] = tensor
    return ours


def _renamed(name: str) -> str:
    for pattern, replacement in _NAMES:
        name = re.sub(pattern, replacement, name)
    return name
