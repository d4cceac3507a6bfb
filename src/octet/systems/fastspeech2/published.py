"""Public weights of FastSpeech 2: ming024's (LJSpeech, LibriTTS, AISHELL-3), the ones most people have.

Layout: a torch file `{"model": tensors, "optimizer": ...}`, beside it optionally `speakers.json` (name to row) and
`stats.json` (`{"pitch": [min, max, mean, deviation], "energy": [...]}`); the quantisation edges lie in the weights,
in units of standard deviations. Sizes are read off the tensors' shapes.

What differs from the paper: pitch and energy averaged over phones, a linear contour instead of wavelets, 6 decoder
layers, a postnet; ARPAbet with stress or pinyin for symbols. Durations are rounded cumulatively here, as everywhere in
Octet; that implementation rounds each phone, which moves a phone's end by a frame at most.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from octet.audio import spectrogram
from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.families.acoustic.config import Statistics
from octet.nn.filled import filled_with
from octet.systems.fastspeech2.model import Config, FastSpeech2
from octet.text.phonemes import ACCENTS, LANGUAGES

# Means and deviations of the three released models' corpora, used where no stats.json lies beside the weights:
# by number of speakers. LJSpeech's are from its stats.json, the others' pitch from theirs, with LJSpeech's energy.
KNOWN_STATISTICS = {
    1: (207.63, 46.78, 37.33, 26.04),
    218: (215.84, 53.60, 37.33, 26.04),
}
FALLBACK_STATISTICS = (163.56, 61.81, 37.33, 26.04)  # LibriTTS


def load(path: Path) -> FastSpeech2:
    """The model in a ming024 checkpoint (a file, or a folder that holds one).

    Raises:
        InvalidArtifact: damaged, holding more than tensors, or of another layout.
    """
    file = path if path.is_file() else _only_checkpoint(path)
    state = _model_state(artifacts.read_torch_file(file), file)
    try:
        config = _config(state, file)
        converted = convert(state, config)
    except KeyError as error:
        raise InvalidArtifact(f"{file} is not a whole ming024 FastSpeech 2 checkpoint: {error} is missing") from None
    except (ValueError, TypeError, IndexError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InvalidArtifact(f"{file} is not a ming024 FastSpeech 2 checkpoint: {reason}") from None
    return filled_with(converted, lambda: FastSpeech2(config), file)


def is_layout(state: object) -> bool:
    """Whether a torch file's content is such a checkpoint."""
    return (
        isinstance(state, dict)
        and isinstance(state.get("model"), dict)
        and "encoder.src_word_emb.weight" in state["model"]
    )


def convert(state: Mapping[str, Tensor], config: Config) -> dict[str, Tensor]:
    """Rename and regroup the tensors for `FastSpeech2`; what the layout lacks (accents, languages) becomes zeros."""
    width = config.width
    out = {
        "encoder.symbols.weight": state["encoder.src_word_emb.weight"],
        "encoder.accents.weight": torch.zeros(len(ACCENTS), width),
        "encoder.languages.weight": torch.zeros(len(LANGUAGES), width),
        "encoder.speakers.weight": state.get("speaker_emb.weight", torch.zeros(1, width)),
        "to_mel.weight": state["mel_linear.weight"],
        "to_mel.bias": state["mel_linear.bias"],
    }
    for ours, theirs, layers in (
        ("encoder.body", "encoder", config.encoder_layers),
        ("decoder", "decoder", config.decoder_layers),
    ):
        for layer in range(layers):
            out |= _block(state, f"{theirs}.layer_stack.{layer}", f"{ours}.blocks.{layer}")
    out |= _predictor(state, "duration", "adaptor.duration")
    for variance, statistics in zip(("pitch", "energy"), _scales(config), strict=True):
        out |= _variance(state, variance, *statistics)
    return out | _postnet(state)


def _block(state: Mapping[str, Tensor], theirs: str, ours: str) -> dict[str, Tensor]:
    renamed = {
        "slf_attn.fc": "attention.out",
        "slf_attn.layer_norm": "attention_norm",
        "pos_ffn.w_1": "feed_forward.expand",
        "pos_ffn.w_2": "feed_forward.contract",
        "pos_ffn.layer_norm": "feed_forward_norm",
    }
    out = {
        f"{ours}.{new}.{kind}": state[f"{theirs}.{old}.{kind}"]
        for old, new in renamed.items()
        for kind in ("weight", "bias")
    }
    for kind in ("weight", "bias"):
        parts = [state[f"{theirs}.slf_attn.w_{part}s.{kind}"] for part in "qkv"]
        out[f"{ours}.attention.qkv.{kind}"] = torch.cat(parts)
    return out


def _predictor(state: Mapping[str, Tensor], variance: str, ours: str) -> dict[str, Tensor]:
    theirs = f"variance_adaptor.{variance}_predictor"
    renamed = {"linear_layer": "out"}
    for number in (1, 2):
        renamed[f"conv_layer.conv1d_{number}.conv"] = f"convolutions.{number - 1}"
        renamed[f"conv_layer.layer_norm_{number}"] = f"norms.{number - 1}"
    return {
        f"{ours}.{new}.{kind}": state[f"{theirs}.{old}.{kind}"]
        for old, new in renamed.items()
        for kind in ("weight", "bias")
    }


