"""The models in the public DiffSinger weights (MoonInTheRiver's), as they were trained.

    phones [notes] -> encoder -> durations -> length regulator -> + pitch -> decoder -> blurry mel -> shallow diffusion

One line at a time. Version PopCS is given durations and F0 (and could predict them), MIDI-A predicts both, MIDI-B
leaves pitch to diffusion and an extractor (published_parts.py), DiffSpeech has FastSpeech 2's pitch spectrogram.

P phones, T frames, M mel bins, D width.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from octet.families.acoustic.length import regulate
from octet.families.diffusion.course import course, falling_steps
from octet.families.diffusion.denoisers import WaveNetConfig, WaveNetDenoiser
from octet.families.diffusion.samplers import SAMPLERS, Denoiser
from octet.families.diffusion.schedule import NoiseSchedule
from octet.systems.diffsinger.config import SamplerName
from octet.systems.diffsinger.published_parts import (
    F0_ROWS,
    ConvolutionPredictor,
    PreNormBlock,
    PreNormStack,
    f0_rows,
    falling_sinusoids,
    half_sinusoids,
)

SCALES = 10
_DEVIATION_SCALE = 0.8  # of the predicted deviation of ln F0 (cwt_std_scale)
_BREATHING_FRAMES = 0.5  # that the first phone is longer, before rounding


@dataclass(frozen=True)
class Shape:
    """Sizes, read off the tensors, and the few settings that no tensor shows."""

    symbols: int
    width: int
    heads: int
    inner_width: int
    kernel: int
    encoder_layers: int
    decoder_layers: int
    mel_bins: int
    duration: tuple[int, int, int]  # layers, channels, kernel
    pitch: Literal["regressed", "cwt", "none"]
    pitch_predictor: tuple[int, int, int] | None
    cwt_width: int
    notes: bool
    relative_positions: bool
    denoiser: WaveNetConfig
    depth: int
    from_noise: bool
    sampler: SamplerName
    sampler_steps: int


class Notes(NamedTuple):
    """Of each phone (P,): its note as a MIDI number (0 for rests), the note's seconds, 1 where it is a slur."""

    pitches: Tensor
    seconds: Tensor
    slurs: Tensor


@dataclass(frozen=True)
class Decided:
    """Durations (1, P), F0 (1, T) with 0 where unvoiced (None in MIDI-B), condition (1, D, T), blurry mel (1, M, T)."""

    durations: Tensor
    f0_hz: Tensor | None
    condition: Tensor
    blurry: Tensor


