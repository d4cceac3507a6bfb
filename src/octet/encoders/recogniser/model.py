"""A small multilingual phone recogniser, which is also the judge of what was spoken and the eye of the aligner.

    log-mel, 80 frames a second
      -> fine: convolution, one frame in, one out
      -> coarse: two frames to one step, a ConvNeXt stack (Liu et al. 2022; Siuzdak 2023, arXiv 2306.00814)
           -> CTC head (Graves et al. 2006): which phones were said, in order; 40 steps a second
      -> steps to frames again, added to fine, a last ConvNeXt block
           -> frame head: which phone sounds in each frame, silence being `sil`

CTC alone places its peaks anywhere within a phone; the frame head, trained by cross-entropy where a corpus knows the
times of its phones, is what gives sharp boundaries. Accents (stress, tone) are not recognised, and pauses are no
phones: CTC's targets leave them out.

Legend: B batch, M mel bins, T frames, U = ceil(T / 2) steps, C channels, S symbols (0 = blank), P phones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec
from octet.core import artifacts
from octet.core.training import Batch, Losses, SpeechExample
from octet.encoders.recogniser.augment import Augmentation, masked, with_noise
from octet.nn.convnext import KERNEL_FRAMES, ConvNeXtBlock, initialise
from octet.nn.filled import filled
from octet.nn.masks import padding_mask
from octet.text.phonemes import PAUSES, SILENCE, SYMBOL_IDS, SYMBOLS

KIND = "recogniser"
UNKNOWN = -100  # of a frame whose phone is not known
_DYNAMIC_RANGE = 8.0  # nats below the loudest bin, 69 dB: digital silence counts as no deeper than a quiet room


class RecogniserConfig(BaseModel):
    """What a recogniser is. `augmentation` works in training only; None leaves it out."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    mel: MelSpec
    symbols: tuple[str, ...] = Field(default=SYMBOLS, min_length=2, max_length=100_000)
    channels: int = Field(default=192, ge=1, le=4096)
    hidden_channels: int = Field(default=576, ge=1, le=16_384)
    blocks: int = Field(default=8, ge=1, le=100)
    augmentation: Augmentation | None = Augmentation()

    @property
    def context_frames(self) -> int:
        """How far, at most, a frame can influence its neighbours; an even number."""
        reach = KERNEL_FRAMES // 2
        return 2 * (reach * (self.blocks + 1) + 2)


def tiny() -> RecogniserConfig:
    """The bundled recogniser: 2.1 million parameters, for 16 kHz."""
    return RecogniserConfig(mel=spectrogram.tiny())


class Logits(NamedTuple):
    """`ctc` (B, U, S) and `frames` (B, T, S), not normalised."""

    ctc: torch.Tensor
    frames: torch.Tensor


