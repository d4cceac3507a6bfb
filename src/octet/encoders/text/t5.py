"""T5's encoder (Raffel et al. 2020, arXiv 1910.10683), frozen, for published weights: an adapter over transformers.

Weights come from a folder of T5 (`t5-base`) or of a model that holds one (`facebook/musicgen-small`), read by Octet's
own safe readers. It always runs in float32: in half precision its activations overflow.

Legend: B texts, L tokens, W width.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from octet.core import artifacts
from octet.core.errors import InvalidArtifact, require
from octet.encoders.text.contract import TextTokens
from octet.nn.filled import filled_with

PREFIX = "text_encoder."
SHARED, COPY = "shared.weight", "encoder.embed_tokens.weight"  # one tensor under two names
TOKENIZER = "tokenizer.json"
LONGEST_TOKENS = 512  # T5's own; attention's cost grows with the square


class T5Shape(BaseModel):
    """The fields of T5's `config.json` that say how large it is; others are left to transformers' defaults."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    model_type: Literal["t5"]
    vocab_size: int = Field(ge=1, le=1_000_000)
    d_model: int = Field(ge=1, le=16_384)
    d_kv: int = Field(ge=1, le=1024)
    d_ff: int = Field(ge=1, le=262_144)
    num_layers: int = Field(ge=1, le=100)
    num_heads: int = Field(ge=1, le=256)
    relative_attention_num_buckets: int = Field(default=32, ge=2, le=1024)
    relative_attention_max_distance: int = Field(default=128, ge=2, le=65_536)
    feed_forward_proj: Literal["relu", "gated-gelu"] = "relu"
    layer_norm_epsilon: float = Field(default=1e-6, gt=0, lt=1)


class T5TextEncoder:
    """See `TextEncoder`. Frozen, hence no module: it is neither trained nor stored with what it reads for."""

    def __init__(self, encoder: Any, tokenizer: Any) -> None:
        """`encoder` and `tokenizer` are transformers' `T5EncoderModel` and `T5Tokenizer`."""
        self._encoder = encoder.eval().requires_grad_(False)
        self._tokenizer = tokenizer

    @property
    def width(self) -> int:
        """W."""
        return int(self._encoder.config.d_model)

    def tokenize(self, texts: Sequence[str]) -> TextTokens:
        """With T5's end mark; texts of more than `LONGEST_TOKENS` are cut."""
        found = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=LONGEST_TOKENS, return_tensors="pt"
        )
        return TextTokens(found["input_ids"], found["attention_mask"].bool())

    @torch.no_grad()
    def __call__(self, tokens: TextTokens) -> Tensor:
        """(B, L, W)."""
        self._encoder.to(tokens.ids.device)
        with torch.autocast(tokens.ids.device.type, enabled=False):
            encoded: Tensor = self._encoder(input_ids=tokens.ids, attention_mask=tokens.valid.long()).last_hidden_state
        return encoded


def load(folder: Path, state: Mapping[str, Tensor] | None = None) -> T5TextEncoder:
    """The encoder of a folder with T5's configuration, tokenizer and weights.

    Args:
        folder: of a T5, or of a model whose `config.json` has a T5 as `text_encoder`.
        state: the folder's weights, where they are read already.

    Raises:
        InvalidArtifact: files are missing, damaged, or not of a T5.
        MissingExtra: transformers is not installed.
    """
    transformers = require("transformers", extra="published")
    shape = _shape(folder)
    if not (folder / TOKENIZER).is_file():
        raise InvalidArtifact(f"{folder} has no {TOKENIZER}: fetch the whole checkpoint")
    own = _own(artifacts.load_state(folder) if state is None else state)
    config = transformers.T5Config(**shape.model_dump(exclude={"model_type"}), use_cache=False)
    encoder = filled_with(own, lambda: transformers.T5EncoderModel(config), folder)
    return T5TextEncoder(encoder, _tokenizer(transformers, folder))


def _shape(folder: Path) -> T5Shape:
    path = folder / artifacts.CONFIG
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidArtifact(f"{path} cannot be read ({error}); a T5 needs its configuration there") from None
    inner = document.get("text_encoder", document) if isinstance(document, dict) else {}
    return artifacts.validated(T5Shape, inner, folder)


def _own(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    inside = {name.removeprefix(PREFIX): weight for name, weight in state.items() if name.startswith(PREFIX)}
    own = {name: weight for name, weight in (inside or state).items() if name.startswith(("shared.", "encoder."))}
    if SHARED in own or COPY in own:
        shared = own.get(SHARED, own.get(COPY))
        own |= {name: shared for name in (SHARED, COPY) if shared is not None}
    return own


def _tokenizer(transformers: Any, folder: Path) -> Any:
    try:
        return transformers.T5Tokenizer.from_pretrained(str(folder), local_files_only=True)
    except Exception as error:  # damaged files end in nearly any
        reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise InvalidArtifact(f"{folder} has no tokenizer that can be read ({reason}): fetch it again") from None
