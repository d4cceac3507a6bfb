"""MusicGen: simple and controllable music generation (Copet et al., arXiv 2306.05284).

    caption -> text encoder -> projection, attended to by every layer (`fusion="cross"`) or read first ("prefix") --.
    melody  -> chroma -------> projection, read first --------------------------------------------------------------.|
    codec tokens -> codebook pattern -> one decoder-only transformer <----------------------------------------------'
                    (section 2.2)       (section 3.2)       `-> K rows of logits a step

Departures from the paper and from the published code:
    * prompts of unequal length in a batch do not change each other, as padding is masked; `attend_padding` brings back
      what the published code does (zeros that are attended to);
    * the tiny preset trains a small text encoder along, where the paper has a frozen T5;
    * recordings longer than the segment are cut at random in `collate` rather than when they are read.

B batch, K codebooks, T frames, L text tokens, P prefix vectors, D width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.core.training import Batch, Losses
from octet.encoders.text.contract import TextEncoder, TextTokens
from octet.encoders.text.tiny import TinyTextConfig, TinyTextEncoder
from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.guidance import Guided, guided, unguided
from octet.families.token_lm.patterns import PatternSpec
from octet.families.token_lm.transformer import DecoderConfig, TokenDecoder
from octet.nn.filled import filled
from octet.nn.lora import merged_state
from octet.nn.masks import padding_mask
from octet.systems.musicgen.captions import CaptionTraining, augmented
from octet.systems.musicgen.conditioners import ChromaConditioner, TextConditioner, silence
from octet.systems.musicgen.examples import MusicExample, chromas, excerpt, padded

KIND = "musicgen"
Share = Annotated[float, Field(ge=0, le=1)]


class T5TextConfig(BaseModel):
    """A frozen T5, which is not stored with the model: its folder or hub id, and its width."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["t5"] = "t5"
    name: str = "t5-base"
    width: int = Field(default=768, ge=1, le=16_384)


class Dropouts(BaseModel):
    """How often a whole batch of training is told nothing (section 3.4), no text, or no melody."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    everything: Share = 0.3
    text: Share = 0.0
    melody: Share = 0.5


class Config(BaseModel):
    """A MusicGen. Defaults are those of the published small text model, at 32 kHz."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    decoder: DecoderConfig = DecoderConfig()
    pattern: PatternSpec = PatternSpec()
    text: Annotated[TinyTextConfig | T5TextConfig, Field(discriminator="kind")] = T5TextConfig()
    fusion: Literal["cross", "prefix"] = "cross"
    chroma_frames: int = Field(default=0, ge=0, le=4096)  # 0 hears no melody; 235 is 30 s of the published ones
    channels: int = Field(default=1, ge=1, le=2)
    frame_rate_hz: float = Field(default=50.0, gt=0, le=1000)
    segment_seconds: float = Field(default=30.0, gt=0, le=600)  # of training, and the window of long music
    stride_seconds: float = Field(default=18.0, gt=0, le=600)  # between windows
    guidance_scale: float = Field(default=3.0, ge=0, le=100)  # what is asked for where a request asks for nothing
    attend_padding: bool = False
    captions: CaptionTraining = CaptionTraining()
    dropouts: Dropouts = Dropouts()
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
        return self

    @property
    def segment_frames(self) -> int:
        """Of the longest music that is made in one go."""
        return max(2, round(self.segment_seconds * self.frame_rate_hz))

    @property
    def stride_frames(self) -> int:
        """Between the beginnings of windows."""
        return min(self.segment_frames - 1, max(1, round(self.stride_seconds * self.frame_rate_hz)))


@dataclass(frozen=True)
class Told:
    """What a batch of music is to be."""

    tokens: TextTokens
    text_told: Tensor  # (B,) bool
    chroma: Tensor | None = None  # (B, F, 12); None where no melody is told

    @property
    def anything(self) -> bool:
        """Whether any row says anything."""
        return self.chroma is not None or bool(self.text_told.any())


