"""Vocos: its size, its limits, and what its configuration refuses. Parity with the public code: test_published."""

import pytest
import torch
from tests.vocoders.examples import small_vocos, spec

from octet.core.errors import InvalidInput
from octet.vocoders import vocos
from octet.vocoders.head import MAX_MAGNITUDE, ISTFTHead
from octet.vocoders.vocos import Vocos, VocosConfig


def millions(module: torch.nn.Module) -> float:
    return sum(parameter.numel() for parameter in module.parameters()) / 1e6


def test_the_paper_has_13_5_million_parameters():
    assert millions(Vocos(vocos.paper())) == pytest.approx(13.53, abs=0.01)


def test_the_bundled_one_has_1_6_million():
    assert millions(Vocos(vocos.tiny())) == pytest.approx(1.608, abs=0.001)


def test_layer_scale_begins_at_one_over_the_layers():
    gammas = [block.gamma for block in Vocos(small_vocos(layers=4)).convnext]
    assert all((gamma == 0.25).all() for gamma in gammas)


def test_gradients_reach_every_weight():
    model = Vocos(small_vocos())
    model(torch.randn(2, 20, 9)).square().mean().backward()
    assert all(parameter.grad is not None and parameter.grad.abs().max() > 0 for parameter in model.parameters())


def test_decoding_keeps_no_graph():
    assert not Vocos(small_vocos()).decode(torch.randn(1, 20, 4)).requires_grad


def test_magnitudes_are_limited():
    head = ISTFTHead(4, spec())
    torch.nn.init.constant_(head.out.bias, 20.0)  # e^20 in every bin
    # All bins at the limit and in phase make a pulse of at most the limit in each of the frames that overlap.
    assert head(torch.zeros(1, 6, 4)).abs().max() <= 4 * MAX_MAGNITUDE


@pytest.mark.parametrize(("window", "hop"), [(199, 50), (90, 50)])
def test_windows_that_cannot_be_inverted_are_refused(window, hop):
    bad = spec().model_copy(update={"window_samples": window, "hop_samples": hop})
    with pytest.raises(InvalidInput, match=f"window of {window} and a hop of {hop} samples"):
        VocosConfig(spec=bad, channels=8, intermediate_channels=8, layers=1)
