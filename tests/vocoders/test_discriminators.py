"""Discriminators: the public ones' sizes, what each sees, and that they can tell two sounds apart."""

import pytest
import torch
from tests.vocoders.examples import spec, voice

from octet.vocoders.discriminators import (
    MultiPeriodDiscriminator,
    MultiResolutionDiscriminator,
    MultiScaleDiscriminator,
    ParallelWaveGANDiscriminator,
    PeriodDiscriminator,
    ResolutionDiscriminator,
)
from octet.vocoders.losses import HINGE, Resolution

ALL = {
    "period": MultiPeriodDiscriminator,
    "scale": MultiScaleDiscriminator,
    "resolution": lambda: MultiResolutionDiscriminator(channels=8),
    "parallel wavegan": ParallelWaveGANDiscriminator,
}


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (MultiPeriodDiscriminator, 41_105_770),  # of jik876's code
        (MultiScaleDiscriminator, 29_618_821),  # likewise
        (ParallelWaveGANDiscriminator, 99_842),  # worked out: 9 layers of 64 channels and the last
    ],
)
def test_sizes_are_those_of_the_public_code(make, count):
    assert parameters(make()) == count


@pytest.mark.parametrize(("name", "parts"), [("period", 5), ("scale", 3), ("resolution", 3), ("parallel wavegan", 1)])
def test_each_part_judges_each_item_of_any_length(name, parts):
    judgements = ALL[name]()(0.1 * torch.randn(2, 1, 2501))
    assert len(judgements) == parts
    assert all(judgement.score.shape[0] == 2 and judgement.score.dim() == 2 for judgement in judgements)
    assert all(feature.shape[0] == 2 for judgement in judgements for feature in judgement.features)


def test_parallel_wavegan_scores_every_sample_from_38_on_either_side():
    discriminator = ParallelWaveGANDiscriminator().double()
    audio = torch.randn(1, 1, 201).double()
    changed = audio.clone()
    changed[..., 100] += 1
    (before,), (after,) = discriminator(audio), discriminator(changed)
    assert before.score.shape == (1, 201)
    heard = (before.score - after.score)[0].nonzero()[:, 0] - 100
    assert (int(heard.min()), int(heard.max())) == (-38, 38)  # dilations 1, 1, 2, ..., 8 and 1


@pytest.mark.parametrize("period", [2, 3])
def test_a_period_discriminator_keeps_its_columns_apart(period):
    discriminator = PeriodDiscriminator(period, channels=(4, 4)).double()
    audio = torch.randn(1, 1, 30 * period).double()
    changed = audio.clone()
    changed[..., 15 * period] += 1
    difference = (discriminator(audio).score - discriminator(changed).score)[0].unflatten(0, (-1, period))
    assert difference[:, 0].abs().max() > 0
    assert difference[:, 1:].abs().max() == 0


def test_a_resolution_discriminator_is_deaf_to_the_sign_of_the_waveform():
    discriminator = ResolutionDiscriminator(Resolution(256, 64, 256), channels=4)
    audio = voice(40, spec())[None, None]
    torch.testing.assert_close(discriminator(audio).score, discriminator(-audio).score)


@pytest.mark.parametrize("name", ["resolution", "parallel wavegan"])
def test_it_learns_to_tell_a_voice_from_noise(name):
    torch.manual_seed(0)
    discriminator = ALL[name]()
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=2e-3, betas=(0.8, 0.9))
    real = torch.stack([voice(25, spec(), f0_hz)[None] for f0_hz in (110.0, 180.0)])
    fake = 0.1 * torch.randn(2, 1, real.shape[-1])
    for _ in range(100):
        scores = [[judgement.score for judgement in discriminator(audio)] for audio in (fake, real)]
        loss = HINGE.discriminator(*scores)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    chance = 2.0 * len(scores[0])
    assert float(loss.detach()) < 0.9 * chance
