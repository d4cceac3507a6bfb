"""Freeze what librosa 0.11 makes of a signal, into spectrogram.safetensors beside this file.

Run by hand from the repository's root: python -m tests.golden.make_spectrogram
"""

from pathlib import Path

import librosa
import numpy as np
from safetensors.numpy import save_file
from tests.audio.examples import SPECS

from octet.audio.spectrogram import MelSpec


def log_mel(audio: np.ndarray, spec: MelSpec) -> np.ndarray:
    pad = (spec.fft_samples - spec.hop_samples) // 2
    power = librosa.feature.melspectrogram(
        y=np.pad(audio, (pad, pad), mode="reflect") if spec.padding == "hop" else audio,
        sr=spec.sample_rate_hz,
        n_fft=spec.fft_samples,
        hop_length=spec.hop_samples,
        win_length=spec.window_samples,
        center=spec.padding == "center",
        pad_mode="reflect",
        power=spec.power,
        n_mels=spec.mel_bins,
        fmin=spec.low_hz,
        fmax=spec.high_hz,
        htk=spec.scale == "htk",
        norm="slaney" if spec.normalization == "slaney" else None,
        dtype=np.float64,
    )
    return (np.log if spec.log == "ln" else np.log10)(np.maximum(power, spec.floor))


def filters(spec: MelSpec) -> np.ndarray:
    return librosa.filters.mel(
        sr=spec.sample_rate_hz,
        n_fft=spec.fft_samples,
        n_mels=spec.mel_bins,
        fmin=spec.low_hz,
        fmax=spec.high_hz,
        htk=spec.scale == "htk",
        norm="slaney" if spec.normalization == "slaney" else None,
        dtype=np.float64,
    )


def main() -> None:
    rng = np.random.default_rng(0)
    audio = (0.2 * rng.standard_normal(2577) + 0.3 * np.sin(0.05 * np.arange(2577))).astype(np.float32)
    tensors = {"audio": audio}
    for name, spec in SPECS.items():
        matrix = filters(spec)
        tensors[f"{name}.filters.at"] = np.flatnonzero(matrix).astype(np.int32)
        tensors[f"{name}.filters"] = matrix[matrix != 0]
        tensors[f"{name}.mel"] = log_mel(audio.astype(np.float64), spec)
    save_file(tensors, Path(__file__).parent / "spectrogram.safetensors", {"made_by": f"librosa {librosa.__version__}"})


if __name__ == "__main__":
    main()
