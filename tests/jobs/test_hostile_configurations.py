"""A `config.json` is a stranger's: whatever stands in it, loading works or ends in one line, without much memory."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octet.audio import spectrogram
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.encoders.recogniser.model import Recogniser, RecogniserConfig
from octet.families.acoustic.config import Statistics
from octet.jobs.load import load, load_vocoder
from octet.systems.fastspeech2.model import Config, FastSpeech2
from octet.systems.fastspeech2.waveform import FastSpeech2s, WaveformConfig
from octet.vocoders.hifigan import HifiGan, HifiGanConfig
from octet.vocoders.vocos import Vocos, VocosConfig

STATISTICS = Statistics(
    f0_mean=5.0,
    f0_deviation=0.3,
    f0_low_hz=50.0,
    f0_high_hz=500.0,
    energy_mean=20.0,
    energy_deviation=10.0,
    energy_high=200.0,
)


def acoustic() -> Config:
    return Config(
        spec=spectrogram.tiny(),
        speakers=("one", "two"),
        statistics=STATISTICS,
        width=8,
        inner_width=8,
        encoder_layers=1,
        decoder_layers=1,
        predictor_width=8,
        postnet_width=8,
        vocoder="vocoder-tiny",
    )


def waveform() -> WaveformConfig:
    return WaveformConfig(acoustic=acoustic(), upsampling="harmonic", channels=8, layers=2, dilation_cycle=2)


def hifigan() -> HifiGanConfig:
    rates = {"upsample_rates": (10, 10, 2), "upsample_kernels": (20, 20, 4), "resblock_kernels": (3,)}
    return HifiGanConfig(spec=spectrogram.tiny(), channels=16, resblock_dilations=((1, 3),), **rates)


def vocos() -> VocosConfig:
    return VocosConfig(spec=spectrogram.tiny(), channels=8, intermediate_channels=8, layers=1)


def speak(folder: Path) -> None:
    speaker = load(folder, vocoder=None)
    assert 0 < speaker.generate("Hi.", voice=speaker.voices[0]).duration_seconds < 60


def decode(folder: Path) -> None:
    vocoder = load_vocoder(folder)
    mel = torch.full((1, vocoder.spec.mel_bins, 3), -5.0)
    assert vocoder.decode(mel).shape == (1, 1, 3 * vocoder.spec.hop_samples)


def listen(folder: Path) -> None:
    recogniser = Recogniser.load(folder)
    with torch.inference_mode():
        logits = recogniser(torch.zeros(1, recogniser.config.mel.mel_bins, 5), torch.tensor([5]))
    assert logits.frames.shape == (1, 5, len(recogniser.config.symbols))


MODELS: dict[str, tuple[Callable[[], Any], Callable[[Path], None]]] = {
    "fastspeech2": (lambda: FastSpeech2(acoustic()), speak),
    "fastspeech2s": (lambda: FastSpeech2s(waveform()), speak),
    "vocos": (lambda: Vocos(vocos()), decode),
    "hifigan": (lambda: HifiGan(hifigan()), decode),
    "recogniser": (
        lambda: Recogniser(RecogniserConfig(mel=spectrogram.tiny(), channels=8, hidden_channels=8, blocks=1)),
        listen,
    ),
}


@cache
def made(kind: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Configuration and weights, as an artifact holds them."""
    torch.manual_seed(0)
    model = MODELS[kind][0]()
    if hasattr(model, "artifact"):
        _, config, state = model.artifact()
        return config, dict(state)
    return model.config.model_dump(mode="json"), model.state_dict()


def folder_of(kind: str, config: Any, folder: Path) -> Path:
    artifacts.save(folder, kind, {}, made(kind)[1])
    document = {"kind": kind, "format": 1, "config": config}
    (folder / artifacts.CONFIG).write_text(json.dumps(document))
    return folder


