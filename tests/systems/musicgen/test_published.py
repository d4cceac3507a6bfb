"""Published layouts on random weights: the same tokens and sound as transformers, and refusal of everything else."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.encoders.text.examples import t5_folder
from tests.systems.musicgen.published_examples import (
    SPECIAL,
    WrappedEncodec,
    changed_config,
    native_file,
    native_settings,
    transformers_model,
)

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.encoders.text import t5
from octet.families.token_lm.sound import lookahead_frames
from octet.systems.musicgen.generate import Listening, Musician
from octet.systems.musicgen.model import MusicGen
from octet.systems.musicgen.published import is_published, load

PROMPTS = ["warm lo fi piano", "loud guitar"]
FRAMES = 200
SECONDS = FRAMES / 10  # ten frames a second


def chroma(frames: int = 5) -> torch.Tensor:
    bins = torch.randint(0, 12, (frames,), generator=torch.Generator().manual_seed(3))
    return torch.nn.functional.one_hot(bins, 12).float()


def tune() -> Waveform:
    return Waveform(np.zeros(10), 80)


def musician(model: MusicGen, theirs: Any) -> Musician:
    return Musician(model, WrappedEncodec(theirs.audio_encoder), listening=Listening(lambda _: chroma()))


def theirs_sound(model: Any, prompts: list[str], folder: Path, **told: Any) -> torch.Tensor:
    ids = t5.load(folder).tokenize(prompts)
    with torch.no_grad():
        return model.generate(
            input_ids=ids.ids,
            attention_mask=ids.valid.long(),
            do_sample=False,
            guidance_scale=3.0,
            max_length=FRAMES + 4,
            **told,
        )


def ours_sound(made: Musician, prompts: list[str], **options: Any) -> torch.Tensor:
    greedy = {"temperature": 0, "guidance_scale": 3.0, "duration_seconds": SECONDS}
    return torch.stack([torch.from_numpy(s.samples) for s in made.generate_all(prompts, **greedy, **options)])


def assert_same_sound(found: torch.Tensor, expected: torch.Tensor) -> None:
    assert found.shape == expected.shape
    assert expected.std() > 0.01
    torch.testing.assert_close(found, expected.clamp(-1, 1), atol=1e-4, rtol=0)


@pytest.mark.parametrize("melody", [False, True])
def test_logits(melody: bool, tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path, melody=melody)
    ours = load(tmp_path)
    told = ours.read(PROMPTS[:1], chroma()[None] if melody else None)
    codes = torch.randint(0, SPECIAL, (1, 4, 12), generator=torch.Generator().manual_seed(0))
    heard = {"input_features": chroma()[None]} if melody else {}
    with torch.no_grad():
        expected = theirs(
            input_ids=told.tokens.ids,
            attention_mask=told.tokens.valid.long(),
            decoder_input_ids=codes.flatten(0, 1),
            **heard,
        ).logits
        found = ours.decoder(codes, ours.conditions(told)).flatten(0, 1)
    expected = expected[:, -12:]  # transformers gives the prefix' as well
    assert expected.std() > 0.3
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("channels", [1, 2])
def test_text_in_a_batch_of_unequal_prompts(channels: int, tmp_path: Path) -> None:
    """200 greedy steps under guidance end in the same sound, so in the same tokens."""
    theirs = transformers_model(tmp_path, channels=channels)
    expected = theirs_sound(theirs, PROMPTS, tmp_path)
    assert_same_sound(ours_sound(musician(load(tmp_path), theirs), PROMPTS), expected)


@pytest.mark.parametrize(
    ("prompts", "with_melody"),
    [
        (PROMPTS, True),
        pytest.param(PROMPTS, False, marks=pytest.mark.slow),
        pytest.param(PROMPTS[:1], True, marks=pytest.mark.slow),
        pytest.param(PROMPTS[:1], False, marks=pytest.mark.slow),
    ],
)
def test_melody(prompts: list[str], with_melody: bool, tmp_path: Path) -> None:
    """transformers lets prefixes attend to padding, which changes shorter prompts: so does `attend_padding`."""
    theirs = transformers_model(tmp_path, melody=True)
    ours = load(tmp_path)
    ours.config = ours.config.model_copy(update={"attend_padding": len(prompts) > 1})
    heard = {"input_features": chroma().expand(len(prompts), -1, -1)} if with_melody else {}
    found = ours_sound(musician(ours, theirs), prompts, **({"melody": tune()} if with_melody else {}))
    assert_same_sound(found, theirs_sound(theirs, prompts, tmp_path, **heard))


def test_prompts_of_a_batch_leave_each_other_alone(tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path, melody=True)
    made = musician(load(tmp_path), theirs)
    together = ours_sound(made, PROMPTS)
    alone = torch.cat([ours_sound(made, [prompt]) for prompt in PROMPTS])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=0)


def test_a_stream_through_encodec_is_the_whole(tmp_path: Path) -> None:
    """Not causal, with edges that are reflected and an LSTM: pieces must wait for what comes after them."""
    theirs = transformers_model(tmp_path)
    made = musician(load(tmp_path), theirs)
    assert 3 <= lookahead_frames(made.codec) <= 10
    options = {"duration_seconds": 12, "seed": 4}
    pieces = [piece.samples for piece in made.stream(PROMPTS[0], **options)]
    assert len(pieces) > 5
    np.testing.assert_allclose(np.concatenate(pieces, 1), made.generate(PROMPTS[0], **options).samples, atol=1e-5)


@pytest.mark.parametrize("channels", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_continuation(channels: int, tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path, channels=channels)
    beginning = torch.randn(1, channels, 8 * 30, generator=torch.Generator().manual_seed(1)) * 0.3
    expected = theirs_sound(theirs, PROMPTS[:1], tmp_path, input_values=beginning)
    found = ours_sound(musician(load(tmp_path), theirs), PROMPTS[:1], continue_from=Waveform(beginning[0].numpy(), 80))
    assert_same_sound(found, expected)


@pytest.mark.parametrize(("melody", "channels"), [(False, 1), (True, 1), (False, 2)])
def test_audiocraft_files_are_the_same_model(melody: bool, channels: int, tmp_path: Path) -> None:
    (tmp_path / "hf").mkdir()
    theirs = transformers_model(tmp_path / "hf", melody=melody, channels=channels)
    file = native_file(tmp_path, theirs, native_settings(melody=melody, channels=channels))
    reference = load(tmp_path / "hf")
    found = load(tmp_path, t5.load(tmp_path / "hf"))
    assert found.config.pattern == reference.config.pattern
    assert found.config.decoder == reference.config.decoder
    assert (found.config.fusion, found.config.channels) == (reference.config.fusion, channels)
    assert found.config.chroma_frames == (235 if melody else 0)  # 30 seconds
    assert (found.config.segment_frames, found.config.stride_frames) == (1500, 900)
    halved = {name: weight.half().float() for name, weight in reference.state_dict().items()}
    for name, weight in found.state_dict().items():
        assert torch.equal(weight, halved[name]), name
    assert load(file, t5.load(tmp_path / "hf")).config == found.config


@pytest.mark.parametrize("wrap", [lambda state: {"model": state}, lambda state: state])
@pytest.mark.parametrize("key", ["best_state", "fsdp_best_state"])
def test_checkpoints_of_training_and_other_attention_names(wrap: Any, key: str, tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path)
    file = native_file(tmp_path, theirs, native_settings())
    content = torch.load(file)
    state = {name.replace("self_attn.", "self_attn.mha."): w for name, w in content["best_state"].items()}
    torch.save({key: wrap(state), "xp.cfg": content["xp.cfg"]}, file)
    found = load(file, t5.load(tmp_path))
    assert torch.equal(found.decoder.heads[0].weight, theirs.decoder.lm_heads[0].weight.half().float())


@pytest.mark.slow
def test_weights_in_shards_and_in_torch_files(tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path)
    expected = load(tmp_path).state_dict()
    (tmp_path / "model.safetensors").unlink()
    theirs.save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    for name, weight in load(tmp_path).state_dict().items():
        assert torch.equal(weight, expected[name])
    for file in tmp_path.glob("model*"):
        file.unlink()
    torch.save(theirs.state_dict(), tmp_path / "pytorch_model.bin")
    for name, weight in load(tmp_path).state_dict().items():
        assert torch.equal(weight, expected[name])


def test_shards_outside_the_folder_are_refused(tmp_path: Path) -> None:
    transformers_model(tmp_path)
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": "../model.safetensors"}}))
    with pytest.raises(InvalidArtifact, match="outside its folder"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"top": {"model_type": "bark"}}, "model_type is 'bark'"),
        ({"activation_function": "relu"}, "activation_function is 'relu'"),
        ({"scale_embedding": True}, "scale_embedding is True"),
        ({"num_hidden_layers": 10**9}, "layers: Input should be less than"),
        ({"hidden_size": 16_000, "num_attention_heads": 16}, r"describes a model of \d+ numbers"),
        ({"num_hidden_layers": 3}, "is missing"),
        ({"num_attention_heads": 3}, "divide into 3 heads"),
        ({"top": {"audio_encoder": {}}}, "'sampling_rate' is missing"),
        ({"top": {"audio_encoder": {"sampling_rate": 80, "upsampling_ratios": [0]}}}, "describes no MusicGen"),
        ({"top": {"decoder": None}}, "describes no MusicGen"),
    ],
)
def test_other_transformers_models_are_refused(changes: dict[str, Any], reason: str, tmp_path: Path) -> None:
    transformers_model(tmp_path)
    changed_config(tmp_path, **changes)
    with pytest.raises(InvalidArtifact, match=reason):
        load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"codebooks_pattern": {"modeling": "musiclm"}}, "'musiclm', and delay or parallel"),
        ({"codebooks_pattern": {"modeling": "delay", "delay": {"delays": [0, 1, 2, 3], "flatten_first": 2}}}, "is 2"),
        ({"codebooks_pattern": {"modeling": "delay", "delay": {"delays": [0, 1, 2, 3], "empty_initial": 1}}}, "is 1"),
        ({"interleave_stereo_codebooks": {"use": True, "per_timestep": True}}, "per_timestep is True"),
        ({"transformer_lm": {"num_heads": 4, "activation": "swiglu", "positional_embedding": "sin"}}, "'swiglu'"),
        ({"transformer_lm": {"num_heads": 4, "activation": "gelu", "positional_embedding": "rope"}}, "'rope'"),
        ({"dataset": None}, "describes no MusicGen"),
        ({"fuser": None}, "describes no MusicGen"),
        ({"dataset": {"segment_duration": 1e9}}, "segment_seconds"),
        ({"dataset": {"segment_duration": 1e308}}, "segment_seconds|infinity"),
    ],
)
def test_other_audiocraft_models_are_refused(changes: dict[str, Any], reason: str, tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path)
    file = native_file(tmp_path, theirs, native_settings() | changes)
    with pytest.raises(InvalidArtifact, match=reason):
        load(file, t5.load(tmp_path))


def test_audiocrafts_parallel_pattern_is_read(tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path)
    file = native_file(tmp_path, theirs, native_settings() | {"codebooks_pattern": {"modeling": "parallel"}})
    assert load(file, t5.load(tmp_path)).config.pattern.shifts == (0, 0, 0, 0)


def test_an_audiocraft_file_needs_its_text_encoder(tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path)
    file = native_file(tmp_path, theirs, native_settings())
    with pytest.raises(InvalidInput, match="text encoder of width 24, given none"):
        load(file)


class Attack:
    """Creates a file when unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("save", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))])
