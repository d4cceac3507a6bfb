"""The bundled codec: one network step a frame, for a CPU cannot train a waveform network.

    audio -> log magnitudes of short and long windows -> ConvNeXt -> residual quantiser -> codes
    codes -> code vectors, summed -> ConvNeXt -> steady tones -------------------------------------------v
                                         `-> sub-frames -> ConvNeXt -> phase, magnitude -> ISTFT -> sum -> audio

It keeps the contract of EnCodec (arXiv 2210.13438) and its quantiser, and has the body and head of Vocos
(arXiv 2306.00814). The encoder hears a linear spectrum, of windows short enough for onsets and long enough to tell
neighbouring notes apart, for 80 mel bins had destroyed harmony. It hears no phase, which the decoder makes up.

Departures from EnCodec: all of the above; neither causal nor able to stream.

Legend: B batch, N samples, D latent dimension, T frames, F frequencies, R sub-frames of a frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Literal, Self

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import nn

from octet.audio.spectrogram import MelSpec
from octet.codecs.contract import require_audio
from octet.codecs.quantizer import ResidualQuantizer
from octet.core.errors import InvalidInput
from octet.nn.convnext import KERNEL_FRAMES, ConvNeXtBlock, initialise
from octet.vocoders.head import MAX_MAGNITUDE, ISTFTHead
from octet.vocoders.istft import istft

LEAST_MAGNITUDE = 1e-4  # of a tone's amplitude of 1/2, below which a frequency is silent
GAIN = 4.0  # of the head, which limits magnitudes to what a tone of amplitude 0.4 has in a window of 1024

Window = Annotated[int, Field(ge=2, le=16_384)]
Layers = Annotated[int, Field(ge=1, le=100)]


class SpectralConfig(BaseModel):
    """The shape of a codec; defaults are the bundled model's: 16 kHz, 50 frames a second, 2 kbit/s.

    Raises:
        InvalidInput: windows shorter than a hop, or a synthesis that cannot be inverted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["spectral-codec"] = "spectral-codec"
    sample_rate_hz: int = Field(default=16_000, ge=1, le=768_000)
    hop_samples: int = Field(default=320, ge=2, le=8192)
    windows: tuple[Window, ...] = Field(default=(512, 2048), min_length=1, max_length=4)  # that the encoder hears
    synthesis_window: Window = 1024
    tone_window: Window | None = 2048  # None: no steady tones
    subframes: int = Field(default=2, ge=1, le=16)
    channels: int = Field(default=192, ge=1, le=4096)
    hidden_channels: int = Field(default=576, ge=1, le=16_384)
    encoder_layers: Layers = 4
    decoder_layers: Layers = 6
    synthesis_layers: Layers = 2  # at the rate of sub-frames
    dimension: int = Field(default=64, ge=1, le=4096)
    codebooks: int = Field(default=4, ge=1, le=128)
    codebook_size: int = Field(default=1024, ge=2, le=65_536)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        inner = self.hop_samples // self.subframes
        checks = {
            "windows of at least a hop": min(self.windows) >= self.hop_samples,
            "sub-frames that divide the hop into even numbers of samples": self.hop_samples == inner * self.subframes
            and inner % 2 == 0,
            "an even synthesis window of at least two sub-frames": self.synthesis_window % 2 == 0
            and self.synthesis_window >= 2 * inner,
            "an even tone window of at least two hops, if any": self.tone_window is None
            or (self.tone_window % 2 == 0 and self.tone_window >= 2 * self.hop_samples and self.hop_samples % 2 == 0),
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise InvalidInput(f"a spectral codec needs {' and '.join(broken)}; given {self!r}")
        return self

    @property
    def synthesis(self) -> MelSpec:
        """How the sub-frames that become sound are aligned; its mel bins are of no meaning here."""
        return MelSpec(
            sample_rate_hz=self.sample_rate_hz,
            fft_samples=self.synthesis_window,
            window_samples=self.synthesis_window,
            hop_samples=self.hop_samples // self.subframes,
            mel_bins=1,
            low_hz=0,
            high_hz=self.sample_rate_hz / 2,
        )


class SpectralEncoder(nn.Module):
    """Waveform to latents."""

    def __init__(self, config: SpectralConfig) -> None:
        super().__init__()
        self.hop_samples, self.windows = config.hop_samples, config.windows
        self.embed = nn.Conv1d(sum(window // 2 + 1 for window in config.windows), config.channels, 1)
        self.norm = nn.LayerNorm(config.channels, eps=1e-6)
        self.blocks = _blocks(config, config.encoder_layers)
        self.final_norm = nn.LayerNorm(config.channels, eps=1e-6)
        self.out = nn.Linear(config.channels, config.dimension)

    def forward(self, audio: torch.Tensor) -> torch.Tensor:
        """Audio (B, 1, N) -> latents (B, D, ceil(N / hop))."""
        whole = F.pad(audio[:, 0], (0, -audio.shape[-1] % self.hop_samples))
        heard = torch.cat([_log_magnitude(whole, window, self.hop_samples) for window in self.windows], dim=1)
        x = self.norm(self.embed(heard).transpose(1, 2)).transpose(1, 2)
        latent: torch.Tensor = self.out(self.final_norm(_through(self.blocks, x).transpose(1, 2)))
        return latent.transpose(1, 2)


class SpectralDecoder(nn.Module):
    """Latents to waveform."""

    def __init__(self, config: SpectralConfig) -> None:
        super().__init__()
        channels, self.subframes = config.channels, config.subframes
        self.embed = nn.Conv1d(config.dimension, channels, KERNEL_FRAMES, padding=KERNEL_FRAMES // 2)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.blocks = _blocks(config, config.decoder_layers)
        self.split = nn.Linear(channels, channels * config.subframes)
        self.synthesis_blocks = _blocks(config, config.synthesis_layers)
        self.final_norm = nn.LayerNorm(channels, eps=1e-6)
        self.head = ISTFTHead(channels, config.synthesis)
        if config.tone_window is not None:
            self.tones = ToneHead(channels, config.tone_window, config.hop_samples)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        """Latents (B, D, T) -> audio (B, 1, T * hop)."""
        x = self.norm(self.embed(latent).transpose(1, 2)).transpose(1, 2)
        frames = _through(self.blocks, x).transpose(1, 2)
        split = self.split(frames).unflatten(2, (self.subframes, -1)).flatten(1, 2)  # (B, T * R, C)
        x = _through(self.synthesis_blocks, split.transpose(1, 2)).transpose(1, 2)
        audio: torch.Tensor = self.head(self.final_norm(x))
        return GAIN * (audio + self.tones(frames) if hasattr(self, "tones") else audio)


class ToneHead(nn.Module):
    """Steady tones: sinusoids of the transform's own frequencies, with a magnitude and a phase for each frame.

    Phases are relative to a sinusoid that has run since the first frame. Relative to the frame, as in an `ISTFTHead`,
    frames that are all alike sound alike, so that only multiples of the frame rate could be held.
    """

    window: torch.Tensor

    def __init__(self, channels: int, window_samples: int, hop_samples: int) -> None:
        super().__init__()
        self.hop_samples = hop_samples
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.out = nn.Linear(channels, window_samples + 2)
        self.register_buffer("window", torch.hann_window(window_samples), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, C) -> (B, 1, T * hop)."""
        log_magnitude, phase = self.out(self.norm(x)).float().chunk(2, dim=-1)
        angle = phase + self._clock(x.shape[1], x.device)
        magnitude = log_magnitude.exp().clamp(max=MAX_MAGNITUDE)
        spectrum = torch.complex(magnitude * angle.cos(), magnitude * angle.sin())
        return istft(spectrum.transpose(1, 2), self.window, self.hop_samples, centred=False)[:, None]

    def _clock(self, frames: int, device: torch.device) -> torch.Tensor:
        """How far each frequency's sinusoid has run by each frame: (T, F) radians, exact for any length."""
        size = len(self.window)
        steps = (torch.arange(frames, device=device) * self.hop_samples % size)[:, None]
        turns = steps * torch.arange(size // 2 + 1, device=device) % size
        return turns * (2 * math.pi / size)


class SpectralCodec(nn.Module):
    """A `Codec` (octet.codecs.contract)."""

    def __init__(self, config: SpectralConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = SpectralEncoder(config)
        self.quantizer = ResidualQuantizer(config.dimension, config.codebooks, config.codebook_size)
        self.decoder = SpectralDecoder(config)
        self.apply(initialise)

    @property
    def sample_rate_hz(self) -> int:
        return self.config.sample_rate_hz

    @property
    def frame_rate_hz(self) -> float:
        return self.config.sample_rate_hz / self.config.hop_samples

    @property
    def channels(self) -> int:
        return 1

    @property
    def codebooks(self) -> int:
        return self.config.codebooks

    @property
    def codebook_size(self) -> int:
        return self.config.codebook_size

    @torch.no_grad()
    def encode(self, audio: torch.Tensor, codebooks: int | None = None) -> torch.Tensor:
        """Audio (B, 1, N) -> codes (B, K, T); see `Codec.encode`."""
        require_audio(audio, self.channels)
        return self.quantizer.encode(self.encoder(audio), codebooks)

    @torch.no_grad()
    def decode(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes (B, K, T) -> audio (B, 1, T * hop); see `Codec.decode`."""
        audio: torch.Tensor = self.decoder(self.quantizer.decode(codes))
        return audio

    def through(self, audio: torch.Tensor, quantise: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """All the way with gradients, for training: (B, 1, N) -> (B, 1, N), `quantise` standing between the halves."""
        decoded: torch.Tensor = self.decoder(quantise(self.encoder(audio)))
        return decoded[..., : audio.shape[-1]]


def _blocks(config: SpectralConfig, layers: int) -> nn.ModuleList:
    return nn.ModuleList(
        ConvNeXtBlock(config.channels, config.hidden_channels, layer_scale=1 / layers) for _ in range(layers)
    )


def _through(blocks: nn.ModuleList, x: torch.Tensor) -> torch.Tensor:
    for block in blocks:
        x = block(x)
    return x


def _log_magnitude(audio: torch.Tensor, window_samples: int, hop_samples: int) -> torch.Tensor:
    """(B, T * hop) -> (B, F, T), 0 where silent: frame t is centred on its own hop; silence surrounds the sound."""
    before = (window_samples - hop_samples) // 2
    window = torch.hann_window(window_samples, device=audio.device)
    spectrum = torch.stft(
        F.pad(audio.float(), (before, window_samples - hop_samples - before)),
        n_fft=window_samples,
        hop_length=hop_samples,
        window=window / window.sum(),  # a tone has the same magnitude in all
        center=False,
        return_complex=True,
    )
    power = spectrum.real.square() + spectrum.imag.square()
    return 0.5 * (power / LEAST_MAGNITUDE**2).clamp(min=1.0).log()
