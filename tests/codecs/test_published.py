"""Public codec checkpoints: the codes and waveforms of the reference implementation, and refusal of everything else.

transformers runs here, on random weights; the two other formats are written from its weights under their names.
"""

import json
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import save_file
from tests.codecs.checkpoints import VARIANTS, audiocraft_file, native, transformers_folder, xp_cfg

from octet.codecs.encodec import Encodec
from octet.codecs.published import load
from octet.core.errors import InvalidArtifact

TOLERANCE = 1e-5
LENGTHS = (1, 2, 7, 39, 40, 41, 79, 123, 400, 997)  # shorter than a kernel, a hop, and all around a frame's end


@torch.no_grad()
def their_codes_and_audio(model, audio, bandwidth):
    encoded = model.encode(audio, bandwidth=bandwidth)
    cut = encoded.last_frame_pad_length
    sound = model.decode(encoded.audio_codes, encoded.audio_scales, last_frame_pad_length=cut).audio_values
    codes = torch.cat(list(encoded.audio_codes), dim=-1)
    return codes[..., : codes.shape[-1] - cut], sound


def assert_same(ours, model, lengths=LENGTHS):
    loudness = []
    for bandwidth in model.config.target_bandwidths:
        for samples in lengths:
            audio = torch.randn(2, ours.channels, samples, generator=torch.Generator().manual_seed(samples))
            codes, sound = their_codes_and_audio(model, audio, bandwidth)
            found = ours.encode_scaled(audio, ours.codebooks_at(bandwidth))
            assert torch.equal(found.codes, codes)
            torch.testing.assert_close(ours.decode(*found), sound, rtol=0, atol=TOLERANCE)
            loudness.append(float(sound.abs().mean()))
    assert max(loudness) > 0.1


@pytest.mark.parametrize("variant", VARIANTS)
def test_transformers_checkpoints_give_the_same_codes_and_sound(variant, tmp_path):
    model = transformers_folder(tmp_path, variant)
    assert_same(load(tmp_path), model)


def test_a_torch_file_of_transformers_is_read(tmp_path):
    model = transformers_folder(tmp_path, weights="pytorch_model.bin")
    assert_same(load(tmp_path), model, lengths=(123,))


def test_weight_normalisation_is_read_under_its_old_names_too(tmp_path):
    model = transformers_folder(tmp_path)
    state = native(model.state_dict(), new_names=False)
    save_file({name.replace(".model.", ".layers."): tensor for name, tensor in state.items()}, tmp_path / "x")
    assert any(name.endswith("weight_g") for name in state)
    (tmp_path / "x").rename(tmp_path / "model.safetensors")
    assert_same(load(tmp_path), model, lengths=(123,))


