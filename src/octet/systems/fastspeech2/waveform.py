"""FastSpeech 2s: the waveform decoder, and the joint model that trains it (arXiv 2006.04558, section 2.4, figure 1d).

A slice of the adaptor's output is upsampled by one transposed convolution and passes through WaveNet-like blocks
(gated, non-causal, dilated, 64 channels, kernel 3, 30 layers) to a waveform. It learns from a multi-resolution STFT
loss and the LSGAN loss of Parallel WaveGAN's discriminator; the mel decoder stays in training, as an aid, on whole
sentences, and is dropped for generation.

Departures: the paper's "filter size 64" of the transposed convolution is read as 64 channels, its kernel as two hops.
`upsampling="harmonic"` (the bundled size) runs the blocks at frame rate and lets them filter, by an inverse STFT, a
source of harmonics of the adaptor's F0 and noise (vocoders/harmonic.py): 200 times less work at 16 kHz, no
discriminator needed to find phases, and exactly the pitch that is asked for.

B batch, T frames, N samples, D width, C channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn

from octet.core.training import Batch, Losses, SpeechExample
from octet.families.acoustic.adaptor import Adapted, Controls
from octet.families.acoustic.batch import collate, draw_gains
from octet.families.acoustic.config import Layers, Width
from octet.families.acoustic.encoder import Phones
from octet.systems.fastspeech2.model import Config, FastSpeech2
from octet.vocoders.discriminators import ParallelWaveGANDiscriminator
from octet.vocoders.harmonic import HarmonicNoiseHead
from octet.vocoders.losses import LSGAN, PARALLEL_WAVEGAN, Resolution, Weight, multi_resolution_stft


class WaveformConfig(BaseModel):
    """A FastSpeech 2s. Defaults are the paper's, with Parallel WaveGAN's three cycles of dilations."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    acoustic: Config
    upsampling: Literal["transposed", "harmonic"] = "transposed"
    channels: Width = 64
    layers: Layers = 30
    dilation_cycle: int = Field(default=10, ge=1, le=16)  # dilations double
    segment_frames: int = Field(default=80, ge=1, le=100_000)  # 20,480 samples at hop 256
    adversarial_weight: Weight = 1.0  # 0 trains without a discriminator
    mel_weight: Weight = 1.0  # of the auxiliary mel decoder; 0 is the paper's ablation without it
    stft_weight: Weight = 1.0
    stft_resolutions: tuple[Resolution, ...] = Field(default=PARALLEL_WAVEGAN, min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.upsampling == "harmonic" and self.acoustic.pitch == "none":
            raise ValueError("harmonics need an F0: upsampling='harmonic' goes with any pitch but 'none'")
        return self


class GatedBlock(nn.Module):
    """Dilated convolution, tanh times sigmoid, 1x1 to a residual and a skip (WaveNet, arXiv 1609.03499, figure 4)."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.dilated = nn.Conv1d(channels, 2 * channels, 3, padding=dilation, dilation=dilation)
        self.out = nn.Conv1d(channels, 2 * channels, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, C, T) -> the next block's input and this block's share of the output, (B, C, T) each."""
        signal, gate = self.dilated(x).chunk(2, dim=1)
        residual, skip = self.out(signal.tanh() * gate.sigmoid()).chunk(2, dim=1)
        return (x + residual) * 0.5**0.5, skip


class WaveformDecoder(nn.Module):
    """Adaptor output in, audio out."""

    def __init__(self, config: WaveformConfig) -> None:
        super().__init__()
        spec, channels = config.acoustic.spec, config.channels
        transposed = config.upsampling == "transposed"
        self.upsample: nn.Module = (
            nn.ConvTranspose1d(
                config.acoustic.width, channels, 2 * spec.hop_samples, spec.hop_samples, padding=spec.hop_samples // 2
            )
            if transposed
            else nn.Conv1d(config.acoustic.width, channels, 7, padding=3)
        )
        self.blocks = nn.ModuleList(
            GatedBlock(channels, 2 ** (layer % config.dilation_cycle)) for layer in range(config.layers)
        )
        self.mix = nn.Conv1d(channels, channels, 1)
        self.head: nn.Module = nn.Conv1d(channels, 1, 1) if transposed else HarmonicNoiseHead(channels, spec)

    def forward(self, hidden: Tensor, f0_hz: Tensor) -> Tensor:
        """(B, T, D), (B, T) -> audio (B, 1, T * hop)."""
        x = self.upsample(hidden.transpose(1, 2))
        total = torch.zeros_like(x)
        for block in self.blocks:
            x, skip = block(x)
            total = total + skip
        x = self.mix((total / len(self.blocks) ** 0.5).relu()).relu()
        if isinstance(self.head, HarmonicNoiseHead):
            return self.head(x.transpose(1, 2), f0_hz)
        return self.head(x)


class FastSpeech2s(nn.Module):
    """Phones in, waveform out."""

    discriminator: nn.Module

    def __init__(self, config: WaveformConfig) -> None:
        super().__init__()
        self.config = config
        self.acoustic = FastSpeech2(config.acoustic)
        self.waveform = WaveformDecoder(config)
        if config.adversarial_weight:
            self.discriminator = ParallelWaveGANDiscriminator()

    @torch.inference_mode()
    def generate(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        """Audio (B, 1, N) and what the adaptor decided; the mel decoder does not run."""
        acoustic = self.acoustic
        adapted = acoustic.adaptor.generate(acoustic.encoder(phones), phones.valid, wishes)
        return self.waveform(adapted.hidden, adapted.variances.f0_hz), adapted

    def for_generation(self) -> Self:
        """This model without what only trains, as `artifact` stores it."""
        for name in ("decoder", "to_mel", "postnet"):
            delattr(self.acoustic, name)
        if self.config.adversarial_weight:
            del self.discriminator
        return self

    def loss(self, batch: Batch, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's
        """FastSpeech 2's loss, and on one slice a sentence the STFT and adversarial losses."""
        adapted, parts = self.acoustic.adapt(batch)
        if self.config.mel_weight:
            parts = dict(self.acoustic.acoustic_loss(batch, adapted, parts).parts)
            parts["mel"] = parts["mel"] * self.config.mel_weight
        hidden, f0_hz = (
            slices(sequence, batch["slice_starts"], self.config.segment_frames)
            for sequence in (adapted.hidden, adapted.variances.f0_hz[:, :, None])
        )
        fake = self.waveform(hidden, f0_hz[:, :, 0])
        spectral = multi_resolution_stft(fake, batch["audio"], self.config.stft_resolutions)
        parts["stft"] = spectral * self.config.stft_weight
        if self.config.adversarial_weight:
            parts["adversarial"] = self._adversarial(fake) * self.config.adversarial_weight
        return Losses(torch.stack(list(parts.values())).sum(), parts, generated=(fake, batch["audio"]))

    def discriminator_loss(self, fake: Tensor, real: Tensor, *, step: int) -> Losses:  # noqa: ARG002 - the protocol's
        """LSGAN: real towards one, fake towards zero; audio (B, 1, N)."""
        total = LSGAN.discriminator(self._scores(fake), self._scores(real))
        return Losses(total, {"discriminator": total})

    def _scores(self, audio: Tensor) -> list[Tensor]:
        return [judgement.score for judgement in self.discriminator(audio)]

    def _adversarial(self, fake: Tensor) -> Tensor:
        parameters = list(self.discriminator.parameters())
        for parameter in parameters:
            parameter.requires_grad_(False)
        loss = LSGAN.generator(self._scores(fake))
        for parameter in parameters:
            parameter.requires_grad_(True)
        return loss

    def collate(self, items: Sequence[SpeechExample], rng: torch.Generator) -> Batch:
        """FastSpeech 2's batch, with the audio of one random slice a sentence, (B, 1, segment * hop)."""
        gains = draw_gains(len(items), self.config.acoustic.gain_augmentation_db, rng)
        frames, hop = self.config.segment_frames, self.config.acoustic.spec.hop_samples
        starts = [_draw_start(item.mel.shape[1] - frames, rng) for item in items]
        pieces = [
            _cut(item.audio, start * hop, frames * hop) * gain
            for item, start, gain in zip(items, starts, gains, strict=True)
        ]
        batch = collate(items, gains, self.config.acoustic)
        return batch | {"slice_starts": torch.tensor(starts), "audio": torch.stack(pieces)[:, None]}

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        """Without the mel decoder and the discriminator, which only train."""
        aids = ("discriminator.", "acoustic.decoder.", "acoustic.to_mel.", "acoustic.postnet.")
        state = {name: value for name, value in self.state_dict().items() if not name.startswith(aids)}
        return "fastspeech2s", self.config.model_dump(mode="json"), state


def slices(hidden: Tensor, starts: Tensor, frames: int) -> Tensor:
    """One slice a row, zero past its end: (B, T, D), (B,) -> (B, frames, D)."""
    index = starts[:, None] + torch.arange(frames, device=hidden.device)
    inside = index < hidden.shape[1]
    index = index.clamp(max=hidden.shape[1] - 1)
    cut = hidden.gather(1, index[:, :, None].expand(-1, -1, hidden.shape[2]))
    return cut * inside[:, :, None]


def _draw_start(room: int, rng: torch.Generator) -> int:
    return int(torch.randint(max(room, 0) + 1, (), generator=rng))


def _cut(audio: Tensor, start: int, length: int) -> Tensor:
    piece = audio[start : start + length]
    return torch.nn.functional.pad(piece, (0, length - len(piece)))
