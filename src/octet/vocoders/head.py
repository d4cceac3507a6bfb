"""The last layer of a frame-rate network: features to magnitude and phase to audio (Vocos, arXiv 2306.00814, 3.4).

Legend: B batch, T frames, C channels, F = window / 2 + 1 frequencies.
"""

from __future__ import annotations

from typing import Annotated

import torch
from pydantic import AfterValidator
from torch import nn

from octet.audio.spectrogram import MelSpec
from octet.core.errors import InvalidInput
from octet.vocoders.istft import istft

MAX_MAGNITUDE = 1e2  # of one STFT bin; keeps an untrained network from overflowing


def _invertible(spec: MelSpec) -> MelSpec:
    if spec.window_samples % 2 or spec.window_samples < 2 * spec.hop_samples:
        raise InvalidInput(
            f"an inverse STFT needs an even window of at least two hops; given a window of {spec.window_samples} and "
            f"a hop of {spec.hop_samples} samples"
        )
    return spec


InvertibleSpec = Annotated[MelSpec, AfterValidator(_invertible)]


class ISTFTHead(nn.Module):
    """A linear layer to log magnitude and phase, then the inverse STFT aligned as `spec` aligns its frames.

    The transform has the length of the spectrogram's window.
    """

    window: torch.Tensor

    def __init__(self, channels: int, spec: MelSpec) -> None:
        super().__init__()
        self.hop_samples = spec.hop_samples
        self.centred = spec.padding == "center"
        self.out = nn.Linear(channels, spec.window_samples + 2)
        self.register_buffer("window", torch.hann_window(spec.window_samples), persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, T, C) -> (B, 1, T * hop)."""
        with torch.autocast(x.device.type, enabled=False):  # a phase of eight bits is noise
            log_magnitude, phase = self.out(x.to(self.out.weight.dtype)).chunk(2, dim=-1)
        magnitude = log_magnitude.exp().clamp(max=MAX_MAGNITUDE)
        spectrum = torch.complex(magnitude * phase.cos(), magnitude * phase.sin())  # (B, T, F)
        return istft(spectrum.transpose(1, 2), self.window, self.hop_samples, centred=self.centred)[:, None]
