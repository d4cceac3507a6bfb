"""Public codec checkpoints as our modules.

    transformers    a folder of EncodecModel, or of a model that contains one (MusicGen), config.json and weights
    audiocraft      `compression_state_dict.bin`: {"best_state": tensors, "xp.cfg": YAML}, or the folder it lies in
    encodec         a flat `.th` file of tensors, of the 24 or the 48 kHz model, whose shapes are fixed

Weights are safetensors or torch files of tensors; nothing is unpickled. Weight normalisation, under its old or its
new names, is folded into plain weights; statistics of codebook training are dropped. Whatever does not fit is refused,
by name.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch

from octet.codecs.encodec import Encodec, EncodecConfig, encodec_24khz, encodec_48khz
from octet.codecs.seanet import SEANetConfig
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.nn.filled import filled_with

State = dict[str, torch.Tensor]
Made = TypeVar("Made")

CONFIG_JSON, AUDIOCRAFT = "config.json", "compression_state_dict.bin"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
NORMALISED = ((".weight_g", ".weight_v"), (".parametrizations.weight.original0", ".parametrizations.weight.original1"))
STATISTICS = (".inited", ".cluster_size", ".embed_avg")  # of codebook training
NORMS: Mapping[str, Any] = {"weight_norm": "weight", "time_group_norm": "group"}
_UNREADABLE = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    OSError,
    ArithmeticError,
    RecursionError,
    InvalidInput,
)
_INTERPOLATION = re.compile(r"\$\{([\w.]+)\}")


def load(path: Path) -> Encodec:
    """The codec of a public checkpoint, ready to use.

    Args:
        path: a transformers folder, an audiocraft file or the folder that holds it, or a file of encodec's.

    Raises:
        InvalidArtifact: missing, damaged or hostile files, or a model of another kind.
    """
    if not path.exists():
        raise InvalidArtifact(f"{path} does not exist")
    if path.is_file():
        return _torch_file(path)
    if (path / CONFIG_JSON).is_file():
        return _transformers(path)
    if (path / AUDIOCRAFT).is_file():
        return _torch_file(path / AUDIOCRAFT)
    raise InvalidArtifact(f"{path} holds neither {CONFIG_JSON} nor {AUDIOCRAFT}; fetch the whole checkpoint")


def _transformers(folder: Path) -> Encodec:
    whole = _read(folder / CONFIG_JSON, lambda: json.loads((folder / CONFIG_JSON).read_text(encoding="utf-8")))
    inner = whole.get("audio_encoder") if isinstance(whole, dict) else None
    shape = _read(folder / CONFIG_JSON, lambda: _transformers_config(whole if inner is None else inner))
    state = _weights(folder)
    if inner is not None:
        state = _below(state, "audio_encoder.")
    return _filled(state, shape, folder)


def _transformers_config(config: Mapping[str, Any]) -> EncodecConfig:
    _require(config, {"model_type": "encodec", "trim_right_ratio": 1.0, "codebook_dim": config["hidden_size"]})
    rate_hz, seconds = config["sampling_rate"], config.get("chunk_length_s")
    seanet = SEANetConfig(
        filters=config["num_filters"],
        dimension=config["hidden_size"],
        ratios=config["upsampling_ratios"],
        residual_layers=config["num_residual_layers"],
        residual_kernel=config["residual_kernel_size"],
        dilation_growth=config["dilation_growth_rate"],
        compress=config["compress"],
        kernel=config["kernel_size"],
        encoder_last_kernel=config["last_kernel_size"],
        decoder_last_kernel=config["last_kernel_size"],
        lstm_layers=config["num_lstm_layers"],
        causal=config["use_causal_conv"],
        padding=config["pad_mode"],
        norm=NORMS[config["norm_type"]],
        conv_shortcut=config["use_conv_shortcut"],
    )
    chunk_samples = None if seconds is None else int(seconds * rate_hz)
    stride_samples = None if chunk_samples is None else max(1, int((1 - config["overlap"]) * chunk_samples))
    bits_per_second = math.ceil(rate_hz / seanet.hop_samples) * math.ceil(math.log2(config["codebook_size"]))
    return EncodecConfig(
        sample_rate_hz=rate_hz,
        channels=config["audio_channels"],
        codebooks=int(1000 * config["target_bandwidths"][-1] // bits_per_second),
        codebook_size=config["codebook_size"],
        normalised=config["normalize"],
        chunk_samples=chunk_samples,
        chunk_stride_samples=stride_samples,
        seanet=seanet,
    )


def _torch_file(path: Path) -> Encodec:
    content = artifacts.read_torch_file(path)
    if isinstance(content, dict) and "pretrained" in content:
        raise InvalidArtifact(
            f"{path} only names another checkpoint: load {str(content['pretrained'])[:100]!r} instead"
        )
    if isinstance(content, dict) and "xp.cfg" in content:
        shape = _read(path, lambda: _audiocraft_config(content["xp.cfg"]))
        return _filled(_tensors(content.get("best_state"), path), shape, path)
    state = _tensors(content, path)
    grouped = "encoder.model.0.conv.norm.weight" in state
    return _filled(state, encodec_48khz() if grouped else encodec_24khz(), path)


def _audiocraft_config(text: str) -> EncodecConfig:
    whole = _yaml(text)
    encodec, seanet, rvq = (_resolved(whole[name], whole) for name in ("encodec", "seanet", "rvq"))
    _require(whole, {"compression_model": "encodec"})
    _require(encodec, {"autoencoder": "seanet", "quantizer": "rvq"})
    fixed = {"activation": "ELU", "activation_params": {"alpha": 1.0}, "norm_params": {}, "encoder": {}}
    decoder = {"trim_right_ratio": 1.0, "final_activation": None, "final_activation_params": None}
    _require(seanet, {**fixed, "decoder": decoder, "disable_norm_outer_blocks": 0, "causal": encodec["causal"]})
    shape = SEANetConfig(
        filters=seanet["n_filters"],
        dimension=seanet["dimension"],
        ratios=seanet["ratios"],
        residual_layers=seanet["n_residual_layers"],
        residual_kernel=seanet["residual_kernel_size"],
        dilation_growth=seanet["dilation_base"],
        compress=seanet["compress"],
        kernel=seanet["kernel_size"],
        encoder_last_kernel=seanet["last_kernel_size"],
        decoder_last_kernel=seanet["last_kernel_size"],
        lstm_layers=seanet["lstm"],
        causal=encodec["causal"],
        padding=seanet["pad_mode"],
        norm=NORMS[seanet["norm"]],
        conv_shortcut=not seanet["true_skip"],
    )
    return EncodecConfig(
        sample_rate_hz=encodec["sample_rate"],
        channels=encodec["channels"],
        codebooks=rvq["n_q"],
        codebook_size=rvq["bins"],
        normalised=encodec.get("renormalize", False),
        seanet=shape,
    )


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error).splitlines()[0]) from None


def _resolved(section: Mapping[str, Any], whole: Mapping[str, Any]) -> dict[str, Any]:
    """A section of the YAML with `${a.b}` replaced by what stands there."""

    def value(found: Any, depth: int) -> Any:
        reference = _INTERPOLATION.fullmatch(found) if isinstance(found, str) else None
        if reference is None or depth > 10:
            return found
        there: Any = whole
        for name in reference[1].split("."):
            there = there[name]
        return value(there, depth + 1)

    return {name: value(found, 0) for name, found in section.items()}


def _require(config: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Refuse settings for which there is no code; one that is absent or null has its public default."""
    for name, wanted in expected.items():
        found = config.get(name)
        if found is not None and found != wanted:
            raise InvalidInput(f"its {name} is {found!r}, and only {wanted!r} can be read")


