"""audiocraft's own files: weights and, as YAML, the configuration they were trained with.

Sizes are read off the tensors where they show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from torch import Tensor

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.encoders.text.contract import TextEncoder
from octet.families.token_lm.patterns import PatternSpec
from octet.families.token_lm.transformer import DecoderConfig
from octet.nn.filled import filled_with
from octet.systems.musicgen.config import Config, T5TextConfig
from octet.systems.musicgen.model import MusicGen
from octet.systems.musicgen.published_names import NATIVE_NAMES, STYLE_NAMES, configured, named, require
from octet.systems.musicgen.style import StyleConfig

STYLE_HEADS = {"xsmall": 8, "default": 8, "large": 16}  # of the style encoder's three sizes
CHROMA_HOP_SAMPLES, CHROMA_RATE_HZ = 4096, 32_000  # of the published melody models


def load(file: Path, text_encoder: TextEncoder | None) -> MusicGen:
    """The model of a `state_dict.bin`; see `published.load`."""
    content = artifacts.read_torch_file(file)
    state = _state(content, file)
    settings = _settings(content, file)
    weights = named(state, (*STYLE_NAMES, *NATIVE_NAMES) if _is_style(state) else NATIVE_NAMES, file)
    config = configured(file, lambda: _config(settings, weights))
    return filled_with(weights, lambda: MusicGen(config, text_encoder), file)


def _config(settings: Mapping[str, Any], weights: Mapping[str, Tensor]) -> Config:
    sizes = settings["transformer_lm"]
    require(sizes, "activation", "gelu")
    require(sizes, "positional_embedding", "sin")
    tables = [name for name in weights if name.startswith("decoder.embeddings.")]
    rows, width = weights["decoder.embeddings.0.weight"].shape
    cross = "description" in (settings["fuser"].get("cross") or [])
    return Config(
        decoder=DecoderConfig(
            codebooks=len(tables),
            vocabulary=rows - 1,
            width=width,
            heads=sizes["num_heads"],
            layers=_layers(weights, "decoder"),
            inner_width=len(weights["decoder.layers.0.up.weight"]),
            cross_attention=any(".cross_attention." in name for name in weights),
        ),
        pattern=_pattern(settings["codebooks_pattern"], len(tables)),
        text=T5TextConfig(
            name=settings["conditioners"]["description"]["t5"]["name"],
            width=weights["text.projection.weight"].shape[1],
        ),
        fusion="cross" if cross else "prefix",
        chroma_frames=_chroma_frames(settings) if "melody.projection.weight" in weights else 0,
        style=_style(settings, weights) if "style.embed.weight" in weights else None,
        channels=_channels(settings.get("interleave_stereo_codebooks") or {}),
        segment_seconds=settings["dataset"]["segment_duration"],
        stride_seconds=settings["dataset"]["segment_duration"] * 0.6,  # 18 of 30 seconds
        guidance_scale=settings["classifier_free_guidance"]["inference_coef"],
    )


def _pattern(settings: Mapping[str, Any], codebooks: int) -> PatternSpec:
    match settings["modeling"]:
        case "parallel":
            return PatternSpec(shifts=(0,) * codebooks)
        case "delay":
            require(settings["delay"], "flatten_first", 0)
            require(settings["delay"], "empty_initial", 0)
            return PatternSpec(shifts=settings["delay"]["delays"])
        case other:
            raise ValueError(f"its codebook pattern is {other!r}, and delay or parallel was expected")


def _channels(stereo: Mapping[str, Any]) -> int:
    if not stereo.get("use"):
        return 1
    require(stereo, "per_timestep", False)
    return 2


def _chroma_frames(settings: Mapping[str, Any]) -> int:
    return 1 + int(settings["dataset"]["segment_duration"] * CHROMA_RATE_HZ) // CHROMA_HOP_SAMPLES


def _is_style(state: Mapping[str, Tensor]) -> bool:
    return any(name.startswith("condition_provider.conditioners.self_wav.embed.") for name in state)


def _layers(weights: Mapping[str, Tensor], part: str) -> int:
    return sum(name.startswith(f"{part}.layers.") and name.endswith(".qkv.weight") for name in weights)


def _style(settings: Mapping[str, Any], weights: Mapping[str, Tensor]) -> StyleConfig:
    told = settings["conditioners"]["self_wav"]["style"]
    require(told, "model_name", "mert")
    require(told, "batch_norm", True)
    width, features = weights["style.embed.weight"].shape
    return StyleConfig(
        features=features,
        width=width,
        heads=STYLE_HEADS[told["transformer_scale"]],
        layers=_layers(weights, "style"),
        codebooks=sum(name.startswith("style.codebooks.") for name in weights),
        codebook_size=len(weights["style.codebooks.0.weight"]),
        heard_codebooks=told["eval_q"],
        every=told["ds_factor"],
        excerpt_seconds=told["length"],
    )


def _state(content: Any, file: Path) -> dict[str, Tensor]:
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