class MusicGen(nn.Module):
    """Captions and melodies in, codec tokens out."""

    def __init__(self, config: Config, frozen_text: TextEncoder | None = None) -> None:
        """`frozen_text` is the T5 of a configuration that has one.

        Raises:
            InvalidInput: there is none, one too many, or of another width.
        """
        super().__init__()
        self.config = config
        width = config.decoder.width
        self.text = TextConditioner(_text_encoder(config, frozen_text), width)
        self.melody = ChromaConditioner(config.chroma_frames, width) if config.chroma_frames else None
        self.decoder = TokenDecoder(config.decoder)

    def read(self, prompts: Sequence[str], chroma: Tensor | None = None) -> Told:
        """Prompts, empty ones telling nothing, and a melody (B, F, 12) for each, on the model's device.

        Raises:
            InvalidInput: a melody for a model that hears none.
        """
        if chroma is not None and self.melody is None:
            raise InvalidInput("this model hears no melody: take a melody model, or leave the melody out")
        device = self.decoder.norm.weight.device
        tokens = TextTokens(*(tensor.to(device) for tensor in self.text.encoder.tokenize(prompts)))
        told = torch.tensor([bool(prompt.strip()) for prompt in prompts], device=device)
        return Told(tokens, told, None if chroma is None else chroma.to(device))

    def conditions(self, told: Told) -> Conditions:
        """What the decoder is told."""
        vectors, valid = self.text(told.tokens, told.text_told)
        return self._arranged(vectors, valid, told.chroma)

    def guided(self, told: Told, scale: float) -> Guided:
        """Conditions with classifier-free guidance, of which there is none where nothing is told."""
        vectors, valid = self.text(told.tokens, told.text_told)
        conditions = self._arranged(vectors, valid, told.chroma)
        if not told.anything:
            return unguided(conditions)
        if self.config.fusion == "prefix":
            return guided(conditions, self._arranged(torch.zeros_like(vectors), valid, None), scale)
        return guided(conditions, replace(self._arranged(vectors, valid, None), cross=None, cross_valid=None), scale)

    def _arranged(self, vectors: Tensor, valid: Tensor, chroma: Tensor | None) -> Conditions:
        """Order of a prefix: melody, text, tokens."""
        mask = None if self.config.attend_padding or valid.all() else valid
        melody = self._melody(chroma, len(vectors))
        if self.config.fusion == "cross":
            return Conditions(cross=vectors, cross_valid=mask, prefix=melody)
        if melody is None:
            return Conditions(prefix=vectors, prefix_valid=mask)
        heard = None if mask is None else F.pad(mask, (melody.shape[1], 0), value=True)
        return Conditions(prefix=torch.cat([melody, vectors], dim=1), prefix_valid=heard)

    def _melody(self, chroma: Tensor | None, batch: int) -> Tensor | None:
        if self.melody is None:
            return None
        heard: Tensor = self.melody((silence(batch) if chroma is None else chroma).to(self.decoder.norm.weight))
        return heard

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's; nothing here is scheduled
        """Cross-entropy of each codebook over its own positions, then the mean of codebooks."""
        told = Told(TextTokens(batch["text"], batch["text_valid"]), batch["text_told"], batch.get("chroma"))
        codes, special = batch["codes"], self.config.decoder.special
        pattern = self.config.pattern.pattern(codes.shape[2])
        # Steps of the tail hold lagging codebooks only and are neither read nor predicted, as in the published code.
        read = pattern.build(codes, special)[:, :, : pattern.steps - pattern.tail - 1]
        logits, known = pattern.revert_logits(self.decoder(read, self.conditions(told)))
        scored = known.to(codes.device) & padding_mask(batch["frames"], codes.shape[2])[:, None]
        return _losses(logits, codes.where(scored, special), special)

    def collate(self, items: Sequence[MusicExample], rng: torch.Generator) -> Batch:
        """Pad a batch with special tokens; in training, cut what is too long, vary captions, and drop conditions."""
        drops = self.config.dropouts
        items = [excerpt(item, self.config.segment_frames, rng) for item in items]
        captions = [self._caption(item, rng) for item in items]
        nothing, no_text, no_melody = (
            self.training and bool(torch.rand((), generator=rng) < p)
            for p in (drops.everything, drops.text, drops.melody)
        )
        told = self.text.encoder.tokenize(captions := [""] * len(items) if nothing or no_text else captions)
        batch = {
            "codes": padded([item.codes for item in items], self.config.decoder.special),
            "frames": torch.tensor([item.codes.shape[1] for item in items]),
            "text": told.ids,
            "text_valid": told.valid,
            "text_told": torch.tensor([bool(caption.strip()) for caption in captions]),
        }
        if self.melody is not None:
            batch["chroma"] = silence(len(items)) if nothing or no_melody else chromas(items, self.config.chroma_frames)
        return batch

    def _caption(self, item: MusicExample, rng: torch.Generator) -> str:
        return augmented(item.caption, item.attributes, self.config.captions, rng) if self.training else item.caption

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        """Weights of an adaptation (`octet.nn.lora`) are added to those they adapt."""
        return KIND, self.config.model_dump(mode="json"), merged_state(self)


def load(folder: Path, frozen_text: TextEncoder | None = None) -> MusicGen:
    """The model of an artifact folder, ready to generate.

    Raises:
        InvalidArtifact: damaged, or not a MusicGen.
        InvalidInput: `frozen_text` is not what its configuration asks for.
    """
    _, document = artifacts.load_config(folder, KIND)
    config = artifacts.validated(Config, document, folder)
    return filled(lambda: MusicGen(config, frozen_text), folder)


def _losses(logits: Tensor, targets: Tensor, special: int) -> Losses:
    """Logits (B, K, T, V) and targets (B, K, T), `special` where nothing is scored."""
    parts = {}
    for k in range(targets.shape[1]):
        flat = targets[:, k].flatten()
        error = F.cross_entropy(logits[:, k].flatten(0, 1).float(), flat, ignore_index=special, reduction="sum")
        parts[f"codebook_{k}"] = error / (flat != special).sum().clamp(min=1)
    return Losses(torch.stack(list(parts.values())).mean(), parts)


def _text_encoder(config: Config, frozen: TextEncoder | None) -> TextEncoder:
    if isinstance(config.text, TinyTextConfig):
        if frozen is not None:
            raise InvalidInput("this model trains its own text encoder; give it no other")
        return TinyTextEncoder(config.text)
    if frozen is None or frozen.width != config.text.width:
        given = "none" if frozen is None else f"one of width {frozen.width}"
        raise InvalidInput(f"this model needs a text encoder of width {config.text.width}, given {given}")
    return frozen
