"""Presets: the published sizes, what the small ones are trained on, and training by the one loop."""

from __future__ import annotations

import pytest
import torch
from tests.systems.musecoco.examples import model, reader

from octet.core.training import Plan
from octet.symbolic.attributes import Attributes
from octet.symbolic.remigen import decode, from_ids
from octet.systems.musecoco import model as musecoco
from octet.systems.musecoco import recipe, text
from octet.systems.musecoco.examples import Examples
from octet.systems.musecoco.model import MuseCoco
from octet.systems.musecoco.text import AttributeReader
from octet.training.compute import Compute
from octet.training.loop import fit


def size(module):
    return sum(weight.numel() for weight in module.parameters())


@pytest.mark.parametrize(("preset", "parameters"), [("tiny", 3_801_088), ("200m", 203_845_440), ("1b", 1_212_161_472)])
def test_presets_have_the_published_sizes(preset, parameters):
    config, plan = recipe.PRESETS[preset]()
    with torch.device("meta"):
        assert size(MuseCoco(config)) == parameters
    assert plan.batch_frames >= config.longest_tokens


def test_the_published_plan():
    for preset in (recipe.medium, recipe.large):
        config, plan = preset()
        assert (plan.learning_rate, plan.warmup_steps, plan.schedule, plan.clip_norm) == (
            2e-4,
            16_000,
            "inverse_sqrt",
            0,
        )
        assert (config.dropout, config.longest_tokens, config.vocabulary) == (0.1, 5120, 1253)


def test_readers_have_their_sizes():
    vocabulary = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", *map(str, range(30_518)))
    with torch.device("meta"):
        tiny, paper = AttributeReader(recipe.tiny_reader()[0]), AttributeReader(recipe.reader(vocabulary)[0])
    assert size(tiny) == 5_397_992
    # BERT-large-uncased has 335,141,888 parameters; of its two segments one is kept, and there are sixty queries.
    assert size(paper) == 335_141_888 - 1024 + 60 * 1024 + 219 * 1025


def test_examples_are_composed_and_described():
    items = list(recipe.composed(3, seed=5, wish=Attributes(bars=2)))
    assert [item.id for item in items] == ["5-0-0", "5-1-0", "5-2-0"]
    assert all(item.attributes.bars == 2 and decode(from_ids(item.tokens)).tracks for item in items)
    assert items == list(recipe.composed(3, seed=5, wish=Attributes(bars=2)))
    texts = list(recipe.described(4, seed=5))
    assert ["가" <= max(one.text) <= "힣" for one in texts] == [False, True, False, True]
    assert all(one.told for one in texts)
    assert {one.text for one in recipe.described(4, seed=5, test=True)}.isdisjoint(one.text for one in texts)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("learner", "items"),
    [
        (model(), lambda: recipe.composed(4, wish=Attributes(bars=2))),
        (reader(), lambda: recipe.described(4)),
    ],
)
def test_the_loop_trains_either_stage(learner, items, tmp_path):
    plan = Plan(steps=3, batch_frames=4000, warmup_steps=0, evaluate_every=3, checkpoint_every=3, ema_decay=0.0)
    before = [weight.clone() for weight in learner.parameters()]
    checkpoint = fit(learner, Examples(list(items())), plan, tmp_path / "run", compute=Compute(device="cpu"))
    after = musecoco.load(checkpoint) if isinstance(learner, MuseCoco) else text.load(checkpoint)
    assert after.config == learner.config
    assert any(not torch.equal(old, new) for old, new in zip(before, after.parameters(), strict=True))
