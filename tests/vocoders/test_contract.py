"""What holds for every vocoder: sizes, artifacts, and streaming."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.vocoders.examples import small_hifigan, small_vocos

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.vocoders.contract import decode_stream, load
from octet.vocoders.hifigan import HifiGan
from octet.vocoders.vocos import Vocos

MAKERS = {
    "vocos": lambda: Vocos(small_vocos()),
    "vocos-center": lambda: Vocos(small_vocos("center")),
    "hifigan-1": lambda: HifiGan(small_hifigan("1")),
    "hifigan-2": lambda: HifiGan(small_hifigan("2")),
}


def made(name):
    torch.manual_seed(0)
    vocoder = MAKERS[name]().eval()
    for parameter in vocoder.parameters():  # away from the small initial weights, so that every layer is heard
        parameter.data.mul_(2)
    return vocoder


def a_mel(frames, batch=1):
    return torch.randn(batch, 20, frames, generator=torch.Generator().manual_seed(frames))


@pytest.mark.parametrize("name", MAKERS)
def test_every_frame_becomes_a_hop_of_samples(name):
    vocoder = made(name)
    for frames in (1, 7):
        assert vocoder.decode(a_mel(frames, batch=2)).shape == (2, 1, frames * vocoder.spec.hop_samples)


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=8)
@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_streaming_gives_the_samples_of_decoding_at_once(name, lengths):
    vocoder, mel = made(name), a_mel(sum(lengths))
    pieces = list(decode_stream(vocoder, mel.split(lengths, dim=-1)))
    whole = vocoder.decode(mel)
    # As far apart as float32 sums in another order, on audio that reaches 1.
    torch.testing.assert_close(torch.cat(pieces, dim=-1), whole, rtol=0, atol=2e-6)


def test_streaming_begins_before_the_spectrogram_ends():
    vocoder = made("vocos")
    sent = []

    def chunks():
        for chunk in a_mel(100).split(10, dim=-1):
            sent.append(chunk)
            yield chunk

    next(decode_stream(vocoder, chunks()))
    assert len(sent) == vocoder.context_frames // 10 + 1


def test_streaming_nothing_gives_nothing():
    assert list(decode_stream(made("vocos"), [])) == []


@pytest.mark.parametrize("name", MAKERS)
def test_context_frames_is_how_far_a_frame_is_heard(name):
    vocoder = made(name).double()
    mel, hop, middle = a_mel(81).double(), vocoder.spec.hop_samples, 40
    changed = mel.clone()
    changed[..., middle] += 1
    difference = (vocoder.decode(changed) - vocoder.decode(mel)).abs()[0, 0].unflatten(0, (-1, hop)).amax(dim=1)
    heard = difference.nonzero()[:, 0] - middle
    assert int(heard.abs().max()) == vocoder.context_frames


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("bits", [32, 16])
def test_an_artifact_comes_back(name, bits, tmp_path):
    vocoder, mel = made(name), a_mel(12)
    config = vocoder.config
    artifacts.save(tmp_path, config.kind, config.model_dump(mode="json"), vocoder.state_dict(), bits=bits)
    back = load(tmp_path)
    assert back.config == config
    assert not back.training
    torch.testing.assert_close(back.decode(mel), vocoder.decode(mel), rtol=0, atol=3e-3 if bits == 16 else 0)


def test_another_kind_is_refused(tmp_path):
    artifacts.save(tmp_path, "fastspeech2", {}, {})
    kinds = r"kind 'fastspeech2'; a vocoder \(vocos, hifigan, nsf_hifigan, harmonic\) is needed"
    with pytest.raises(InvalidArtifact, match=kinds):
        load(tmp_path)


def test_weights_that_do_not_fit_are_refused(tmp_path):
    other = Vocos(small_vocos(layers=1)).state_dict()
    artifacts.save(tmp_path, "vocos", small_vocos(layers=2).model_dump(mode="json"), other)
    with pytest.raises(InvalidArtifact, match=r"convnext\.1\.\S+ is missing"):
        load(tmp_path)


def test_a_configuration_that_is_none_is_refused(tmp_path):
    config = small_vocos().model_dump(mode="json") | {"channels": 0}
    artifacts.save(tmp_path, "vocos", config, {})
    with pytest.raises(InvalidArtifact, match=r"config\.json: channels: .*greater than or equal to 1"):
        load(tmp_path)
