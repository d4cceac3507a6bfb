"""Public DiffSinger weights (MoonInTheRiver's): PopCS, Opencpop MIDI-A and MIDI-B, DiffSpeech, the pitch extractor.

Layout: a torch file `{"state_dict": tensors, ...}` whose names begin with `model.`; beside it `config.yaml`, of which
the few settings are read that no tensor shows, and optionally `phone_set.json`, which lists the phones (their ids
follow three that are reserved). Everything else is read off the tensors; the noise schedule lies in the weights.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from torch import Tensor

from octet.audio.spectrogram import MelSpec
from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.families.diffusion.denoisers import WaveNetConfig
from octet.nn.filled import filled_with
from octet.systems.diffsinger.published_model import PublishedDiffSinger, Shape
from octet.systems.diffsinger.published_parts import ConvolutionPredictor, PitchExtractor

RESERVED: Final = ("<pad>", "<EOS>", "<UNK>")
MOST_CONFIG_BYTES: Final = 1_000_000

# Names there and here. What matches no rule is kept, and then refused by name unless the model has it.
_RULES: Final = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"^fs2\.encoder_embed_tokens\.", "symbols."),
        (r"^fs2\.midi_embed\.", "note_pitches."),
        (r"^fs2\.midi_dur_layer\.", "note_seconds."),
        (r"^fs2\.is_slur_embed\.", "slurs."),
        (r"^fs2\.(encoder|decoder)\.layers\.(\d+)\.op\.layer_norm1\.", r"\1.blocks.\2.attention_norm."),
        (r"^fs2\.(encoder|decoder)\.layers\.(\d+)\.op\.layer_norm2\.", r"\1.blocks.\2.feed_forward_norm."),
        (r"^fs2\.(encoder|decoder)\.layers\.(\d+)\.op\.self_attn\.in_proj_", r"\1.blocks.\2.attention.qkv."),
        (r"^fs2\.(encoder|decoder)\.layers\.(\d+)\.op\.self_attn\.out_proj\.", r"\1.blocks.\2.attention.out."),
        (r"^fs2\.(encoder|decoder)\.layers\.(\d+)\.op\.ffn\.ffn_1\.", r"\1.blocks.\2.expand."),
        (r"^fs2\.(encoder|decoder)\.layers\.(\d+)\.op\.ffn\.ffn_2\.", r"\1.blocks.\2.contract."),
        (r"^fs2\.(encoder|decoder)\.layer_norm\.", r"\1.norm."),
        (r"^fs2\.decoder\.pos_embed_alpha$", "decoder.alpha"),
        (r"^fs2\.mel_out\.", "to_mel."),
        (r"^fs2\.pitch_embed\.", "pitch_embedding."),
        (r"^fs2\.dur_predictor\.", "duration."),
        (r"^fs2\.pitch_predictor\.", "pitch."),
        (r"^fs2\.cwt_predictor\.0\.", "pitch_enter."),
        (r"^fs2\.cwt_predictor\.1\.", "pitch."),
        (r"^fs2\.cwt_stats_layers\.0\.", "pitch_moments.0."),
        (r"^fs2\.cwt_stats_layers\.2\.", "pitch_moments.1."),
        (r"^fs2\.cwt_stats_layers\.4\.", "pitch_moments.2."),
        (r"^mel_prenet\.layers\.(\d+)\.0\.", r"prenet.\1."),
        (r"^mel_prenet\.layers\.(\d+)\.2\.", r"prenet_norms.\1."),
        (r"^mel_prenet\.out_proj\.", "prenet_out."),
        (r"^mel_encoder\.in_proj\.", "enter."),
        (r"^mel_encoder\.conv\.(\d+)\.conv\.conv\.", r"residual.\1."),
        (r"^mel_encoder\.conv\.(\d+)\.norm\.", r"residual_norms.\1."),
        (r"^mel_encoder\.out_proj\.", "leave."),
        (r"^pitch_predictor\.", "predictor."),
        (r"\bconv\.(\d+)\.1\.", r"convolutions.\1."),
        (r"\bconv\.(\d+)\.3\.", r"norms.\1."),
        (r"^(duration|pitch|predictor)\.linear\.", r"\1.out."),
        (r"^(pitch|predictor)\.pos_embed_alpha$", r"\1.alpha"),
        (r"^denoise_fn\.input_projection\.", "denoiser.enter."),
        (r"^denoise_fn\.mlp\.0\.", "denoiser.embedding.expand."),
        (r"^denoise_fn\.mlp\.2\.", "denoiser.embedding.contract."),
        (r"^denoise_fn\.residual_layers\.(\d+)\.dilated_conv\.", r"denoiser.blocks.\1.dilated."),
        (r"^denoise_fn\.residual_layers\.(\d+)\.diffusion_projection\.", r"denoiser.blocks.\1.step."),
        (r"^denoise_fn\.residual_layers\.(\d+)\.conditioner_projection\.", r"denoiser.blocks.\1.condition."),
        (r"^denoise_fn\.residual_layers\.(\d+)\.output_projection\.", r"denoiser.blocks.\1.out."),
        (r"^denoise_fn\.skip_projection\.", "denoiser.mix."),
        (r"^denoise_fn\.output_projection\.", "denoiser.leave."),
    )
)
_CONSTANT: Final = re.compile(
    r"(_float_tensor|^betas|alphas_cumprod|^posterior_|^spec_m|^fs2\.encoder\.embed_(tokens|positions)\.)"
)


@dataclass(frozen=True)
class Published:
    """A model with what its file says of its sound and its phones (empty where no `phone_set.json` is there)."""

    model: PublishedDiffSinger
    spec: MelSpec
    phones: tuple[str, ...]


def load(path: Path) -> Published:
    """The model in a checkpoint (a file, or a folder that holds one).

    Raises:
        InvalidArtifact: damaged, holding more than tensors, of another layout, or without its `config.yaml`.
    """
    file = path if path.is_file() else _newest(path)
    state, settings = _state(file), _settings(file.parent / "config.yaml")
    try:
        shape, spec = _shape(state, settings), _spec(settings)
        tables = [state[name].float() for name in ("alphas_cumprod", "spec_min", "spec_max")]
        phones = _phones(file.parent / "phone_set.json", shape.symbols)
    except KeyError as error:
        raise InvalidArtifact(f"{file} is not a whole DiffSinger checkpoint: {error} is missing") from None
    except (ValueError, TypeError, IndexError, RuntimeError) as error:
        raise InvalidArtifact(f"{file} is not a DiffSinger checkpoint: {' '.join(str(error).split())[:200]}") from None
    model = filled_with(renamed(state), lambda: PublishedDiffSinger(shape, *tables), file)
    return Published(model, spec, phones)


def load_extractor(path: Path) -> PitchExtractor:
    """The pitch extractor of version MIDI-B.

    Raises:
        InvalidArtifact: as `load`.
    """
    file = path if path.is_file() else _newest(path)
    state = _state(file)
    try:
        width, mel_bins, _ = state["mel_prenet.layers.0.0.weight"].shape
        layers = _count(state, "mel_encoder.conv.")
        sizes = _predictor_sizes(state, "pitch_predictor.")
    except (KeyError, ValueError) as error:
        raise InvalidArtifact(f"{file} is not a whole pitch extractor: {error} is missing") from None
    predictor = [width, *[sizes[1]] * sizes[0]]

    def build() -> PitchExtractor:
        return PitchExtractor(mel_bins, width, ConvolutionPredictor(predictor, sizes[2], 2, positions=True), layers)

    return filled_with(renamed(state), build, file)


def renamed(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors by our names, constants left out."""
    out = {}
    for name, tensor in state.items():
        if _CONSTANT.search(name):
            continue
        for pattern, replacement in _RULES:
            name = pattern.sub(replacement, name)
        out[name] = tensor
    return out


