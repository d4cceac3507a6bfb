"""HiFi-GAN's generator: the sizes of table 5, and what its configuration refuses. Parity: test_published."""

import pytest
import torch
from tests.vocoders.examples import small_hifigan

from octet.core.errors import InvalidInput
from octet.vocoders import hifigan
from octet.vocoders.hifigan import HifiGan


@pytest.mark.parametrize(("variant", "millions"), [("v1", 13.926), ("v2", 0.926), ("v3", 1.462)])
def test_parameters_are_those_of_the_paper(variant, millions):
    model = HifiGan(getattr(hifigan, variant)())
    assert sum(parameter.numel() for parameter in model.parameters()) / 1e6 == pytest.approx(millions, abs=0.0005)


@pytest.mark.parametrize("resblock", ["1", "2"])
def test_gradients_reach_every_weight(resblock):
    model = HifiGan(small_hifigan(resblock))
    model(torch.randn(2, 20, 9)).square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.abs().max() > 0 for parameter in model.parameters())


def test_audio_lies_within_one():
    assert HifiGan(small_hifigan()).decode(1e3 * torch.randn(1, 20, 9)).abs().max() <= 1


def test_normalising_standardises_each_mel_bin():
    plain, normalising = HifiGan(small_hifigan()), HifiGan(small_hifigan(normalise=True))
    mean, scale = torch.randn(20), torch.rand(20) + 0.5
    normalising.load_state_dict({**plain.state_dict(), "mean": mean, "scale": scale})
    mel = torch.randn(1, 20, 9)
    standardised = (mel - mean[:, None]) / scale[:, None]
    torch.testing.assert_close(normalising.decode(mel), plain.decode(standardised), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"upsample_rates": (10, 4)}, "multiply to the hop of 50"),
        ({"upsample_kernels": (20,)}, "a kernel for each upsampling rate"),
        ({"upsample_kernels": (20, 10)}, "exceed their rate by an even number"),
        ({"resblock_dilations": ((1, 2),)}, "dilations for each residual kernel"),
        ({"resblock_kernels": (3, 4)}, "odd residual kernels"),
        ({"channels": 18}, "channels that halve 2 times"),
    ],
)
def test_shapes_that_make_no_network_are_refused(changes, rule):
    with pytest.raises(InvalidInput, match=rule):
        small_hifigan(**changes)
