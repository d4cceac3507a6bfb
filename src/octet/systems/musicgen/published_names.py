"""What the tensors of public MusicGen weights are called, and what they are to us."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor

from octet.core.errors import InvalidArtifact
from octet.systems.musicgen.config import Config

State = dict[str, Tensor]
Table = tuple[tuple[str, str], ...]

TRANSFORMERS_NAMES: Table = (  # in this order
    (r"^(enc_to_dec_proj)\.", "text.projection."),
    (r"^(audio_enc_to_dec_proj)\.", "melody.projection."),
    (r"^decoder\.lm_heads\.", "decoder.heads."),
    (r"^decoder\.model\.decoder\.embed_tokens\.", "decoder.embeddings."),
    (r"^decoder\.model\.decoder\.layer_norm\.", "decoder.norm."),
    (r"^decoder\.model\.decoder\.layers\.", "decoder.layers."),
    (r"\.self_attn_layer_norm\.", ".self_norm."),
    (r"\.encoder_attn_layer_norm\.", ".cross_norm."),
    (r"\.final_layer_norm\.", ".inner_norm."),
    (r"\.self_attn\.", ".self_attention."),
    (r"\.encoder_attn\.", ".cross_attention."),
    (r"\.out_proj\.", ".out."),
    (r"\.cross_attention\.q_proj\.", ".cross_attention.query."),
    (r"\.fc1\.", ".up."),
    (r"\.fc2\.", ".down."),
)
NATIVE_NAMES: Table = (
    (r"^emb\.", "decoder.embeddings."),
    (r"^linears\.", "decoder.heads."),
    (r"^out_norm\.", "decoder.norm."),
    (r"^condition_provider\.conditioners\.description\.output_proj\.", "text.projection."),
    (r"^condition_provider\.conditioners\.self_wav\.output_proj\.", "melody.projection."),
    (r"^transformer\.layers\.", "decoder.layers."),
    (r"\.mha\.", "."),
    (r"\.norm1\.", ".self_norm."),
    (r"\.norm_cross\.", ".cross_norm."),
    (r"\.norm2\.", ".inner_norm."),
    (r"\.self_attn\.", ".self_attention."),
    (r"\.self_attention\.in_proj_weight$", ".self_attention.qkv.weight"),
    (r"\.out_proj\.", ".out."),
    (r"\.linear1\.", ".up."),
    (r"\.linear2\.", ".down."),
)
SELF_WAV = r"^condition_provider\.conditioners\.self_wav\."
STYLE_NAMES: Table = (  # of style models, before the native ones
    (SELF_WAV + r"transformer\.layers\.", "style.layers."),
    (SELF_WAV + r"rvq\.vq\.layers\.(\d+)\._codebook\.embed$", r"style.codebooks.\1.weight"),
    (SELF_WAV + r"batch_norm\.", "style.norm."),
    (SELF_WAV + r"embed\.", "style.embed."),
    (SELF_WAV + r"output_proj\.", "style.projection."),
)
NOT_OURS = re.compile(
    r"^(text_encoder|audio_encoder)\.|\.embed_positions\.|\.chroma\.spec\.window$"
    r"|\._codebook\.(inited|cluster_size|embed_avg)$"
)
QKV = (".self_attention.q_proj.weight", ".self_attention.k_proj.weight", ".self_attention.v_proj.weight")
KEY_VALUE = (".cross_attention.k_proj.weight", ".cross_attention.v_proj.weight")
CROSS_QKV = ".cross_attention.in_proj_weight"


def named(state: Mapping[str, Tensor], table: Table, source: Path) -> State:
    """`renamed`, of tensors that a stranger wrote.

    Raises:
        InvalidArtifact: those that belong together do not fit each other.
    """
    try:
        return renamed(state, table)
    except (RuntimeError, IndexError) as error:  # matrices that cannot be joined
        reason = str(error).splitlines()[0][:120]
        raise InvalidArtifact(f"{source} holds tensors of shapes that do not fit each other ({reason})") from None


def renamed(state: Mapping[str, Tensor], table: Table) -> State:
    """Our weights among `state`, by our names and with our projections: q, k and v in one; k and v in one, across.

    What `table` does not know keeps its name, and is refused by it when the weights are loaded.
    """
    ours = {_renamed(name, table): weight for name, weight in state.items() if not NOT_OURS.search(name)}
    for name in list(ours):
        if name.endswith(QKV[0]):
            _join(ours, name.removesuffix(QKV[0]), QKV, ".self_attention.qkv.weight")
        elif name.endswith(KEY_VALUE[0]):
            _join(ours, name.removesuffix(KEY_VALUE[0]), KEY_VALUE, ".cross_attention.key_value.weight")
        elif name.endswith(CROSS_QKV):
            stem, weight = name.removesuffix(CROSS_QKV), ours.pop(name)
            width = weight.shape[-1]
            ours[f"{stem}.cross_attention.query.weight"] = weight[:width]
            ours[f"{stem}.cross_attention.key_value.weight"] = weight[width:]
    return ours


def _renamed(name: str, table: Table) -> str:
    for pattern, replacement in table:
        name = re.sub(pattern, replacement, name)
    return name


def _join(state: State, stem: str, parts: tuple[str, ...], whole: str) -> None:
    names = [stem + part for part in parts]
    if all(name in state for name in names):
        state[stem + whole] = torch.cat([state.pop(name) for name in names])


def require(settings: Mapping[str, Any], name: str, value: Any) -> None:
    """Refuse a setting of another value; an absent one has it."""
    if settings.get(name, value) != value:
        raise ValueError(f"its {name} is {settings[name]!r}, and only {value!r} can be read")


def configured(source: Path, make: Callable[[], Config]) -> Config:
    """The configuration that `make` reads.

    Raises:
        InvalidArtifact: it cannot, for which the reason is told in one line.
    """
    try:
        return make()
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidArtifact(f"{source} describes no MusicGen that can be read: {where}: {first['msg']}") from None
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else " ".join(str(error).split())[:200]
        raise InvalidArtifact(f"{source} describes no MusicGen that can be read: {missing}") from None
