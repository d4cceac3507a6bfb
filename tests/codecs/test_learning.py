"""How codebooks are learnt: k-means, moving averages, revival, dropout; what the losses and gradients are."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.codecs.learning import CodebookLearner, QuantizerLearner, kmeans
from octet.codecs.quantizer import Codebook, ResidualQuantizer


def clusters(points_each=20, spread=0.01, seed=0):
    """Points around the corners of a cube, and the corners."""
    generator = torch.Generator().manual_seed(seed)
    corners = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 3)
    return corners.repeat(points_each, 1) + spread * torch.randn(8 * points_each, 3, generator=generator), corners


def latent(frames=40, seed=1):
    return torch.randn(3, 4, frames, generator=torch.Generator().manual_seed(seed))


def pair(codebooks=3, size=8, dimension=4, decay=0.9, dead_share=0.1, dropout=0.0):
    torch.manual_seed(0)
    quantizer = ResidualQuantizer(dimension, codebooks, size)
    return quantizer, QuantizerLearner(quantizer, decay=decay, dead_share=dead_share, dropout=dropout).train()


def test_kmeans_never_moves_away_from_the_points():
    points, _ = clusters(spread=0.3)
    torch.manual_seed(0)
    errors = []
    for steps in (0, 1, 3, 10, 50):
        torch.manual_seed(0)
        means, _ = kmeans(points, 8, steps)
        errors.append(float(torch.cdist(points, means).amin(dim=1).square().mean()))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.7 * errors[0]


def test_kmeans_ends_in_the_means_of_its_clusters():
    points, _ = clusters()
    torch.manual_seed(0)
    means, counts = kmeans(points, 5)
    nearest = torch.cdist(points, means).argmin(dim=1)
    assert torch.equal(counts, torch.bincount(nearest, minlength=5).float())
    for number in range(5):
        torch.testing.assert_close(means[number], points[nearest == number].mean(dim=0))


@settings(max_examples=10)
@given(st.integers(1, 12))
def test_kmeans_does_with_fewer_points_than_clusters(count):
    points = torch.randn(count, 3)
    means, counts = kmeans(points, 8)
    assert means.isfinite().all()
    assert int(counts.sum()) == count


def test_a_codebook_starts_once():
    codebook, learner = Codebook(8, 3), CodebookLearner(8, 3, decay=0.9, dead_share=0.1)
    points, _ = clusters()
    learner.start(codebook, points)
    first = codebook.vectors.clone()
    assert torch.cdist(points, first).amin(dim=1).mean() < 0.8
    learner.learn(codebook, points, codebook.encode(points))
    learnt = codebook.vectors.clone()
    learner.start(codebook, points + 5)
    assert torch.equal(codebook.vectors, learnt)


def test_vectors_that_start_without_points_stay_where_they_are():
    torch.manual_seed(0)
    codebook, learner = Codebook(8, 3), CodebookLearner(8, 3, decay=0.9, dead_share=0.0)
    points = torch.randn(3, 3)
    learner.start(codebook, points)
    learner.learn(codebook, points, codebook.encode(points))
    assert torch.cdist(codebook.vectors, points).amin(dim=1).max() < 1e-3


def test_vectors_are_moving_averages_of_what_has_their_code():
    codebook, learner = Codebook(2, 1), CodebookLearner(2, 1, decay=0.75, dead_share=0.0)
    learner.counts.fill_(4.0)
    learner.sums.copy_(torch.tensor([[4.0], [-4.0]]))
    learner.updates.fill_(100)
    codebook.vectors.copy_(torch.tensor([[1.0], [-1.0]]))
    x = torch.tensor([[2.0], [3.0], [-3.0]])
    learner.learn(codebook, x, codebook.encode(x))
    # counts 0.75 * 4 + 0.25 * {2, 1}; sums 0.75 * {4, -4} + 0.25 * {5, -3}
    torch.testing.assert_close(learner.counts, torch.tensor([3.5, 3.25]))
    torch.testing.assert_close(codebook.vectors, torch.tensor([[4.25 / 3.5], [-3.75 / 3.25]]), rtol=1e-4, atol=0)


def test_averages_are_short_at_first():
    codebook, learner = Codebook(1, 1), CodebookLearner(1, 1, decay=0.95, dead_share=0.0)
    kept = []
    for step in range(200):
        before = learner.sums.clone()
        learner.learn(codebook, torch.tensor([[1.0 + step]]), torch.zeros(1, dtype=torch.int64))
        kept.append(float((learner.sums - 1.0 - step) / (before - 1.0 - step)))
    assert kept[:3] == pytest.approx([1 - 9 / 10, 1 - 9 / 11, 1 - 9 / 12], abs=1e-5)
    assert kept[171:] == pytest.approx([0.95] * 29, abs=1e-5)


@pytest.mark.parametrize(("dead_share", "revived"), [(0.1, True), (0.0, False)])
def test_what_nothing_is_near_to_begins_again_among_the_points(dead_share, revived):
    torch.manual_seed(0)
    points, _ = clusters()
    codebook, learner = Codebook(8, 3), CodebookLearner(8, 3, decay=0.5, dead_share=dead_share)
    learner.start(codebook, points)
    codebook.vectors[2:] = 100.0
    learner.sums[2:] = 100.0 * learner.counts[2:, None]
    for _ in range(40):
        learner.learn(codebook, points, codebook.encode(points))
    assert bool((torch.cdist(points, codebook.vectors).amin(dim=0) < 1.5).all()) == revived


def test_learnt_codebooks_quantise_better_level_by_level():
    quantizer, learner = pair(size=16)
    for _ in range(30):
        learner(quantizer, latent(200))
    x = latent(200)
    errors = [float((x - quantizer.decode(quantizer.encode(x, used))).square().mean()) for used in range(1, 4)]
    assert errors[0] < 0.6
    assert errors[2] < 0.6 * errors[1] < 0.4 * errors[0]


def test_what_it_gives_is_what_the_quantizer_decodes():
    quantizer, learner = pair()
    learner(quantizer, latent())
    learner.eval()
    torch.testing.assert_close(learner(quantizer, latent()).latent, quantizer.decode(quantizer.encode(latent())))


def test_gradients_pass_straight_through_and_commitment_draws_latents_to_their_vectors():
    quantizer, learner = pair()
    learner(quantizer, latent())
    learner.eval()
    x = latent().requires_grad_()
    found = learner(quantizer, x)
    weights = torch.randn_like(x)
    (gradient,) = torch.autograd.grad((found.latent * weights).sum(), x, retain_graph=True)
    assert torch.equal(gradient, weights)
    left_over = [x.detach() - quantizer.decode(quantizer.encode(x.detach(), used)) for used in (1, 2, 3)]
    expected = sum(float(left.square().mean()) for left in left_over) / 3
    assert float(found.commitment.detach()) == pytest.approx(expected, rel=1e-5)
    (pull,) = torch.autograd.grad(found.commitment, x)
    torch.testing.assert_close(pull, 2 * sum(left_over) / 3 / x.numel())


def test_nothing_is_learnt_or_dropped_outside_training():
    quantizer, learner = pair(dropout=1.0)
    learner(quantizer, latent())
    before = {name: tensor.clone() for name, tensor in [*quantizer.state_dict().items(), *learner.state_dict().items()]}
    learner.eval()
    first, second = (learner(quantizer, latent(seed=5)).latent for _ in range(2))
    assert torch.equal(first, second)
    after = dict([*quantizer.state_dict().items(), *learner.state_dict().items()])
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())


@pytest.mark.parametrize("dropout", [0.0, 1.0])
def test_dropout_leaves_each_item_with_the_first_codebooks(dropout):
    quantizer, learner = pair(dropout=dropout)
    learner(quantizer, latent())
    seen = set()
    x = latent()
    for _ in range(20):
        levels = {used: quantizer.decode(quantizer.encode(x, used)) for used in range(1, 4)}
        found = learner(quantizer, x).latent
        for item in range(len(x)):
            close = [used for used, coarse in levels.items() if torch.allclose(coarse[item], found[item], atol=1e-6)]
            assert len(close) == 1
            seen.add(close[0])
    assert seen == ({1, 2, 3} if dropout else {3})


def test_training_is_the_same_again_from_a_copy_of_its_state():
    quantizer, learner = pair(dropout=0.5)
    learner(quantizer, latent())
    other, other_learner = pair(dropout=0.5)
    other.load_state_dict(quantizer.state_dict())
    other_learner.load_state_dict(learner.state_dict())
    for seed in range(3):
        results = []
        for both in ((quantizer, learner), (other, other_learner)):
            torch.manual_seed(seed)
            results.append(both[1](both[0], latent(seed=seed)).latent)
        assert torch.equal(*results)
    assert all(torch.equal(a, b) for a, b in zip(quantizer.parameters(), other.parameters(), strict=True))
