"""Requests and what becomes of them: lengths, seeds, beginnings, melodies, streams, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.families.token_lm.codecs import SmoothCodec
from tests.systems.musicgen.examples import chroma, melodic, model, small

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.core.progress import Step
from octet.engines.openvino_engine import OpenVinoEngine
from octet.families.token_lm.engine import TorchEngine
from octet.families.token_lm.patterns import delay
from octet.systems.musicgen.generate import Listening, Musician
from octet.systems.musicgen.request import MusicRequest, request_of

HOP = 8


def loudness_chroma(sound: Waveform) -> torch.Tensor:
    """A melody that follows what is heard, so that tests see which part of it was."""
    frames = sound.samples[0][: len(sound.samples[0]) // 8 * 8].reshape(-1, 8).mean(1)
    return chroma(*(np.clip(frames, 0, 0.99) * 12).astype(int).tolist())


@pytest.fixture(scope="module")
def musician() -> Musician:
    return Musician(model(), SmoothCodec(), source={"model": "small"})


@pytest.fixture(scope="module")
def melodist() -> Musician:
    return Musician(model(melodic()), SmoothCodec(), listening=Listening(loudness_chroma))


def ramp(seconds: float) -> Waveform:
    return Waveform(np.linspace(0, 1, round(80 * seconds), endpoint=False), 80)


@pytest.mark.parametrize("seconds", [0.1, 1.0, 2.0, 2.1, 5.3])
def test_music_is_as_long_as_asked_for(musician: Musician, seconds: float) -> None:
    sound = musician.generate("warm piano", duration_seconds=seconds)
    assert sound.samples.shape == (1, round(seconds * 10) * HOP)
    assert sound.sample_rate_hz == 80


@pytest.mark.parametrize("seconds", [0.4, 1.9, 5.3])
def test_a_stream_is_the_whole(musician: Musician, seconds: float) -> None:
    options = {"duration_seconds": seconds, "seed": 3, "continue_from": ramp(0.3)}
    pieces = list(musician.stream("warm piano", **options))
    assert len(pieces) > (seconds > 2)
    together = np.concatenate([piece.samples for piece in pieces], axis=1)
    np.testing.assert_allclose(together, musician.generate("warm piano", **options).samples, atol=1e-6)


def test_a_stream_sounds_before_it_is_made(musician: Musician) -> None:
    done: list[int] = []
    stream = musician.stream("a", duration_seconds=30, on_progress=lambda step: done.append(step.done))
    next(stream)
    assert 5 <= done[-1] < 15


def test_a_seed_decides_and_so_does_a_prompt(musician: Musician) -> None:
    first = musician.generate("warm piano", seed=1)
    assert first == musician.generate("warm piano", seed=1)
    assert first != musician.generate("warm piano", seed=2)
    assert first != musician.generate("loud drums", seed=1)


def test_every_option_is_heard(musician: Musician) -> None:
    plain = musician.generate("warm piano", duration_seconds=4)
    for options in ({"temperature": 0.3}, {"top_k": 2}, {"top_p": 0.3}, {"guidance_scale": 8.0}):
        assert musician.generate("warm piano", duration_seconds=4, **options) != plain


@pytest.mark.parametrize(("name", "own", "other"), [("guidance_scale", 5.0, 1.0), ("temperature", 0.5, 1.0)])
def test_the_models_own_guidance_and_temperature_are_the_defaults(name: str, own: float, other: float) -> None:
    made = Musician(model(small(**{name: own})), SmoothCodec())
    assert made.generate("warm piano") == made.generate("warm piano", **{name: own})
    assert made.generate("warm piano") != made.generate("warm piano", **{name: other})


def test_a_batch_gives_each_prompt_its_own(musician: Musician) -> None:
    greedy = {"temperature": 0, "duration_seconds": 3}
    together = musician.generate_all(["warm piano and strings", "drums", ""], **greedy)
    for prompt, sound in zip(["warm piano and strings", "drums", ""], together, strict=True):
        np.testing.assert_allclose(sound.samples, musician.generate(prompt, **greedy).samples, atol=1e-6)
        assert sound.metadata["request"].get("prompt", "") == prompt


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [80, 160])
def test_a_beginning_is_kept_and_counts(channels: int, rate_hz: int, musician: Musician, tmp_path: Path) -> None:
    samples = np.repeat(ramp(0.8).samples, channels, axis=0)
    path = tmp_path / "beginning.wav"
    Waveform(samples, 80).resample(rate_hz).save(path, bits=32)
    sound = musician.generate("a", continue_from=path, duration_seconds=1.5)
    kept = SmoothCodec(ahead=0).decode(SmoothCodec().encode(torch.from_numpy(samples[None, :1])))
    assert sound.samples.shape[1] == 15 * HOP
    if rate_hz == 80:
        ahead = 2 * HOP
        expected = SmoothCodec().decode(SmoothCodec().encode(torch.from_numpy(samples[None, :1])))
        np.testing.assert_allclose(sound.samples[:, : kept.shape[2] - ahead], expected[0, :, :-ahead], atol=1e-6)


def test_stereo_alternates_a_mono_codec() -> None:
    decoder = small().decoder.model_copy(update={"codebooks": 8})
    made = Musician(model(small(decoder=decoder, pattern=delay(4).stereo(), channels=2)), SmoothCodec())
    sound = made.generate("wide piano", continue_from=ramp(0.5), duration_seconds=3)
    assert sound.samples.shape == (2, 30 * HOP)
    np.testing.assert_allclose(sound.samples[0, :24], sound.samples[1, :24])  # the beginning was mono
    assert not np.allclose(sound.samples[0], sound.samples[1])


def test_a_melody_is_heard(melodist: Musician) -> None:
    plain = melodist.generate("a", duration_seconds=1.5)
    assert melodist.generate("a", melody=ramp(1.5), duration_seconds=1.5) != plain


def test_each_window_hears_its_own_part_of_a_melody_that_goes_round() -> None:
    heard: list[np.ndarray] = []

    def listen(sound: Waveform) -> torch.Tensor:
        heard.append(sound.samples[0])
        return loudness_chroma(sound)

    made = Musician(model(melodic()), SmoothCodec(), listening=Listening(listen))
    made.generate("a", melody=ramp(1.5), duration_seconds=4)
    endless = np.tile(ramp(1.5).samples[0], 10)
    assert len(heard) == 3
    for number, part in enumerate(heard):
        np.testing.assert_array_equal(part, endless[number * 96 : number * 96 + 160])
    heard.clear()
    made.generate("a", melody=ramp(1.5), duration_seconds=2)
    assert [len(part) for part in heard] == [120]


def test_stems_are_taken_apart_before_a_melody_is_heard() -> None:
    silent = Waveform(np.zeros(80), 80)
    apart = Musician(
        model(melodic()), SmoothCodec(), listening=Listening(loudness_chroma, melody_stems=lambda _: silent)
    )
    together = Musician(model(melodic()), SmoothCodec(), listening=Listening(loudness_chroma))
    assert apart.generate("a", melody=ramp(1)) == together.generate("a", melody=silent)
    assert apart.generate("a", melody=ramp(1)) != together.generate("a", melody=ramp(1))


def test_progress_is_reported(musician: Musician) -> None:
    steps: list[Step] = []
    musician.generate("a", duration_seconds=3, on_progress=steps.append)
    assert steps[-1] == Step("music", 30, 30)
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_any_engine_will_do(musician: Musician) -> None:
    class Counting(TorchEngine):
        started = 0

        def start(self, *args: Any) -> Any:
            Counting.started += 1
            return super().start(*args)

    made = Musician(musician.model, SmoothCodec(), engine=Counting(musician.model.decoder))
    assert made.generate("a", duration_seconds=4) == musician.generate("a", duration_seconds=4)
    assert Counting.started == 3


def test_engines_go_by_name(musician: Musician) -> None:
    greedy = {"temperature": 0, "duration_seconds": 4}
    for engine in ("auto", "openvino"):
        pytest.importorskip("openvino")
        made = Musician(musician.model, SmoothCodec(), engine=engine, weights="fp32")  # type: ignore[arg-type]
        assert isinstance(made.engine, OpenVinoEngine)
        found, expected = made.generate("warm piano", **greedy), musician.generate("warm piano", **greedy)
        np.testing.assert_allclose(found.samples, expected.samples, atol=1e-6)
    with pytest.raises(InvalidInput, match="choose from auto, torch, openvino"):
        Musician(musician.model, SmoothCodec(), engine="onnx")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="weights fp32 were asked for of an engine that has its own"):
        Musician(musician.model, SmoothCodec(), engine=musician.engine, weights="fp32")


def test_sound_says_where_it_came_from(musician: Musician, tmp_path: Path) -> None:
    sound = musician.generate("warm piano", seed=5, continue_from=ramp(0.2))
    assert sound.metadata["verb"] == "music"
    assert sound.metadata["model"] == "small"
    assert sound.metadata["request"]["prompt"] == "warm piano"
    assert sound.metadata["request"]["continue_from"].startswith("sha256:")
    json.dumps(sound.metadata)
    assert request_of("", melody=tmp_path / "a.wav").model_dump(mode="json")["melody"] == str(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"tempo": 3}, "unknown option 'tempo': choose from prompt, melody"),
        ({"duration_seconds": 0}, "duration_seconds: .* greater than 0, given 0"),
        ({"duration_seconds": 1e9}, "less than or equal to 3600"),
        ({"duration_seconds": float("nan")}, "duration_seconds"),
        ({"temperature": -1}, "temperature"),
        ({"top_k": -1}, "top_k"),
        ({"top_p": 2}, "top_p"),
        ({"seed": -1}, "seed"),
        ({"guidance_scale": float("inf")}, "guidance_scale"),
        ({"melody": ramp(1)}, "hears no melody"),
        ({"melody": 3}, "melody"),
        ({"continue_from": ramp(1.2), "duration_seconds": 1}, "continue_from is longer than 1 seconds"),
        ({"continue_from": ramp(3), "duration_seconds": 9}, "continue_from is longer than 2 seconds"),
        ({"continue_from": Waveform(np.zeros((1, 0)), 80)}, "continue_from holds no sound"),
        ({"continue_from": Path("nowhere.wav")}, "nowhere.wav"),
    ],
)
def test_bad_requests_fail_before_anything_is_made(musician: Musician, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as raised:
        musician.stream("a", **options)
    assert "\n" not in str(raised.value)


def test_other_bad_requests(musician: Musician, melodist: Musician) -> None:
    with pytest.raises(InvalidInput, match="not Unicode text"):
        musician.generate("\ud800")
    with pytest.raises(InvalidInput, match="no prompts"):
        musician.generate_all([])
    with pytest.raises(InvalidInput, match="nothing was given that hears"):
        Musician(melodist.model, SmoothCodec()).generate("a", melody=ramp(1))


@pytest.mark.parametrize("changes", [{"codebooks": 3}, {"codebook_size": 8}, {"frame_rate_hz": 5.0}, {"channels": 2}])
def test_a_codec_of_another_model_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"give the codec it was trained with|mono codec only"):
        Musician(model(), SmoothCodec(**changes))


def test_requests_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        MusicRequest().prompt = "other"  # type: ignore[misc]
