"""A small judge of music: which instruments play, how fast, in which key. It hears sound and nothing else.

    log-mel, 80 frames a second -> convolutions over frequency and time -> mean and maximum over time
                                                                        -> each of 28 instrument classes, drums included
    log-mel -> how regularly things begin (autocorrelation of rises)    -> slow, moderate, fast
    pitch classes in three registers -> a profile, the same for all twelve keys by construction
                                                                        -> 12 tonics, major or minor

Each head sees only what it is asked about: moods tie mode, tempo and instruments together in made music, and a judge of
the mode that could hear the tempo would answer by it. The mode is judged by adding up the keys of a mode, so it makes
no difference in which key a piece is (Krumhansl's key profiles, 1990, with weights that are learnt).

It is trained on recordings alone, never on what a codec or a model made of them, which it is there to judge.

Legend: B batch, M mel bins, T frames, R registers, F frames of pitch classes, I instruments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from octet.audio import spectrogram
from octet.audio.spectrogram import MelSpec
from octet.core import artifacts
from octet.core.training import Batch, LabelledSound, Losses
from octet.encoders.attributes import features
from octet.encoders.recogniser.augment import Augmentation, masked, with_noise
from octet.nn.filled import filled
from octet.nn.masks import padding_mask
from octet.symbolic.attributes import TEMPO_CLASSES, tempo_class
from octet.symbolic.instruments import CLASSES

KIND = "attributes"
MODES = ("major", "minor")
UNKNOWN = -100  # a tempo class or key that a corpus does not tell
_DYNAMIC_RANGE = 8.0  # nats below the loudest bin, as the recogniser's
_SPREAD = 2.0  # nats, about a log-mel's deviation


class AttributesConfig(BaseModel):
    """What a judge is. `channels` are those of the convolutions; `augmentation` works in training only."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    mel: MelSpec = spectrogram.tiny()
    channels: tuple[int, int, int, int, int] = (16, 32, 48, 96, 128)
    hidden: int = Field(default=192, ge=1, le=4096)
    augmentation: Augmentation | None = Augmentation(time_masks=0, frequency_masks=1, noise_share=0.3)


class Hearing(NamedTuple):
    """What the judge looks at: `mel` (B, M, T), `frames` (B,), `classes` (B, R, 12, F), `class_frames` (B,)."""

    mel: Tensor
    frames: Tensor
    classes: Tensor
    class_frames: Tensor


class Logits(NamedTuple):
    """`instruments` (B, I) each for itself, `tempo` (B, 3), `key` (B, 24): the major keys from C on, then the minor."""

    instruments: Tensor
    tempo: Tensor
    key: Tensor

    @property
    def mode(self) -> Tensor:
        """(B, 2): the log-probability of each mode, whatever the tonic."""
        return self.key.log_softmax(-1).reshape(-1, len(MODES), features.CLASSES).logsumexp(-1)


