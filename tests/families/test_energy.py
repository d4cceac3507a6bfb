"""The energy head: which energy a decoder reads in training, and by what error the predictor learns."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from octet.families.acoustic.adaptor import EnergyHead, EnergyScale
from octet.families.acoustic.pitch import masked_mae, masked_mse
from octet.families.acoustic.variance import QuantizedEmbedding, VariancePredictor, uniform_edges

ROWS, FRAMES, WIDTH = 400, 12, 8
VALID = torch.arange(FRAMES).expand(ROWS, -1) < torch.arange(ROWS).remainder(FRAMES)[:, None] + 1

GAINS = torch.linspace(0.5, 2, ROWS)


def head(foretold_share: float, error: object = masked_mse) -> EnergyHead:
    torch.manual_seed(0)
    predictor = VariancePredictor(WIDTH, WIDTH, 3, 0.0)
    embedding = QuantizedEmbedding(uniform_edges(0, 50, 256), WIDTH)
    return EnergyHead(predictor, embedding, EnergyScale(20.0, 10.0), error, foretold_share)  # type: ignore[arg-type]


def example() -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.randn(ROWS, FRAMES, WIDTH), torch.rand(ROWS, FRAMES) * 40 * VALID


def rows_of_truth(energies: EnergyHead) -> Tensor:
    x, truth = example()
    return (energies.teach(x, truth, VALID, GAINS)[0] == energies.embedding(truth)).all(2).all(1)


def test_without_a_share_the_decoder_reads_the_truth() -> None:
    assert rows_of_truth(head(0.0)).all()


def test_a_share_of_rows_reads_the_prediction() -> None:
    foretold = 1 - rows_of_truth(head(0.3)).float().mean()
    assert 0.2 < foretold < 0.4


def test_the_prediction_is_read_at_the_rows_loudness() -> None:
    energies = head(0.3)
    x, truth = example()
    read = energies.teach(x, truth, VALID, GAINS)[0]
    foretold = energies.embedding(energies.predict(x, VALID) * GAINS[:, None])
    as_foretold = (read == foretold).all(2).all(1)
    torch.testing.assert_close(as_foretold.float().mean(), torch.tensor(0.3), atol=0.1, rtol=0)


def test_the_predictor_learns_the_energy_at_gain_one() -> None:
    energies = head(0.0)
    x, truth = example()
    plain = energies.teach(x, truth, VALID, torch.ones(ROWS))[1]
    louder = energies.teach(x, truth * GAINS[:, None], VALID, GAINS)[1]
    torch.testing.assert_close(plain, louder)


@pytest.mark.parametrize("share", [0.0, 0.9])
def test_the_predictor_learns_from_its_own_loss_alone(share: float) -> None:
    energies = head(share)
    x, truth = example()
    embedded, _ = energies.teach(x.requires_grad_(), truth, VALID, GAINS)
    embedded.sum().backward()
    assert x.grad is None
    assert energies.predictor.out.weight.grad is None


def test_a_burst_in_every_third_utterance_is_smeared_by_squares_and_left_out_by_absolutes() -> None:
    """What the best constant is: the mean, or the median."""
    truth = torch.tensor([[0.0], [0.0], [3.0]])
    valid = torch.ones(3, 1, dtype=torch.bool)
    constants = torch.linspace(0, 3, 31)
    best = [
        float(min(constants, key=lambda value: float(error(value.expand(3, 1), truth, valid))))
        for error in (masked_mse, masked_mae)
    ]
    assert best == pytest.approx([1.0, 0.0])


def test_padding_is_not_scored() -> None:
    predicted, target = torch.zeros(1, 4), torch.tensor([[1.0, -1.0, 100.0, 100.0]])
    valid = torch.tensor([[True, True, False, False]])
    assert float(masked_mae(predicted, target, valid)) == pytest.approx(1.0)


def test_measuring_reads_the_truth() -> None:
    assert rows_of_truth(head(0.9).eval()).all()
