"""Fidelity: how close a spectrogram or a waveform is to the one it should reproduce.

For an acoustic model the reference is the recording of the same sentence, and their timing differs, so the cepstral
distance warps one onto the other. For a vocoder or a codec the two signals run in parallel and are compared frame by
frame. None of these says how natural speech sounds; they say how far it is from one particular recording.

Conventions
    * Reference first. Mel spectrograms are (M, T), natural logarithms of *magnitudes* (power would double decibels),
      both of one `octet.audio.spectrogram.MelSpec`. Audio is (N,), both of one rate and length.
    * Decibels are 20 log10 of magnitudes. Silence, on either side, has no SI-SDR (nan).

Metrics
    * `mel_l1`: mean absolute difference of log-mel values, frame by frame (HiFi-GAN's and FastSpeech 2's loss).
    * `mel_cepstral_distortion_db`: the log-mel spectrum of each frame is written as a cosine series
      c_0 + sum_m c_m cos(pi m (k + 1/2) / M) (a DCT-II scaled by 2 / M), c_1 to c_13 are kept (c_0 is loudness), and
      (10 / ln 10) sqrt(2 sum_m (c_m - c'_m)^2) is averaged along the cheapest warping of the cepstra. This is the RMS
      difference in dB of the smoothed spectra over the mel axis. Values from WORLD or SPTK cepstra are not comparable.
    * `log_spectral_distance_db`: RMS over frequency of the difference in dB, averaged over frames; Hann window of 1024
      samples, hop 256, magnitudes lifted to 1e-5.
    * `multi_resolution_stft`: spectral convergence plus log-magnitude L1 over Parallel WaveGAN's three resolutions,
      the very function that vocoders train on (`octet.vocoders.losses`).
    * `si_sdr_db`: energy of the estimate along the reference over the energy of the rest. A delay of one sample or
      another phase ruins it: it suits codecs and filters, not vocoders that make up their phase.

Citations
    * R. Kubichek, "Mel-cepstral distance measure for objective speech quality assessment", PACRIM 1993.
    * A. Gray and J. Markel, "Distance measures for speech processing", 1976 (log spectral distance).
    * R. Yamamoto et al., "Parallel WaveGAN", arXiv 1910.11480, equations 3-6.
    * J. Le Roux et al., "SDR: half-baked or well done?", arXiv 1811.02508, equation 3.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from octet.core.errors import InvalidInput
from octet.evaluation.arrays import NOT_MEASURABLE, Floats, finite, mean, same_shape
from octet.evaluation.time_warping import warping_path

CEPSTRA = 13
LSD_FRAME_SAMPLES = 1024
LSD_HOP_SAMPLES = 256
LSD_FLOOR = 1e-5
LEAST_SAMPLES = 2048  # of the longest transform


def validate(reference: ArrayLike, estimate: ArrayLike) -> tuple[Floats, Floats]:
    """Log-mel spectrograms (M, T) as float64; their T may differ.

    Raises:
        InvalidInput: not two-dimensional and finite, no frames, bins that differ, or too few for the cepstrum.
    """
    a, b = finite("a mel spectrogram", reference, 2), finite("a mel spectrogram", estimate, 2)
    if a.shape[0] != b.shape[0] or a.shape[0] <= CEPSTRA or not a.size or not b.size:
        raise InvalidInput(
            f"mel spectrograms of shapes {a.shape} and {b.shape} cannot be compared: "
            f"(bins, frames) with the same bins, more than {CEPSTRA}, and at least one frame were expected"
        )
    return a, b


def validate_audio(reference: ArrayLike, estimate: ArrayLike) -> tuple[Floats, Floats]:
    """Mono signals (N,) as float64.

    Raises:
        InvalidInput: not one-dimensional and finite, lengths that differ, or shorter than the longest transform.
    """
    a, b = finite("audio", reference), finite("audio", estimate)
    same_shape("two signals compared sample by sample", a, b)
    if a.size < LEAST_SAMPLES:
        raise InvalidInput(f"{a.size} samples are too few to compare; at least {LEAST_SAMPLES} were expected")
    return a, b


def mel_l1(reference: Floats, estimate: Floats) -> float:
    """Mean absolute difference of two log-mel spectrograms (M, T) of one length.

    Raises:
        InvalidInput: the shapes differ.
    """
    same_shape("mel spectrograms compared frame by frame", reference, estimate)
    return mean(np.abs(estimate - reference))


def cepstra(mel: Floats) -> Floats:
    """Cosine coefficients c_1 to c_13 of each frame of a log-mel spectrogram: (M, T) -> (13, T)."""
    bins = mel.shape[0]
    orders, centres = np.arange(1, CEPSTRA + 1), np.arange(bins) + 0.5
    return np.asarray(2.0 / bins * np.cos(np.pi / bins * orders[:, None] * centres[None, :]) @ mel)


def mel_cepstral_distortion_db(reference: Floats, estimate: Floats) -> float:
    """Mean distance in dB of the cepstra along their cheapest warping; (M, T) and (M, T')."""
    a, b = cepstra(reference), cepstra(estimate)
    squares = ((a**2).sum(axis=0)[:, None] + (b**2).sum(axis=0)[None, :]) - 2.0 * a.T @ b
    cost, path = warping_path(10.0 / math.log(10.0) * np.sqrt(2.0 * np.maximum(squares, 0.0)))
    return cost / len(path)


def log_spectral_distance_db(reference: Floats, estimate: Floats) -> float:
    """Mean over frames of the RMS difference in dB of two signals (N,)."""
    difference_db = _decibels(estimate) - _decibels(reference)
    return mean(np.sqrt((difference_db**2).mean(axis=1)))


def _decibels(audio: Floats) -> Floats:
    """Hann-windowed magnitude spectra (T, F) in dB; frames that would pass the end are left out."""
    frames = np.lib.stride_tricks.sliding_window_view(audio, LSD_FRAME_SAMPLES)[::LSD_HOP_SAMPLES]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(LSD_FRAME_SAMPLES) / LSD_FRAME_SAMPLES)
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(np.fft.rfft(frames * window)), LSD_FLOOR)))


