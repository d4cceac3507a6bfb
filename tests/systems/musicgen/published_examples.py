"""Small MusicGens in the published layouts, with random weights."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
import yaml
from tests.encoders.text.examples import t5_config, tokenizer
from transformers import (
    EncodecConfig,
    EncodecModel,
    MusicgenConfig,
    MusicgenForConditionalGeneration,
    MusicgenMelodyConfig,
    MusicgenMelodyForConditionalGeneration,
)

SPECIAL, WIDTH, LAYERS, HEADS = 16, 32, 2, 4


def transformers_model(folder: Path, *, melody: bool = False, channels: int = 1, rate_hz: int = 80) -> Any:
    """A random model, saved in `folder` as `save_pretrained` does, with its tokenizer. Not to be changed."""
    template, made = _made(melody, channels, rate_hz)
    shutil.copytree(template.name, folder, dirs_exist_ok=True)
    return made


@cache
def _made(melody: bool, channels: int, rate_hz: int) -> tuple[TemporaryDirectory[str], Any]:
    torch.manual_seed(0)
    audio = EncodecConfig(
        target_bandwidths=[0.002 * rate_hz],  # four codebooks, at four bits a code and a frame in eight samples
        sampling_rate=rate_hz,
        num_filters=4,
        upsampling_ratios=[4, 2],
        codebook_size=16,
        codebook_dim=8,
        hidden_size=8,
        use_causal_conv=False,
        use_conv_shortcut=False,
        num_lstm_layers=1,
    )
    decoder = {
        "vocab_size": SPECIAL,
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "ffn_dim": 64,
        "num_codebooks": 4 * channels,
        "audio_channels": channels,
        "pad_token_id": SPECIAL,
        "bos_token_id": SPECIAL,
        "dropout": 0.0,
    }
    parts = {"text_encoder": t5_config().to_dict(), "audio_encoder": audio.to_dict(), "decoder": decoder}
    if melody:
        made = MusicgenMelodyForConditionalGeneration(MusicgenMelodyConfig(**parts, chroma_length=7))
    else:
        made = MusicgenForConditionalGeneration(MusicgenConfig(**parts))
    with torch.no_grad():
        for name, weight in made.named_parameters():
            if not name.startswith("audio_encoder."):
                weight.add_(torch.randn_like(weight) * 0.2)
        for layer in made.audio_encoder.quantizer.layers:
            layer.codebook.embed.normal_()
    for name in ("decoder_start_token_id", "pad_token_id", "bos_token_id"):
        setattr(made.generation_config, name, SPECIAL)
    folder: TemporaryDirectory[str] = TemporaryDirectory()  # kept, and with it what is in it, as long as the cache
    made.save_pretrained(folder.name)
    tokenizer().save_pretrained(folder.name)
    return folder, made.eval()


@dataclass(frozen=True)
class WrappedEncodec:
    """transformers' EnCodec as Octet's codecs are."""

    model: EncodecModel
    channels: int = 1

    @property
    def sample_rate_hz(self) -> int:
        return self.model.config.sampling_rate

    @property
    def frame_rate_hz(self) -> float:
        return float(self.model.config.frame_rate)

    @property
    def codebooks(self) -> int:
        return len(self.model.quantizer.layers)

    @property
    def codebook_size(self) -> int:
        return self.model.config.codebook_size

    @torch.no_grad()
    def encode(self, audio: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        return self.model.encode(audio).audio_codes[0][:, :codebooks]

    @torch.no_grad()
    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        return self.model.decode(codes[None], [None]).audio_values


def native_state(model: Any) -> dict[str, torch.Tensor]:
    """A transformers model's decoder and projections in audiocraft's names and number type."""
    layers = {
        "self_attn_layer_norm": "norm1",
        "encoder_attn_layer_norm": "norm_cross",
        "final_layer_norm": "norm2",
        "fc1": "linear1",
        "fc2": "linear2",
    }
    state = {f"linears.{k}.weight": head.weight for k, head in enumerate(model.decoder.lm_heads)}
    body = model.decoder.model.decoder
    state |= {f"emb.{k}.weight": table.weight for k, table in enumerate(body.embed_tokens)}
    state |= {f"out_norm.{name}": weight for name, weight in body.layer_norm.state_dict().items()}
    for number, layer in enumerate(body.layers):
        stem = f"transformer.layers.{number}."
        for theirs, native in layers.items():
            inner = getattr(layer, theirs, None)
            state |= {f"{stem}{native}.{name}": w for name, w in (inner.state_dict() if inner else {}).items()}
        for theirs, native in (("self_attn", "self_attn"), ("encoder_attn", "cross_attention")):
            attention = getattr(layer, theirs, None)
            if attention is not None:
                parts = [getattr(attention, f"{which}_proj").weight for which in "qkv"]
                state[f"{stem}{native}.in_proj_weight"] = torch.cat(parts)
                state[f"{stem}{native}.out_proj.weight"] = attention.out_proj.weight
    conditioners = {"description": "enc_to_dec_proj", "self_wav": "audio_enc_to_dec_proj"}
    for native, theirs in conditioners.items():
        for name, weight in (getattr(model, theirs).state_dict() if hasattr(model, theirs) else {}).items():
            state[f"condition_provider.conditioners.{native}.output_proj.{name}"] = weight
    return {name: weight.detach().half() for name, weight in state.items()}


def native_settings(*, melody: bool = False, channels: int = 1) -> dict[str, Any]:
    """What `xp.cfg` says, as far as it matters, and some of what does not."""
    fuser = {"cross": [], "prepend": ["self_wav", "description"]} if melody else {"cross": ["description"]}
    return {
        "sample_rate": 32000,
        "channels": channels,
        "transformer_lm": {
            "dim": WIDTH,
            "num_heads": HEADS,
            "num_layers": LAYERS,
            "activation": "gelu",
            "positional_embedding": "sin",
            "n_q": "${compression_model_n_q}",
        },
        "codebooks_pattern": {
            "modeling": "delay",
            "delay": {"delays": [k // channels for k in range(4 * channels)], "flatten_first": 0},
        },
        "fuser": {"sum": [], **fuser},
        "conditioners": {
            "description": {"model": "t5", "t5": {"name": "t5-base", "finetune": False}},
            "self_wav": {"model": "chroma_stem", "chroma_stem": {"duration": "${dataset.segment_duration}"}},
        },
        "dataset": {"segment_duration": 30},
        "classifier_free_guidance": {"inference_coef": 3.0},
        "interleave_stereo_codebooks": {"use": channels == 2},
    }


def native_file(folder: Path, model: Any, settings: dict[str, Any]) -> Path:
    """`state_dict.bin`."""
    file = folder / "state_dict.bin"
    state = native_state(model)
    if any("self_wav" in name for name in state):
        state["condition_provider.conditioners.self_wav.chroma.spec.window"] = torch.ones(4)
    torch.save({"best_state": state, "xp.cfg": yaml.safe_dump(settings)}, file)
    return file


def changed_config(folder: Path, **changes: Any) -> None:
    """Fields of the decoder's part of `config.json`, or of the top level by "top"."""
    path = folder / "config.json"
    document = json.loads(path.read_text())
    document |= changes.pop("top", {})
    if changes:
        document["decoder"] |= changes
    path.write_text(json.dumps(document))
