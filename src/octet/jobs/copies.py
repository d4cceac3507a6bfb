"""Models that say a corpus again, told durations, F0 and the like: mels to train their vocoder on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from octet.audio.spectrogram import MelSpec
from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.core.training import SpeechExample, SungExample

Copier = tuple[Callable[[Any], Tensor], MelSpec]


def copy_corpus(source: Path, out: Path, model: str, *, hours: float, on_progress: Progress = silent) -> None:
    """Write the beginning of a corpus to `out`, with mels by a FastSpeech 2, a DiffSpeech or a DiffSinger.

    Raises:
        InvalidInput: another kind of model, a corpus that it cannot say, or one without features.
    """
    from octet.data import copies
    from octet.data.singing import is_sung
    from octet.jobs.load import model_hash, resolve

    path = resolve(model)
    kind, _ = artifacts.load_config(path)
    if kind not in _COPIERS:
        raise InvalidInput(f"{model} is a {kind}; mels are made by {', '.join(_COPIERS)}: give one of these")
    if is_sung(source) != (kind == "diffsinger"):
        raise InvalidInput(
            f"{source} is {'sung' if is_sung(source) else 'spoken'}, and {model} is a {kind}: they must agree"
        )
    copy, spec = _COPIERS[kind](path)
    copies.write(source, out, spec, copy, model_hash(path), hours=hours, on_progress=on_progress)


def _singer(path: Path) -> Copier:
    from octet.jobs.singer import model_of
    from octet.systems.diffsinger.held_out import sung_again

    model = model_of(path)

    def copy(example: SungExample) -> Tensor:
        _require_voice(example.speaker, model.config.singers)
        return sung_again(model, example, told_all=True)[0][0]

    return copy, model.config.spec


def _speaker(path: Path) -> Copier:
    from octet.families.acoustic.batch import collate
    from octet.jobs.load import load

    model: Any = load(path).chain.model

    @torch.inference_mode()
    def copy(example: SpeechExample) -> Tensor:
        _require_voice(example.speaker, model.config.speakers)
        adapted, _ = model.adapt(collate([example], [1.0], model.config))
        mel: Tensor = model.decode(adapted)[1][0]
        return mel

    return copy, model.config.spec


def _diffspeech(path: Path) -> Copier:
    from octet.jobs.load import load
    from octet.systems.diffsinger.held_out import said_again

    model: Any = load(path).chain.model

    def copy(example: SpeechExample) -> Tensor:
        _require_voice(example.speaker, model.config.acoustic.speakers)
        return said_again(model, example)[0][0]

    return copy, model.config.acoustic.spec


def _require_voice(name: str, voices: tuple[str, ...]) -> None:
    if name not in voices:
        raise InvalidInput(f"the model has no voice {name!r}, which the corpus has; it has {', '.join(voices)}")


_COPIERS: dict[str, Callable[[Path], Copier]] = {
    "fastspeech2": _speaker,
    "diffspeech": _diffspeech,
    "diffsinger": _singer,
}