def _shape(state: Mapping[str, Tensor], settings: Mapping[str, Any]) -> Shape:
    symbols, width = state["fs2.encoder_embed_tokens.weight"].shape
    inner, _, kernel = state["fs2.encoder.layers.0.op.ffn.ffn_1.weight"].shape
    channels = state["denoise_fn.input_projection.weight"].shape[0]
    cwt = "fs2.cwt_predictor.0.weight" in state
    pitch = "cwt" if cwt else "regressed" if "fs2.pitch_embed.weight" in state else "none"
    speedup, from_noise = int(settings.get("pndm_speedup") or 1), bool(settings.get("gaussian_start"))
    depth = int(settings.get("K_step") or len(state["betas"]))
    if not 1 <= depth <= len(state["betas"]):
        raise ValueError(f"K_step {depth} of {len(state['betas'])} steps")
    predictor = {"cwt": "fs2.cwt_predictor.1.", "regressed": "fs2.pitch_predictor.", "none": ""}[pitch]
    return Shape(
        symbols=symbols,
        width=width,
        heads=int(settings.get("num_heads") or 2),
        inner_width=inner,
        kernel=kernel,
        encoder_layers=_count(state, "fs2.encoder.layers."),
        decoder_layers=_count(state, "fs2.decoder.layers."),
        mel_bins=state["fs2.mel_out.weight"].shape[0],
        duration=_predictor_sizes(state, "fs2.dur_predictor."),
        pitch=pitch,  # type: ignore[arg-type]
        pitch_predictor=_predictor_sizes(state, predictor) if predictor else None,
        cwt_width=len(state["fs2.cwt_predictor.0.weight"]) if cwt else 0,
        notes="fs2.midi_embed.weight" in state,
        relative_positions=bool(settings.get("rel_pos")),
        denoiser=WaveNetConfig(
            channels=channels,
            layers=_count(state, "denoise_fn.residual_layers."),
            dilation_cycle=int(settings.get("dilation_cycle_length") or 1),
        ),
        depth=depth,
        from_noise=from_noise,
        sampler="pndm" if speedup > 1 else "ddpm",
        sampler_steps=max(1, depth // speedup),
    )


def _predictor_sizes(state: Mapping[str, Tensor], prefix: str) -> tuple[int, int, int]:
    channels, _, kernel = state[f"{prefix}conv.0.1.weight"].shape
    return _count(state, f"{prefix}conv."), channels, kernel


def _count(state: Mapping[str, Tensor], prefix: str) -> int:
    numbers = [name.removeprefix(prefix).split(".")[0] for name in state if name.startswith(prefix)]
    if not numbers:
        raise KeyError(prefix)
    return 1 + max(int(number) for number in numbers)


def _spec(settings: Mapping[str, Any]) -> MelSpec:
    """Log10 of magnitudes, floored at 1e-6, frames centred (see `spectrogram`)."""
    return MelSpec(
        sample_rate_hz=int(settings["audio_sample_rate"]),
        fft_samples=int(settings["fft_size"]),
        window_samples=int(settings["win_size"]),
        hop_samples=int(settings["hop_size"]),
        mel_bins=int(settings["audio_num_mel_bins"]),
        low_hz=float(settings["fmin"]),
        high_hz=float(settings["fmax"]),
        log="log10",
        floor=1e-6,
        padding="center",
    )


def _phones(file: Path, symbols: int) -> tuple[str, ...]:
    """All symbols by id, where `phone_set.json` lists them."""
    if not file.is_file():
        return ()
    listed = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(listed, list) or not all(isinstance(phone, str) for phone in listed):
        raise ValueError(f"{file.name} is not a list of phones")
    phones = (*RESERVED, *sorted(listed))
    if len(phones) != symbols:
        raise ValueError(f"{file.name} lists {len(listed)} phones, and the weights have {symbols - len(RESERVED)}")
    return phones


def _settings(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > MOST_CONFIG_BYTES:
            raise ValueError("too large")
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidArtifact(f"{file} is missing: it lies beside the checkpoint where that was fetched") from None
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise InvalidArtifact(f"{file} is not readable ({type(error).__name__})") from None
    if not isinstance(settings, dict):
        raise InvalidArtifact(f"{file} holds no settings")
    return settings


def _state(file: Path) -> dict[str, Tensor]:
    content = artifacts.read_torch_file(file)
    state = content.get("state_dict") if isinstance(content, dict) else None
    if not isinstance(state, dict):
        raise InvalidArtifact(f"{file} is not a DiffSinger checkpoint: it has no 'state_dict'")
    wrong = [name for name, value in state.items() if not isinstance(name, str) or not isinstance(value, Tensor)]
    if wrong:
        raise InvalidArtifact(f"{file}: {wrong[0]} is not a tensor")
    return {name.removeprefix("model."): artifacts.float32(name, value, file) for name, value in state.items()}


def _newest(folder: Path) -> Path:
    found = sorted(folder.glob("*.ckpt"), key=lambda file: (len(file.name), file.name))
    if not found:
        raise InvalidArtifact(f"{folder} holds no checkpoint (*.ckpt)")
    return found[-1]
