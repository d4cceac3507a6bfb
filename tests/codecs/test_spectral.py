"""The bundled codec's shape: the contract, what is coded, artifacts, hostile configurations."""

import pytest
import torch
from pydantic import ValidationError
from tests.codecs.examples import SPECTRAL, noise, tones

from octet.codecs.contract import load
from octet.codecs.spectral import SpectralCodec, SpectralConfig
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput


def small(**changes):
    torch.manual_seed(0)
    return SpectralCodec(SpectralConfig(**(SPECTRAL.model_dump() | changes))).eval()


@pytest.mark.parametrize(("window", "frames"), [(160, 1), (256, 1), (300, 1), (256, 2), (256, 3)])
def test_it_keeps_the_contract(window, frames):
    codec = small(window_samples=window, frames_per_code=frames)
    assert (codec.sample_rate_hz, codec.frame_rate_hz, codec.channels) == (4000, 50.0 / frames, 1)
    assert (codec.codebooks, codec.codebook_size) == (4, 16)
    for samples in (1, 79, 80, 81, 1000):
        audio = noise(2, 1, samples)
        codes = codec.encode(audio)
        assert codes.shape == (2, 4, -(-samples // (80 * frames)))
        assert torch.equal(codec.encode(audio, 2), codes[:, :2])
        assert codec.decode(codes[:, :2]).shape == (2, 1, codes.shape[-1] * 80 * frames)
        assert codec.decode(codes).isfinite().all()


def test_the_bundled_shape():
    codec = SpectralCodec(SpectralConfig())
    assert (codec.sample_rate_hz, codec.frame_rate_hz, codec.codebooks, codec.codebook_size) == (16_000, 25, 16, 1024)
    mebibytes = sum(tensor.numel() for tensor in codec.state_dict().values()) * 2 / 2**20
    assert mebibytes < 16


@pytest.mark.parametrize("window", [256, 512])
def test_a_tone_is_as_loud_in_every_window_and_stands_where_it_sounds(window):
    codec = small(window_samples=window)
    time = torch.arange(4000) / 4000
    heard = codec.loudness(0.5 * torch.sin(2 * torch.pi * 1000 * time)[None, None])
    assert heard.shape == (1, window // 2 + 1, 50)
    middle = heard[0, :, 10:40]
    assert (middle.argmax(dim=0) == window // 4).all()
    expected = torch.tensor(0.5 / codec.config.quiet).log1p()
    torch.testing.assert_close(middle.amax(dim=0), expected.expand(30), rtol=0, atol=1e-3)
    assert not codec.loudness(torch.zeros(1, 1, 4000)).any()


@pytest.mark.parametrize("quiet", [1e-3, 1e-1])
def test_loudness_grows_linearly_up_to_what_is_quiet(quiet):
    codec = small(quiet=quiet)
    at_most = [float(codec.loudness(level * quiet * tones(4000, 4000, 140.0)).max()) for level in (0.01, 0.02, 20, 40)]
    assert at_most[1] / at_most[0] == pytest.approx(2, rel=0.02)
    assert at_most[3] / at_most[2] < 1.5


def test_frames_are_centred_on_their_hop():
    click = torch.zeros(1, 1, 800)
    click[0, 0, 5 * 80 + 40] = 1.0
    loud = small().loudness(click).sum(dim=1)[0]
    assert int(loud.argmax()) == 5
    torch.testing.assert_close(loud[4], loud[6])


def test_frames_of_a_code_are_frames_one_by_one():
    """What is coded at half the rate is the same loudness, and comes back as the same sound."""
    single, double = small(frames_per_code=1), small(frames_per_code=2)
    audio = tones(4000, 4000, 137.3, 201.9)
    frames, pairs = single.loudness(audio), double.loudness(audio)
    assert pairs.shape == (len(frames), 2 * frames.shape[1], frames.shape[2] // 2)
    first, second = pairs.chunk(2, dim=1)
    assert torch.equal(first, frames[..., 0::2])
    assert torch.equal(second, frames[..., 1::2])
    assert torch.equal(double.audio(pairs), single.audio(frames))


def test_phases_are_found():
    """From loudness alone comes a sound of that loudness; frames of a tone hold it, whatever its frequency."""
    codec = small(phase_iterations=32)
    audio = tones(4000, 4000, 137.3, 201.9)
    heard = codec.loudness(audio)
    again = codec.loudness(codec.audio(heard))
    assert (again - heard).abs().mean() < 0.1 * heard.mean()


def test_more_iterations_find_better_phases():
    heard = small().loudness(tones(4000, 4000, 137.3))
    errors = [
        float((codec.loudness(codec.audio(heard)) - heard).abs().mean())
        for codec in (small(phase_iterations=count) for count in (1, 30))
    ]
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("frames", [1, 24, 25, 26, 60, 90])
def test_what_comes_later_than_it_looks_ahead_changes_nothing(frames):
    codec = small()
    codes = torch.randint(0, 16, (1, 4, 200), generator=torch.Generator().manual_seed(frames))
    changed = codes.clone()
    changed[:, :, frames + codec.lookahead_frames :] += 1
    heard, other = (codec.decode(version % 16)[..., : frames * 80] for version in (codes, changed))
    torch.testing.assert_close(heard, other, rtol=0, atol=1e-5)
    alone = codec.decode(codes[:, :, : frames + codec.lookahead_frames])[..., : frames * 80]
    torch.testing.assert_close(heard, alone, rtol=0, atol=1e-5)


def test_a_batch_sounds_like_its_rows():
    codec = small()
    codes = codec.encode(noise(3, 1, 3000))
    alone = torch.cat([codec.decode(row) for row in codes.split(1)])
    torch.testing.assert_close(codec.decode(codes), alone, rtol=0, atol=1e-4)


def test_the_same_codes_always_sound_the_same():
    codec = small()
    codes = codec.encode(noise(1, 1, 800))
    assert torch.equal(codec.decode(codes), codec.decode(codes))


def test_silence_is_a_sound():
    assert small().decode(small().encode(torch.zeros(1, 1, 400))).isfinite().all()
    assert not small().audio(torch.zeros(1, 129, 5)).any()


@pytest.mark.parametrize("bits", [32, 16])
def test_an_artifact_comes_back(bits, tmp_path):
    codec, audio = small(), noise(1, 1, 500)
    artifacts.save(tmp_path, "spectral-codec", codec.config.model_dump(mode="json"), codec.state_dict(), bits=bits)
    back = load(tmp_path)
    assert back.config == codec.config
    codes = codec.encode(audio)
    if bits == 32:
        assert torch.equal(back.encode(audio), codes)
    latent = codec.quantizer.decode(codes)
    torch.testing.assert_close(back.decoder(latent), codec.decoder(latent), rtol=0, atol=1e-2 if bits == 16 else 0)


def test_what_it_cannot_use_is_refused():
    with pytest.raises(InvalidInput, match=r"\(batch, 1, samples\)"):
        small().encode(torch.zeros(1, 2, 400))
    with pytest.raises(InvalidInput, match="at least one frame"):
        small().decode(torch.zeros(1, 4, 0, dtype=torch.int64))
    with pytest.raises(InvalidInput, match="codes from 16 to 16"):
        small().decode(torch.full((1, 4, 3), 16))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"window_samples": 128}, "at least two hops"),
        ({"window_samples": 257}, "even window"),
        ({"window_samples": 10**9}, "window_samples"),
        ({"hop_samples": 81}, "even hop"),
        ({"quiet": 0}, "quiet"),
        ({"phase_iterations": 10**9}, "phase_iterations"),
        ({"encoder_layers": 10**9}, "encoder_layers"),
        ({"channels": 0}, "channels"),
        ({"codebook_size": 1}, "codebook_size"),
    ],
)
def test_shapes_that_make_no_codec_are_refused(changes, said):
    with pytest.raises((InvalidInput, ValidationError), match=said):
        small(**changes)


@pytest.mark.parametrize("changes", [{"channels": 4096}, {"codebooks": 128, "codebook_size": 65_536}])
def test_a_hostile_configuration_takes_no_memory(changes, tmp_path):
    codec = small()
    artifacts.save(tmp_path, "spectral-codec", codec.config.model_dump(mode="json") | changes, codec.state_dict())
    with pytest.raises(InvalidArtifact, match="describes a model of"):
        load(tmp_path)
