"""DAC: the codes and samples of transformers' model on random weights; the contract; hostile configurations."""

import json
from functools import cache

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import save_file
from tests.codecs.examples import noise

from octet.codecs import contract, published
from octet.codecs.dac import Dac, DacConfig, Snake
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput

SMALL = DacConfig(
    sample_rate_hz=4000,
    encoder_channels=4,
    decoder_channels=32,
    ratios=(2, 4, 5),
    codebooks=4,
    codebook_size=16,
    codebook_dimension=3,
)


@cache
def theirs(ratios, normalised):
    from transformers import DacConfig as TheirConfig
    from transformers import DacModel

    torch.manual_seed(0)
    shape = {"encoder_hidden_size": 4, "decoder_hidden_size": 32, "n_codebooks": 4, "codebook_size": 16}
    model = DacModel(TheirConfig(**shape, downsampling_ratios=ratios, codebook_dim=3, sampling_rate=4000)).eval()
    for name, parameter in model.named_parameters():  # every Snake has its own frequency
        parameter.data.add_((0.3 if "alpha" in name else 0.05) * torch.randn_like(parameter))
    if normalised:
        model.apply_weight_norm()
    return model


def transformers_folder(folder, ratios=(2, 4, 5), normalised=False, **changes):
    model = theirs(ratios, normalised)
    config = json.loads(model.config.to_json_string(use_diff=False)) | changes
    (folder / "config.json").write_text(json.dumps(config))
    save_file({name: tensor.clone() for name, tensor in model.state_dict().items()}, folder / "model.safetensors")
    return model


def small():
    torch.manual_seed(0)
    return Dac(SMALL).eval()


@pytest.mark.parametrize("ratios", [(2, 4, 5), (2, 4, 8), (3, 2)])
@pytest.mark.parametrize("normalised", [False, True])
def test_transformers_checkpoints_give_the_same_codes_and_sound(ratios, normalised, tmp_path):
    model = transformers_folder(tmp_path, ratios, normalised)
    ours = published.load(tmp_path)
    hop = ours.config.hop_samples
    for frames in (1, 2, 7, 31):
        audio = noise(2, 1, frames * hop)
        for used in (1, 4):
            with torch.no_grad():
                codes = model.encode(audio, n_quantizers=used).audio_codes
                sound = model.decode(audio_codes=codes).audio_values[:, None]
            assert torch.equal(ours.encode(audio, used), codes)
            made = ours.decode(codes)
            assert made.shape == (2, 1, frames * hop)
            torch.testing.assert_close(made[..., : sound.shape[-1]], sound, rtol=0, atol=1e-5)
            assert not made[..., sound.shape[-1] :].any()
    assert sound.abs().mean() > 0.01


def test_a_hop_length_that_contradicts_the_ratios_is_not_believed(tmp_path):
    transformers_folder(tmp_path, hop_length=512)
    assert published.load(tmp_path).frame_rate_hz == 100.0


def test_it_keeps_the_contract():
    codec = small()
    assert (codec.sample_rate_hz, codec.frame_rate_hz, codec.channels) == (4000, 100.0, 1)
    assert (codec.codebooks, codec.codebook_size) == (4, 16)
    for samples in (1, 39, 40, 41, 200):
        codes = codec.encode(noise(2, 1, samples))
        assert codes.shape == (2, 4, -(-samples // 40))
        assert torch.equal(codec.encode(noise(2, 1, samples), 2), codes[:, :2])
        assert codec.decode(codes[:, :2]).shape == (2, 1, codes.shape[-1] * 40)


def test_what_it_cannot_use_is_refused():
    with pytest.raises(InvalidInput, match=r"\(batch, 1, samples\)"):
        small().encode(torch.zeros(1, 2, 400))
    with pytest.raises(InvalidInput, match="5 codebooks were asked for; this codec has 1 to 4"):
        small().encode(torch.zeros(1, 1, 400), 5)
    with pytest.raises(InvalidInput, match="codes from 16 to 16"):
        small().decode(torch.full((1, 4, 3), 16))
    with pytest.raises(InvalidInput, match="at least one frame"):
        small().decode(torch.zeros(1, 4, 0, dtype=torch.int64))


def test_codebooks_are_searched_by_angle_alone():
    level = small().quantizer.levels[0]
    latent = noise(1, SMALL.dimension, 30)
    codes = level.encode(latent)
    with torch.no_grad():
        level.codebook.weight.mul_(torch.rand(16, 1) + 0.1)
    assert torch.equal(level.encode(latent), codes)


def test_snake_is_its_formula():
    snake, x = Snake(2), noise(1, 2, 9)
    with torch.no_grad():
        snake.alpha.copy_(torch.tensor([0.5, 3.0]).view(1, 2, 1))
        expected = torch.stack(
            [x[0, 0] + torch.sin(0.5 * x[0, 0]) ** 2 / 0.5, x[0, 1] + torch.sin(3 * x[0, 1]) ** 2 / 3]
        )
        torch.testing.assert_close(snake(x)[0], expected)


def test_an_artifact_comes_back(tmp_path):
    codec, audio = small(), noise(1, 1, 500)
    artifacts.save(tmp_path, "dac", codec.config.model_dump(mode="json"), codec.state_dict())
    back = contract.load(tmp_path)
    assert back.config == codec.config
    assert torch.equal(back.encode(audio), codec.encode(audio))


def test_the_public_16_khz_shape():
    config = DacConfig()
    assert (config.sample_rate_hz / config.hop_samples, config.codebooks, config.dimension) == (50, 12, 1024)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"decoder_channels": 36}, "decoder_channels that halve 3 times"),
        ({"encoder_channels": 4096}, "at most 16384 channels"),
        ({"ratios": (63, 63, 63)}, "multiply to at most 65536"),
        ({"ratios": ()}, "ratios"),
        ({"codebooks": 10**9}, "codebooks"),
        ({"codebook_dimension": 0}, "codebook_dimension"),
    ],
)
def test_shapes_that_make_no_codec_are_refused(changes, said):
    with pytest.raises((InvalidInput, ValidationError), match=said):
        DacConfig(**(SMALL.model_dump() | changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"encoder_hidden_size": 1024}, "describes a model of"),
        ({"n_codebooks": 5}, r"quantizer\.quantizers\.4\.\S+ is missing"),
        ({"downsampling_ratios": None}, "ratios"),
        ({"sampling_rate": "fast"}, "sample_rate_hz"),
    ],
)
def test_transformers_configurations_that_make_no_codec_are_refused(changes, said, tmp_path):
    transformers_folder(tmp_path, **changes)
    with pytest.raises(InvalidArtifact, match=said):
        published.load(tmp_path)