def test_the_codec_inside_a_joint_model_is_found(tmp_path):
    model = transformers_folder(tmp_path)
    joint = {"model_type": "musicgen", "audio_encoder": model.config.to_dict()}
    (tmp_path / "config.json").write_text(json.dumps(joint, default=str))
    state = {f"audio_encoder.{name}": tensor.clone() for name, tensor in model.state_dict().items()}
    save_file({**state, "decoder.lm_heads.0.weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    assert_same(load(tmp_path), model, lengths=(123,))


@pytest.mark.parametrize("variant", ["24 kHz", "32 kHz", "zeros at the edges"])
@pytest.mark.parametrize("by_file", [True, False])
def test_audiocraft_checkpoints_give_the_same_codes_and_sound(variant, by_file, tmp_path):
    model = audiocraft_file(tmp_path, variant)
    ours = load(tmp_path / "compression_state_dict.bin" if by_file else tmp_path)
    assert_same(ours, model, lengths=(1, 41, 997))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["24khz", "48khz"])
def test_files_of_encodec_give_the_same_codes_and_sound(name, tmp_path):
    from transformers import EncodecConfig, EncodecModel

    stereo = {"audio_channels": 2, "normalize": True, "chunk_length_s": 1.0, "overlap": 0.01}
    stereo |= {"sampling_rate": 48_000, "use_causal_conv": False, "norm_type": "time_group_norm"}
    stereo |= {"target_bandwidths": [3.0, 6.0, 12.0, 24.0]}
    torch.manual_seed(0)
    model = EncodecModel(EncodecConfig(**(stereo if name == "48khz" else {}))).eval()
    for layer in model.quantizer.layers:
        layer.codebook.embed.normal_()
    torch.save(native(model.state_dict()), tmp_path / f"encodec_{name}-0123abcd.th")
    ours = load(tmp_path / f"encodec_{name}-0123abcd.th")
    audio = 0.3 * torch.randn(1, ours.channels, 51_001 if name == "48khz" else 5_001)
    codes, sound = their_codes_and_audio(model, audio, 6.0)
    found = ours.encode_scaled(audio, ours.codebooks_at(6.0))
    assert (found.codes == codes).float().mean() > 0.999  # near ties may fall to either side
    padded_sound = ours.decode(codes, found.scales)
    torch.testing.assert_close(padded_sound, sound, rtol=0, atol=1e-4)


class Attack:
    """Creates a file when unpickled."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return Path.touch, (self.target,)


@pytest.mark.parametrize("wrap", [lambda a: a, lambda a: {"best_state": a, "xp.cfg": ""}, lambda a: {"xp.cfg": a}])
def test_a_pickle_that_would_act_is_refused_and_does_not(wrap, tmp_path):
    target = tmp_path / "created"
    torch.save(wrap(Attack(target)), tmp_path / "compression_state_dict.bin")
    with pytest.raises(InvalidArtifact, match="holds more than tensors"):
        load(tmp_path)
    assert not target.exists()


@pytest.mark.parametrize("kept", [0, 10, 5000])
@pytest.mark.parametrize("kind", ["pytorch_model.bin", "model.safetensors", "compression_state_dict.bin"])
def test_truncated_weights_are_refused(kept, kind, tmp_path):
    if kind.startswith("compression"):
        audiocraft_file(tmp_path)
    else:
        transformers_folder(tmp_path, weights=kind)
    (tmp_path / kind).write_bytes((tmp_path / kind).read_bytes()[:kept])
    with pytest.raises(InvalidArtifact, match=kind):
        load(tmp_path)


@pytest.mark.parametrize("name", ["encoder.layers.0.conv.bias", "quantizer.layers.5.codebook.embed"])
def test_a_missing_tensor_is_named(name, tmp_path):
    model = transformers_folder(tmp_path)
    save_file({key: value for key, value in model.state_dict().items() if key != name}, tmp_path / "model.safetensors")
    said = {"encoder": r"encoder\.layers\.0\.conv\.bias", "quantizer": r"quantizer\.codebooks\.5\.vectors"}
    with pytest.raises(InvalidArtifact, match=said[name.split(".")[0]] + " is missing"):
        load(tmp_path)


@pytest.mark.parametrize("shape", [(), (4,), (4, 2, 1), (1, 1, 1, 1)])
def test_a_magnitude_that_does_not_fit_its_direction_is_refused(shape, tmp_path):
    model = transformers_folder(tmp_path)
    name = "encoder.layers.0.conv.parametrizations.weight.original0"
    save_file({**model.state_dict(), name: torch.ones(shape)}, tmp_path / "model.safetensors")
    with pytest.raises(InvalidArtifact, match=r"original0 does not fit encoder\.layers\.0"):
        load(tmp_path)


@pytest.mark.parametrize("name", [name for name in xp_cfg("32 kHz")["seanet"] if name != "norm_params"])
def test_a_missing_setting_of_audiocraft_is_named_or_has_its_default(name, tmp_path):
    config = xp_cfg("32 kHz")
    del config["seanet"][name]
    audiocraft_file(tmp_path, **{"xp.cfg": yaml.safe_dump(config)})
    defaults = {"activation", "activation_params", "decoder", "encoder", "disable_norm_outer_blocks", "channels"}
    if name in defaults | {"causal"}:
        assert isinstance(load(tmp_path), Encodec)
    else:
        with pytest.raises(InvalidArtifact, match=f"'{name}' is missing"):
            load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seanet": None}, "describes no codec"),
        ({"rvq": {"n_q": 10**9, "bins": 16}}, "codebooks"),
        ({"rvq": {"n_q": 7, "bins": 16}}, r"quantizer\.codebooks\.6\.vectors is missing"),
        ({"compression_model": "dac"}, "compression_model is 'dac', and only 'encodec'"),
        ({"sample_rate": "${sample_rate}"}, "describes no codec"),
        ({"sample_rate": "${nothing}"}, "'nothing' is missing"),
    ],
)
def test_audiocraft_settings_that_make_no_codec_are_refused(changes, said, tmp_path):
    audiocraft_file(tmp_path, **{"xp.cfg": yaml.safe_dump(xp_cfg("32 kHz") | changes)})
    with pytest.raises(InvalidArtifact, match=said):
        load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"activation": "SiLU"}, "activation is 'SiLU', and only 'ELU'"),
        ({"disable_norm_outer_blocks": 2}, "disable_norm_outer_blocks is 2"),
        ({"decoder": {"trim_right_ratio": 0.5}}, "decoder is"),
        ({"encoder": {"n_filters": 64}}, "encoder is"),
        ({"norm": "layer_norm"}, "'layer_norm' is missing"),
        ({"n_filters": 4096}, "SEANet needs"),
        ({"n_filters": 1024}, "describes a model of"),
        ({"pad_mode": "circular"}, "padding"),
    ],
)
def test_seanets_that_cannot_be_built_are_refused(changes, said, tmp_path):
    audiocraft_file(tmp_path, **{"xp.cfg": yaml.safe_dump(xp_cfg("32 kHz", **changes))})
    with pytest.raises(InvalidArtifact, match=said):
        load(tmp_path)


@pytest.mark.parametrize("text", ["a: [", "- 1", "", 5, "&a [*a]", "[" * 500])
def test_settings_that_are_no_yaml_are_refused(text, tmp_path):
    audiocraft_file(tmp_path, **{"xp.cfg": text})
    with pytest.raises(InvalidArtifact, match="describes no codec"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"model_type": "dac"}, "'sampling_rate' is missing"),
        ({"model_type": "mimi"}, "'hidden_size' is missing"),
        ({"model_type": "mimi", "hidden_size": 8}, "model_type is 'mimi', and only 'encodec'"),
        ([1], "describes no codec"),
        ({"audio_encoder": [1]}, "describes no codec"),
    ],
)
def test_other_transformers_models_are_refused(config, said, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(InvalidArtifact, match=said):
        load(tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trim_right_ratio": 0.5}, "trim_right_ratio is 0.5"),
        ({"codebook_dim": 4}, "codebook_dim is 4"),
        ({"num_filters": None}, "filters"),
        ({"num_filters": 16}, r"encoder\.layers\.0\.conv\.weight has shape"),
        ({"codebook_size": 1}, "ZeroDivision|zero"),
        ({"chunk_length_s": float("inf"), "overlap": 0.1}, "infinity"),
        ({"chunk_length_s": 1.0}, "overlap|unsupported"),
        ({"sampling_rate": "fast"}, "fast|unsupported"),
    ],
)
def test_transformers_configurations_that_make_no_codec_are_refused(changes, said, tmp_path):
    transformers_folder(tmp_path, **changes)
    with pytest.raises(InvalidArtifact, match=said):
        load(tmp_path)


@pytest.mark.parametrize(
    "content", [[1, 2], {"a": 1}, {"best_state": {"a": 1}, "xp.cfg": yaml.safe_dump(xp_cfg("32 kHz"))}]
)
def test_torch_files_without_weights_are_refused(content, tmp_path):
    torch.save(content, tmp_path / "compression_state_dict.bin")
    with pytest.raises(InvalidArtifact, match="holds no codec's weights"):
        load(tmp_path)


def test_a_file_that_points_elsewhere_says_so(tmp_path):
    torch.save({"pretrained": "facebook/encodec_32khz", "exported": True}, tmp_path / "compression_state_dict.bin")
    with pytest.raises(InvalidArtifact, match="only names another checkpoint: load 'facebook/encodec_32khz' instead"):
        load(tmp_path)


def test_missing_files_are_told(tmp_path):
    with pytest.raises(InvalidArtifact, match="does not exist"):
        load(tmp_path / "nothing")
    with pytest.raises(InvalidArtifact, match=r"neither config\.json nor compression_state_dict\.bin"):
        load(tmp_path)
    transformers_folder(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(InvalidArtifact, match=r"holds none of model\.safetensors, pytorch_model\.bin"):
        load(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(InvalidArtifact, match="describes no codec"):
        load(tmp_path)
