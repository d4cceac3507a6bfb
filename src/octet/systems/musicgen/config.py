"""What a MusicGen is, and how it is told things in training."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from octet.encoders.text.tiny import TinyTextConfig
from octet.families.token_lm.patterns import PatternSpec
from octet.families.token_lm.transformer import DecoderConfig
from octet.systems.musicgen.captions import CaptionTraining
from octet.systems.musicgen.style import StyleConfig

LONGEST_STEPS = 20_000  # 30 seconds are 1,504, flattened 6,001
Share = Annotated[float, Field(ge=0, le=1)]


class T5TextConfig(BaseModel):
    """A frozen T5, which is not stored with the model: its folder or hub id, and its width."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["t5"] = "t5"
    name: str = "t5-base"
    width: int = Field(default=768, ge=1, le=16_384)


class ReaderTextConfig(BaseModel):
    """A frozen reader, the first stage of a MuseCoco, which is not stored with the model: its name, and its width."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["reader"] = "reader"
    name: str = "musecoco-reader-tiny"
    width: int = Field(default=256, ge=1, le=16_384)


def _text_kind(given: Any) -> str | None:
    """The tag of a text encoder's configuration; pydantic's own discriminator repeats any other at full length."""
    kind = given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)
    return kind if kind in ("tiny", "t5", "reader") else None


TextConfig = Annotated[
    Annotated[TinyTextConfig, Tag("tiny")]
    | Annotated[T5TextConfig, Tag("t5")]
    | Annotated[ReaderTextConfig, Tag("reader")],
    Discriminator(_text_kind, custom_error_type="text_kind", custom_error_message="kind must be tiny, t5 or reader"),
]


class Dropouts(BaseModel):
    """How often a whole batch of training is told nothing (section 3.1), no text, or no melody."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    everything: Share = 0.3
    text: Share = 0.0
    melody: Share = 0.5


class Config(BaseModel):
    """A MusicGen. Defaults are those of the published small text model, at 32 kHz."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    decoder: DecoderConfig = DecoderConfig()
    pattern: PatternSpec = PatternSpec()
    text: TextConfig = T5TextConfig()
    fusion: Literal["cross", "prefix"] = "cross"
    chroma_frames: int = Field(default=0, ge=0, le=4096)  # 0 hears no melody; 235 is 30 s of the published ones
    style: StyleConfig | None = None  # None hears no style
    channels: int = Field(default=1, ge=1, le=2)
    frame_rate_hz: float = Field(default=50.0, gt=0, le=1000)
    segment_seconds: float = Field(default=30.0, gt=0, le=600)  # of training, and the window of long music
    stride_seconds: float = Field(default=18.0, gt=0, le=600)  # between windows
    guidance_scale: float = Field(default=3.0, ge=0, le=100)  # what is asked for where a request asks for nothing
    temperature: float = Field(default=1.0, ge=0, le=100)  # likewise
    attend_padding: bool = False
    captions: CaptionTraining = CaptionTraining()
    dropouts: Dropouts = Dropouts()
    codebook_decay: float = Field(default=1.0, gt=0, le=1)  # of a codebook's loss, to that of the one before it
    short_segments: Share = 0.0  # of training's batches: cut in four, for what is told shows most where music begins
    codec: str | None = None  # the artifact that makes sound of this model's tokens, by name

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.pattern.codebooks != self.decoder.codebooks:
            raise ValueError(
                f"a pattern of {self.pattern.codebooks} codebooks for {self.decoder.codebooks} of a decoder"
            )
        if self.decoder.codebooks % self.channels:
            raise ValueError(f"{self.decoder.codebooks} codebooks do not divide among {self.channels} channels")
        if self.stride_seconds >= self.segment_seconds:
            raise ValueError("stride_seconds must be less than segment_seconds, so that windows overlap")
        if self.fusion == "cross" and not self.decoder.cross_attention:
            raise ValueError("text is attended to (fusion 'cross') by a decoder with cross_attention only")
        if self.chroma_frames and self.style is not None:
            raise ValueError("a model hears melodies (chroma_frames) or styles, not both")
        if self.pattern.steps(self.segment_frames) > LONGEST_STEPS or self.stride_seconds < self.segment_seconds / 10:
            raise ValueError(f"a segment must be of {LONGEST_STEPS} steps at most, and a stride a tenth of it at least")
        return self

    @property
    def segment_frames(self) -> int:
        """Of the longest music that is made in one go."""
        return max(2, round(self.segment_seconds * self.frame_rate_hz))

    @property
    def stride_frames(self) -> int:
        """Between the beginnings of windows."""
        return min(self.segment_frames - 1, max(1, round(self.stride_seconds * self.frame_rate_hz)))
