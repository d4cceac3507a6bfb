"""Using a recogniser: audio of any length to posteriors, and to the phones that were said.

Long audio is taken in chunks. Each is given as much context on both sides as the network can see, so the result is
that of the whole at once, in bounded memory: only the log-mel is kept, a third of the audio's own size.

Legend: N samples, M mel bins, T frames, U steps of two frames, S symbols.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from octet.audio import spectrogram
from octet.audio.resample import resample
from octet.audio.spectrogram import MelSpec
from octet.core.errors import InvalidInput
from octet.encoders.recogniser import decode
from octet.encoders.recogniser.model import Recogniser, normalised

Floats = npt.NDArray[np.float32]

CHUNK_FRAMES = 2400  # 30 s


class Posteriors(NamedTuple):
    """Natural log-probabilities, float32: `ctc` (U, S) and `frames` (T, S)."""

    ctc: Floats
    frames: Floats


def recognise(
    recogniser: Recogniser,
    audio: Floats,
    sample_rate_hz: int,
    *,
    allowed: Collection[str] | None = None,
    beam_width: int = 1,
) -> list[str]:
    """The phones said, without accents and pauses.

    Args:
        audio: (N,) or (channels, N), at any sample rate.
        allowed: the symbols that may be heard, such as a language's; all where None.
        beam_width: 1 is greedy; more sums over the paths of the likeliest phone sequences, and is slower.

    Raises:
        InvalidInput: audio that is empty, too short or not finite; an unknown symbol; a width below 1.
    """
    symbols = recogniser.config.symbols
    rows = (decode.restrict(chunk.ctc, symbols, allowed) for chunk in posteriors(recogniser, audio, sample_rate_hz))
    if beam_width == 1:
        indices = decode.merge(np.concatenate([chunk.argmax(axis=-1) for chunk in rows]))
    else:
        indices = decode.prefix_beam((row for chunk in rows for row in chunk), width=beam_width)
    return [symbols[index] for index in indices]


def posteriors(
    recogniser: Recogniser, audio: Floats, sample_rate_hz: int, *, chunk_frames: int = CHUNK_FRAMES
) -> Iterator[Posteriors]:
    """What the recogniser hears in each stretch of `chunk_frames` (an even number), one after the other.

    Raises:
        InvalidInput: as `recognise`.
    """
    mel = normalised(_mel(_mono(audio, sample_rate_hz, recogniser.config.mel), recogniser.config.mel, chunk_frames))
    context, frames = recogniser.config.context_frames, mel.shape[1]
    for start in range(0, frames, chunk_frames):
        first, stop = max(0, start - context), min(frames, start + chunk_frames)
        heard = _listen(recogniser, mel[:, first : stop + context])
        kept = slice(start - first, stop - first)
        yield Posteriors(heard.ctc[kept.start // 2 : (kept.stop + 1) // 2], heard.frames[kept])


@torch.inference_mode()
def _listen(recogniser: Recogniser, mel: torch.Tensor) -> Posteriors:
    mel = mel.to(next(recogniser.parameters()).device)
    logits = recogniser(mel[None], torch.tensor([mel.shape[1]], device=mel.device))
    return Posteriors(*(part[0].float().log_softmax(-1).cpu().numpy() for part in logits))


def _mono(audio: Floats, sample_rate_hz: int, spec: MelSpec) -> Floats:
    samples = np.asarray(audio, dtype=np.float32)
    if samples.ndim not in (1, 2) or samples.size == 0:
        raise InvalidInput(f"audio must be (samples,) or (channels, samples), given an array of shape {samples.shape}")
    if not np.isfinite(samples).all():
        raise InvalidInput("the audio holds values that are not numbers")
    return resample(samples if samples.ndim == 1 else samples.mean(axis=0), sample_rate_hz, spec.sample_rate_hz)


def _mel(audio: Floats, spec: MelSpec, chunk_frames: int) -> torch.Tensor:
    """Log-mel (M, T), computed in stretches that overlap by a window so that no frame sees an edge it should not."""
    frames, hop = spec.frames(len(audio)), spec.hop_samples
    overlap = -(-spec.fft_samples // hop)
    pieces = []
    for start in range(0, max(frames, 1), chunk_frames):
        first, stop = max(0, start - overlap), start + chunk_frames
        is_last = stop + overlap >= frames
        part = audio[first * hop : None if is_last else (stop + overlap) * hop]
        pieces.append(spectrogram.mel(torch.from_numpy(part), spec)[:, start - first : stop - first])
    return torch.cat(pieces, dim=1)
