"""Public codec checkpoints as our modules.

    transformers    a folder of EncodecModel, of a model that contains one (MusicGen), or of DacModel
    audiocraft      `compression_state_dict.bin`: {"best_state": tensors, "xp.cfg": YAML}, or the folder it lies in
    encodec         a flat `.th` file of tensors, of the 24 or the 48 kHz model, whose shapes are fixed

Weights are safetensors or torch files of tensors; nothing is unpickled. Weight normalisation, under its old or its
new names, is folded into plain weights; statistics of codebook training are dropped. Whatever does not fit is refused,
by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from octet.codecs.checkpoints import (
    State,
    below,
    described,
    read_json,
    read_yaml,
    require,
    tensors_of,
    weights_of,
)
from octet.codecs.dac import Dac, DacConfig
from octet.codecs.encodec import Encodec, EncodecConfig, encodec_24khz, encodec_48khz
from octet.codecs.seanet import SEANetConfig
from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.nn.filled import filled_with
from octet.nn.weight_norm import folded

CONFIG_JSON, AUDIOCRAFT = "config.json", "compression_state_dict.bin"
STATISTICS = (".inited", ".cluster_size", ".embed_avg")  # of codebook training
NORMS: Mapping[str, Any] = {"weight_norm": "weight", "time_group_norm": "group"}
_INTERPOLATION = re.compile(r"\$\{([\w.]+)\}")


def load(path: Path) -> Encodec | Dac:
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


def _transformers(folder: Path) -> Encodec | Dac:
    source = folder / CONFIG_JSON
    whole = read_json(source)
    if whole.get("model_type") == "dac":
        dac = described(source, lambda: _dac_config(whole))
        return filled_with(folded(weights_of(folder), folder), lambda: Dac(dac), folder)
    inner = whole.get("audio_encoder")
    encodec = described(source, lambda: _transformers_config(whole if inner is None else inner))
    state = weights_of(folder)
    return _encodec(state if inner is None else below(state, "audio_encoder."), encodec, folder)


def _dac_config(config: Mapping[str, Any]) -> DacConfig:
    """Its `hop_length` is not read: public files have had another than their ratios multiply to."""
    return DacConfig(
        sample_rate_hz=config["sampling_rate"],
        encoder_channels=config["encoder_hidden_size"],
        decoder_channels=config["decoder_hidden_size"],
        ratios=config["downsampling_ratios"],
        codebooks=config["n_codebooks"],
        codebook_size=config["codebook_size"],
        codebook_dimension=config["codebook_dim"],
    )


def _transformers_config(config: Mapping[str, Any]) -> EncodecConfig:
    require(config, {"model_type": "encodec", "trim_right_ratio": 1.0, "codebook_dim": config["hidden_size"]})
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
        shape = described(path, lambda: _audiocraft_config(content["xp.cfg"]))
        return _encodec(tensors_of(content.get("best_state"), path), shape, path)
    state = tensors_of(content, path)
    grouped = "encoder.model.0.conv.norm.weight" in state
    return _encodec(state, encodec_48khz() if grouped else encodec_24khz(), path)


def _audiocraft_config(text: str) -> EncodecConfig:
    whole = read_yaml(text)
    encodec, seanet, rvq = (_resolved(whole[name], whole) for name in ("encodec", "seanet", "rvq"))
    require(whole, {"compression_model": "encodec"})
    require(encodec, {"autoencoder": "seanet", "quantizer": "rvq"})
    fixed = {"activation": "ELU", "activation_params": {"alpha": 1.0}, "norm_params": {}, "encoder": {}}
    decoder = {"trim_right_ratio": 1.0, "final_activation": None, "final_activation_params": None}
    require(seanet, {**fixed, "decoder": decoder, "disable_norm_outer_blocks": 0, "causal": encodec["causal"]})
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


def _encodec(state: State, shape: EncodecConfig, source: Path) -> Encodec:
    return filled_with(_renamed(folded(state, source)), lambda: Encodec(shape), source)


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