class AttributeJudge(nn.Module):
    """Trainable as `octet.core.training.Trainable`; `octet.encoders.attributes.judge` uses it."""

    def __init__(self, config: AttributesConfig) -> None:
        super().__init__()
        self.config = config
        self.timbre = _Timbre(config)
        self.tempo = nn.Sequential(
            nn.Linear(features.BANDS * features.LAGS, config.hidden),
            nn.GELU(),
            nn.Dropout(0.2),
            nn.Linear(config.hidden, len(TEMPO_CLASSES)),
        )
        self.key = _KeyProfile(config.hidden // 2)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """A trained judge, ready to listen.

        Raises:
            InvalidArtifact: not a judge's folder, or damaged.
        """
        _, document = artifacts.load_config(folder, KIND)
        return filled(lambda: cls(artifacts.validated(AttributesConfig, document, folder)), folder)

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        """Kind, configuration and weights, as `octet.core.artifacts.save` takes them."""
        return KIND, self.config.model_dump(mode="json"), self.state_dict()

    def forward(self, heard: Hearing) -> Logits:
        """A row's logits do not depend on the others."""
        regular = features.periodicity(heard.mel, heard.frames).flatten(1)
        instruments = self.timbre(heard.mel, heard.frames)
        return Logits(instruments, self.tempo(regular), self.key(heard.classes, heard.class_frames))

    def collate(self, items: Sequence[LabelledSound], rng: torch.Generator) -> Batch:
        """A `Hearing`'s tensors by name, `instruments` (B, I) of 0 and 1, `tempo` and `key` (B,)."""
        heard = hearing([item.audio for item in items], self.config.mel, self._prepared(rng))
        playing = torch.tensor([[float(name in item.instruments) for name in CLASSES] for item in items])
        known = {"instruments": playing, "tempo": torch.tensor([_tempo(item) for item in items])}
        return heard._asdict() | known | {"key": torch.tensor([_key(item) for item in items])}

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's signature
        """Cross-entropies, with how often each is right."""
        logits = self(Hearing(*(batch[name] for name in Hearing._fields)))
        instruments = F.binary_cross_entropy_with_logits(logits.instruments, batch["instruments"])
        tempo, key = _cross_entropy(logits.tempo, batch["tempo"]), _cross_entropy(logits.key, batch["key"])
        parts = {"instruments": instruments, "tempo": tempo, "key": key} | _accuracies(logits, batch)
        return Losses(8 * instruments + tempo + key, {name: part.detach() for name, part in parts.items()})

    def _prepared(self, rng: torch.Generator) -> Any:
        """From a log-mel (M, T) to one that the network sees."""
        augmentation = self.config.augmentation if self.training else None
        if augmentation is None:
            return normalised
        return lambda mel: masked(normalised(with_noise(mel, augmentation, rng)), augmentation, rng)


def hearing(audios: Sequence[Tensor], spec: MelSpec, prepared: Any = None) -> Hearing:
    """What there is to see of sounds (N,) at 16 kHz, each of a window of the spectrogram at least."""
    mels = [(prepared or normalised)(spectrogram.mel(audio, spec)) for audio in audios]
    classes = [features.pitch_classes(audio) for audio in audios]
    return Hearing(
        mel=pad_sequence([mel.T for mel in mels], batch_first=True).mT.contiguous(),
        frames=torch.tensor([mel.shape[1] for mel in mels]),
        classes=pad_sequence([found.permute(2, 0, 1) for found in classes], batch_first=True).permute(0, 2, 3, 1),
        class_frames=torch.tensor([found.shape[2] for found in classes]),
    )


def normalised(mel: Tensor) -> Tensor:
    """Log-mel (M, T) limited in range, about zero, whatever its loudness; its colour, which is timbre, stays."""
    limited = mel.clamp(min=float(mel.max()) - _DYNAMIC_RANGE)
    return (limited - limited.mean()) / _SPREAD


class _Timbre(nn.Module):
    """Convolutions of 3 x 3 that halve time five times and frequency four times: mel (B, M, T) -> (B, I)."""

    _STRIDES = ((2, 2), (1, 2), (2, 2), (2, 2), (2, 2))  # of frequency, of time

    def __init__(self, config: AttributesConfig) -> None:
        super().__init__()
        sizes = (1, *config.channels)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inside, outside, 3, stride=stride, padding=1)
            for inside, outside, stride in zip(sizes, sizes[1:], self._STRIDES, strict=False)
        )
        self.gains = nn.ParameterList(nn.Parameter(torch.ones(outside, 1, 1)) for outside in config.channels)
        rows = -(-config.mel.mel_bins // 16)
        self.across = nn.Conv1d(config.channels[-1] * rows, config.hidden, 1)
        self.dropout = nn.Dropout(0.2)
        self.out = nn.Linear(2 * config.hidden, len(CLASSES))

    def forward(self, mel: Tensor, frames: Tensor) -> Tensor:
        x, mask = mel[:, None], padding_mask(frames, mel.shape[-1])[:, None, None]
        for convolution, gain in zip(self.convolutions, self.gains, strict=True):
            x = convolution(x * mask)
            mask = mask[..., ::2]
            x = F.gelu(x * torch.rsqrt((x * x).mean(dim=1, keepdim=True) + 1e-5) * gain)
        steps = F.gelu(self.across(x.flatten(1, 2)))
        logits: Tensor = self.out(self.dropout(_pooled(steps, mask[:, 0])))
        return logits


class _KeyProfile(nn.Module):
    """Pitch classes (B, R, 12, F) -> keys (B, 24): the same network hears them from each of the twelve tonics."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        heard = features.REGISTERS * features.CLASSES
        self.chord = nn.Conv1d(heard, hidden, 3, padding=1)
        self.profile = nn.Linear(heard + 2 * hidden, hidden)
        self.out = nn.Linear(hidden, len(MODES))

    def forward(self, classes: Tensor, frames: Tensor) -> Tensor:
        mask = padding_mask(frames, classes.shape[-1])[:, None]
        turned = torch.stack([classes.roll(-tonic, dims=2).flatten(1, 2) for tonic in range(features.CLASSES)], dim=1)
        rows, masks = turned.flatten(0, 1), mask.repeat_interleave(features.CLASSES, dim=0)
        mean = (rows * masks).sum(-1) / masks.sum(-1)
        chords = _pooled(F.gelu(self.chord(rows * masks)), masks)
        scores = self.out(F.gelu(self.profile(torch.cat([mean, chords], dim=1))))
        keys: Tensor = scores.unflatten(0, (-1, features.CLASSES)).mT.flatten(1)
        return keys


def _pooled(steps: Tensor, mask: Tensor) -> Tensor:
    """Mean and maximum over what is real of (B, C, T), mask (B, 1, T) -> (B, 2 C)."""
    mean = (steps * mask).sum(-1) / mask.sum(-1)
    return torch.cat([mean, steps.masked_fill(~mask, -torch.inf).amax(-1)], dim=1)


def _tempo(item: LabelledSound) -> int:
    return UNKNOWN if item.bpm is None else TEMPO_CLASSES.index(tempo_class(item.bpm))


def _key(item: LabelledSound) -> int:
    if item.tonic is None or item.mode is None:
        return UNKNOWN
    return MODES.index(item.mode) * features.CLASSES + item.tonic


def _cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Over what is known; 0 where nothing is."""
    known = (target != UNKNOWN).sum().clamp(min=1)
    return F.cross_entropy(logits, target, ignore_index=UNKNOWN, reduction="sum") / known


def _accuracies(logits: Logits, batch: Batch) -> dict[str, Tensor]:
    """Shares that are right, of what is known: instruments as the F1 of all decisions at one half."""
    heard, playing = logits.instruments > 0, batch["instruments"] > 0
    f1 = 2 * (heard & playing).sum() / (heard.sum() + playing.sum()).clamp(min=1)
    drums = (heard == playing)[:, CLASSES.index("drum")].float().mean()
    mode = torch.where(batch["key"] == UNKNOWN, UNKNOWN, batch["key"] // features.CLASSES)
    shares = {"tempo": _right(logits.tempo, batch["tempo"]), "mode": _right(logits.mode, mode)}
    return {"instruments_f1": f1, "drums_right": drums, **{f"{name}_right": share for name, share in shares.items()}}


def _right(logits: Tensor, target: Tensor) -> Tensor:
    known = target != UNKNOWN
    return ((logits.argmax(-1) == target) & known).sum() / known.sum().clamp(min=1)
