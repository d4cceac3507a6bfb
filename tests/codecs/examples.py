"""Small codecs and signals for the tests of this folder. Legend: B batch, C channels, N samples."""

import math

import torch

from octet.audio.spectrogram import MelSpec
from octet.codecs.encodec import Encodec, EncodecConfig
from octet.codecs.seanet import SEANetConfig
from octet.codecs.spectral import SpectralConfig
from octet.core.training import SoundExample

HOP = 40  # of the small codecs


def small_seanet(**changes: object) -> SEANetConfig:
    return SEANetConfig(**({"filters": 4, "dimension": 8, "ratios": (5, 4, 2)} | changes))


def small_encodec(seanet: SEANetConfig | None = None, **changes: object) -> EncodecConfig:
    shape = {"sample_rate_hz": 4000, "codebooks": 6, "codebook_size": 16, "seanet": seanet or small_seanet()}
    return EncodecConfig(**(shape | changes))


STEREO = {"channels": 2, "normalised": True, "chunk_samples": 400, "chunk_stride_samples": 396}
SHAPES = {
    "24 kHz": small_encodec(),
    "32 kHz": small_encodec(small_seanet(causal=False, conv_shortcut=False)),
    "48 kHz": small_encodec(small_seanet(causal=False, norm="group"), **STEREO),
    "SoundStream": small_encodec(
        small_seanet(
            residual_layers=3,
            residual_kernel=7,
            dilation_growth=3,
            compress=1,
            encoder_last_kernel=3,
            lstm_layers=0,
            padding="constant",
            conv_shortcut=False,
        )
    ),
}


def made(config: EncodecConfig) -> Encodec:
    torch.manual_seed(0)
    return Encodec(config).eval()


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return 0.3 * torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def tones(samples: int, rate_hz: int, *f0s_hz: float) -> torch.Tensor:
    """Harmonic tones, one a row, that glide and swell: (B, 1, N)."""
    time = torch.arange(samples) / rate_hz
    swell = 0.5 + 0.5 * torch.sin(2 * math.pi * 3 * time)
    rows = []
    for f0_hz in f0s_hz:
        phase = 2 * math.pi * f0_hz * (time + 0.2 * time**2)
        rows.append(swell * torch.stack([math.exp(-k / 4) * torch.sin(k * phase) for k in range(1, 8)]).sum(dim=0))
    return 0.15 * torch.stack(rows)[:, None]


SPECTRAL = SpectralConfig(
    sample_rate_hz=4000,
    hop_samples=80,
    frames_per_code=1,
    window_samples=256,
    channels=16,
    hidden_channels=32,
    encoder_layers=1,
    decoder_layers=1,
    dimension=8,
    codebooks=4,
    codebook_size=16,
)
FEATURES = MelSpec(
    sample_rate_hz=4000, fft_samples=256, window_samples=256, hop_samples=80, mel_bins=10, low_hz=0, high_hz=2000
)


def example(samples: int, f0_hz: float = 140.0) -> SoundExample:
    """One recording as a corpus gives it."""
    return SoundExample(f"{f0_hz}", tones(samples, 4000, f0_hz)[0, 0])
