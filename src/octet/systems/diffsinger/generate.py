"""From a score to sound with DiffSinger: phrase by phrase, so that long songs stream in bounded memory.

Every phrase draws from a generator of its own, so it sounds the same whatever is sung before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from octet.audio.spectrogram import require_same
from octet.audio.waveform import Waveform
from octet.core.progress import Progress, Step, silent
from octet.core.version import VERSION
from octet.families.diffusion.samplers import last
from octet.symbolic.song import Song
from octet.systems.diffsinger.config import CURVES
from octet.systems.diffsinger.model import DiffSinger, Sung
from octet.systems.diffsinger.request import F0, Line, LineCurve, Region, SingingRequest, request_of
from octet.systems.diffsinger.score import ToldLine, told_line
from octet.systems.diffsinger.shallow import Sampling
from octet.vocoders.contract import SungVocoder

FADE_SECONDS: Final = 0.005  # at a phrase's ends, against clicks


@dataclass(frozen=True)
class Take:
    """One phrase as it was sung. `line` is the score with everything that the singer decided, to be edited."""

    line: Line
    audio: Waveform
    mel: Tensor  # (M, T)

    @property
    def start_seconds(self) -> float:
        return self.line.start_seconds


class Singer:
    """A loaded singing model: `generate` returns a `Waveform`, `stream` its phrases as they are sung.

    `source` says where the weights came from; a waveform's metadata repeat it beside the request.
    """

    def __init__(self, model: DiffSinger, vocoder: SungVocoder, source: Mapping[str, Any] | None = None) -> None:
        require_same(model.config.spec, vocoder.spec)
        self.model = model
        self.vocoder = vocoder
        self.source = dict(source or {})

    @property
    def singers(self) -> tuple[str, ...]:
        """Names for `SingingRequest.singer`."""
        return self.model.config.singers

    def generate(self, song: Song | Iterable[Line], **options: Any) -> Waveform:
        """Sing a song or lines, mono at the model's rate; options are the fields of `SingingRequest`.

        Raises:
            InvalidInput: an unknown option or singer, a value out of range, unpronounced lyrics, an unknown phone, a
                note outside the singer's range.
        """
        request = request_of(song, **options)
        audio = joined(list(self.stream(request)), request.speed)
        return replace(audio, metadata=self.provenance(request))

    def stream(self, request: SingingRequest, on_progress: Progress = silent) -> Iterator[Take]:
        """The phrases in the order of the request, each as soon as it is sung.

        Raises:
            InvalidInput: as `generate`, before the first phrase is sung.
        """
        told = [told_line(line, request, self.model.config) for line in request.lines]
        return self._sung(request, told, on_progress)

    def again(self, takes: Sequence[Take], regions: Sequence[Region], **options: Any) -> list[Take]:
        """Takes with these regions sung again; every other frame keeps its F0, curves and mel.

        Options are those that the takes were sung with, but for another seed.

        Raises:
            InvalidInput: as `generate`.
        """
        lines = [take.line for take in takes]
        request = request_of(lines, **options, retake=tuple(regions))
        return [
            self._take(request, number, told_line(line, request, self.model.config), takes[number])
            for number, line in enumerate(lines)
        ]

    def provenance(self, request: SingingRequest) -> dict[str, Any]:
        """What sound of this model says of itself: version, model, and the request but for defaults."""
        said = request.model_dump(mode="json", exclude_defaults=True)
        return {"octet": VERSION, "verb": "sing", **self.source, "request": said}

    def _sung(self, request: SingingRequest, told: Sequence[ToldLine], on_progress: Progress) -> Iterator[Take]:
        for number, line in enumerate(told):
            yield self._take(request, number, line, None)
            on_progress(Step("singing", number + 1, len(told)))

    def _take(self, request: SingingRequest, number: int, told: ToldLine, before: Take | None) -> Take:
        line, retake = request.lines[number], told.told.retake
        if before is not None and retake is not None and not retake.any():
            return before
        rng = torch.Generator().manual_seed(line.seed if line.seed is not None else request.seed + number)
        with torch.inference_mode():
            sung = self.model.prepare(told.score, told.told, rng)
            mel = self._mel(request, sung, rng)
            if before is not None and retake is not None:
                mel = torch.where(retake[:, None], mel, before.mel[None])
            audio = self.vocoder.sing(mel, sung.f0_hz * sung.voiced)[0].clamp(-1, 1)
        spec = self.model.config.spec
        done = decided(line, sung, spec.frame_rate_hz, request)
        return Take(done, Waveform(audio.cpu().numpy(), spec.sample_rate_hz), mel[0].clone())

    def _mel(self, request: SingingRequest, sung: Sung, rng: torch.Generator) -> Tensor:
        return last(self.model.sample(sung, rng, Sampling(request.sampler, request.num_inference_steps)))


def decided(line: Line, sung: Sung, frame_rate_hz: float, request: SingingRequest) -> Line:
    """A line with what was decided of it, as it sounds: durations of phones, F0 and curves, at the speed asked for.

    The key stays as it was written; so does F0, so that the line can be sung again with the same request.
    """
    step, scale = request.speed / frame_rate_hz, 2 ** (-request.key_semitones / 12)
    durations = (sung.durations[0].double() * step).tolist()
    curves = {F0: _curve(sung.f0_hz[0] * sung.voiced[0] * scale, step)}
    if sung.curves is not None:
        curves |= {name: _curve(row, step) for name, row in zip(CURVES, sung.curves[0], strict=True)}
    phones = [
        phone.model_copy(update={"seconds": seconds}) for phone, seconds in zip(line.phones, durations, strict=True)
    ]
    return line.model_copy(update={"phones": tuple(phones), "curves": curves})


def joined(takes: Sequence[Take], speed: float = 1.0) -> Waveform:
    """Phrases on one timeline, from 0 or from the first consonant on; where two overlap, one fades into the next.

    Raises:
        ValueError: no takes.
    """
    rate_hz = takes[0].audio.sample_rate_hz
    origin = min(0.0, min(take.start_seconds for take in takes))
    placed = sorted(
        ((round((take.start_seconds - origin) / speed * rate_hz), take.audio.samples) for take in takes),
        key=lambda pair: pair[0],
    )
    mixed = np.zeros((1, max(start + samples.shape[1] for start, samples in placed)), dtype=np.float32)
    for number, (start, samples) in enumerate(placed):
        before = placed[number - 1][0] + placed[number - 1][1].shape[1] - start if number else 0
        after = start + samples.shape[1] - placed[number + 1][0] if number + 1 < len(placed) else 0
        mixed[:, start : start + samples.shape[1]] += _faded(samples, before, after, round(FADE_SECONDS * rate_hz))
    return Waveform(mixed, rate_hz)


def _curve(values: Tensor, step_seconds: float) -> LineCurve:
    return LineCurve(step_seconds=step_seconds, values=tuple(values.float().tolist()))


def _faded(samples: NDArray[np.float32], before: int, after: int, least: int) -> NDArray[np.float32]:
    """Samples (1, N) that rise over the overlap before and fall over that after, at least for a moment."""
    length = samples.shape[1]
    rise, fall = (min(length, max(least, overlap)) for overlap in (before, after))
    envelope = np.ones(length, dtype=np.float32)
    envelope[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    envelope[length - fall :] *= np.linspace(1, 0, fall, dtype=np.float32)
    return samples * envelope
