"""The balancer: weights are shares of the gradient, whatever the scale of a loss; without balancing, a weighted sum."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from octet.codecs.balancer import Balancer


def losses_of(scale):
    """Two losses of very unlike scale with orthogonal gradients."""
    return lambda audio: {"left": scale * audio[:, 0].mean(), "right": audio[:, 1].square().sum()}


def audio():
    torch.manual_seed(0)
    return torch.randn(3, 2, 50, requires_grad=True)


@settings(max_examples=15)
@given(st.floats(1e-4, 1e4), st.floats(0.1, 10))
def test_a_weight_is_a_share_of_the_gradient(scale, weight):
    balancer, x = Balancer({"left": weight, "right": 1.0}, balanced=True), audio()
    balancer(x, losses_of(scale))[0].backward()
    norms = [torch.linalg.vector_norm(x.grad[:, channel], dim=1).mean() for channel in (0, 1)]
    assert float(norms[0]) == pytest.approx(weight / (1 + weight), rel=1e-4)
    assert float(norms[1]) == pytest.approx(1 / (1 + weight), rel=1e-4)


def test_without_balancing_it_is_the_weighted_sum():
    balancer, x, y = Balancer({"left": 3.0, "right": 0.5}, balanced=False), audio(), audio()
    total, parts = balancer(x, losses_of(7.0))
    expected = 3.0 * losses_of(7.0)(y)["left"] + 0.5 * losses_of(7.0)(y)["right"]
    torch.testing.assert_close(total, expected)
    total.backward()
    expected.backward()
    torch.testing.assert_close(x.grad, y.grad)
    torch.testing.assert_close(dict(parts), {name: loss.detach() for name, loss in losses_of(7.0)(y).items()})


def test_norms_are_averaged_over_steps():
    balancer, x = Balancer({"left": 1.0}, balanced=True, decay=0.5), audio()
    gradients = []
    for scale in (1.0, 4.0):
        x.grad = None
        balancer(x, losses_of(scale))[0].backward()
        gradients.append(torch.linalg.vector_norm(x.grad[:, 0], dim=1).mean())
    # of norms g and 4 g the average is (0.5 g + 4 g) / 1.5 = 3 g
    torch.testing.assert_close(torch.stack(gradients), torch.tensor([1.0, 4 / 3]))


def test_a_loss_that_joins_later_has_its_share_at_once():
    balancer, x = Balancer({"left": 1.0, "right": 3.0}, balanced=True), audio()
    for _ in range(5):
        balancer(x, lambda audio: {"left": losses_of(9.0)(audio)["left"]})[0].backward()
    x.grad = None
    balancer(x, losses_of(9.0))[0].backward()
    assert float(torch.linalg.vector_norm(x.grad[:, 1], dim=1).mean()) == pytest.approx(0.75, rel=1e-4)


def test_losses_without_weight_are_reported_and_change_nothing():
    balancer, x = Balancer({"left": 1.0, "right": 0.0}, balanced=True), audio()
    _, parts = balancer(x, losses_of(2.0))
    balancer(x, losses_of(2.0))[0].backward()
    assert set(parts) == {"left", "right"}
    assert x.grad[:, 1].abs().max() == 0


def test_the_gradient_reaches_the_model_and_nothing_else():
    model, judge, x = nn.Conv1d(2, 2, 1), nn.Conv1d(2, 1, 1), audio()
    balancer = Balancer({"judged": 1.0}, balanced=True)
    balancer(model(x), lambda sound: {"judged": judge(sound).mean()})[0].backward()
    assert model.weight.grad.abs().max() > 0
    assert judge.weight.grad is None


@pytest.mark.parametrize("balanced", [True, False])
def test_the_value_is_the_same_without_gradients_and_nothing_moves(balanced):
    balancer, x = Balancer({"left": 1.0, "right": 2.0}, balanced=balanced), audio()
    total, _ = balancer(x, losses_of(3.0))
    balancer.eval()
    state = {name: tensor.clone() for name, tensor in balancer.state_dict().items()}
    with torch.no_grad():
        again, _ = balancer(x, losses_of(3.0))
    torch.testing.assert_close(again, total.detach())
    assert all(torch.equal(state[name], tensor) for name, tensor in balancer.state_dict().items())