def test_a_pickle_that_would_act_is_refused_and_does_not(save: Any, tmp_path: Path) -> None:
    target = tmp_path / "created"
    save({"best_state": {}, "xp.cfg": "", "other": Attack(target)}, tmp_path / "state_dict.bin")
    with pytest.raises(InvalidArtifact, match="holds more than tensors"):
        load(tmp_path)
    assert not target.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([1], "holds no audiocraft model"),
        ({"best_state": {"a": 1}, "xp.cfg": ""}, "holds no audiocraft model"),
        ({"best_state": {}}, "holds no audiocraft model"),
        ({"best_state": {"a": torch.zeros(1)}}, "no configuration in 'xp.cfg'"),
        ({"best_state": {"a": torch.zeros(1)}, "xp.cfg": "a: ["}, "no configuration in 'xp.cfg'"),
        ({"best_state": {"a": torch.zeros(1)}, "xp.cfg": "[]"}, "no configuration in 'xp.cfg'"),
        ({"best_state": {"a": torch.zeros(1)}, "xp.cfg": "transformer_lm: {}"}, "describes no MusicGen"),
        ({"best_state": {"a": torch.zeros(1).expand(2**50)}, "xp.cfg": ""}, "does not hold what it says of a"),
    ],
)
def test_torch_files_of_something_else_are_refused(content: Any, reason: str, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "state_dict.bin")
    with pytest.raises(InvalidArtifact, match=reason):
        load(tmp_path)