class PublishedDiffSinger(nn.Module):
    """Phones, and notes where the version knows them, in; mel out."""

    schedule: NoiseSchedule

    def __init__(self, shape: Shape, alphas_cumprod: Tensor, low: Tensor, high: Tensor) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.symbols = nn.Embedding(shape.symbols, width)
        if shape.notes:
            self.note_pitches = nn.Embedding(F0_ROWS, width)
            self.note_seconds = nn.Linear(1, width)
            self.slurs = nn.Embedding(2, width)
        self.encoder = _stack(shape, shape.encoder_layers, decodes=False)
        self.decoder = _stack(shape, shape.decoder_layers, decodes=True)
        self.to_mel = nn.Linear(width, shape.mel_bins)
        self.duration = _predictor(width, shape.duration, 1, positions=False)
        if shape.pitch != "none":
            self.pitch_embedding = nn.Embedding(F0_ROWS, width)
        if shape.pitch == "cwt" and shape.pitch_predictor:
            self.pitch_enter = nn.Linear(width, shape.cwt_width)
            self.pitch = _predictor(shape.cwt_width, shape.pitch_predictor, SCALES + 1, positions=True)
            sizes = (width, shape.cwt_width, shape.cwt_width, 2)
            self.pitch_moments = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        elif shape.pitch_predictor:
            self.pitch = _predictor(width, shape.pitch_predictor, 2, positions=True)
        self.denoiser = WaveNetDenoiser(shape.denoiser, shape.mel_bins, width)
        self.schedule = NoiseSchedule(alphas_cumprod.double())
        self.register_buffer("low", low.reshape(-1, 1), persistent=False)
        self.register_buffer("high", high.reshape(-1, 1), persistent=False)

    @torch.inference_mode()
    def prepare(
        self,
        symbols: Tensor,
        notes: Notes | None,
        vowels: Tensor,
        frame_rate_hz: float,
        durations: Tensor | None = None,
        f0_hz: Tensor | None = None,
    ) -> Decided:
        """All before diffusion, of symbols (P,); `vowels` (P,) marks the phones that fill their notes.

        Durations (P,) in frames and F0 (T,), 0 where unvoiced, are predicted where they are not given.
        """
        encoded = self.encoder(self._embedded(symbols[None], notes))
        if durations is None:
            predicted = self.duration(encoded)[0, :, 0].exp() - 1
            durations = predicted.round().clamp(min=0).long()
            if notes is not None:
                durations = fill_notes(predicted, notes.seconds * frame_rate_hz, vowels)
        frames = regulate(encoded, durations[None])
        pitch = self._f0(encoded, frames) if f0_hz is None else f0_hz[None]
        condition = frames
        if self.shape.pitch != "none":
            condition = frames + self.pitch_embedding(f0_rows(pitch))
        blurry = self.to_mel(self.decoder(condition)).mT
        return Decided(durations[None], None if self.shape.pitch == "none" else pitch, condition.mT, blurry)

    @torch.inference_mode()
    def sample(
        self, decided: Decided, rng: torch.Generator, sampler: SamplerName | None = None, steps: int | None = None
    ) -> Iterator[Tensor]:
        """Mels (1, M, T), one after each step of the sampler."""
        shape, span = self.shape, self.high - self.low
        count = min(steps or shape.sampler_steps, shape.depth)
        name = sampler or shape.sampler
        points = course(self.schedule, falling_steps(shape.depth, count, "leading" if name == "pndm" else "trailing"))
        noise = torch.randn(decided.blurry.shape, generator=rng)
        start = points[0].signal * ((decided.blurry - self.low) / span * 2 - 1) + points[0].noise * noise
        shares = self.denoiser.shares(decided.condition)
        denoiser = Denoiser(lambda x, moments: self.denoiser.denoise(x, moments, shares), limit=1.0)
        for x in SAMPLERS[name](denoiser, noise if shape.from_noise else start, points, rng):
            yield (x + 1) / 2 * span + self.low

    def _embedded(self, symbols: Tensor, notes: Notes | None) -> Tensor:
        x = self.symbols(symbols) * self.shape.width**0.5
        if notes is not None:
            x = x + self.note_pitches(notes.pitches[None])
            x = x + self.note_seconds(notes.seconds[None, :, None]) + self.slurs(notes.slurs[None])
        if self.shape.relative_positions:
            return x * self.shape.width**0.5 + falling_sinusoids(x.shape[1], x.shape[2]).to(x)
        return x + half_sinusoids(x.shape[1], x.shape[2]).to(x)

    def _f0(self, encoded: Tensor, frames: Tensor) -> Tensor:
        """F0 (1, T) of what was encoded (1, P, D) and its frames (1, T, D), 0 where unvoiced."""
        if self.shape.pitch == "none":
            return frames[:, :, 0] * 0
        if self.shape.pitch == "regressed":
            log_f0, unvoiced = self.pitch(frames).unbind(2)
            return 2**log_f0 * (unvoiced <= 0)
        spectrogram = self.pitch(self.pitch_enter(frames))
        mean, deviation = self._moments(encoded[:, 0])
        weights = (torch.arange(SCALES) + 3.5) ** -2.5
        contour = (spectrogram[:, :, :SCALES] * weights).sum(2)
        contour = (contour - contour.mean(1, keepdim=True)) / contour.std(1, keepdim=True)
        f0_hz = (contour * deviation[:, None] * _DEVIATION_SCALE + mean[:, None]).exp()
        return f0_hz * (spectrogram[:, :, SCALES] <= 0)

    def _moments(self, x: Tensor) -> tuple[Tensor, Tensor]:
        for number, layer in enumerate(self.pitch_moments):
            x = layer(x.relu() if number else x)
        return x[:, 0], x[:, 1]


def fill_notes(predicted: Tensor, note_frames: Tensor, vowels: Tensor) -> Tensor:
    """Frames of phones (P,): a vowel, or pause, takes what its note has left beside the consonant that follows it.

    Where nothing is left, the consonant takes the note. Then all are rounded cumulatively.
    """
    frames = predicted.clone()
    for place in range(len(frames)):
        if not vowels[place]:
            continue
        if place + 1 < len(frames) and not vowels[place + 1]:
            rest = note_frames[place] - frames[place + 1]
            if rest < 0:
                frames[place + 1] = note_frames[place]
            frames[place] = rest.clamp(min=0)
        else:
            frames[place] = note_frames[place]
    frames[0] += _BREATHING_FRAMES
    ends = torch.cat([frames.new_zeros(1), frames.cumsum(0).round()])
    return ends.diff().clamp(min=0).long()


def _stack(shape: Shape, layers: int, *, decodes: bool) -> PreNormStack:
    blocks = [PreNormBlock(shape.width, shape.heads, shape.inner_width, shape.kernel) for _ in range(layers)]
    return PreNormStack(blocks, shape.width, decodes=decodes)


def _predictor(width: int, sizes: tuple[int, int, int], outputs: int, *, positions: bool) -> ConvolutionPredictor:
    layers, channels, kernel = sizes
    return ConvolutionPredictor([width, *[channels] * layers], kernel, outputs, positions=positions)
