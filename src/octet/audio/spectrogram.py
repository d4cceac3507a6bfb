"""Mel spectrograms: one description, `MelSpec`, that every acoustic model and every vocoder carries.

Two systems that write "80 mel bins" seldom mean the same numbers: scale, area normalisation, log base, floor and
padding differ, and a mismatch is heard as noise, never reported. So the whole definition is one value, and
`require_same` compares two of them.

Mel scales: HTK is 2595 log10(1 + f / 700) (O'Shaughnessy 1987); Slaney is linear below 1 kHz and logarithmic above
(Auditory Toolbox, 1998). Energy: FastSpeech 2 (arXiv 2006.04558), section 2.3.

Legend: N samples, T frames, F = fft / 2 + 1 frequencies, M mel bins; `...` any leading dimensions.
"""

from __future__ import annotations

import functools
import math
from typing import Literal, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, model_validator

from octet.core.errors import InvalidInput

Floats = NDArray[np.float64]

# Many times what any model has, and far from what exhausts a machine.
MOST_SAMPLE_RATE_HZ, MOST_FFT_SAMPLES, MOST_MEL_BINS = 768_000, 65_536, 1024


class MelSpec(BaseModel):
    """Everything that decides the numbers in a log-mel spectrogram.

    `padding="hop"` reflects (fft - hop) / 2 samples at each side, so that frame t is centred on sample (t + 0.5) * hop
    and N samples give exactly N // hop frames (HiFi-GAN). `"center"` reflects fft / 2, so that frame t is centred on
    sample t * hop and there are N // hop + 1 of them (librosa, torchaudio).

    >>> tiny().frames(16000), tiny().frame_rate_hz
    (80, 80.0)

    Raises:
        InvalidInput: the fields contradict each other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    sample_rate_hz: int
    fft_samples: int
    window_samples: int
    hop_samples: int
    mel_bins: int
    low_hz: float
    high_hz: float
    scale: Literal["slaney", "htk"] = "slaney"
    normalization: Literal["slaney", "none"] = "slaney"
    power: Literal[1, 2] = 1
    log: Literal["ln", "log10"] = "ln"
    floor: float = 1e-5
    padding: Literal["hop", "center"] = "hop"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        nyquist = self.sample_rate_hz / 2
        checks = {
            f"0 <= low_hz < high_hz <= {nyquist:g}, half the sample rate": 0 <= self.low_hz < self.high_hz <= nyquist,
            "0 < hop_samples <= window_samples <= fft_samples": 0
            < self.hop_samples
            <= self.window_samples
            <= self.fft_samples,
            f"a sample rate of at most {MOST_SAMPLE_RATE_HZ} Hz": self.sample_rate_hz <= MOST_SAMPLE_RATE_HZ,
            f"at most {MOST_FFT_SAMPLES} fft_samples": self.fft_samples <= MOST_FFT_SAMPLES,
            f"1 to {MOST_MEL_BINS} mel bins": 1 <= self.mel_bins <= MOST_MEL_BINS,
            "an even fft_samples": self.fft_samples % 2 == 0,
            "an even hop_samples where padding is 'hop'": self.padding == "center" or self.hop_samples % 2 == 0,
            "a finite floor above 0": 0 < self.floor < math.inf,
        }
        broken = [rule for rule, holds in checks.items() if not holds]
        if broken:
            raise InvalidInput(f"a MelSpec needs {' and '.join(broken)}; given {self!r}")
        return self

    @property
    def frame_rate_hz(self) -> float:
        """Frames a second."""
        return self.sample_rate_hz / self.hop_samples

    def frames(self, samples: int) -> int:
        """Number of frames that `samples` samples give."""
        return samples // self.hop_samples + (self.padding == "center")


def tiny() -> MelSpec:
    """Of the bundled models: 16 kHz, 80 frames a second."""
    return MelSpec(
        sample_rate_hz=16000,
        fft_samples=1024,
        window_samples=800,
        hop_samples=200,
        mel_bins=80,
        low_hz=0,
        high_hz=8000,
    )


def ljspeech() -> MelSpec:
    """Of HiFi-GAN (jik876) and of ming024's FastSpeech 2, which are used together.

    The latter was trained on frames centred half a hop earlier; at synthesis this is a delay of 6 ms and no other
    difference.
    """
    return MelSpec(
        sample_rate_hz=22050,
        fft_samples=1024,
        window_samples=1024,
        hop_samples=256,
        mel_bins=80,
        low_hz=0,
        high_hz=8000,
    )


def espnet() -> MelSpec:
    """Of ESPnet's text to speech at 22.05 kHz, which transformers' FastSpeech2Conformer took over.

    ESPnet also lifts STFT magnitudes to 1e-5, which only digital silence shows.
    """
    return MelSpec(
        sample_rate_hz=22050,
        fft_samples=1024,
        window_samples=1024,
        hop_samples=256,
        mel_bins=80,
        low_hz=80,
        high_hz=7600,
        log="log10",
        floor=1e-10,
        padding="center",
    )


def vocos_24khz() -> MelSpec:
    """Of `charactr/vocos-mel-24khz`."""
    return MelSpec(
        sample_rate_hz=24000,
        fft_samples=1024,
        window_samples=1024,
        hop_samples=256,
        mel_bins=100,
        low_hz=0,
        high_hz=12000,
        scale="htk",
        normalization="none",
        floor=1e-7,
        padding="center",
    )


def require_same(acoustic: MelSpec, vocoder: MelSpec) -> None:
    """Refuse a vocoder that reads other spectrograms than the acoustic model writes.

    Raises:
        InvalidInput: naming each field that differs.
    """
    differences = [
        f"{name} {getattr(acoustic, name)!r} against {getattr(vocoder, name)!r}"
        for name in MelSpec.model_fields
        if getattr(acoustic, name) != getattr(vocoder, name)
    ]
    if differences:
        raise InvalidInput(
            "the acoustic model and the vocoder describe sound differently "
            f"({'; '.join(differences)}): choose a vocoder made for the same spectrograms"
        )


def magnitude(audio: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """STFT magnitude with a periodic Hann window: audio (..., N) -> (..., F, T), float32, differentiable.

    Raises:
        InvalidInput: fewer samples than the reflected padding needs.
    """
    samples = audio.shape[-1]
    pad = (spec.fft_samples - (spec.hop_samples if spec.padding == "hop" else 0)) // 2
    least = max(pad + 1, spec.hop_samples if spec.padding == "hop" else 1)
    if samples < least:
        raise InvalidInput(f"{samples} samples are too few for a spectrogram, which needs at least {least}")
    flat = F.pad(audio.float().reshape(-1, samples), (pad, pad), mode="reflect")
    spectrum = torch.stft(
        flat,
        n_fft=spec.fft_samples,
        hop_length=spec.hop_samples,
        win_length=spec.window_samples,
        window=_window(spec.window_samples, audio.device),
        center=False,
        return_complex=True,
    )
    return spectrum.abs().reshape(*audio.shape[:-1], *spectrum.shape[1:])


def mel(audio: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """Log-mel spectrogram: audio (..., N) in [-1, 1] -> (..., M, T), float32, differentiable.

    Raises:
        InvalidInput: fewer samples than the reflected padding needs.
    """
    with torch.autocast(audio.device.type, enabled=False):  # three digits are too few for a logarithm
        filtered = _filters(spec, audio.device) @ magnitude(audio, spec) ** spec.power
    clipped = filtered.clamp(min=spec.floor)
    return clipped.log() if spec.log == "ln" else clipped.log10()


def energy(audio: torch.Tensor, spec: MelSpec) -> torch.Tensor:
    """Energy of each frame, the L2 norm of its STFT magnitude over frequency (section 2.3): (..., N) -> (..., T)."""
    norm: torch.Tensor = torch.linalg.vector_norm(magnitude(audio, spec), dim=-2)
    return norm


def mel_filters(spec: MelSpec) -> torch.Tensor:
    """The triangular filters (M, F) that turn STFT magnitudes into mel bins; cached, do not write into it.

    Raises:
        InvalidInput: bins so narrow that one falls between two frequencies of the FFT.
    """
    return _filters(spec, torch.device("cpu"))


@functools.lru_cache(maxsize=32)
def _filters(spec: MelSpec, device: torch.device) -> torch.Tensor:
    edges_hz = _edges_hz(spec)
    fft_hz = np.linspace(0.0, spec.sample_rate_hz / 2, spec.fft_samples // 2 + 1)
    offsets = fft_hz[None, :] - edges_hz[:, None]  # (M + 2, F)
    widths = np.diff(edges_hz)[:, None]
    triangles = np.maximum(0.0, np.minimum(offsets[:-2] / widths[:-1], -offsets[2:] / widths[1:]))
    if not triangles.any(axis=1).all():
        raise InvalidInput(
            f"{spec.mel_bins} mel bins are too many for {spec.fft_samples} FFT samples: some would always be empty; "
            "use fewer bins or a longer FFT"
        )
    if spec.normalization == "slaney":  # unit area in Hz
        triangles *= 2.0 / (edges_hz[2:] - edges_hz[:-2])[:, None]
    with torch.inference_mode(False):  # a cached tensor born in inference mode could never be trained through
        return torch.from_numpy(triangles.astype(np.float32)).to(device)


@functools.lru_cache(maxsize=32)
def _window(samples: int, device: torch.device) -> torch.Tensor:
    with torch.inference_mode(False):
        return torch.hann_window(samples, periodic=True, dtype=torch.float32, device=device)


def _edges_hz(spec: MelSpec) -> Floats:
    """The M + 2 corners of the triangles, evenly spaced in mel."""
    to_mel, to_hz = (_slaney_mel, _slaney_hz) if spec.scale == "slaney" else (_htk_mel, _htk_hz)
    return to_hz(np.linspace(to_mel(spec.low_hz), to_mel(spec.high_hz), spec.mel_bins + 2))


def _htk_mel(hz: float) -> float:
    return 2595.0 * math.log10(1.0 + hz / 700.0)


def _htk_hz(mels: Floats) -> Floats:
    return 700.0 * (10.0 ** (mels / 2595.0) - 1.0)


_KNEE_HZ = 1000.0
_LINEAR_HZ = 200.0 / 3.0  # Hz a mel below the knee
_KNEE_MEL = _KNEE_HZ / _LINEAR_HZ
_LOG_STEP = math.log(6.4) / 27.0  # above it, 27 mels span a factor of 6.4


def _slaney_mel(hz: float) -> float:
    return hz / _LINEAR_HZ if hz < _KNEE_HZ else _KNEE_MEL + math.log(hz / _KNEE_HZ) / _LOG_STEP


def _slaney_hz(mels: Floats) -> Floats:
    above = _KNEE_HZ * np.exp(_LOG_STEP * (np.maximum(mels, _KNEE_MEL) - _KNEE_MEL))
    return np.where(mels < _KNEE_MEL, mels * _LINEAR_HZ, above)
