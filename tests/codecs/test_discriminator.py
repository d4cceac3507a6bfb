"""EnCodec's discriminator: its size, what it sees, and that it can tell two sounds apart."""

import pytest
import torch
from tests.codecs.examples import noise, tones

from octet.codecs.discriminator import WINDOWS, MultiScaleSTFTDiscriminator, STFTDiscriminator
from octet.vocoders.losses import HINGE


def test_its_size():
    weights = 2 * 32 * 27 + 3 * (32 * 32 * 27) + 32 * 32 * 9 + 32 * 9
    biases_and_magnitudes = 32 + 2 * 4 * 32 + 2
    assert WINDOWS == (2048, 1024, 512, 256, 128)
    counted = sum(parameter.numel() for parameter in MultiScaleSTFTDiscriminator().parameters())
    assert counted == 5 * (weights + biases_and_magnitudes)


def test_each_window_judges_each_channel_of_any_length():
    judgements = MultiScaleSTFTDiscriminator((256, 64), filters=4)(noise(3, 2, 1001))
    assert len(judgements) == 2
    for window, judgement in zip((256, 64), judgements, strict=True):
        frames = (1001 - window) // (window // 4) + 1
        assert len(judgement.score) == 3 * 2
        assert len(judgement.features) == 5
        assert judgement.features[0].shape == (6, 4, frames, window // 2 + 1)
        assert judgement.score.shape[1] % frames == 0


def test_channels_are_judged_apart():
    network, audio = MultiScaleSTFTDiscriminator((64,), filters=4), noise(1, 2, 500)
    (both,), (left,) = network(audio), network(audio[:, :1])
    torch.testing.assert_close(both.score[:1], left.score)


def test_it_hears_the_phase():
    network, audio = STFTDiscriminator(64, filters=4), noise(1, 500)
    assert (network(audio).score - network(-audio).score).abs().max() > 1e-3


def test_the_window_has_unit_energy():
    assert float(STFTDiscriminator(256).window.square().sum()) == pytest.approx(1.0)


def test_it_learns_to_tell_tones_from_noise():
    torch.manual_seed(0)
    network = MultiScaleSTFTDiscriminator((256, 64), filters=8)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3, betas=(0.5, 0.9))
    real, fake = tones(2000, 4000, 110.0, 180.0), noise(2, 1, 2000)
    for _ in range(25):
        scores = [[judgement.score for judgement in network(audio)] for audio in (fake, real)]
        loss = HINGE.discriminator(*scores)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss.detach()) < 0.5 * 2.0 * len(scores[0])