class Recogniser(nn.Module):
    """Trainable as `octet.core.training.Trainable`; `octet.encoders.recogniser.listen` uses it."""

    def __init__(self, config: RecogniserConfig) -> None:
        super().__init__()
        self.config = config
        channels, scale = config.channels, 1 / config.blocks
        self.fine = nn.Conv1d(config.mel.mel_bins, channels, 5, padding=2)
        self.coarse = nn.Conv1d(channels, channels, 2, stride=2)
        self.blocks = nn.ModuleList(
            ConvNeXtBlock(channels, config.hidden_channels, layer_scale=scale) for _ in range(config.blocks)
        )
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.ctc_head = nn.Linear(channels, len(config.symbols))
        self.to_frames = nn.ConvTranspose1d(channels, channels, 2, stride=2)
        self.last = ConvNeXtBlock(channels, channels, layer_scale=scale)
        self.last_norm = nn.LayerNorm(channels, eps=1e-6)
        self.frame_head = nn.Linear(channels, len(config.symbols))
        self.apply(initialise)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """A trained recogniser, ready to listen.

        Raises:
            InvalidArtifact: not a recogniser's folder, or damaged.
        """
        _, document = artifacts.load_config(folder, KIND)
        return filled(lambda: cls(artifacts.validated(RecogniserConfig, document, folder)), folder)

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, torch.Tensor]]:
        """Kind, configuration and weights, as `octet.core.artifacts.save` takes them."""
        return KIND, self.config.model_dump(mode="json"), self.state_dict()

    def forward(self, mel: torch.Tensor, frames: torch.Tensor) -> Logits:
        """Normalised log-mel (B, M, T) and the real lengths (B,) -> logits; a row's do not depend on the others."""
        length = mel.shape[-1]
        mask = padding_mask(frames, length + length % 2)
        fine = self.fine(F.pad(mel, (0, length % 2)) * mask[:, None])
        fine = F.gelu(fine) * mask[:, None]
        steps, step_mask = self.coarse(fine), mask[:, ::2]
        for block in self.blocks:
            steps = block(steps, step_mask)
        said = self.norm(steps.transpose(1, 2))
        sounding = self.last(fine + self.to_frames(said.transpose(1, 2)), mask)
        sounding = self.last_norm(sounding.transpose(1, 2))[:, :length]
        return Logits(self.ctc_head(said), self.frame_head(sounding))

    def collate(self, items: Sequence[SpeechExample], rng: torch.Generator) -> Batch:
        """`mel` (B, M, T) normalised, `frames` (B,), `said` (B, P) and `said_lengths` (B,), `sounding` (B, T)."""
        said = [_said(item) for item in items]
        mels = [self._prepared(item.mel, rng) for item in items]
        return {
            "mel": pad_sequence([mel.T for mel in mels], batch_first=True).transpose(1, 2),
            "frames": torch.tensor([mel.shape[1] for mel in mels]),
            "said": pad_sequence(said, batch_first=True),
            "said_lengths": torch.tensor([len(symbols) for symbols in said]),
            "sounding": pad_sequence([_sounding(item) for item in items], batch_first=True, padding_value=UNKNOWN),
        }

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's signature
        """CTC for each phone said, plus cross-entropy for each frame whose phone is known."""
        logits = self(batch["mel"], batch["frames"])
        ctc = F.ctc_loss(
            logits.ctc.float().log_softmax(-1).transpose(0, 1),
            batch["said"],
            (batch["frames"] + 1) // 2,
            batch["said_lengths"],
            reduction="sum",
            zero_infinity=True,  # speech faster than 40 phones a second has no path
        ) / batch["said_lengths"].sum().clamp(min=1)
        known = (batch["sounding"] != UNKNOWN).sum().clamp(min=1)
        scores = logits.frames.float().transpose(1, 2)
        frame = F.cross_entropy(scores, batch["sounding"], ignore_index=UNKNOWN, reduction="sum") / known
        return Losses(ctc + frame, {"ctc": ctc.detach(), "frame": frame.detach()})

    def _prepared(self, mel: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
        augmentation = self.config.augmentation if self.training else None
        if augmentation is None:
            return normalised(mel)
        return masked(normalised(with_noise(mel, augmentation, rng)), augmentation, rng)


def normalised(mel: torch.Tensor) -> torch.Tensor:
    """Log-mel (M, T) of a whole utterance, limited in range and with each bin's mean over time taken away.

    So neither loudness nor the colour of a microphone matters.
    """
    limited = mel.clamp(min=float(mel.max()) - _DYNAMIC_RANGE)
    return limited - limited.mean(dim=1, keepdim=True)


_IS_PAUSE = torch.tensor([symbol in PAUSES for symbol in SYMBOLS])


def _said(item: SpeechExample) -> torch.Tensor:
    """CTC's targets: the symbols (P,) without pauses."""
    return item.symbols[~_IS_PAUSE[item.symbols]]


def _sounding(item: SpeechExample) -> torch.Tensor:
    """The symbol of each frame (T,), pauses as `sil`; all `UNKNOWN` where the durations do not cover the frames."""
    frames = item.mel.shape[1]
    if int(item.durations.sum()) != frames:
        return torch.full((frames,), UNKNOWN)
    symbols = torch.where(_IS_PAUSE[item.symbols], SYMBOL_IDS[SILENCE], item.symbols)
    return symbols.repeat_interleave(item.durations)