def _filled(state: State, shape: EncodecConfig, source: Path) -> Encodec:
    return filled_with(_renamed(_folded(state)), lambda: Encodec(shape), source)


_NAMES = (
    (re.compile(r"^(encoder|decoder)\.model\."), r"\1.layers."),
    (re.compile(r"\.conv(tr)?\.conv(tr)?\."), ".conv."),
    (re.compile(r"\.conv(tr)?\.norm\."), ".norm."),
    (re.compile(r"^quantizer\.(?:vq\.)?layers\.(\d+)\._?codebook\.embed$"), r"quantizer.codebooks.\1.vectors"),
)


def _renamed(state: State) -> State:
    """Our names for those of any of the three formats."""
    renamed = {}
    for name, tensor in state.items():
        if not name.endswith(STATISTICS):
            for pattern, ours in _NAMES:
                name = pattern.sub(ours, name)
            renamed[name] = tensor
    return renamed


def _folded(state: State) -> State:
    """Weight normalisation multiplied out: w = g v / |v|, the norm over all but the first dimension."""
    plain = dict(state)
    for magnitude, direction in NORMALISED:
        for stem in (name.removesuffix(magnitude) for name in state if name.endswith(magnitude)):
            if stem + direction in state:
                g, v = plain.pop(stem + magnitude), plain.pop(stem + direction)
                plain[f"{stem}.weight"] = v * (g / torch.linalg.vector_norm(v, dim=(1, 2), keepdim=True))
    return plain


def _weights(folder: Path) -> State:
    found = next((folder / name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if found is None:
        raise InvalidArtifact(f"{folder} holds none of {', '.join(WEIGHT_FILES)}; fetch the whole checkpoint")
    if found.suffix == ".safetensors":
        return artifacts.read_safetensors(found)
    return _tensors(artifacts.read_torch_file(found), found)


def _tensors(content: Any, source: Path) -> State:
    if not isinstance(content, dict) or not all(isinstance(tensor, torch.Tensor) for tensor in content.values()):
        raise InvalidArtifact(f"{source} holds no codec's weights: tensors by name were expected")
    return {str(name): artifacts.float32(str(name), tensor, source) for name, tensor in content.items()}


def _below(state: State, prefix: str) -> State:
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}


def _read(source: Path, make: Callable[[], Made]) -> Made:
    """The configuration that `make` reads, any failure told in one line."""
    try:
        return make()
    except _UNREADABLE as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:200]
        raise InvalidArtifact(f"{source} describes no codec that can be read: {missing}") from None
