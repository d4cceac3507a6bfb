"""The bundled codec's shape: the contract, what its encoder hears, artifacts, hostile configurations."""

import pytest
import torch
from pydantic import ValidationError
from tests.codecs.examples import SPECTRAL, noise

from octet.codecs.contract import load
from octet.codecs.spectral import LEAST_MAGNITUDE, SpectralCodec, SpectralConfig, _log_magnitude
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput


def small(**changes):
    torch.manual_seed(0)
    return SpectralCodec(SpectralConfig(**(SPECTRAL.model_dump() | changes))).eval()


@pytest.mark.parametrize("subframes", [1, 2, 4])
def test_it_keeps_the_contract(subframes):
    codec = small(subframes=subframes)
    assert (codec.sample_rate_hz, codec.frame_rate_hz, codec.channels) == (4000, 50.0, 1)
    assert (codec.codebooks, codec.codebook_size) == (4, 16)
    for samples in (1, 79, 80, 81, 1000):
        audio = noise(2, 1, samples)
        codes = codec.encode(audio)
        assert codes.shape == (2, 4, -(-samples // 80))
        assert torch.equal(codec.encode(audio, 2), codes[:, :2])
        assert codec.decode(codes[:, :2]).shape == (2, 1, codes.shape[-1] * 80)
        assert codec.decode(codes).isfinite().all()


def test_the_bundled_shape():
    codec = SpectralCodec(SpectralConfig())
    assert (codec.sample_rate_hz, codec.frame_rate_hz, codec.codebooks, codec.codebook_size) == (16_000, 50, 4, 1024)
    mebibytes = sum(tensor.numel() for tensor in codec.state_dict().values()) * 2 / 2**20
    assert mebibytes < 16


def test_a_tone_is_as_loud_in_every_window_and_stands_where_it_sounds():
    time = torch.arange(4000) / 4000
    audio = 0.5 * torch.sin(2 * torch.pi * 1000 * time)[None]
    for window in (128, 512):
        heard = _log_magnitude(audio, window, 80)
        assert heard.shape == (1, window // 2 + 1, 50)
        middle = heard[0, :, 10:40]
        assert (middle.argmax(dim=0) == window // 4).all()
        torch.testing.assert_close(
            middle.amax(dim=0), torch.full((30,), 0.25 / LEAST_MAGNITUDE).log(), rtol=0, atol=1e-3
        )
    assert not _log_magnitude(torch.zeros(1, 4000), 128, 80).any()


def test_the_long_window_tells_neighbouring_notes_apart():
    time = torch.arange(16_000) / 16_000
    low, high = (0.5 * torch.sin(2 * torch.pi * f0_hz * time)[None] for f0_hz in (220.0, 233.1))
    short, long = (
        [_log_magnitude(audio, window, 320)[0, :, 25].exp() for audio in (low, high)]
        for window in SpectralConfig().windows
    )
    assert torch.cosine_similarity(*long, dim=0) < 0.7
    assert torch.cosine_similarity(*short, dim=0) > 0.9


def test_frames_are_centred_on_their_hop():
    codec = small()
    click = torch.zeros(1, 800)
    click[0, 5 * 80 + 40] = 1.0
    loud = _log_magnitude(click, 128, 80).exp().sum(dim=1)[0]
    assert int(loud.argmax()) == 5
    torch.testing.assert_close(loud[4], loud[6])
    assert codec.config.synthesis.padding == "hop"


def constant(head, frames, loudest):
    """What a head makes of frames that are all alike, one of whose frequencies is loud."""
    frequencies = head.out.out_features // 2
    with torch.no_grad():
        head.out.weight.zero_()
        head.out.bias.copy_(torch.cat([torch.full((frequencies,), -20.0), torch.randn(frequencies)]))
        head.out.bias[loudest] = 3.0
        return head(torch.randn(1, frames, 16))[0, 0]


def test_a_tone_of_any_frequency_is_held_by_frames_that_are_all_alike():
    codec = small()
    tone = constant(codec.decoder.tones, 60, loudest=43)[1000:-1000]  # 43 * 4000 / 512 = 335.9 Hz
    spectrum = torch.fft.rfft(tone * torch.hann_window(len(tone)), n=40_000).abs()
    assert abs(int(spectrum.argmax()) * 4000 / 40_000 - 43 * 4000 / 512) < 0.2
    longer = constant(codec.decoder.tones, 4000, loudest=43)[-3000:]  # the phase stays exact
    torch.testing.assert_close(longer.square().mean(), tone.square().mean(), rtol=0.02, atol=0)
    frames = constant(codec.decoder.head, 60, loudest=21)[400:-400].unfold(0, 40, 40)
    torch.testing.assert_close(frames[1:], frames[:-1], rtol=0, atol=1e-4)  # which the other head cannot do


@pytest.mark.parametrize("window", [None, 256, 512])
def test_it_works_with_and_without_tones(window):
    codec = small(tone_window=window)
    assert hasattr(codec.decoder, "tones") == (window is not None)
    assert codec.decode(codec.encode(noise(1, 1, 500))).shape == (1, 1, 560)


def test_silence_is_a_sound():
    assert small().decode(small().encode(torch.zeros(1, 1, 400))).isfinite().all()


def test_a_loud_tone_can_be_made():
    codec = small()
    head = codec.decoder.head.out
    with torch.no_grad():
        head.weight.zero_()
        head.bias[:129] = -20.0
        head.bias[32] = 20.0  # far above the limit: a tone of 500 Hz
    assert codec.decode(torch.zeros(1, 4, 20, dtype=torch.int64)).abs().max() > 1


@pytest.mark.parametrize("half", [False, True])
def test_an_artifact_comes_back(half, tmp_path):
    codec, audio = small(), noise(1, 1, 500)
    artifacts.save(tmp_path, "spectral-codec", codec.config.model_dump(mode="json"), codec.state_dict(), half=half)
    back = load(tmp_path)
    assert back.config == codec.config
    codes = codec.encode(audio)
    if not half:
        assert torch.equal(back.encode(audio), codes)
    torch.testing.assert_close(back.decode(codes), codec.decode(codes), rtol=0, atol=1e-2 if half else 0)


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
        ({"windows": (64, 512)}, "windows of at least a hop"),
        ({"windows": ()}, "windows"),
        ({"windows": (10**9,)}, "windows"),
        ({"subframes": 3}, "even numbers of samples"),
        ({"subframes": 16}, "even numbers of samples"),
        ({"synthesis_window": 64}, "at least two sub-frames"),
        ({"synthesis_window": 255}, "even synthesis window"),
        ({"tone_window": 128}, "even tone window of at least two hops"),
        ({"tone_window": 513}, "even tone window"),
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
