"""Discriminators: networks that tell recorded from generated waveforms during training, and are then thrown away.

Multi-period and multi-scale: HiFi-GAN (arXiv 2010.05646), sections 2.3.1 and 2.3.2. Multi-resolution: spectrogram
magnitudes as in UnivNet (arXiv 2106.07889), section 2.2, with the strides in time and frequency of Vocos
(arXiv 2306.00814), which make it light. Parallel WaveGAN's (arXiv 1910.11480), section 2.1, is FastSpeech 2s's too.

Every discriminator maps audio (B, 1, N) to `Judgement`s, one a sub-discriminator, and is weight-normalised.

Departures: magnitudes are taken with a Hann window (Vocos's public code had a rectangular one).

Legend: B batch, C channels, N samples, F frequencies, T frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from octet.vocoders.losses import Resolution, stft_magnitude

SLOPE = 0.1  # of the leaky ReLU, HiFi-GAN's
PARALLEL_WAVEGAN_SLOPE = 0.2


class Judgement(NamedTuple):
    """What one sub-discriminator says: scores of any shape, and the activations of its layers."""

    score: torch.Tensor
    features: list[torch.Tensor]


def _judge(x: torch.Tensor, convs: Iterable[nn.Module], post: nn.Module) -> Judgement:
    features = []
    for conv in convs:
        x = F.leaky_relu(conv(x), SLOPE)
        features.append(x)
    score = post(x)
    return Judgement(score.flatten(1), [*features, score])


class PeriodDiscriminator(nn.Module):
    """Sees every `period`-th sample as a column, so that it judges periodic structure (section 2.3.1)."""

    def __init__(self, period: int, channels: Sequence[int] = (32, 128, 512, 1024, 1024)) -> None:
        super().__init__()
        self.period = period
        strides = [3] * (len(channels) - 1) + [1]
        pairs = zip([1, *channels[:-1]], channels, strides, strict=True)
        self.convs = nn.ModuleList(
            weight_norm(nn.Conv2d(i, o, (5, 1), (stride, 1), padding=(2, 0))) for i, o, stride in pairs
        )
        self.post = weight_norm(nn.Conv2d(channels[-1], 1, (3, 1), padding=(1, 0)))

    def forward(self, audio: torch.Tensor) -> Judgement:
        audio = F.pad(audio, (0, -audio.shape[-1] % self.period), "reflect")
        return _judge(audio.reshape(*audio.shape[:2], -1, self.period), self.convs, self.post)


class ScaleDiscriminator(nn.Module):
    """Grouped strided convolutions over the waveform (section 2.3.2); the finest scale is spectrally normalised."""

    # channels in, out, kernel, stride, groups
    LAYERS = (
        (1, 128, 15, 1, 1),
        (128, 128, 41, 2, 4),
        (128, 256, 41, 2, 16),
        (256, 512, 41, 4, 16),
        (512, 1024, 41, 4, 16),
        (1024, 1024, 41, 1, 16),
        (1024, 1024, 5, 1, 1),
    )

    def __init__(self, *, spectral: bool) -> None:
        super().__init__()
        norm = spectral_norm if spectral else weight_norm
        self.convs = nn.ModuleList(
            norm(nn.Conv1d(i, o, kernel, stride, padding=kernel // 2, groups=groups))
            for i, o, kernel, stride, groups in self.LAYERS
        )
        self.post = norm(nn.Conv1d(1024, 1, 3, padding=1))

    def forward(self, audio: torch.Tensor) -> Judgement:
        return _judge(audio, self.convs, self.post)


class ResolutionDiscriminator(nn.Module):
    """Two-dimensional convolutions over the STFT magnitude at one resolution."""

    # kernel and stride in frequency and time
    LAYERS = (((7, 5), (2, 2)), ((5, 3), (2, 1)), ((5, 3), (2, 2)), ((3, 3), (2, 1)), ((3, 3), (2, 2)))

    def __init__(self, resolution: Resolution, channels: int = 64) -> None:
        super().__init__()
        self.resolution = resolution
        widths = [1] + [channels] * len(self.LAYERS)
        self.convs = nn.ModuleList(
            weight_norm(nn.Conv2d(i, channels, kernel, stride, padding=(kernel[0] // 2, kernel[1] // 2)))
            for i, (kernel, stride) in zip(widths, self.LAYERS, strict=False)
        )
        self.post = weight_norm(nn.Conv2d(channels, 1, 3, padding=1))

    def forward(self, audio: torch.Tensor) -> Judgement:
        # few channels over many frequencies: with channels innermost a CPU takes half the time
        magnitude = stft_magnitude(audio, self.resolution).contiguous(memory_format=torch.channels_last)
        return _judge(magnitude, self.convs, self.post)


class MultiPeriodDiscriminator(nn.Module):
    """Periods 2, 3, 5, 7 and 11: primes, so that they overlap least."""

    def __init__(self, periods: Sequence[int] = (2, 3, 5, 7, 11)) -> None:
        super().__init__()
        self.parts = nn.ModuleList(PeriodDiscriminator(period) for period in periods)

    def forward(self, audio: torch.Tensor) -> list[Judgement]:
        return [part(audio) for part in self.parts]


class MultiScaleDiscriminator(nn.Module):
    """The waveform itself, and averaged to half and to a quarter of its rate."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList(ScaleDiscriminator(spectral=scale == 0) for scale in range(3))

    def forward(self, audio: torch.Tensor) -> list[Judgement]:
        judgements = []
        for scale, part in enumerate(self.parts):
            audio = F.avg_pool1d(audio, 4, 2, padding=2) if scale else audio
            judgements.append(part(audio))
        return judgements


VOCOS_RESOLUTIONS = (Resolution(1024, 256, 1024), Resolution(2048, 512, 2048), Resolution(512, 128, 512))


class MultiResolutionDiscriminator(nn.Module):
    """Magnitudes at several resolutions; 64 channels are Vocos's, 16 can be trained on a CPU."""

    def __init__(self, channels: int = 64, resolutions: Sequence[Resolution] = VOCOS_RESOLUTIONS) -> None:
        super().__init__()
        self.parts = nn.ModuleList(ResolutionDiscriminator(resolution, channels) for resolution in resolutions)

    def forward(self, audio: torch.Tensor) -> list[Judgement]:
        return [part(audio) for part in self.parts]


class ParallelWaveGANDiscriminator(nn.Module):
    """Ten non-causal convolutions of kernel 3 whose dilation grows linearly, 64 channels, a score for every sample.

    It has no feature matching loss, so its one `Judgement` has no features; its score is (B, N).
    """

    def __init__(self, layers: int = 10, channels: int = 64) -> None:
        super().__init__()
        dilations = [1, *range(1, layers - 1)]
        self.convs = nn.ModuleList(
            weight_norm(nn.Conv1d(channels if index else 1, channels, 3, padding=dilation, dilation=dilation))
            for index, dilation in enumerate(dilations)
        )
        self.post = weight_norm(nn.Conv1d(channels, 1, 3, padding=1))

    def forward(self, audio: torch.Tensor) -> list[Judgement]:
        for conv in self.convs:
            audio = F.leaky_relu(conv(audio), PARALLEL_WAVEGAN_SLOPE)
        return [Judgement(self.post(audio).flatten(1), [])]
