"""Public checkpoints: the same waveforms as the public code, and refusal of everything else.

Goldens were made by tests/golden/make_vocoders.py; transformers runs here, on random weights.
"""

import json
import pickle
from pathlib import Path

import pytest
import torch
import yaml
from safetensors import safe_open
from safetensors.torch import save_file

from octet.core.errors import InvalidArtifact
from octet.vocoders.hifigan import HifiGan
from octet.vocoders.published import load
from octet.vocoders.vocos import Vocos

GOLDEN = Path(__file__).parents[1] / "golden"
JIK876 = ("hifigan_resblock1", "hifigan_resblock2")
TOLERANCE = 1e-5


def golden(name):
    with safe_open(GOLDEN / f"{name}.safetensors", "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - no mapping
        config = json.loads(file.metadata()["config"])
    state = {key.removeprefix("state."): value for key, value in tensors.items() if key.startswith("state.")}
    return config, state, tensors["mel"], tensors["audio"]


def jik876_folder(folder, name, **changes):
    config, state, mel, audio = golden(name)
    (folder / "config.json").write_text(json.dumps(config | changes))
    torch.save({"generator": state}, folder / "generator_v1")
    return mel, audio


def vocos_folder(folder, padding, weights="pytorch_model.bin", **changes):
    config, state, mel, audio = golden(f"vocos_{padding}")
    (folder / "config.yaml").write_text(yaml.safe_dump(config | changes))
    save = save_file if weights.endswith("safetensors") else torch.save
    save(state, folder / weights)
    return mel, audio


@pytest.mark.parametrize("name", JIK876)
@pytest.mark.parametrize("by_file", [True, False])
def test_jik876_checkpoints_sound_the_same(name, by_file, tmp_path):
    mel, audio = jik876_folder(tmp_path, name)
    vocoder = load(tmp_path / "generator_v1" if by_file else tmp_path)
    assert isinstance(vocoder, HifiGan)
    assert (vocoder.spec.sample_rate_hz, vocoder.spec.high_hz, vocoder.spec.padding) == (22050, 8000, "hop")
    torch.testing.assert_close(vocoder.decode(mel), audio, rtol=0, atol=TOLERANCE)


def test_a_highest_frequency_of_null_is_half_the_sample_rate(tmp_path):
    jik876_folder(tmp_path, "hifigan_resblock1", fmax=None)
    assert load(tmp_path).spec.high_hz == 11025


def test_weight_normalisation_is_read_under_its_new_names_too(tmp_path):
    mel, audio = jik876_folder(tmp_path, "hifigan_resblock2")
    _, state, *_ = golden("hifigan_resblock2")
    renamed = {
        name.replace("weight_g", "parametrizations.weight.original0").replace(
            "weight_v", "parametrizations.weight.original1"
        ): tensor
        for name, tensor in state.items()
    }
    assert renamed.keys() != state.keys()
    torch.save({"generator": renamed}, tmp_path / "generator_v1")
    torch.testing.assert_close(load(tmp_path).decode(mel), audio, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("padding", ["center", "same"])
@pytest.mark.parametrize("weights", ["pytorch_model.bin", "model.safetensors"])
def test_vocos_checkpoints_sound_the_same(padding, weights, tmp_path):
    mel, audio = vocos_folder(tmp_path, padding, weights)
    vocoder = load(tmp_path)
    assert isinstance(vocoder, Vocos)
    assert vocoder.spec.padding == {"center": "center", "same": "hop"}[padding]
    made = vocoder.decode(mel)
    assert made.shape[-1] == mel.shape[-1] * vocoder.spec.hop_samples
    torch.testing.assert_close(made[..., : audio.shape[-1]], audio, rtol=0, atol=TOLERANCE)


def transformers_vocoder(name, folder, **changes):
    import transformers

    torch.manual_seed(0)
    shape = {
        "model_in_dim": 20,
        "upsample_initial_channel": 16,
        "upsample_rates": [8, 8, 4],
        "upsample_kernel_sizes": [16, 16, 8],
        "resblock_kernel_sizes": [3, 5],
        "resblock_dilation_sizes": [[1, 3], [1, 2]],
        "initializer_range": 0.2,  # loud enough that parity is not of silence
    }
    model_class = getattr(transformers, name)
    model = model_class(model_class.config_class(**(shape | changes))).eval()
    model.mean.copy_(torch.randn(20))
    model.scale.copy_(torch.rand(20) + 0.5)
    model.save_pretrained(folder)
    return model


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rate_hz"), [("SpeechT5HifiGan", 16000), ("FastSpeech2ConformerHifiGan", 22050)])
@pytest.mark.parametrize("normalize_before", [True, False])
def test_transformers_vocoders_sound_the_same(name, rate_hz, normalize_before, tmp_path):
    theirs = transformers_vocoder(name, tmp_path, normalize_before=normalize_before)
    ours, mel = load(tmp_path), torch.randn(2, 20, 12)
    with torch.no_grad():
        expected = theirs(mel.transpose(1, 2))[:, None]
    assert expected.abs().mean() > 0.01
    assert ours.spec.sample_rate_hz == rate_hz
    assert (ours.spec.hop_samples, ours.spec.log, ours.spec.padding) == (256, "log10", "center")
    torch.testing.assert_close(ours.decode(mel), expected, rtol=0, atol=TOLERANCE)


@pytest.mark.slow
def test_the_vocoder_inside_a_joint_transformers_model_is_found(tmp_path):
    theirs = transformers_vocoder("FastSpeech2ConformerHifiGan", tmp_path)
    joint = {"model_type": "fastspeech2_conformer_with_hifigan", "vocoder_config": theirs.config.to_dict()}
    (tmp_path / "config.json").write_text(json.dumps(joint))
    state = {f"vocoder.{name}": tensor for name, tensor in theirs.state_dict().items()}
    save_file({**state, "model.encoder.weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    mel = torch.randn(1, 20, 12)
    with torch.no_grad():
        expected = theirs(mel.transpose(1, 2))[:, None]
    torch.testing.assert_close(load(tmp_path).decode(mel), expected, rtol=0, atol=TOLERANCE)


@pytest.mark.slow
def test_a_transformers_vocoder_in_a_torch_file_is_read(tmp_path):
    theirs = transformers_vocoder("SpeechT5HifiGan", tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(theirs.state_dict(), tmp_path / "pytorch_model.bin")
    mel = torch.randn(1, 20, 12)
    with torch.no_grad():
        expected = theirs(mel.transpose(1, 2))[:, None]
    torch.testing.assert_close(load(tmp_path).decode(mel), expected, rtol=0, atol=TOLERANCE)


class Attack:
    """Creates a file when unpickled."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return Path.touch, (self.target,)


@pytest.mark.parametrize("wrap", [lambda attack: attack, lambda attack: {"generator": attack}])
@pytest.mark.parametrize("save", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))])
def test_a_pickle_that_would_act_is_refused_and_does_not(wrap, save, tmp_path):
    jik876_folder(tmp_path, "hifigan_resblock2")
    target = tmp_path / "created"
    save(wrap(Attack(target)), tmp_path / "generator_v1")
    with pytest.raises(InvalidArtifact, match=r"holds more than tensors"):
        load(tmp_path / "generator_v1")
    assert not target.exists()


@pytest.mark.parametrize("kept", [0, 10, 5000])
@pytest.mark.parametrize("weights", ["pytorch_model.bin", "model.safetensors"])
def test_truncated_weights_are_refused(kept, weights, tmp_path):
    vocos_folder(tmp_path, "same", weights)
    whole = (tmp_path / weights).read_bytes()
    (tmp_path / weights).write_bytes(whole[:kept])
    with pytest.raises(InvalidArtifact, match=weights):
        load(tmp_path)


@pytest.mark.parametrize("content", [{"model": {}}, [1, 2], {"generator": {"a": 1}}])
def test_torch_files_without_a_generator_are_refused(content, tmp_path):
    jik876_folder(tmp_path, "hifigan_resblock2")
    torch.save(content, tmp_path / "generator_v1")
    with pytest.raises(InvalidArtifact, match="holds no vocoder's weights"):
        load(tmp_path)


def test_a_small_file_cannot_ask_for_much_memory(tmp_path):
    jik876_folder(tmp_path, "hifigan_resblock2", upsample_initial_channel=4096)
    with pytest.raises(InvalidArtifact, match=r"describes a model of \d{8,} numbers and holds \d+"):
        load(tmp_path)
    jik876_folder(tmp_path, "hifigan_resblock2", upsample_initial_channel=2**40)
    with pytest.raises(InvalidArtifact, match=r"channels .* less than or equal to 4096"):
        load(tmp_path)
    jik876_folder(tmp_path, "hifigan_resblock2")
    view = torch.zeros(1).half().expand(2**50)
    torch.save({"generator": {"conv_pre.weight_g": view}}, tmp_path / "generator_v1")
    with pytest.raises(InvalidArtifact, match=r"does not hold what it says of conv_pre\.weight_g"):
        load(tmp_path)


def test_weights_of_another_shape_are_refused(tmp_path):
    jik876_folder(tmp_path, "hifigan_resblock2", upsample_initial_channel=32)
    with pytest.raises(InvalidArtifact, match=r"conv_pre\.\w+ has shape"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"upsample_rates": None}, "upsample_rates"),
        ({"hop_size": 128}, "multiply to the hop of 128"),
        ({"sampling_rate": "fast"}, "sampl"),
    ],
)
def test_jik876_configurations_that_make_no_vocoder_are_refused(changes, reason, tmp_path):
    jik876_folder(tmp_path, "hifigan_resblock2", **changes)
    with pytest.raises(InvalidArtifact, match=reason):
        load(tmp_path)


def test_an_absent_setting_is_named(tmp_path):
    jik876_folder(tmp_path, "hifigan_resblock2")
    config = json.loads((tmp_path / "config.json").read_text())
    del config["win_size"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InvalidArtifact, match="'win_size' is missing"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"head": {"class_path": "vocos.heads.IMDCTCosHead", "init_args": {}}},
            "head is a IMDCTCosHead, and only ISTFTHead",
        ),
        ({"feature_extractor": {"class_path": "vocos.feature_extractors.EncodecFeatures"}}, "EncodecFeatures"),
        ({"backbone": None}, "TypeError|subscriptable"),
    ],
)
def test_other_kinds_of_vocos_are_refused(changes, reason, tmp_path):
    vocos_folder(tmp_path, "same", **changes)
    with pytest.raises(InvalidArtifact, match=reason):
        load(tmp_path)


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"model_type": "bert"}, "'bert', and one that ends in 'hifigan' was expected"),
        ({"model_type": "hifigan", "leaky_relu_slope": 0.3}, "leaky_relu_slope is 0.3"),
        ({"model_type": "hifigan"}, "is missing"),
        ([1], "holds no vocoder's configuration"),
    ],
)
def test_other_transformers_models_are_refused(config, reason, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InvalidArtifact, match=reason):
        load(tmp_path)


def test_missing_files_are_told(tmp_path):
    with pytest.raises(InvalidArtifact, match=r"config\.json cannot be read"):
        load(tmp_path)
    jik876_folder(tmp_path, "hifigan_resblock2")
    (tmp_path / "generator_v2").touch()
    with pytest.raises(InvalidArtifact, match="holds 2 generator files"):
        load(tmp_path)
    with pytest.raises(InvalidArtifact, match="does not exist"):
        load(tmp_path / "generator_v3")
    vocos_folder(tmp_path, "same")
    (tmp_path / "pytorch_model.bin").unlink()
    with pytest.raises(InvalidArtifact, match=r"holds none of model\.safetensors"):
        load(tmp_path)
    (tmp_path / "config.yaml").write_text("a: [")
    with pytest.raises(InvalidArtifact, match="describes no vocoder"):
        load(tmp_path)
