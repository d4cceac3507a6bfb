import pytest
import torch

from octet.families.diffusion.denoisers import WaveNetConfig, WaveNetDenoiser


def test_the_papers_denoiser_has_15_million_parameters() -> None:
    with torch.device("meta"):
        denoiser = WaveNetDenoiser(WaveNetConfig(), 80, 256)
    assert sum(weight.numel() for weight in denoiser.parameters()) == pytest.approx(15.09e6, rel=0.005)


def test_an_untrained_denoiser_predicts_nothing() -> None:
    denoiser = WaveNetDenoiser(WaveNetConfig(channels=8, layers=2), 4, 6)
    predicted = denoiser(torch.randn(2, 4, 5), torch.tensor([1, 2]), torch.randn(2, 6, 5))
    assert torch.equal(predicted, denoiser.leave.bias[None, :, None].expand(2, 4, 5))


def test_shares_of_the_condition_are_computed_once() -> None:
    torch.manual_seed(0)
    denoiser = WaveNetDenoiser(WaveNetConfig(channels=8, layers=5, dilation_cycle=4), 4, 6)
    torch.nn.init.normal_(denoiser.leave.weight)
    x, condition = torch.randn(2, 4, 40), torch.randn(2, 6, 40)
    shares = denoiser.shares(condition)
    for steps in (torch.tensor([0, 99]), torch.tensor([3.5, 0.25])):
        torch.testing.assert_close(denoiser.denoise(x, steps, shares), denoiser(x, steps, condition))


def test_frames_that_are_not_valid_are_as_if_they_were_not_there() -> None:
    torch.manual_seed(0)
    denoiser = WaveNetDenoiser(WaveNetConfig(channels=8, layers=5, dilation_cycle=4), 4, 6)
    torch.nn.init.normal_(denoiser.leave.weight)
    x, condition, steps = torch.randn(1, 4, 40), torch.randn(1, 6, 40), torch.tensor([7])
    valid = torch.arange(40)[None] < 25
    alone = denoiser(x[:, :, :25], steps, condition[:, :, :25])
    torch.testing.assert_close(denoiser(x, steps, condition, valid)[:, :, :25], alone)


def test_dilations_follow_their_cycle() -> None:
    denoiser = WaveNetDenoiser(WaveNetConfig(channels=2, layers=5, dilation_cycle=4), 1, 1)
    assert [block.dilated.dilation for block in denoiser.blocks] == [(1,), (2,), (4,), (8,), (1,)]