@pytest.mark.parametrize(
    "name", ["decoder.model.decoder.layers.0.self_attn.k_proj.weight", "decoder.model.decoder.embed_tokens.0.weight"]
)
@pytest.mark.parametrize("weight", [torch.zeros(()), torch.zeros(3, 3), torch.full((32, 32), torch.nan)])
def test_tensors_that_do_not_fit_are_refused(name: str, weight: torch.Tensor, tmp_path: Path) -> None:
    transformers_model(tmp_path)
    file = tmp_path / "model.safetensors"
    save_file({**load_file(file), name: weight}, file, {"format": "pt"})
    with pytest.raises(InvalidArtifact, match=r"do not fit each other|has shape|not numbers"):
        load(tmp_path)


@pytest.mark.parametrize("kept", [0, 10, 5000])
@pytest.mark.parametrize("name", ["model.safetensors", "state_dict.bin"])
def test_truncated_weights_are_refused(kept: int, name: str, tmp_path: Path) -> None:
    theirs = transformers_model(tmp_path)
    native_file(tmp_path, theirs, native_settings())
    if name == "state_dict.bin":
        (tmp_path / "config.json").unlink()
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:kept])
    with pytest.raises(InvalidArtifact, match=name):
        load(tmp_path)


def test_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidArtifact, match="does not exist"):
        load(tmp_path / "nothing")
    with pytest.raises(InvalidArtifact, match=r"state_dict\.bin does not exist"):
        load(tmp_path)
    transformers_model(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(InvalidArtifact, match=r"holds none of model\.safetensors"):
        load(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(InvalidArtifact, match="cannot be read"):
        load(tmp_path)


def test_published_weights_are_recognised(tmp_path: Path) -> None:
    assert not is_published(tmp_path)
    t5_folder(tmp_path)
    assert not is_published(tmp_path)
    (tmp_path / "state_dict.bin").touch()
    assert is_published(tmp_path)
    assert is_published(tmp_path / "state_dict.bin")
    (tmp_path / "state_dict.bin").unlink()
    transformers_model(tmp_path)
    assert is_published(tmp_path)
