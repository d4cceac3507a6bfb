"""The decoder: parity with transformers' MusicGen, cache, masks, prefixes, initialisation."""

from __future__ import annotations

import pytest
import torch
from tests.families.token_lm.examples import SMALL, decoder, lengths_mask, tokens, told, vectors

from octet.families.token_lm.conditions import Conditions, stack
from octet.families.token_lm.engine import TorchEngine
from octet.families.token_lm.transformer import (
    DecoderConfig,
    TokenDecoder,
    causal_mask,
    rotations,
    sinusoids,
    turned,
)

PLAIN = Conditions()
PREFIX = Conditions(prefix=vectors(2, 5), prefix_valid=lengths_mask(5, 3))


TURNED = SMALL.model_copy(update={"rotary": True})


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("config", [SMALL, TURNED])
@pytest.mark.parametrize("conditions", [PLAIN, told(3, 6), Conditions(prefix=vectors(2, 5)), PREFIX])
@pytest.mark.parametrize("known", [1, 4])
def test_step_by_step_gives_what_the_whole_gives(config: DecoderConfig, conditions: Conditions, known: int) -> None:
    model, sequence = decoder(config), tokens(2, 9)
    with torch.no_grad():
        whole = model(sequence, conditions)
    session = TorchEngine(model).start(conditions, sequence[:, :, :known], steps=9)
    close(session.logits, whole[:, :, known - 1])
    for step in range(known, 9):
        close(session.step(sequence[:, :, step]), whole[:, :, step])


def test_several_steps_at_once_follow_a_past() -> None:
    model, sequence = decoder(), tokens(2, 9)
    with torch.no_grad():
        cache = model.cache(2, 9)
        parts = [model.hidden(part, told(3, 6), cache) for part in sequence.split([4, 3, 2], dim=2)]
        close(torch.cat(parts, dim=1), model.hidden(sequence, told(3, 6)))


@pytest.mark.parametrize("config", [SMALL, TURNED])
@pytest.mark.parametrize("kind", ["cross", "prefix"])
def test_a_row_does_not_depend_on_what_fills_up_the_batch(config: DecoderConfig, kind: str) -> None:
    model, sequence, valid = decoder(config), tokens(2, 7), lengths_mask(3, 6)
    filling = {f"{kind}_valid": valid, kind: vectors(2, 6)}
    with torch.no_grad():
        together = model(sequence, Conditions(**filling))
        alone = model(sequence[:1], Conditions(**{kind: vectors(2, 6)[:1, :3]}))
    close(together[:1], alone)


def test_rows_beyond_those_that_see_get_exactly_what_zeros_give() -> None:
    """No biases: the null half of guidance needs no cross-attention."""
    model, sequence = decoder(), tokens(4, 7)
    zeros = Conditions(cross=torch.zeros(2, 6, SMALL.width))
    with torch.no_grad():
        skipped = model(sequence, stack([told(3, 6), PLAIN]))
        attended = model(sequence, stack([told(3, 6), zeros]))
    torch.testing.assert_close(skipped, attended, rtol=0, atol=1e-6)


def test_nothing_sees_the_future() -> None:
    model, sequence = decoder(), tokens(1, 8)
    changed = sequence.clone()
    changed[:, :, 5:] = (changed[:, :, 5:] + 1) % SMALL.vocabulary
    with torch.no_grad():
        before, after = model(sequence, PLAIN), model(changed, PLAIN)
    close(before[:, :, :5], after[:, :, :5])
    assert not torch.allclose(before[:, :, 5:], after[:, :, 5:], atol=1e-3)


@pytest.mark.parametrize("config", [SMALL, TURNED])
def test_positions_decide(config: DecoderConfig) -> None:
    """Whichever way they are told: the same tokens in another order are something else."""
    model, sequence = decoder(config), tokens(1, 8)
    with torch.no_grad():
        one, other = model(sequence, PLAIN), model(sequence[:, :, [1, 0, *range(2, 8)]], PLAIN)
    assert not torch.allclose(one[:, :, -1], other[:, :, -1], atol=1e-3)


def test_rotations_leave_scores_to_distances_alone() -> None:
    q, k = vectors(2, 5, seed=5, width=8)[:, None], vectors(2, 5, seed=6, width=8)[:, None]
    near, far = (rotations(torch.arange(first, first + 5), 8) for first in (0, 1000))
    scores = [turned(q, turns) @ turned(k, turns).mT for turns in (near, far)]
    torch.testing.assert_close(*scores, atol=1e-4, rtol=0)
    torch.testing.assert_close(turned(q, near).norm(dim=-1), q.norm(dim=-1))
    assert not torch.allclose(scores[0], q @ k.mT, atol=1e-2)


def test_heads_of_odd_width_cannot_be_turned() -> None:
    with pytest.raises(ValueError, match="a head of 3 is odd"):
        DecoderConfig(width=12, heads=4, rotary=True)


