"""MusicGen: simple and controllable music generation (Copet et al., arXiv 2306.05284).

    caption -> text encoder -> projection, attended to by every layer (`fusion="cross"`) or read first ("prefix") --.
    melody  -> chroma -------> projection, read first --------------------------------------------------------------.|
    codec tokens -> codebook pattern -> one decoder-only transformer <----------------------------------------------'
                    (section 2.2)       (section 2.4)       `-> K rows of logits a step

Departures from the paper and from the published code:
    * prompts of unequal length in a batch do not change each other, as padding is masked; `attend_padding` brings back
      what the published code does (zeros that are attended to);
    * the tiny preset reads with the first stage of a MuseCoco, frozen, where the paper has T5; a small text encoder may
      also be trained along;
    * the tiny preset begins with the vectors of its codec, has rotary positions besides sinusoids, learns on short
      segments too, and its later codebooks' losses weigh less;
    * recordings longer than the segment are cut at random in `collate` rather than when they are read.

B batch, K codebooks, T frames, L text tokens, P prefix vectors, D width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.core.training import Batch, Losses, MusicExample
from octet.encoders.text.contract import TextEncoder, TextTokens
from octet.encoders.text.tiny import TinyTextConfig, TinyTextEncoder
from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.guidance import Guided, doubly_guided, guided, unguided
from octet.families.token_lm.transformer import TokenDecoder
from octet.nn.filled import filled, filled_with
from octet.nn.lora import merged_state
from octet.systems.musicgen.captions import augmented
from octet.systems.musicgen.conditioners import ChromaConditioner, TextConditioner, silence
from octet.systems.musicgen.config import Config
from octet.systems.musicgen.examples import chromas, excerpt, padded, parts, spoken
from octet.systems.musicgen.style import StyleConditioner

KIND = "musicgen"
SHORT_PARTS = 4  # of a segment, where training takes short ones
_MATRICES = ("decoder.layers.", "decoder.embeddings.", "decoder.heads.")


@dataclass(frozen=True)
class Told:
    """What a batch of music is to be."""

    tokens: TextTokens
    text_told: Tensor  # (B,) bool
    chroma: Tensor | None = None  # (B, F, 12); None where no melody is told
    style: Tensor | None = None  # (B, F, features); None where no style is told

    @property
    def anything(self) -> bool:
        """Whether any row says anything."""
        return self.chroma is not None or self.style is not None or bool(self.text_told.any())


class MusicGen(nn.Module):
    """Captions and melodies in, codec tokens out."""

    def __init__(self, config: Config, frozen_text: TextEncoder | None = None) -> None:
        """`frozen_text` is the T5, or the reader, of a configuration that has one.

        Raises:
            InvalidInput: there is none, one too many, or of another width.
        """
        super().__init__()
        self.config = config
        width = config.decoder.width
        self.text = TextConditioner(_text_encoder(config, frozen_text), width)
        self.melody = ChromaConditioner(config.chroma_frames, width) if config.chroma_frames else None
        self.style = StyleConditioner(config.style, width) if config.style else None
        self.decoder = TokenDecoder(config.decoder)

    def read(self, prompts: Sequence[str], chroma: Tensor | None = None, style: Tensor | None = None) -> Told:
        """Prompts, empty ones telling nothing; for each a melody (B, F, 12) or features of a style, where there is any.

        Raises:
            InvalidInput: a melody or a style for a model that hears none.
        """
        self.require_hearing(chroma is not None, style is not None)
        device = self.decoder.norm.weight.device
        tokens = TextTokens(*(tensor.to(device) for tensor in self.text.encoder.tokenize(prompts)))
        told = torch.tensor([bool(prompt.strip()) for prompt in prompts], device=device)
        heard = (None if sound is None else sound.to(device) for sound in (chroma, style))
        return Told(tokens, told, *heard)

    def require_hearing(self, melody: bool, style: bool) -> None:
        """Refuse what this model cannot hear."""
        for name, given, listener in (("melody", melody, self.melody), ("style", style, self.style)):
            if given and listener is None:
                raise InvalidInput(f"this model hears no {name}: take a {name} model, or leave the {name} out")

    def conditions(self, told: Told) -> Conditions:
        """What the decoder is told."""
        return self._arranged(*self.text(told.tokens, told.text_told), self._heard(told))

    def guided(self, told: Told, scale: float, text_scale: float | None = None) -> Guided:
        """Conditions with classifier-free guidance, of which there is none where nothing is told.

        With a `text_scale`, guidance is double: the text counts so much more than what is heard, be it melody or style.
        """
        vectors, valid = self.text(told.tokens, told.text_told)
        heard = self._heard(told)
        everything = self._arranged(vectors, valid, heard)
        if not told.anything:
            return unguided(everything)
        silent = None if self.config.fusion == "cross" else torch.zeros_like(vectors)
        nothing = self._arranged(silent, valid, self._unheard(heard))
        if text_scale is None:
            return guided(everything, nothing, scale)
        return doubly_guided([everything, self._arranged(silent, valid, heard), nothing], scale, text_scale)

    def _arranged(self, vectors: Tensor | None, valid: Tensor, heard: Tensor | None) -> Conditions:
        """Order of a prefix: melody or style, text, tokens."""
        mask = None if self.config.attend_padding or valid.all() else valid
        if self.config.fusion == "cross" or vectors is None:
            return Conditions(cross=vectors, cross_valid=None if vectors is None else mask, prefix=heard)
        if heard is None:
            return Conditions(prefix=vectors, prefix_valid=mask)
        longer = None if mask is None else F.pad(mask, (heard.shape[1], 0), value=True)
        return Conditions(prefix=torch.cat([heard, vectors], dim=1), prefix_valid=longer)

    def _heard(self, told: Told) -> Tensor | None:
        """Vectors (B, P, D) of melody or style; of silence where a model hears, and is told nothing."""
        weight, batch = self.decoder.norm.weight, len(told.text_told)
        if self.melody is not None:
            heard: Tensor = self.melody((silence(batch) if told.chroma is None else told.chroma).to(weight))
            return heard
        if self.style is not None:
            return weight.new_zeros(batch, 1, len(weight)) if told.style is None else self.style(told.style)
        return None

    def _unheard(self, heard: Tensor | None) -> Tensor | None:
        """As many vectors of silence."""
        if heard is None or self.melody is None:
            return None if heard is None else torch.zeros_like(heard)
        unheard: Tensor = self.melody(silence(len(heard)).to(heard))
        return unheard

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's; nothing here is scheduled
        """Cross-entropy of each codebook over its own positions, which padding is not, then the mean of codebooks.

        In the mean, codebooks weigh less by `codebook_decay` from one to the next, which is not in the paper.
        """
        told = _told(batch)
        codes, special = batch["codes"], self.config.decoder.special
        pattern = self.config.pattern.pattern(codes.shape[2])
        # Steps of the tail hold lagging codebooks only and are neither read nor predicted, as in the published code.
        laid = pattern.build(codes, special)[:, :, : pattern.steps - pattern.tail]
        read, targets = laid[:, :, :-1], laid[:, :, 1:]
        errors = _errors(self.decoder(read, self.conditions(told)), targets, special)
        weights = self.config.codebook_decay ** torch.arange(len(errors), device=errors.device)
        total = (errors * weights).sum() / weights.sum()
        return Losses(total, {f"codebook_{k}": error for k, error in enumerate(errors)})

    def collate(self, items: Sequence[MusicExample], rng: torch.Generator) -> Batch:
        """Pad a batch with special tokens; in training, cut what is too long, vary captions, and drop conditions."""
        if self.style is not None:
            raise InvalidInput("a style model is generated with and cannot be trained: take a text or melody model")
        drops = self.config.dropouts
        codebooks = self.config.decoder.codebooks
        items = [excerpt(spoken(item, codebooks), self.config.segment_frames, rng) for item in items]
        if self.training and bool(torch.rand((), generator=rng) < self.config.short_segments):
            items = [part for item in items for part in parts(item, SHORT_PARTS)]
        captions = [self._caption(item, rng) for item in items]
        nothing, no_text, no_melody = (
            self.training and bool(torch.rand((), generator=rng) < p)
            for p in (drops.everything, drops.text, drops.melody)
        )
        told = self.text.encoder.tokenize(captions := [""] * len(items) if nothing or no_text else captions)
        batch = {
            "codes": padded([item.codes for item in items], self.config.decoder.special),
            "text": told.ids,
            "text_valid": told.valid,
            "text_told": torch.tensor([bool(caption.strip()) for caption in captions]),
        }
        if self.melody is not None:
            batch["chroma"] = silence(len(items)) if nothing or no_melody else chromas(items, self.config.chroma_frames)
        return batch

    def _caption(self, item: MusicExample, rng: torch.Generator) -> str:
        """The first one of an example; in training, one by lot, changed."""
        captions = item.captions or ("",)
        if not self.training:
            return captions[0]
        chosen = captions[int(torch.randint(len(captions), (), generator=rng))]
        return augmented(chosen, item.attributes, self.config.captions, rng)

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


def load_hollow(folder: Path, frozen_text: TextEncoder | None = None) -> MusicGen:
    """As `load`, without the decoder's matrices, for an engine that has them: what it is told is still read here.

    Raises:
        InvalidArtifact, InvalidInput: as `load`.
    """
    _, document = artifacts.load_config(folder, KIND)
    config = artifacts.validated(Config, document, folder)
    state = artifacts.load_state(folder, lambda name: not name.startswith(_MATRICES))
    return filled_with(state, lambda: _hollow(MusicGen(config, frozen_text)), folder)


def _told(batch: Batch) -> Told:
    return Told(TextTokens(batch["text"], batch["text_valid"]), batch["text_told"], batch.get("chroma"))


def _hollow(model: MusicGen) -> MusicGen:
    model.decoder.layers = nn.ModuleList()
    model.decoder.embeddings = nn.ModuleList()
    model.decoder.heads = nn.ModuleList()
    return model


def _errors(logits: Tensor, targets: Tensor, special: int) -> Tensor:
    """Cross-entropy (K,) of logits (B, K, S, V) and targets (B, K, S), `special` where nothing is scored."""
    flat = F.cross_entropy(logits.flatten(0, 2).float(), targets.flatten(), ignore_index=special, reduction="none")
    scored = (targets != special).sum((0, 2)).clamp(min=1)
    return flat.view(targets.shape).sum((0, 2)) / scored


def _text_encoder(config: Config, frozen: TextEncoder | None) -> TextEncoder:
    if isinstance(config.text, TinyTextConfig):
        if frozen is not None:
            raise InvalidInput("this model trains its own text encoder; give it no other")
        return TinyTextEncoder(config.text)
    if frozen is None or frozen.width != config.text.width:
        given = "none" if frozen is None else f"one of width {frozen.width}"
        raise InvalidInput(f"this model needs a text encoder of width {config.text.width}, given {given}")
    return frozen
