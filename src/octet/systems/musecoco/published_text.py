"""muzic's `text2attribute`: a folder with BERT's configuration, its vocabulary, and weights of encoder and classifiers.

Its queries are the words `[unused0]` to `[unused59]`, without a position; here they become the vectors that these
words enter the first layer as.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torch.nn import functional as F

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.nn.filled import filled_with
from octet.systems.musecoco.config import READABLE, ReaderConfig
from octet.systems.musecoco.text import AttributeReader

VOCABULARY = "vocab.txt"
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin")
_MOST_BYTES = 16 << 20  # of a vocabulary or a configuration
_IGNORED = re.compile(r"^bert\.pooler\.|\.position_ids$|^bert\.embeddings\.token_type_embeddings\.")
_NAMES = (
    (r"^bert\.embeddings\.word_embeddings\.", "words.words."),
    (r"^bert\.embeddings\.position_embeddings\.", "words.positions."),
    (r"^bert\.embeddings\.LayerNorm\.", "words.norm."),
    (r"^bert\.encoder\.layer\.(\d+)\.attention\.output\.dense\.", r"layers.\1.attention.out."),
    (r"^bert\.encoder\.layer\.(\d+)\.attention\.output\.LayerNorm\.", r"layers.\1.attention_norm."),
    (r"^bert\.encoder\.layer\.(\d+)\.intermediate\.dense\.", r"layers.\1.up."),
    (r"^bert\.encoder\.layer\.(\d+)\.output\.dense\.", r"layers.\1.down."),
    (r"^bert\.encoder\.layer\.(\d+)\.output\.LayerNorm\.", r"layers.\1.norm."),
    (r"^pooler\.dense\.", "pooler."),
    (r"^classifieratt\.", "heads."),
)
_QUERY = re.compile(r"^bert\.encoder\.layer\.(\d+)\.attention\.self\.query\.(weight|bias)$")
_KEY_OR_VALUE = re.compile(r"\.attention\.self\.(key|value)\.")


class Bert(BaseModel):
    """The fields of BERT's `config.json` that matter."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)
    hidden_size: int = Field(ge=1, le=16_384)
    num_hidden_layers: int = Field(ge=1, le=100)
    num_attention_heads: int = Field(ge=1, le=256)
    intermediate_size: int = Field(ge=1, le=65_536)
    max_position_embeddings: int = Field(ge=2, le=65_536)
    hidden_act: Literal["gelu"] = "gelu"
    layer_norm_eps: Literal[1e-12] = 1e-12  # type: ignore[valid-type]


def is_published(folder: Path) -> bool:
    """Whether a folder looks like one of `text2attribute`."""
    return (folder / VOCABULARY).is_file() and any((folder / name).is_file() for name in WEIGHT_FILES)


def load(folder: Path) -> AttributeReader:
    """See `published.load_reader`."""
    state = _weights(folder)
    if any(name.startswith("decoder.") for name in state):
        raise InvalidArtifact(f"{folder} holds stage 2 of MuseCoco, attributes to music, and stage 1 was expected")
    vocabulary = _text(folder / VOCABULARY).splitlines()
    config = _config(artifacts.validated(Bert, _document(folder), folder), vocabulary, folder)
    try:
        named = _named(state, vocabulary)
    except (LookupError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InvalidArtifact(f"{folder} is no text2attribute that can be read: {reason}") from None
    return filled_with(named, lambda: AttributeReader(config), folder)


def tensors(found: Any, path: Path) -> dict[str, Tensor]:
    """Tensors by name, each as large as the file says.

    Raises:
        InvalidArtifact: anything else.
    """
    if not isinstance(found, dict) or not found or not all(isinstance(weight, Tensor) for weight in found.values()):
        raise InvalidArtifact(f"{path} holds no model of MuseCoco: tensors by name were expected")
    return {str(name): artifacts.float32(str(name), weight, path) for name, weight in found.items()}


def _config(bert: Bert, vocabulary: list[str], folder: Path) -> ReaderConfig:
    words = {
        "kind": "wordpiece",
        "vocabulary": tuple(vocabulary),
        "width": bert.hidden_size,
        "positions": bert.max_position_embeddings,
        "longest_tokens": min(256, bert.max_position_embeddings),
    }
    document = {
        "text": words,
        "layers": bert.num_hidden_layers,
        "heads": bert.num_attention_heads,
        "inner_width": bert.intermediate_size,
    }
    return artifacts.validated(ReaderConfig, document, folder)


def _named(state: Mapping[str, Tensor], vocabulary: list[str]) -> dict[str, Tensor]:
    """Our names; queries, keys and values in one. What is unknown keeps its name, and is refused by it."""
    segment = state["bert.embeddings.token_type_embeddings.weight"][0]
    ours = {"words.segment": segment, "queries": _queries(state, segment, vocabulary)}
    for name, tensor in state.items():
        query = _QUERY.match(name)
        if query:
            parts = [state[name.replace(".query.", f".{part}.")] for part in ("query", "key", "value")]
            ours[f"layers.{query[1]}.attention.qkv.{query[2]}"] = torch.cat(parts)
        elif not _IGNORED.search(name) and not _KEY_OR_VALUE.search(name):
            ours[_renamed(name)] = tensor
    return ours


def _queries(state: Mapping[str, Tensor], segment: Tensor, vocabulary: list[str]) -> Tensor:
    unused = torch.tensor([vocabulary.index(f"[unused{number}]") for number in range(len(READABLE))])
    vectors = state["bert.embeddings.word_embeddings.weight"][unused] + segment
    norm = (state[f"bert.embeddings.LayerNorm.{part}"] for part in ("weight", "bias"))
    return F.layer_norm(vectors, segment.shape, *norm, eps=1e-12)


def _renamed(name: str) -> str:
    for pattern, replacement in _NAMES:
        name = re.sub(pattern, replacement, name)
    return name


def _weights(folder: Path) -> dict[str, Tensor]:
    found = next((folder / name for name in WEIGHT_FILES if (folder / name).is_file()), None)
    if found is None:
        raise InvalidArtifact(f"{folder} holds none of {', '.join(WEIGHT_FILES)}: fetch the whole checkpoint")
    if found.suffix == ".safetensors":
        return artifacts.read_safetensors(found)
    return tensors(artifacts.read_torch_file(found), found)


def _document(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads(_text(folder / artifacts.CONFIG))
    except ValueError as error:
        raise InvalidArtifact(f"{folder / artifacts.CONFIG} cannot be read ({error}): fetch it again") from None
    return document if isinstance(document, dict) else {}


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InvalidArtifact(f"{path} is larger than {_MOST_BYTES >> 20} MiB, which it should never be")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidArtifact(f"{path} cannot be read ({error}): fetch it again") from None