def test_cross_vectors_are_projected_once() -> None:
    model, calls = decoder(), []
    for layer in model.layers:
        layer.cross_attention.key_value.register_forward_hook(lambda *_: calls.append(1))
    session = TorchEngine(model).start(told(3, 6), tokens(2, 2), steps=6)
    for step in range(4):
        session.step(tokens(2, 4)[:, :, step])
    assert len(calls) == SMALL.layers


def test_sessions_of_one_engine_do_not_disturb_each_other() -> None:
    engine, sequence = TorchEngine(decoder()), tokens(2, 4)
    alone = engine.start(told(3, 6), sequence[:, :, :2], steps=4)
    expected = alone.step(sequence[:, :, 2])
    first = engine.start(told(3, 6), sequence[:, :, :2], steps=4)
    engine.start(PLAIN, tokens(1, 3, seed=9), steps=4)
    assert torch.equal(first.step(sequence[:, :, 2]), expected)


def test_the_cache_is_full_when_it_was_said_to_be() -> None:
    session = TorchEngine(decoder()).start(PLAIN, tokens(1, 2), steps=3)
    session.step(tokens(1, 1)[:, :, 0])
    with pytest.raises(ValueError, match="position 4 in a cache for 3"):
        session.step(tokens(1, 1)[:, :, 0])


def test_sinusoids_are_cosines_then_sines() -> None:
    table = sinusoids(torch.arange(3), 6)
    rates = torch.tensor([1.0, 1e-2, 1e-4])
    torch.testing.assert_close(table[2], torch.cat([(2 * rates).cos(), (2 * rates).sin()]))
    assert table[0].tolist() == [1, 1, 1, 0, 0, 0]


def test_no_mask_where_causality_says_it_all() -> None:
    assert causal_mask(None, 0, 5, torch.device("cpu")) is None
    assert causal_mask(None, 4, 5, torch.device("cpu")) is None
    mask = causal_mask(None, 1, 3, torch.device("cpu"))
    assert mask is not None
    assert mask[0, 0].tolist() == [[True, True, False], [True, True, True]]


def test_names_and_shapes_of_parameters() -> None:
    """Engines and published layouts rely on them."""
    shapes = {name: tuple(weight.shape) for name, weight in TokenDecoder(SMALL).state_dict().items()}
    assert {name: shape for name, shape in shapes.items() if not name.startswith(("layers.1", "heads.1"))} | {} == {
        **{f"embeddings.{k}.weight": (17, 32) for k in range(4)},
        **{f"layers.0.{norm}_norm.{part}": (32,) for norm in ("self", "cross", "inner") for part in ("weight", "bias")},
        "layers.0.self_attention.qkv.weight": (96, 32),
        "layers.0.self_attention.out.weight": (32, 32),
        "layers.0.cross_attention.query.weight": (32, 32),
        "layers.0.cross_attention.key_value.weight": (64, 32),
        "layers.0.cross_attention.out.weight": (32, 32),
        "layers.0.up.weight": (64, 32),
        "layers.0.down.weight": (32, 64),
        "norm.weight": (32,),
        "norm.bias": (32,),
        **{f"heads.{k}.weight": (16, 32) for k in (0, 2, 3)},
    }
    without = TokenDecoder(SMALL.model_copy(update={"cross_attention": False})).state_dict()
    assert not [name for name in without if "cross" in name]


def test_initial_weights_shrink_with_depth() -> None:
    torch.manual_seed(0)
    made = TokenDecoder(DecoderConfig(vocabulary=512, width=256, heads=4, layers=8, inner_width=512))
    for depth, layer in enumerate(made.layers, start=1):
        expected = 256**-0.5 / (2 * depth) ** 0.5 * 0.9866  # the deviation of a normal cut at three
        assert layer.up.weight.std().item() == pytest.approx(expected, rel=0.02)
    for table in (*made.embeddings, *made.heads):
        assert table.weight.std().item() == pytest.approx(0.9866 / 16, rel=0.02)
        assert table.weight.abs().max().item() <= 3 / 16


def test_stacked_conditions_keep_their_masks() -> None:
    both = stack([Conditions(prefix=vectors(1, 5)), Conditions(prefix=vectors(2, 5), prefix_valid=lengths_mask(5, 3))])
    assert both.prefix_valid is not None
    assert both.prefix_valid.sum(1).tolist() == [5, 5, 3]
    with pytest.raises(ValueError, match="must follow"):
        stack([PLAIN, told(3)])


@pytest.mark.parametrize("sizes", [{"width": 30}, {"width": 15, "heads": 5}, {"width": 10**9}, {"layers": 10**9}])
def test_impossible_sizes_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"divide|less than"):
        DecoderConfig.model_validate(sizes)