def multi_resolution_stft(reference: Floats, estimate: Floats) -> float:
    """Parallel WaveGAN's spectral distance of two signals (N,); nan for a silent reference."""
    import torch

    from octet.vocoders import losses

    if not reference.any():
        return NOT_MEASURABLE
    fake, real = (torch.from_numpy(audio.astype(np.float32))[None, None] for audio in (estimate, reference))
    return float(losses.multi_resolution_stft(fake, real))


def si_sdr_db(reference: Floats, estimate: Floats) -> float:
    """Scale-invariant signal-to-distortion ratio in dB of two signals (N,): infinite for a copy, nan for silence."""
    power = float(reference @ reference)
    if not power or not estimate.any():
        return NOT_MEASURABLE
    target = (estimate @ reference) / power * reference
    distortion = float(((estimate - target) ** 2).sum())
    with np.errstate(divide="ignore"):
        return float(10.0 * (np.log10(target @ target) - np.log10(distortion)))


def evaluate(reference: ArrayLike, estimate: ArrayLike) -> dict[str, float]:
    """The spectrogram metrics; `mel_l1` is nan where the two differ in length.

    Raises:
        InvalidInput: see `validate`.
    """
    a, b = validate(reference, estimate)
    return {
        "mel_l1": mel_l1(a, b) if a.shape == b.shape else NOT_MEASURABLE,
        "mel_cepstral_distortion_db": mel_cepstral_distortion_db(a, b),
    }


def evaluate_audio(reference: ArrayLike, estimate: ArrayLike) -> dict[str, float]:
    """The waveform metrics.

    Raises:
        InvalidInput: see `validate_audio`.
    """
    a, b = validate_audio(reference, estimate)
    return {
        "log_spectral_distance_db": log_spectral_distance_db(a, b),
        "multi_resolution_stft": multi_resolution_stft(a, b),
        "si_sdr_db": si_sdr_db(a, b),
    }
