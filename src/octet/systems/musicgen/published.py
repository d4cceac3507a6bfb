"""Public MusicGen weights as our model.

    transformers   a folder with `config.json` of model type `musicgen` or `musicgen_melody`; its T5 is inside
    audiocraft     a folder with `state_dict.bin` (or that file): weights and their configuration as YAML; T5 is apart

Weights are safetensors or torch files of tensors; nothing is unpickled. Whatever does not fit is refused, by name.
Sizes are read off the tensors where they show them.

D width, K codebooks.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from torch import Tensor

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.encoders.text import t5
from octet.encoders.text.contract import TextEncoder
from octet.families.token_lm.patterns import PatternSpec
from octet.families.token_lm.transformer import DecoderConfig
from octet.nn.filled import filled_with
from octet.systems.musicgen.config import Config, T5TextConfig
from octet.systems.musicgen.model import MusicGen
from octet.systems.musicgen.published_names import NATIVE_NAMES, STYLE_NAMES, TRANSFORMERS_NAMES, Table, renamed
from octet.systems.musicgen.style import StyleConfig

NATIVE = "state_dict.bin"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
INDEX = "model.safetensors.index.json"
STYLE_HEADS = {"xsmall": 8, "default": 8, "large": 16}  # of the style encoder's three sizes
CHROMA_HOP_SAMPLES, CHROMA_RATE_HZ = 4096, 32_000  # of the published melody models


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
    return _native(path / NATIVE if path.is_dir() else path, text_encoder)


def _transformers(folder: Path) -> MusicGen:
    document = _document(folder)
    state = _weights(folder)
    config = _configured(folder / artifacts.CONFIG, lambda: _transformers_config(document))
    named = _named(state, TRANSFORMERS_NAMES, folder)
    encoder = t5.load(folder, state)
    return filled_with(named, lambda: MusicGen(config, encoder), folder)


def _transformers_config(document: Mapping[str, Any]) -> Config:
    kind = document["model_type"]
    if kind not in ("musicgen", "musicgen_melody"):
        raise ValueError(f"its model_type is {kind!r}, and musicgen or musicgen_melody was expected")
    decoder, audio = document["decoder"], document["audio_encoder"]
    _require(decoder, "activation_function", "gelu")
    _require(decoder, "scale_embedding", False)
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


def _native(file: Path, text_encoder: TextEncoder | None) -> MusicGen:
    content = artifacts.read_torch_file(file)
    state = _native_state(content, file)
    settings = _settings(content, file)
    named = _named(state, (*STYLE_NAMES, *NATIVE_NAMES) if _is_style(state) else NATIVE_NAMES, file)
    config = _configured(file, lambda: _native_config(settings, named))
    return filled_with(named, lambda: MusicGen(config, text_encoder), file)


def _native_config(settings: Mapping[str, Any], named: Mapping[str, Tensor]) -> Config:
    sizes = settings["transformer_lm"]
    _require(sizes, "activation", "gelu")
    _require(sizes, "positional_embedding", "sin")
    tables = [name for name in named if name.startswith("decoder.embeddings.")]
    rows, width = named["decoder.embeddings.0.weight"].shape
    cross = "description" in (settings["fuser"].get("cross") or [])
    return Config(
        decoder=DecoderConfig(
            codebooks=len(tables),
            vocabulary=rows - 1,
            width=width,
            heads=sizes["num_heads"],
            layers=_layers(named, "decoder"),
            inner_width=len(named["decoder.layers.0.up.weight"]),
            cross_attention=any(".cross_attention." in name for name in named),
        ),
        pattern=_native_pattern(settings["codebooks_pattern"], len(tables)),
        text=T5TextConfig(
            name=settings["conditioners"]["description"]["t5"]["name"],
            width=named["text.projection.weight"].shape[1],
        ),
        fusion="cross" if cross else "prefix",
        chroma_frames=_chroma_frames(settings) if "melody.projection.weight" in named else 0,
        style=_style(settings, named) if "style.embed.weight" in named else None,
        channels=_channels(settings.get("interleave_stereo_codebooks") or {}),
        segment_seconds=settings["dataset"]["segment_duration"],
        stride_seconds=settings["dataset"]["segment_duration"] * 0.6,  # 18 of 30 seconds
        guidance_scale=settings["classifier_free_guidance"]["inference_coef"],
    )


def _native_pattern(settings: Mapping[str, Any], codebooks: int) -> PatternSpec:
    match settings["modeling"]:
        case "parallel":
            return PatternSpec(shifts=(0,) * codebooks)
        case "delay":
            _require(settings["delay"], "flatten_first", 0)
            _require(settings["delay"], "empty_initial", 0)
            return PatternSpec(shifts=settings["delay"]["delays"])
        case other:
            raise ValueError(f"its codebook pattern is {other!r}, and delay or parallel was expected")


def _channels(stereo: Mapping[str, Any]) -> int:
    if not stereo.get("use"):
        return 1
    _require(stereo, "per_timestep", False)
    return 2


def _chroma_frames(settings: Mapping[str, Any]) -> int:
    return 1 + int(settings["dataset"]["segment_duration"] * CHROMA_RATE_HZ) // CHROMA_HOP_SAMPLES


def _is_style(state: Mapping[str, Tensor]) -> bool:
    return any(name.startswith("condition_provider.conditioners.self_wav.embed.") for name in state)


def _layers(named: Mapping[str, Tensor], part: str) -> int:
    return sum(name.startswith(f"{part}.layers.") and name.endswith(".qkv.weight") for name in named)


def _style(settings: Mapping[str, Any], named: Mapping[str, Tensor]) -> StyleConfig:
    told = settings["conditioners"]["self_wav"]["style"]
    _require(told, "model_name", "mert")
    _require(told, "batch_norm", True)
    width, features = named["style.embed.weight"].shape
    return StyleConfig(
        features=features,
        width=width,
        heads=STYLE_HEADS[told["transformer_scale"]],
        layers=_layers(named, "style"),
        codebooks=sum(name.startswith("style.codebooks.") for name in named),
        codebook_size=len(named["style.codebooks.0.weight"]),
        heard_codebooks=told["eval_q"],
        every=told["ds_factor"],
        excerpt_seconds=told["length"],
    )


def _native_state(content: Any, file: Path) -> dict[str, Tensor]:
    """Of an exported model, or of a checkpoint of training, where it lies one level deeper."""
    found = content.get("best_state") or content.get("fsdp_best_state") if isinstance(content, dict) else None
    found = found.get("model", found) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not all(isinstance(weight, Tensor) for weight in found.values()):
        raise InvalidArtifact(f"{file} holds no audiocraft model: tensors by name were expected in 'best_state'")
    return {str(name): artifacts.float32(str(name), weight, file) for name, weight in found.items()}


def _settings(content: Mapping[str, Any], file: Path) -> Mapping[str, Any]:
    """The YAML in `xp.cfg`; references to other settings stay as they stand, for none is needed."""
    try:
        settings = yaml.safe_load(content["xp.cfg"])
    except (KeyError, AttributeError, yaml.YAMLError) as error:
        raise InvalidArtifact(f"{file} has no configuration in 'xp.cfg' ({type(error).__name__})") from None
    if not isinstance(settings, dict):
        raise InvalidArtifact(f"{file} has no configuration in 'xp.cfg'")
    return settings


def _named(state: Mapping[str, Tensor], table: Table, source: Path) -> dict[str, Tensor]:
    try:
        return renamed(state, table)
    except (RuntimeError, IndexError) as error:  # matrices that cannot be joined
        reason = str(error).splitlines()[0][:120]
        raise InvalidArtifact(f"{source} holds tensors of shapes that do not fit each other ({reason})") from None


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


def _require(settings: Mapping[str, Any], name: str, value: Any) -> None:
    if settings.get(name, value) != value:
        raise ValueError(f"its {name} is {settings[name]!r}, and only {value!r} can be read")


def _configured(source: Path, make: Any) -> Config:
    """The configuration that `make` reads, any failure told in one line."""
    try:
        found: Config = make()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidArtifact(f"{source} describes no MusicGen that can be read: {where}: {first['msg']}") from None
    except (KeyError, TypeError, AttributeError, ValueError, ZeroDivisionError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:200]
        raise InvalidArtifact(f"{source} describes no MusicGen that can be read: {missing}") from None
    return found