def places(document: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document, but of the many names in a long list only the first."""
    inner = document.items() if isinstance(document, dict) else enumerate(document[:4])
    for name, value in inner:
        yield (*above, name)
        if isinstance(value, dict | list):
            yield from places(value, (*above, name))


VALUES = st.one_of(
    st.sampled_from([0, -1, 1, 2, 3, 5, 7, 16, 64, 10**3, 10**5, 10**7, 10**9, 2**63, 10**30]),
    st.sampled_from([0.0, -1.0, 1e-300, 1e300, math.nan, math.inf, True, None, "", "many", [], {}, ["one"], [1] * 99]),
    st.sampled_from([[10**9, 1], [0, 0], [[1] * 50] * 50, ["x"] * 1000, {"kind": "vocos"}]),
)


def replaced(config: Any, place: tuple[Any, ...], value: Any) -> Any:
    config = deepcopy(config)
    inner = config
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    return config


@pytest.mark.parametrize("kind", MODELS)
def test_the_unchanged_configuration_loads(kind: str, tmp_path: Path) -> None:
    MODELS[kind][1](folder_of(kind, made(kind)[0], tmp_path))


@pytest.mark.parametrize("kind", MODELS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_any_place_loads_or_is_refused_in_one_line(kind: str, tmp_path: Path, data: st.DataObject) -> None:
    config, _ = made(kind)
    place, value = data.draw(st.sampled_from(list(places(config)))), data.draw(VALUES)
    folder = folder_of(kind, replaced(config, place, value), tmp_path)
    said = ""
    try:
        MODELS[kind][1](folder)
    except (InvalidArtifact, InvalidInput) as refusal:
        said = str(refusal)
    assert "\n" not in said
    assert len(said) < 4000


@pytest.mark.parametrize(
    ("kind", "place", "value", "said"),
    [
        *[("fastspeech2", (name,), 10**9, name) for name in ("encoder_layers", "decoder_layers", "width", "bins")],
        *[("fastspeech2", (name,), 10**7, name) for name in ("inner_width", "predictor_width", "postnet_width")],
        *[("fastspeech2", (name,), -1, name) for name in ("symbols", "heads", "bins", "predictor_kernel")],
        ("fastspeech2", ("speakers",), [], "speakers"),
        ("fastspeech2", ("kernels",), [10**6 + 1, 1], "kernels"),
        ("fastspeech2", ("kernels",), [2, 1], "odd"),
        ("fastspeech2", ("heads",), 3, "width 8 does not divide into 3 heads"),
        ("fastspeech2", ("inner_width",), 16_384, "describes a model of"),
        ("fastspeech2", ("statistics", "f0_deviation"), 0, "f0_deviation"),
        ("fastspeech2", ("statistics", "f0_mean"), math.nan, "f0_mean"),
        ("fastspeech2", ("statistics", "f0_high_hz"), 10, "f0_low_hz"),
        ("fastspeech2", ("spec", "mel_bins"), 10**9, "1 to 1024 mel bins"),
        ("fastspeech2s", ("segment_frames",), 0, "segment_frames"),
        ("fastspeech2s", ("dilation_cycle",), 100, "dilation_cycle"),
        ("fastspeech2s", ("layers",), 10**9, "layers"),
        ("fastspeech2s", ("channels",), 2048, "describes a model of"),
        ("fastspeech2s", ("stft_resolutions",), [[0, 0, 0]], "stft_resolutions"),
        ("vocos", ("layers",), 10**9, "layers"),
        ("vocos", ("channels",), 4096, "describes a model of"),
        ("hifigan", ("channels",), 4096, "describes a model of"),
        ("hifigan", ("channels",), 2**40, "channels"),
        ("hifigan", ("resblock_kernels",), [10**9 + 1], "resblock_kernels"),
        ("hifigan", ("resblock_dilations",), [[1] * 10**4], "resblock_dilations"),
        ("hifigan", ("upsample_rates",), [], "upsample_rates"),
        ("recogniser", ("blocks",), 10**9, "blocks"),
        ("recogniser", ("blocks",), 0, "blocks"),
        ("recogniser", ("hidden_channels",), 10**8, "hidden_channels"),
        ("recogniser", ("channels",), 4096, "describes a model of"),
        ("recogniser", ("symbols",), [], "symbols"),
    ],
)
def test_what_is_absurd_is_named(kind: str, place: tuple[str, ...], value: Any, said: str, tmp_path: Path) -> None:
    folder = folder_of(kind, replaced(made(kind)[0], place, value), tmp_path)
    with pytest.raises((InvalidArtifact, InvalidInput)) as caught:
        MODELS[kind][1](folder)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
