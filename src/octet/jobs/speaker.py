"""Voice models ready to speak: FastSpeech 2, FastSpeech 2s and DiffSpeech with their vocoders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from octet.audio.spectrogram import require_same
from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.families.acoustic.adaptor import Adapted, Controls
from octet.families.acoustic.encoder import Phones
from octet.jobs.load import bundled, load_vocoder, model_hash, resolve
from octet.nn.filled import filled
from octet.systems.diffsinger.config import SpeechConfig
from octet.systems.diffsinger.speech import DiffSpeech
from octet.systems.fastspeech2 import published
from octet.systems.fastspeech2.generate import MelChain, SharedInventory, Speaker, WaveformChain
from octet.systems.fastspeech2.model import Config, FastSpeech2
from octet.systems.fastspeech2.waveform import FastSpeech2s, WaveformConfig

if TYPE_CHECKING:
    from octet.vocoders.contract import Vocoder

SEED = 0  # of DiffSpeech's noise, which is always the same: a sentence is said as it was said before


class DiffSpeechChain:
    """DiffSpeech, then a vocoder of the very same mel spectrogram: what `Speaker` speaks with.

    Raises:
        InvalidInput: the vocoder was made for other spectrograms.
    """

    def __init__(self, model: DiffSpeech, vocoder: Vocoder) -> None:
        require_same(model.config.acoustic.spec, vocoder.spec)
        self.model = model
        self.vocoder = vocoder
        self.spell = SharedInventory().spell
        self.spec = model.config.acoustic.spec
        self.speakers = model.config.acoustic.speakers

    def render(self, phones: Phones, wishes: Controls) -> tuple[Tensor, Adapted]:
        """Audio (B, 1, N) and what the variance adaptor decided."""
        mel, adapted = self.model.generate(phones, wishes, torch.Generator().manual_seed(SEED))
        return self.vocoder.decode(mel), adapted


def fastspeech2(
    path: Path, name: str | Path, *, vocoder: str | Path | None = None, offline: bool | None = None
) -> Speaker:
    """A FastSpeech 2 artifact with its vocoder; see `octet.load`."""
    _, config = artifacts.load_config(path)
    model = filled(lambda: FastSpeech2(artifacts.validated(Config, config, path)), path)
    chosen = vocoder_of(path, vocoder, model.config.vocoder)
    chain = MelChain(model, load_vocoder(chosen, offline=offline))
    return Speaker(chain, source(path, name, vocoder, chosen, offline))


def fastspeech2s(path: Path, name: str | Path, *, offline: bool | None = None) -> Speaker:  # noqa: ARG001 - as others
    """A FastSpeech 2s artifact; see `octet.load`."""
    _, config = artifacts.load_config(path)
    model = filled(lambda: FastSpeech2s(artifacts.validated(WaveformConfig, config, path)).for_generation(), path)
    return Speaker(WaveformChain(model), source(path, name))


def public_speaker(
    path: Path, name: str | Path, *, vocoder: str | Path | None = None, offline: bool | None = None
) -> Speaker:
    """Public FastSpeech 2 weights with their vocoder; see `octet.load`."""
    model = published.load(path)
    if vocoder is None:
        raise InvalidInput(f"{path} holds no vocoder: give its HiFi-GAN with vocoder=PATH (--vocoder PATH)")
    chain = MelChain(model, load_vocoder(vocoder, offline=offline))
    return Speaker(chain, source(path, name, vocoder, vocoder, offline))


def diffspeech(
    path: Path, name: str | Path, *, vocoder: str | Path | None = None, offline: bool | None = None
) -> Speaker:
    """A DiffSpeech artifact with its vocoder; see `octet.load`."""
    _, config = artifacts.load_config(path)
    model = filled(lambda: DiffSpeech(artifacts.validated(SpeechConfig, config, path)).for_generation(), path)
    chosen = vocoder_of(path, vocoder, model.config.acoustic.vocoder)
    chain = DiffSpeechChain(model, load_vocoder(chosen, offline=offline))
    return Speaker(chain, source(path, name, vocoder, chosen, offline))


def vocoder_of(path: Path, given: str | Path | None, own: str | None) -> str | Path:
    """The vocoder that is given, or the one that a model names.

    Raises:
        InvalidInput: neither.
    """
    # A folder of the vocoder's name where one happens to work must not stand in for the bundled one.
    chosen = given or (own and (bundled(own) or own))
    if chosen is None:
        raise InvalidInput(f"{path} names no vocoder: give one with vocoder=... (octet models lists the bundled ones)")
    return chosen


def source(
    path: Path,
    name: str | Path,
    vocoder: str | Path | None = None,
    chosen: str | Path | None = None,
    offline: bool | None = None,
) -> dict[str, Any]:
    """What a sound says of the model that made it; `model` holds the arguments that load it again."""
    names = {"name": str(name), "vocoder": None if vocoder is None else str(vocoder)}
    said = {"model": names, "model_hash": model_hash(path)}
    return said if chosen is None else said | {"vocoder_hash": model_hash(resolve(chosen, offline=offline))}
