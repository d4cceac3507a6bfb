"""What a trainable model, a corpus and the training loop say to each other.

Legend: B batch, P phones, T frames, N samples, M mel bins, K codebooks, F chroma frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

if TYPE_CHECKING:
    import torch

Batch = dict[str, "torch.Tensor"]


@dataclass(frozen=True)
class SpeechExample:
    """One utterance with its features. Frame t covers samples t * hop to (t + 1) * hop; N = T * hop."""

    id: str
    text: str
    language: str
    speaker: str
    audio: torch.Tensor  # (N,) float32 in [-1, 1]
    mel: torch.Tensor  # (M, T)
    f0_hz: torch.Tensor  # (T,) 0 where unvoiced
    energy: torch.Tensor  # (T,) L2 norm of the STFT magnitude
    symbols: torch.Tensor  # (P,) int64, ids of octet.text.phonemes.SYMBOL_IDS
    accents: torch.Tensor  # (P,) int64, ACCENT_IDS
    languages: torch.Tensor  # (P,) int64, LANGUAGE_IDS, per phone since sentences may mix languages
    durations: torch.Tensor  # (P,) int64 frames, sum T; zeros are legal


@dataclass(frozen=True)
class SungExample:
    """One line of a song with its features; frames as in `SpeechExample`, S = 4 curves."""

    id: str
    text: str
    language: str
    speaker: str
    audio: torch.Tensor  # (N,) float32 in [-1, 1]
    mel: torch.Tensor  # (M, T)
    f0_hz: torch.Tensor  # (T,) 0 where unvoiced
    curves: torch.Tensor  # (S, T) energy, breathiness and voicing in dB, tension
    symbols: torch.Tensor  # (P,) int64, SYMBOL_IDS, and one more for breath
    accents: torch.Tensor  # (P,) int64, ACCENT_IDS
    languages: torch.Tensor  # (P,) int64, LANGUAGE_IDS
    durations: torch.Tensor  # (P,) int64 frames, sum T
    phone_notes: torch.Tensor  # (P,) int64, for each phone the first note of its syllable, or its rest
    note_pitches: torch.Tensor  # (K,) float32 MIDI numbers, 0 for a rest
    note_durations: torch.Tensor  # (K,) int64 frames, sum T


@dataclass(frozen=True)
class SoundExample:
    """A recording, or a stretch of one."""

    id: str
    audio: torch.Tensor  # (N,) float32 in [-1, 1]


@dataclass(frozen=True)
class LabelledSound:
    """A recording of music, and what is known of it: classes of instruments, quarter notes a minute, the key."""

    id: str
    audio: torch.Tensor  # (N,) float32 in [-1, 1]
    instruments: tuple[str, ...]
    bpm: float | None = None
    tonic: int | None = None  # 0 is C
    mode: str | None = None  # major | minor


class Sounding(Protocol):
    """An example with its sound, whatever else is known of it."""

    @property
    def id(self) -> str: ...

    @property
    def audio(self) -> torch.Tensor:
        """(N,) float32 in [-1, 1]."""


@dataclass(frozen=True)
class MusicExample:
    """A recording as tokens of a codec. `attributes` are key, bpm, genre, moods, instrument and keywords, where known:
    texts, numbers, or lists of them."""

    id: str
    codes: torch.Tensor  # (K, T) int64
    captions: tuple[str, ...] = ()  # each describes all of it
    attributes: Mapping[str, Any] = field(default_factory=dict)
    chroma: torch.Tensor | None = None  # (F, 12), over the same time


@dataclass(frozen=True)
class Losses:
    """`total` is differentiated, `parts` are logged; `generated` is (fake, real) audio (B, 1, N) to be judged."""

    total: torch.Tensor
    parts: Mapping[str, torch.Tensor] = field(default_factory=dict)
    generated: tuple[torch.Tensor, torch.Tensor] | None = None


class Trainable(Protocol):
    """A `torch.nn.Module` that the loop can train.

    A model with an attribute `stages`, shares of the run that add up to 1, is trained in stages: the loop calls
    `enter_stage(number)`, from 0, before every step, and the learning rate rises and falls in each stage anew.

    A model with an attribute `discriminator` (a module) is trained adversarially: after the step on `loss`,
    which must leave the discriminator's own gradients out, the loop takes a second optimiser's step on
    `discriminator_loss(fake.detach(), real, step=...)`, fed with `Losses.generated`.
    """

    def collate(self, items: Sequence[Any], rng: torch.Generator) -> Batch:
        """Stack examples, of the kind that this model trains on, into tensors; `rng` draws crops and the like."""

    def loss(self, batch: Batch, *, step: int) -> Losses:
        """The training loss of a batch."""

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, torch.Tensor]]:
        """Kind, configuration and weights as `octet.core.artifacts.save` takes them: what generation needs, no more."""


Share = Annotated[float, Field(ge=0, lt=1)]


class Plan(BaseModel):
    """How a model is trained: complete, frozen, written beside every run."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    steps: PositiveInt
    batch_frames: PositiveInt  # frames of a batch, padding included
    accumulation: PositiveInt = 1
    learning_rate: float = Field(default=1e-3, gt=0)
    betas: tuple[Share, Share] = (0.9, 0.98)
    weight_decay: float = Field(default=0.0, ge=0)
    warmup_steps: NonNegativeInt = 500
    schedule: Literal["constant", "cosine", "inverse_sqrt"] = "cosine"  # inverse_sqrt is the paper's (Vaswani 2017)
    clip_norm: float = Field(default=1.0, ge=0)  # 0 does not clip
    ema_decay: Share = 0.999  # 0 keeps no average
    precision: Literal["fp32", "bf16"] = "fp32"
    discriminator_learning_rate: float = Field(default=1e-3, gt=0)
    evaluate_every: PositiveInt = 1000
    checkpoint_every: PositiveInt = 500
    keep_checkpoints: PositiveInt = 2
    seed: int = Field(default=0, ge=0, lt=2**63)
