import math

import pytest
import torch

from octet.families.acoustic import wavelet

FRAME_SECONDS = 0.0125


def speech_like(frames: int) -> torch.Tensor:
    seconds = torch.arange(frames) * FRAME_SECONDS
    return (
        5
        - 0.1 * seconds
        + 0.2 * torch.sin(seconds * 3.1)
        + 0.1 * torch.sin(seconds * 13)
        + 0.03 * torch.sin(seconds * 40)
    )


def round_trip(log_f0: torch.Tensor, lengths: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    valid = torch.arange(log_f0.shape[1])[None] < torch.tensor(lengths)[:, None]
    contour, _, _ = wavelet.standardize(log_f0, valid)
    spectrogram = wavelet.transform(contour, torch.tensor(lengths), FRAME_SECONDS)
    return contour, wavelet.inverse(spectrogram, valid)


@pytest.mark.parametrize("frames", [40, 161, 400])
def test_components_sum_to_the_contour(frames: int) -> None:
    contour, rebuilt = round_trip(speech_like(frames)[None], [frames])
    correlation = float((contour * rebuilt).mean())
    assert correlation > 0.99


def test_padding_changes_nothing() -> None:
    log_f0 = torch.stack([speech_like(200), speech_like(200).flip(0)])
    _, padded = round_trip(log_f0, [200, 90])
    _, alone = round_trip(log_f0[1:, :90], [90])
    torch.testing.assert_close(padded[1, :90], alone[0], atol=1e-5, rtol=0)
    assert (padded[1, 90:] == 0).all()


def test_standardize() -> None:
    valid = torch.tensor([[True] * 5 + [False] * 3])
    log_f0 = torch.tensor([[1.0, 2, 3, 4, 5, 99, 99, 99]])
    contour, mean, deviation = wavelet.standardize(log_f0, valid)
    assert mean.item() == 3
    assert deviation.item() == pytest.approx(math.sqrt(2))
    assert contour[0, :5].mean().abs() < 1e-6
    assert (contour[0, 5:] == 0).all()


def test_the_transform_is_linear_and_a_constant_has_no_components() -> None:
    lengths = torch.tensor([120])
    one, two = torch.randn(2, 1, 120, generator=torch.Generator().manual_seed(0))

    def transform(contour: torch.Tensor) -> torch.Tensor:
        return wavelet.transform(contour, lengths, FRAME_SECONDS)

    torch.testing.assert_close(transform(2 * one - two), 2 * transform(one) - transform(two), atol=1e-4, rtol=1e-4)
    assert transform(torch.ones(1, 120)).abs().max() < 1e-5


def test_mexican_hat_in_time() -> None:
    """The transform pair: psi(0) = 2 / (sqrt(3) pi^(1/4)) is the integral of its spectrum over 2 pi."""
    omega = torch.linspace(-12, 12, 24001)
    integral = torch.trapezoid(wavelet.mexican_hat(omega), omega) / (2 * math.pi)
    assert integral.item() == pytest.approx(2 / (math.sqrt(3) * math.pi**0.25), rel=1e-4)
