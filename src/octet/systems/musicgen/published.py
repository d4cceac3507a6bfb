"""Public MusicGen weights as our model.

    transformers   a folder with `config.json` of model type `musicgen` or `musicgen_melody`; its T5 is inside
    audiocraft     a folder with `state_dict.bin` (or that file); its T5 is apart (see published_audiocraft.py)

Weights are safetensors or torch files of tensors; nothing is unpickled. Whatever does not fit is refused, by name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.encoders.text import t5
from octet.encoders.text.contract import TextEncoder
from octet.families.token_lm.patterns import PatternSpec
from octet.families.token_lm.transformer import DecoderConfig
from octet.nn.filled import filled_with
from octet.systems.musicgen import published_audiocraft
from octet.systems.musicgen.config import Config, T5TextConfig
from octet.systems.musicgen.model import MusicGen
from octet.systems.musicgen.published_names import TRANSFORMERS_NAMES, configured, named, require

NATIVE = "state_dict.bin"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
INDEX = "model.safetensors.index.json"


def is_published(path: Path) -> bool:
    """Whether a file or folder looks like public MusicGen weights."""
    if path.is_file():
        return path.name == NATIVE
    return (path / NATIVE).is_file() or _model_type(path).startswith("musicgen")


def load(path: Path, text_encoder: TextEncoder | None = None) -> MusicGen:
    """The model of a public checkpoint, ready to generate.

    Args:
        path: the checkpoint's folder, or audiocraft's `state_dict.bin`.
        text_encoder: the T5 of an audiocraft checkpoint, which does not hold it (`encoders.text.t5.load`).

    Raises:
        InvalidArtifact: missing, damaged or hostile files, or a model of another kind.
        InvalidInput: the text encoder is missing or of another width.
        MissingExtra: transformers, which T5 needs, is not installed.
    """
    if not path.exists():
        raise InvalidArtifact(f"{path} does not exist")
    if path.is_dir() and _model_type(path):
        return _transformers(path)
    return published_audiocraft.load(path / NATIVE if path.is_dir() else path, text_encoder)


def _transformers(folder: Path) -> MusicGen:
    document = _document(folder)
    state = _weights(folder)
    config = configured(folder / artifacts.CONFIG, lambda: _transformers_config(document))
    weights = named(state, TRANSFORMERS_NAMES, folder)
    encoder = t5.load(folder, state)
    return filled_with(weights, lambda: MusicGen(config, encoder), folder)


def _transformers_config(document: Mapping[str, Any]) -> Config:
    kind = document["model_type"]
    if kind not in ("musicgen", "musicgen_melody"):
        raise ValueError(f"its model_type is {kind!r}, and musicgen or musicgen_melody was expected")
    decoder, audio = document["decoder"], document["audio_encoder"]
    require(decoder, "activation_function", "gelu")
    require(decoder, "scale_embedding", False)
    melody = kind == "musicgen_melody"
    channels = decoder.get("audio_channels", 1)
    return Config(
        decoder=DecoderConfig(
            codebooks=decoder["num_codebooks"],
            vocabulary=decoder["vocab_size"],
            width=decoder["hidden_size"],
            heads=decoder["num_attention_heads"],
            layers=decoder["num_hidden_layers"],
            inner_width=decoder["ffn_dim"],
            cross_attention=not melody,
        ),
        pattern=PatternSpec(shifts=tuple(k // channels for k in range(decoder["num_codebooks"]))),
        text=T5TextConfig(width=document["text_encoder"]["d_model"]),
        fusion="prefix" if melody else "cross",
        chroma_frames=document["chroma_length"] if melody else 0,
        channels=channels,
        frame_rate_hz=audio["sampling_rate"] / math.prod(audio["upsampling_ratios"]),
    )


def _weights(folder: Path) -> dict[str, Tensor]:
    index = folder / INDEX
    if index.is_file():
        names = set(_json(index).get("weight_map", {}).values())
        if not all(isinstance(name, str) and Path(name).name == name for name in names):
            raise InvalidArtifact(f"{index} names files outside its folder; fetch it again")
        shards = [artifacts.read_safetensors(folder / name) for name in sorted(names)]
        return {key: weight for shard in shards for key, weight in shard.items()}
    found = next((folder / name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if found is None:
        raise InvalidArtifact(f"{folder} holds none of {', '.join((*WEIGHT_FILES, INDEX))}; fetch the whole checkpoint")
    if found.suffix == ".safetensors":
        return artifacts.read_safetensors(found)
    content = artifacts.read_torch_file(found)
    if not isinstance(content, dict) or not all(isinstance(weight, Tensor) for weight in content.values()):
        raise InvalidArtifact(f"{found} holds no model: tensors by name were expected")
    return {str(name): artifacts.float32(str(name), weight, found) for name, weight in content.items()}


def _model_type(folder: Path) -> str:
    """Of a transformers folder; empty where there is none."""
    if not (folder / artifacts.CONFIG).is_file():
        return ""
    return str(_document(folder).get("model_type", ""))


def _document(folder: Path) -> dict[str, Any]:
    return _json(folder / artifacts.CONFIG)


def _json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidArtifact(f"{path} cannot be read ({error}); fetch it again") from None
    if not isinstance(document, dict):
        raise InvalidArtifact(f"{path} holds no configuration; fetch it again")
    return document
