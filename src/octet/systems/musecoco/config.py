"""What the two stages of a MuseCoco are."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from octet.encoders.text.tiny import TinyTextConfig
from octet.symbolic.conditions import VALUES
from octet.symbolic.remigen import VOCABULARY

LONGEST_TOKENS = 65_536
TONIC = "tonic"  # what small readers hear besides: which of twelve, as the published ones have no word for it
UNHEARD = ("I4", "C1", "ST1")  # keys of the prefix that no text is asked about
READABLE = tuple(key for key in VALUES if key not in UNHEARD)


class Config(BaseModel):
    """Stage 2, attributes to music. Defaults are those of the published model of 1.2 billion parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    layers: int = Field(default=24, ge=1, le=100)
    width: int = Field(default=2048, ge=4, le=16_384)
    heads: int = Field(default=24, ge=1, le=256)
    inner_width: int = Field(default=8192, ge=1, le=65_536)
    vocabulary: int = Field(default=len(VOCABULARY), ge=len(VOCABULARY), le=len(VOCABULARY))
    dropout: float = Field(default=0.1, ge=0, lt=1)
    longest_tokens: int = Field(default=5120, ge=128, le=LONGEST_TOKENS)  # of a piece, its prefix included
    positions: Literal["train", "released"] = "train"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.width % 2 or self.heads > self.width:
            raise ValueError(f"width {self.width} must be even and at least as large as the number of heads")
        return self


class WordPieceConfig(BaseModel):
    """BERT's embeddings; the vocabulary is stored, a piece an entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["wordpiece"] = "wordpiece"
    vocabulary: tuple[Annotated[str, Field(max_length=200)], ...] = Field(min_length=4, max_length=500_000)
    width: int = Field(default=1024, ge=1, le=16_384)
    positions: int = Field(default=512, ge=2, le=65_536)
    longest_tokens: int = Field(default=256, ge=2, le=65_536)  # of a text, the first

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        missing = [piece for piece in ("[CLS]", "[SEP]", "[UNK]", "[PAD]") if piece not in self.vocabulary]
        if missing:
            raise ValueError(f"the vocabulary lacks {missing[0]}")
        if self.longest_tokens > self.positions:
            raise ValueError(f"{self.longest_tokens} tokens need as many positions; there are {self.positions}")
        return self


def _text_kind(given: Any) -> str | None:
    """The tag of a configuration; pydantic's own discriminator repeats any other at full length."""
    kind = given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)
    return kind if kind in ("tiny", "wordpiece") else None


TextConfig = Annotated[
    Annotated[TinyTextConfig, Tag("tiny")] | Annotated[WordPieceConfig, Tag("wordpiece")],
    Discriminator(_text_kind, custom_error_type="text_kind", custom_error_message="kind must be tiny or wordpiece"),
]


class ReaderConfig(BaseModel):
    """Stage 1, text to attributes. `text` turns words into vectors and has no layers of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    text: TextConfig
    layers: int = Field(default=24, ge=1, le=100)
    heads: int = Field(default=16, ge=1, le=256)
    inner_width: int = Field(default=4096, ge=1, le=65_536)
    dropout: float = Field(default=0.1, ge=0, lt=1)
    tonic: bool = False  # whether a tonic is heard too

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.text.width % self.heads:
            raise ValueError(f"width {self.text.width} does not divide into {self.heads} heads")
        return self

    @property
    def values(self) -> dict[str, int]:
        """The number of values of each key that is read, "not said" left out."""
        return {key: VALUES[key] for key in READABLE} | ({TONIC: 12} if self.tonic else {})
