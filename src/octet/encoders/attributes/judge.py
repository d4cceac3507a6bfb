"""Using the attribute judge: sounds of any length and rate to what is heard in them.

Long sounds are heard in windows of equal length, of whose probabilities the mean counts; for each instrument the
highest counts, for it need not play throughout.

Legend: I instruments.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from octet.audio.waveform import Waveform
from octet.encoders.attributes.features import SAMPLE_RATE_HZ
from octet.encoders.attributes.model import MODES, AttributeJudge, hearing
from octet.symbolic.attributes import TEMPO_CLASSES
from octet.symbolic.instruments import CLASSES, DRUM

WINDOW_SECONDS = 10.0  # what the judge was trained on at most
_BATCH = 16


class Heard(NamedTuple):
    """Probabilities of `instruments` (I,) each for itself, of `tempo` (3,) and of `mode` (2,): float32 on the CPU."""

    instruments: Tensor
    tempo: Tensor
    mode: Tensor

    @property
    def tempo_class(self) -> str:
        """slow, moderate or fast."""
        return TEMPO_CLASSES[int(self.tempo.argmax())]

    @property
    def mode_name(self) -> str:
        """major or minor."""
        return MODES[int(self.mode.argmax())]

    @property
    def has_drums(self) -> bool:
        """Whether drums are heard."""
        return bool(self.instruments[CLASSES.index(DRUM)] > 0.5)

    def likeliest(self, count: int) -> tuple[str, ...]:
        """So many instruments, the surest first."""
        order = self.instruments.argsort(descending=True, stable=True)[:count]
        return tuple(CLASSES[index] for index in order.tolist())


def listen(judge: AttributeJudge, sounds: Iterable[Waveform]) -> Iterator[Heard]:
    """What is heard in each sound, a stereo one in the middle, one after the other."""
    for sound in sounds:
        windows = _windows(torch.from_numpy(sound.mono().resample(SAMPLE_RATE_HZ).samples[0]), judge)
        yield _joined([_heard(judge, windows[first : first + _BATCH]) for first in range(0, len(windows), _BATCH)])


def _windows(audio: Tensor, judge: AttributeJudge) -> Sequence[Tensor]:
    """As few equal parts as it takes; what is shorter than a window of the spectrogram is silent at its end."""
    count = max(1, math.ceil(len(audio) / (WINDOW_SECONDS * SAMPLE_RATE_HZ)))
    least = judge.config.mel.fft_samples
    return [F.pad(part, (0, max(0, least - len(part)))) for part in audio.tensor_split(count)]


@torch.inference_mode()
def _heard(judge: AttributeJudge, windows: Sequence[Tensor]) -> Heard:
    """(windows, ...) of each."""
    logits = judge(hearing(windows, judge.config.mel))
    return Heard(logits.instruments.sigmoid(), logits.tempo.softmax(-1), logits.mode.exp())


def _joined(batches: Sequence[Heard]) -> Heard:
    instruments, tempo, mode = (torch.cat(parts) for parts in zip(*batches, strict=True))
    return Heard(instruments.amax(0), tempo.mean(0), mode.mean(0))
