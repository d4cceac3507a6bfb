"""Copies: what a codec keeps of speech and music.

Conventions
    * The original first; both are mono signals (N,) of one rate and length. Codes are int64 (K, T).
    * A copy made with the first codebooks alone is measured by the same functions: a codec's metrics are reported for
      each number of codebooks, and should improve with it.

Metrics
    * `stoi`: short-time objective intelligibility of speech, 0 to 1, by the package pystoi; nan for a recording that
      is all but silence.
    * `mel_distance`: mean absolute difference of log-mel spectrograms (natural logarithm of magnitude) over windows
      of 256, 512, 1024 and 2048 samples, each a quarter of itself apart, with bins of about equal number a window.
    * `si_sdr_db`: see `octet.evaluation.fidelity`.
    * `chroma_cosine`: cosine of the two signals' chroma, frame by frame, averaged over frames in which both sound; it
      falls when a codec loses pitch, which mel distances hardly notice.
    * `melody_cosine`: the same of the strongest class of each frame alone, which is the share of frames in which they
      agree: MusicGen's measure of how well a melody is kept.
    * `used_share`, `perplexity_share`: of each codebook, the share of its entries that occur, and 2 to the entropy
      of their frequencies over the number of entries. Neither means much before there are many more codes than entries.

Citations
    * C. Taal et al., "An algorithm for intelligibility prediction of time-frequency weighted noisy speech", 2011.
    * A. Defossez et al., "High fidelity neural audio compression", arXiv 2210.13438 (mel distances over scales).
    * J. Copet et al., "Simple and controllable music generation", arXiv 2306.05284, section 4 (melody).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from octet.audio.chroma import ChromaSpec, chroma, strongest
from octet.audio.spectrogram import MelSpec, mel
from octet.core.errors import InvalidInput, require
from octet.evaluation.arrays import NOT_MEASURABLE, Floats
from octet.evaluation.fidelity import si_sdr_db, validate_audio

_MEL_WINDOWS = {256: 20, 512: 40, 1024: 80, 2048: 160}  # samples: bins


def stoi(original: Floats, copy: Floats, sample_rate_hz: int) -> float:
    """Intelligibility of a copy of speech.

    Raises:
        MissingExtra: pystoi is not installed.
    """
    measured = require("pystoi", extra="evaluate").stoi
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # pystoi's way to say that too little is left after silence
        try:
            return float(measured(original, copy, sample_rate_hz))
        except RuntimeWarning:
            return NOT_MEASURABLE


def mel_distance(original: Floats, copy: Floats, sample_rate_hz: int) -> float:
    """Mean absolute difference of log-mel spectrograms over four windows, in nats."""
    pair = torch.from_numpy(np.stack([original, copy])).float()
    distances = []
    for window, bins in _MEL_WINDOWS.items():
        one, other = mel(pair, _spec(window, bins, sample_rate_hz))
        distances.append(float((one - other).abs().mean()))
    return float(np.mean(distances))


def chroma_cosine(original: Floats, copy: Floats, sample_rate_hz: int) -> float:
    """Mean cosine of chroma frames; nan where nothing sounds."""
    one, other = (_chroma(audio, sample_rate_hz) for audio in (original, copy))
    return _cosine(one, other)


def melody_cosine(original: Floats, copy: Floats, sample_rate_hz: int) -> float:
    """Mean cosine of the strongest classes of chroma frames; nan where nothing sounds.

    Of signals that differ in length, the shorter's is compared.
    """
    one, other = (_chroma(audio, sample_rate_hz) for audio in (original, copy))
    frames = min(one.shape[1], other.shape[1])
    heard = [strongest(found[:, :frames]) * found[:, :frames].amax(0) for found in (one, other)]
    return _cosine(*heard)


def used_share(codes: Sequence[NDArray[np.int64]], size: int) -> list[float]:
    """Of each codebook, the share of its `size` entries that occur in any of the codes (K, T)."""
    counts = _counts(codes, size)
    return [float(share) for share in (counts > 0).mean(axis=1)]


def perplexity_share(codes: Sequence[NDArray[np.int64]], size: int) -> list[float]:
    """Of each codebook, two to the entropy of its entries' frequencies, over `size`."""
    frequencies = _counts(codes, size) / sum(part.shape[1] for part in codes)
    logs = np.log2(np.where(frequencies > 0, frequencies, 1.0))
    return [float(2.0**entropy / size) for entropy in -(frequencies * logs).sum(axis=1)]


def evaluate(original: ArrayLike, copy: ArrayLike, sample_rate_hz: int) -> dict[str, float]:
    """The metrics of any sound.

    Raises:
        InvalidInput: see `octet.evaluation.fidelity.validate_audio`.
    """
    a, b = validate_audio(original, copy)
    return {
        "mel_distance": mel_distance(a, b, sample_rate_hz),
        "si_sdr_db": si_sdr_db(a, b),
        "chroma_cosine": chroma_cosine(a, b, sample_rate_hz),
    }


def evaluate_speech(original: ArrayLike, copy: ArrayLike, sample_rate_hz: int) -> dict[str, float]:
    """The metrics of speech.

    Raises:
        InvalidInput: see `octet.evaluation.fidelity.validate_audio`.
        MissingExtra: pystoi is not installed.
    """
    a, b = validate_audio(original, copy)
    return {
        "stoi": stoi(a, b, sample_rate_hz),
        "mel_distance": mel_distance(a, b, sample_rate_hz),
        "si_sdr_db": si_sdr_db(a, b),
    }


def _spec(window: int, bins: int, sample_rate_hz: int) -> MelSpec:
    return MelSpec(
        sample_rate_hz=sample_rate_hz,
        fft_samples=window,
        window_samples=window,
        hop_samples=window // 4,
        mel_bins=bins,
        low_hz=0,
        high_hz=sample_rate_hz / 2,
    )


def _chroma(audio: Floats, sample_rate_hz: int) -> torch.Tensor:
    """(12, F) every eighth of a second, in windows of half a second."""
    hop = sample_rate_hz // 8
    spec = ChromaSpec(sample_rate_hz=sample_rate_hz, fft_samples=4 * hop, hop_samples=hop)
    return chroma(torch.from_numpy(audio).float(), spec)


def _cosine(one: torch.Tensor, other: torch.Tensor) -> float:
    sounding = (one.amax(0) > 0) & (other.amax(0) > 0)
    if not sounding.any():
        return NOT_MEASURABLE
    return float(torch.cosine_similarity(one[:, sounding], other[:, sounding], dim=0).mean())


def _counts(codes: Sequence[NDArray[np.int64]], size: int) -> NDArray[np.int64]:
    """How often each entry of each codebook occurs (K, size)."""
    if not codes or not codes[0].size:
        raise InvalidInput("no codes were given; use of codebooks is counted over one at least")
    together = np.concatenate([np.asarray(part) for part in codes], axis=1)
    return np.stack([np.bincount(row, minlength=size) for row in together])
