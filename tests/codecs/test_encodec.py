"""What holds for EnCodec and SoundStream alike: the contract, chunks and scales, artifacts, hostile configurations."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.codecs.examples import HOP, SHAPES, STEREO, made, noise, small_encodec

from octet.codecs import encodec
from octet.codecs.contract import load
from octet.codecs.encodec import Encodec
from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput

CHUNKED = SHAPES["48 kHz"]


@pytest.mark.parametrize("name", SHAPES)
def test_it_keeps_the_contract(name):
    codec = made(SHAPES[name])
    assert (codec.sample_rate_hz, codec.frame_rate_hz) == (4000, 100.0)
    assert (codec.codebooks, codec.codebook_size) == (6, 16)
    audio = noise(2, codec.channels, 5 * HOP + 1)
    codes, scales = codec.encode_scaled(audio)
    assert torch.equal(codec.encode(audio), codes)
    assert codes.shape == (2, 6, 6)
    assert codes.dtype == torch.int64
    assert codec.decode(codes, scales).shape == (2, codec.channels, 6 * HOP)
    assert torch.equal(codec.encode(audio, 2), codes[:, :2])
    assert codec.decode(codes[:, :2], scales).shape == (2, codec.channels, 6 * HOP)


def test_the_published_shapes():
    made_of = {
        "encodec_24khz": (24_000, 75, 1, 32, 1024, True),
        "encodec_32khz": (32_000, 50, 1, 4, 2048, False),
        "encodec_48khz": (48_000, 150, 2, 16, 1024, False),
        "soundstream": (24_000, 75, 1, 24, 1024, True),
        "soundstream_50hz": (24_000, 50, 1, 12, 1024, True),
    }
    for name, (rate_hz, frame_rate_hz, channels, codebooks, size, causal) in made_of.items():
        config = getattr(encodec, name)()
        assert config.sample_rate_hz == rate_hz
        assert config.sample_rate_hz / config.seanet.hop_samples == frame_rate_hz
        assert (config.channels, config.codebooks, config.codebook_size) == (channels, codebooks, size)
        assert config.seanet.causal == causal


@pytest.mark.parametrize(
    ("config", "kbps"),
    [
        (encodec.encodec_24khz, {1.5: 2, 3: 4, 6: 8, 12: 16, 24: 32, 0.1: 1, 99: 32}),
        (encodec.encodec_48khz, {3: 2, 6: 4, 12: 8, 24: 16}),
        (encodec.encodec_32khz, {2.2: 4}),
        (encodec.soundstream, {18: 24, 3: 4}),
    ],
)
def test_codebooks_for_a_bandwidth(config, kbps):
    narrow = config().seanet.model_copy(update={"filters": 2})
    codec = Encodec(config().model_copy(update={"seanet": narrow}))
    assert {bandwidth: codec.codebooks_at(bandwidth) for bandwidth in kbps} == kbps


def test_rows_of_a_batch_do_not_hear_each_other():
    for config in SHAPES.values():
        codec = made(config).double()
        audio = noise(3, codec.channels, 1000).double()
        codes, scales = codec.encode_scaled(audio)
        for row in range(3):
            one, scale = codec.encode_scaled(audio[row : row + 1])
            assert torch.equal(one[0], codes[row])
            assert scale is None or torch.equal(scale[0], scales[row])


@settings(max_examples=60)
@given(samples=st.integers(1, 3000), chunk=st.integers(1, 500), share=st.floats(0.5, 1.0))
def test_frames_always_divide_into_the_chunks_that_gave_them(samples, chunk, share):
    stride = max(math.ceil(chunk * share), 1)
    codec = made(CHUNKED.model_copy(update={"chunk_samples": chunk, "chunk_stride_samples": stride}))
    chunks = codec._chunks(samples)
    assert chunks[-1][1] == samples
    frames = [-(-(end - start) // HOP) for start, end in chunks]
    assert codec._chunk_frames(sum(frames)) == frames


@pytest.mark.parametrize("samples", [1, 380, 396, 397, 400, 760, 793, 1200])
def test_chunks_are_encoded_apart_and_faded_into_each_other(samples):
    codec = made(CHUNKED)
    audio = noise(1, 2, samples)
    codes, scales = codec.encode_scaled(audio)
    pieces = [codec.encode_scaled(audio[..., start : start + 400]) for start in range(0, samples, 396)]
    if len(pieces) == 1:
        return
    with torch.no_grad():
        alone = [
            codec.decoder(codec.quantizer.decode(codec.quantizer.encode(codec.encoder(codec.normalise(chunk)[0]))))
            * codec.normalise(chunk)[1]
            for chunk in (audio[..., start : start + 400] for start in range(0, samples, 396))
        ]
    sound = codec.decode(codes, scales)
    torch.testing.assert_close(sound[..., :396], alone[0][..., :396])
    torch.testing.assert_close(sound[..., 396 * (len(alone) - 1) + 4 :], alone[-1][..., 4:])
    first, second = alone[0][..., 396:400], alone[1][..., :4]
    if first.shape == second.shape:
        fade = torch.arange(1, 5) / 5
        torch.testing.assert_close(sound[..., 396:400], (1 - fade) * first + fade * second)


def test_a_normalised_codec_gives_back_the_loudness():
    codec, audio = made(CHUNKED), noise(1, 2, 900)
    quiet, loud = codec.encode_scaled(audio), codec.encode_scaled(8 * audio)
    assert torch.equal(quiet.codes, loud.codes)
    torch.testing.assert_close(8 * quiet.scales, loud.scales)
    torch.testing.assert_close(8 * codec.decode(*quiet), codec.decode(*loud))
    level = audio[..., :400].mean(dim=1).square().mean().sqrt()
    torch.testing.assert_close(quiet.scales[0, 0], level + 1e-8)


def test_silence_is_a_sound():
    for config in SHAPES.values():
        codec = made(config)
        assert codec.decode(*codec.encode_scaled(torch.zeros(1, codec.channels, 900))).isfinite().all()


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        (torch.zeros(1, 2, 100), r"shape \(1, 2, 100\).*\(batch, 1, samples\)"),
        (torch.zeros(1, 100), r"shape \(1, 100\)"),
        (torch.zeros(1, 1, 0), r"shape \(1, 1, 0\)"),
        (torch.zeros(1, 1, 100, dtype=torch.int16), "torch.int16"),
        (torch.full((1, 1, 100), float("nan")), "not numbers"),
    ],
)
def test_what_is_no_audio_is_refused(audio, said):
    with pytest.raises(InvalidInput, match=said):
        made(SHAPES["24 kHz"]).encode(audio)


def test_what_cannot_be_decoded_is_refused():
    codec = made(CHUNKED)
    codes, scales = codec.encode_scaled(noise(1, 2, 900))
    with pytest.raises(InvalidInput, match=r"needs scales of shape \(1, 3\), and none were given"):
        codec.decode(codes)
    with pytest.raises(InvalidInput, match=r"needs scales of shape \(1, 3\), and \(1, 2\) was given"):
        codec.decode(codes, scales[:, :2])
    with pytest.raises(InvalidInput, match="at least one frame"):
        codec.decode(codes[..., :0])


@pytest.mark.parametrize("bits", [32, 16])
def test_an_artifact_comes_back(bits, tmp_path):
    codec = made(SHAPES["24 kHz"])
    artifacts.save(tmp_path, "encodec", codec.config.model_dump(mode="json"), codec.state_dict(), bits=bits)
    back, audio = load(tmp_path), noise(1, 1, 500)
    assert back.config == codec.config
    assert not back.training
    codes = codec.encode(audio)
    if bits == 32:
        assert torch.equal(back.encode(audio), codes)
    torch.testing.assert_close(back.decode(codes), codec.decode(codes), rtol=0, atol=2e-3 if bits == 16 else 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"codebooks": 10**9}, "codebooks"),
        ({"codebook_size": 10**9}, "codebook_size"),
        ({"codebooks": 128, "codebook_size": 65_536}, "describes a model of"),
        ({"channels": 0}, "channels"),
        ({"sample_rate_hz": -1}, "sample_rate_hz"),
        ({"chunk_samples": 5}, "chunks need a stride"),
        ({"seanet": {"filters": 512}}, "describes a model of"),
        ({"seanet": {"filters": 2**40}}, "filters"),
        ({"seanet": {"residual_layers": 10**6}}, "residual_layers"),
    ],
)
def test_a_hostile_configuration_takes_no_memory(changes, said, tmp_path):
    codec = made(SHAPES["24 kHz"])
    artifacts.save(tmp_path, "encodec", codec.config.model_dump(mode="json") | changes, codec.state_dict())
    with pytest.raises((InvalidArtifact, InvalidInput), match=said):
        load(tmp_path)


@pytest.mark.parametrize("stride", [None, 199, 401, 0])
def test_chunks_that_do_not_cover_the_sound_are_refused(stride):
    with pytest.raises((InvalidInput, ValidationError), match="stride"):
        small_encodec(**(STEREO | {"chunk_stride_samples": stride}))


def test_another_kind_is_refused(tmp_path):
    artifacts.save(tmp_path, "vocos", {}, {})
    with pytest.raises(InvalidArtifact, match=r"kind 'vocos'; a codec \(encodec, spectral-codec, dac\) is needed"):
        load(tmp_path)
