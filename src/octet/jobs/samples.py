"""What a model in training sounds and looks like: a few examples of the test split, generated and original."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from octet.audio.spectrogram import MelSpec, mel
from octet.core.errors import InvalidInput
from octet.core.training import Sounding, SpeechExample, SungExample
from octet.families.acoustic.adaptor import Controls
from octet.families.acoustic.encoder import Phones
from octet.training.held_out import some
from octet.training.loader import Dataset
from octet.training.log import Evaluation

SAMPLES = 3


class Sample(NamedTuple):
    """Mel (M, T), and audio (N,) where there is something to make it."""

    mel: Tensor
    audio: Tensor | None


Sampler = Callable[[Any, Any], Sample]  # of a model and the example that it is to say or to copy


def sampled(sampler: Sampler, model: Any, dataset: Dataset, spec: MelSpec, scalars: Mapping[str, float]) -> Evaluation:
    """An evaluation of these scalars, with samples."""
    pairs: dict[str, Sample] = {}
    for example in (dataset[index] for index in some(len(dataset.lengths), SAMPLES)):
        name = re.sub(r"[^\w.-]", "_", example.id)
        pairs |= {name: sampler(model, example), f"{name}-original": _heard(example.audio, spec)}
    return Evaluation(
        scalars,
        {name: sample.mel.float().cpu().numpy() for name, sample in pairs.items()},
        {name: sample.audio.float().cpu().numpy() for name, sample in pairs.items() if sample.audio is not None},
        spec.sample_rate_hz,
    )


def of_acoustic(model: Any, example: SpeechExample) -> Sample:
    """FastSpeech 2: everything predicted; audio when the vocoder that its configuration names is there."""
    generated, _ = model.generate(*_request(model, example))
    return Sample(generated[0], vocoded(model.config.vocoder, generated))


def of_waveform(model: Any, example: SpeechExample) -> Sample:
    """FastSpeech 2s: everything predicted."""
    audio, _ = model.generate(*_request(model, example))
    return _heard(audio[0, 0], model.config.acoustic.spec)


def of_vocoder(model: Any, example: SpeechExample) -> Sample:
    """A vocoder on the original's mel."""
    generator = model.generator
    audio = generator.decode(example.mel[None].to(_device(model)))[0, 0]
    return _heard(audio, generator.spec)


def of_sung_vocoder(model: Any, example: SpeechExample | SungExample) -> Sample:
    """A vocoder on the original's mel and F0."""
    generator = model.generator
    mel, f0_hz = (part[None].to(_device(model)) for part in (example.mel, example.f0_hz))
    return _heard(generator.sing(mel, f0_hz)[0, 0], generator.spec)


def of_codec(model: Any, example: Sounding) -> Sample:
    """A codec on the original's sound, with all codebooks; of stereo, the middle."""
    audio = example.audio[None, None].expand(1, model.codec.channels, -1).to(_device(model))
    return _heard(model.copied(audio)[0].mean(dim=0), model.config.features)


def _heard(audio: Tensor, spec: MelSpec) -> Sample:
    """Of any length: what is shorter than a window is silent at its end."""
    return Sample(mel(F.pad(audio.float(), (0, max(0, spec.fft_samples - len(audio)))), spec), audio)


def _request(model: Any, example: SpeechExample) -> tuple[Phones, Controls]:
    batch = model.collate([example], torch.Generator().manual_seed(0))
    parts = [batch[name].to(_device(model)) for name in ("symbols", "accents", "languages", "speakers")]
    ones = torch.ones(parts[0].shape, device=_device(model))
    wishes = Controls(speed=ones, pitch_semitones=0 * ones, energy=ones, frames=(-ones).long())
    return Phones(*parts), wishes


def vocoded(name: str | None, generated: Tensor) -> Tensor | None:
    """Audio of a mel (1, M, T) by the vocoder of that name, where it is there."""
    vocoder = _vocoder(name)
    return None if vocoder is None else vocoder.decode(generated.cpu())[0, 0]


def sung_aloud(name: str | None, generated: Tensor, f0_hz: Tensor) -> Tensor | None:
    """Audio of a mel (1, M, T) and F0 (1, T), 0 where unvoiced, likewise."""
    vocoder = _vocoder(name)
    return None if vocoder is None else vocoder.sing(generated.cpu(), f0_hz.cpu())[0, 0]


def _vocoder(name: str | None) -> Any:
    from octet.jobs.load import load_vocoder

    if name is None:
        return None
    try:
        return load_vocoder(name, offline=True)
    except InvalidInput:
        return None  # not trained yet, as when both are being made


def _device(model: Any) -> torch.device:
    device: torch.device = next(model.parameters()).device
    return device