def _variance(state: Mapping[str, Tensor], variance: str, mean: float, deviation: float) -> dict[str, Tensor]:
    inner = "predictor.predictor" if variance == "pitch" else "predictor"
    return _predictor(state, variance, f"adaptor.{variance}.{inner}") | {
        f"adaptor.{variance}.embedding.embedding.weight": state[f"variance_adaptor.{variance}_embedding.weight"],
        f"adaptor.{variance}.embedding.edges": state[f"variance_adaptor.{variance}_bins"] * deviation + mean,
    }


def _postnet(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    out = {}
    for name, tensor in state.items():
        if name.startswith("postnet.convolutions."):
            layer, part, kind = name.removeprefix("postnet.convolutions.").replace("0.conv.", "0.").split(".")
            out[f"postnet.{'convolutions' if part == '0' else 'norms'}.{layer}.{kind}"] = tensor
    return out


def _config(state: Mapping[str, Tensor], file: Path) -> Config:
    symbols, width = state["encoder.src_word_emb.weight"].shape
    inner, _, kernel = state["encoder.layer_stack.0.pos_ffn.w_1.weight"].shape
    second_kernel = state["encoder.layer_stack.0.pos_ffn.w_2.weight"].shape[2]
    predictor = state["variance_adaptor.pitch_predictor.conv_layer.conv1d_1.conv.weight"]
    predictor_width, _, predictor_kernel = predictor.shape
    speakers = len(state["speaker_emb.weight"]) if "speaker_emb.weight" in state else 1
    return Config(
        spec=spectrogram.ljspeech(),
        speakers=_speakers(file, speakers),
        statistics=_statistics(file, speakers),
        width=width,
        inner_width=inner,
        kernels=(kernel, second_kernel),
        encoder_layers=_layers(state, "encoder"),
        decoder_layers=_layers(state, "decoder"),
        predictor_width=predictor_width,
        predictor_kernel=predictor_kernel,
        pitch="linear_contour",
        level="phone",
        bins=len(state["variance_adaptor.pitch_embedding.weight"]),
        postnet_width=len(state["postnet.convolutions.0.0.conv.weight"]),
        symbols=symbols,
    )


def _scales(config: Config) -> tuple[tuple[float, float], tuple[float, float]]:
    statistics = config.statistics
    return (
        (statistics.f0_mean, statistics.f0_deviation),
        (statistics.energy_mean, statistics.energy_deviation),
    )


def _layers(state: Mapping[str, Tensor], stack: str) -> int:
    prefix = f"{stack}.layer_stack."
    return 1 + max(int(name.removeprefix(prefix).split(".")[0]) for name in state if name.startswith(prefix))


def _speakers(file: Path, count: int) -> tuple[str, ...]:
    try:
        rows = json.loads((file.parent / "speakers.json").read_text(encoding="utf-8"))
        names = tuple(sorted(rows, key=rows.__getitem__))
    except (OSError, ValueError, AttributeError, TypeError):
        names = ()
    return names if len(names) == count else tuple(f"speaker-{row}" for row in range(count))


def _statistics(file: Path, speakers: int) -> Statistics:
    f0_mean, f0_deviation, energy_mean, energy_deviation = KNOWN_STATISTICS.get(speakers, FALLBACK_STATISTICS)
    beside = file.parent / "stats.json"
    if beside.is_file():
        try:
            stats = json.loads(beside.read_text(encoding="utf-8"))
            f0_mean, f0_deviation = (float(value) for value in stats["pitch"][2:4])
            energy_mean, energy_deviation = (float(value) for value in stats["energy"][2:4])
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidArtifact(f"{beside} is not a ming024 stats.json: {error}") from None
    return Statistics(
        f0_mean=f0_mean,
        f0_deviation=f0_deviation,
        f0_low_hz=50.0,  # the bins' edges come with the weights
        f0_high_hz=800.0,
        energy_mean=energy_mean,
        energy_deviation=energy_deviation,
        energy_high=energy_mean + 10 * energy_deviation,
    )


def _only_checkpoint(folder: Path) -> Path:
    found = sorted([*folder.glob("*.pth.tar"), *folder.glob("*.pth"), *folder.glob("*.pt")])
    if len(found) != 1:
        raise InvalidArtifact(f"{folder} holds {len(found)} checkpoints (*.pth.tar); name the file itself")
    return found[0]


def _model_state(content: Any, file: Path) -> dict[str, Tensor]:
    if not is_layout(content):
        raise InvalidArtifact(f"{file} is not a ming024 FastSpeech 2 checkpoint: no encoder.src_word_emb in 'model'")
    state = content["model"]
    wrong = [name for name, value in state.items() if not isinstance(name, str) or not isinstance(value, Tensor)]
    if wrong:
        raise InvalidArtifact(f"{file}: {wrong[0]} is not a tensor")
    return {name: artifacts.float32(name, value, file) for name, value in state.items()}
