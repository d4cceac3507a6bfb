"""Public vocoder checkpoints as our modules.

    jik876 HiFi-GAN       a torch file {"generator": ...} with `config.json` beside it (ming024 ships two of these)
    transformers          a folder of SpeechT5HifiGan, FastSpeech2ConformerHifiGan or FastSpeech2ConformerWithHifiGan
    charactr Vocos        a folder with `config.yaml` and weights, mel variant
    openvpi NSF-HiFiGAN   as jik876's, with a source of F0 (PC-NSF-HiFiGAN: `mini_nsf`)
    MoonInTheRiver        HiFi-GAN, mostly with a source of F0: {"state_dict": {"model_gen": ...}} beside `config.yaml`

Weights are safetensors or torch files of tensors; nothing is unpickled. Weight normalisation, under its old or its
new names, is folded into plain weights. Whatever does not fit is refused, by name.

A transformers vocoder with `normalize_before` standardises its input; without, it reads what its acoustic model writes,
which is standardised already.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.nn.filled import filled_with
from octet.nn.weight_norm import folded
from octet.vocoders.hifigan import SLOPE, HifiGan, HifiGanConfig
from octet.vocoders.nsf import NsfHifiGan, NsfHifiGanConfig
from octet.vocoders.vocos import Vocos, VocosConfig

State = dict[str, torch.Tensor]
Made = TypeVar("Made")

ESPNET = spectrogram.espnet()
CONFIG_JSON, CONFIG_YAML = "config.json", "config.yaml"
GENERATORS = ("generator*", "g_*", "model", "*.ckpt")
WEIGHT_FILES = ("model.safetensors", "pytorch_model.safetensors", "pytorch_model.bin")


def load(path: Path) -> Vocos | HifiGan | NsfHifiGan:
    """The vocoder of a public checkpoint, ready to decode, or to sing.

    Args:
        path: the folder of a checkpoint, or a weight file with its `config.json` beside it.

    Raises:
        InvalidArtifact: missing, damaged or hostile files, or a model of another kind.
    """
    if not path.exists():
        raise InvalidArtifact(f"{path} does not exist")
    folder = path if path.is_dir() else path.parent
    if (folder / CONFIG_YAML).is_file():
        settings = _read(folder / CONFIG_YAML, lambda: _yaml(folder / CONFIG_YAML))
        if isinstance(settings, dict) and "audio_sample_rate" in settings:
            return _moon(path if path.is_file() else _only_generator(folder), settings, folder / CONFIG_YAML)
        if path.is_dir():
            return _vocos(path)
    config = _json(folder / CONFIG_JSON)
    if path.is_dir() and "model_type" in config:
        return _transformers(path, config)
    return _jik876(path if path.is_file() else _only_generator(folder), config, folder / CONFIG_JSON)


def _jik876(weights: Path, config: Mapping[str, Any], source: Path) -> HifiGan | NsfHifiGan:
    shape = _read(source, lambda: _jik876_config(config))
    content = artifacts.read_torch_file(weights)
    generator = content.get("generator") if isinstance(content, dict) else None
    # Of openvpi, whose models are given F0 without interruption.
    return _generator(_tensors(generator, weights), shape, weights, unbroken_f0=True)


def _moon(weights: Path, config: Mapping[str, Any], source: Path) -> HifiGan | NsfHifiGan:
    shape = _read(source, lambda: _moon_config(config))
    content = artifacts.read_torch_file(weights)
    parts = content.get("state_dict") if isinstance(content, dict) else None
    generator = parts.get("model_gen") if isinstance(parts, dict) else None
    return _generator(_tensors(generator, weights), shape, weights, unbroken_f0=False)


def _generator(state: State, shape: HifiGanConfig, weights: Path, *, unbroken_f0: bool) -> HifiGan | NsfHifiGan:
    """A HiFi-GAN, with a source where its weights have one."""
    plain = folded(state, weights)
    mix, mini = plain.get("m_source.l_linear.weight"), "source_conv.weight" in plain
    if mix is None and not mini:
        return filled_with(plain, lambda: HifiGan(shape), weights)
    if mix is not None and mix.dim() != 2:
        raise InvalidArtifact(f"{weights} is damaged: m_source.l_linear.weight is no matrix")
    overtones = 0 if mix is None else mix.shape[1] - 1
    renamed = {_nsf_name(name): weight for name, weight in plain.items()}

    def build() -> NsfHifiGan:
        return NsfHifiGan(NsfHifiGanConfig(filter=shape, harmonics=overtones, mini=mini, unbroken_f0=unbroken_f0))

    return filled_with(renamed, build, weights)


def _nsf_name(name: str) -> str:
    if name.startswith(("noise_convs.", "source_conv.")):
        return name
    return name.replace("m_source.l_linear.", "mix.") if name.startswith("m_source.") else f"filter.{name}"


def _moon_config(config: Mapping[str, Any]) -> HifiGanConfig:
    spec = MelSpec(
        sample_rate_hz=config["audio_sample_rate"],
        fft_samples=config["fft_size"],
        window_samples=config["win_size"],
        hop_samples=config["hop_size"],
        mel_bins=config["audio_num_mel_bins"],
        low_hz=config["fmin"],
        high_hz=config["fmax"],
        log="log10",
        floor=1e-6,
        padding="center",
    )
    return _hifigan_config(config, spec, channels=config["upsample_initial_channel"], resblock=str(config["resblock"]))


def _jik876_config(config: Mapping[str, Any]) -> HifiGanConfig:
    rate_hz = config["sampling_rate"]
    spec = MelSpec(
        sample_rate_hz=rate_hz,
        fft_samples=config["n_fft"],
        window_samples=config["win_size"],
        hop_samples=config["hop_size"],
        mel_bins=config["num_mels"],
        low_hz=config["fmin"],
        high_hz=rate_hz / 2 if config["fmax"] is None else config["fmax"],
    )
    return _hifigan_config(config, spec, channels=config["upsample_initial_channel"], resblock=config["resblock"])


def _transformers(folder: Path, config: Mapping[str, Any]) -> HifiGan:
    joint = config.get("vocoder_config")
    shape = _read(folder / CONFIG_JSON, lambda: _transformers_config(joint or config))
    state = _weights(folder)
    if joint is not None:
        state = {name.removeprefix("vocoder."): w for name, w in state.items() if name.startswith("vocoder.")}
    if not shape.normalise:
        state = {name: weight for name, weight in state.items() if name not in ("mean", "scale")}
    renamed = {name.replace("upsampler.", "ups."): weight for name, weight in state.items()}
    return filled_with(folded(renamed, folder), lambda: HifiGan(shape), folder)


def _transformers_config(config: Mapping[str, Any]) -> HifiGanConfig:
    if not str(config["model_type"]).endswith("hifigan"):
        raise InvalidInput(f"its model_type is {config['model_type']!r}, and one that ends in 'hifigan' was expected")
    if config["leaky_relu_slope"] != SLOPE:
        raise InvalidInput(f"its leaky_relu_slope is {config['leaky_relu_slope']}, and only {SLOPE} can be read")
    spec = ESPNET.model_dump() | {
        "sample_rate_hz": config.get("sampling_rate", ESPNET.sample_rate_hz),  # FastSpeech2Conformer's has none
        "mel_bins": config["model_in_dim"],
        "hop_samples": math.prod(config["upsample_rates"]),
    }
    channels, normalise = config["upsample_initial_channel"], config["normalize_before"]
    return _hifigan_config(config, MelSpec(**spec), channels=channels, resblock="1", normalise=normalise)


def _hifigan_config(config: Mapping[str, Any], spec: MelSpec, **own: Any) -> HifiGanConfig:
    return HifiGanConfig(
        spec=spec,
        upsample_rates=config["upsample_rates"],
        upsample_kernels=config["upsample_kernel_sizes"],
        resblock_kernels=config["resblock_kernel_sizes"],
        resblock_dilations=config["resblock_dilation_sizes"],
        **own,
    )


def _vocos(folder: Path) -> Vocos:
    shape = _read(folder / CONFIG_YAML, lambda: _vocos_config(_yaml(folder / CONFIG_YAML)))
    state = {
        name.removeprefix("backbone."): weight
        for name, weight in _weights(folder).items()
        if not name.startswith(("feature_extractor.", "head.istft."))  # windows and filters, which follow from `spec`
    }
    return filled_with(state, lambda: Vocos(shape), folder)


def _vocos_config(config: Mapping[str, Any]) -> VocosConfig:
    features = _arguments(config, "feature_extractor", "MelSpectrogramFeatures")
    backbone = _arguments(config, "backbone", "VocosBackbone")
    head = _arguments(config, "head", "ISTFTHead")
    reading = (features["n_fft"], features["hop_length"], features["padding"])
    if reading != (head["n_fft"], head["hop_length"], head["padding"]):
        raise InvalidInput("its head and its feature extractor differ in transform, hop or padding")
    spec = spectrogram.vocos_24khz().model_dump() | {
        "sample_rate_hz": features["sample_rate"],
        "fft_samples": features["n_fft"],
        "window_samples": features["n_fft"],
        "hop_samples": features["hop_length"],
        "mel_bins": features["n_mels"],
        "high_hz": features["sample_rate"] / 2,
        "padding": {"center": "center", "same": "hop"}[features["padding"]],
    }
    return VocosConfig(
        spec=MelSpec(**spec),
        channels=backbone["dim"],
        intermediate_channels=backbone["intermediate_dim"],
        layers=backbone["num_layers"],
    )


def _arguments(config: Mapping[str, Any], part: str, expected: str) -> Mapping[str, Any]:
    found = str(config[part]["class_path"]).rsplit(".", 1)[-1]
    if found != expected:
        raise InvalidInput(f"its {part} is a {found}, and only {expected} can be read")
    arguments: Mapping[str, Any] = config[part]["init_args"]
    return arguments


def _weights(folder: Path) -> State:
    found = next((folder / name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if found is None:
        raise InvalidArtifact(f"{folder} holds none of {', '.join(WEIGHT_FILES)}; fetch the whole checkpoint")
    if found.suffix == ".safetensors":
        return artifacts.read_safetensors(found)
    return _tensors(artifacts.read_torch_file(found), found)


def _tensors(content: Any, source: Path) -> State:
    if not isinstance(content, dict) or not all(isinstance(tensor, torch.Tensor) for tensor in content.values()):
        raise InvalidArtifact(f"{source} holds no vocoder's weights: a generator by name and tensor was expected")
    return {str(name): artifacts.float32(str(name), tensor, source) for name, tensor in content.items()}


def _only_generator(folder: Path) -> Path:
    found = [path for pattern in GENERATORS for path in sorted(folder.glob(pattern)) if path.is_file()]
    if len(found) != 1:
        raise InvalidArtifact(f"{folder} holds {len(found)} generator files; name the one to read")
    return found[0]


def _json(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidArtifact(f"{path} cannot be read ({error}); a vocoder needs its configuration there") from None
    if not isinstance(config, dict):
        raise InvalidArtifact(f"{path} holds no vocoder's configuration")
    return config


def _yaml(path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ValueError(str(error).splitlines()[0]) from None


def _read(source: Path, make: Callable[[], Made]) -> Made:
    """The configuration that `make` reads, any failure told in one line."""
    try:
        return make()
    except (KeyError, TypeError, AttributeError, ValueError, InvalidInput) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:200]
        raise InvalidArtifact(f"{source} describes no vocoder that can be read: {missing}") from None
