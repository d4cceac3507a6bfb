"""Stage 2: forms that agree, positions, losses, sizes, files, and learning."""

from __future__ import annotations

import math

import pytest
import torch
from tests.systems.musecoco.examples import example, model, reader, small

from octet.core import artifacts
from octet.core.errors import InvalidArtifact
from octet.nn.sampling import GREEDY
from octet.symbolic.remigen import END, IDS, PADDING
from octet.systems.musecoco.config import Config
from octet.systems.musecoco.grammar import Rules
from octet.systems.musecoco.model import KIND, MuseCoco, load, sinusoids
from octet.systems.musecoco.sample import sample
from octet.systems.musecoco.wishes import PREFIX_TOKENS, prefix, told_by

CLOSE = {"atol": 1e-4, "rtol": 1e-4}


@pytest.mark.parametrize("positions", ["train", "released"])
def test_token_by_token_is_all_at_once(positions):
    mine = model(positions=positions)
    tokens = torch.randint(0, 1253, (2, 80), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected, after = mine(tokens)
        logits, state = mine(tokens[:, :PREFIX_TOKENS])
        found = [logits]
        for t in range(PREFIX_TOKENS, 80):
            logits, state = mine(tokens[:, t : t + 1], state)
            found.append(logits)
    torch.testing.assert_close(torch.cat(found, 1), expected, **CLOSE)
    assert state.tokens == after.tokens == 80
    torch.testing.assert_close(state.memories, after.memories, **CLOSE)


def test_the_state_has_one_size_however_much_was_read():
    mine = model()
    with torch.inference_mode():
        sizes = [[x.shape for m in mine(torch.zeros(1, n).long())[1].memories for x in m] for n in (1, 70)]
    assert sizes[0] == sizes[1] == [torch.Size([1, 4, 4, 4]), torch.Size([1, 4, 4])] * 2


def test_rows_of_a_state_go_on_apart():
    mine = model()
    tokens = torch.randint(0, 1253, (2, 70), generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        _, state = mine(tokens)
        both, _ = mine(torch.tensor([[5], [5]]), state)
        branches, _ = mine(torch.tensor([[5], [9], [5]]), state.rows(torch.tensor([1, 1, 0])))
    torch.testing.assert_close(branches[[2, 0]], both, **CLOSE)
    assert not torch.allclose(branches[1], branches[0])


@pytest.mark.parametrize(("positions", "first"), [("train", 64), ("released", 63)])
def test_where_positions_begin(positions, first):
    found = model(positions=positions)._positions(0, 70)
    assert (found[:first] == 0).all()
    half = 18 // 2
    for place in (first, first + 1, 69):
        row = place - first + 2
        rates = [math.exp(-i * math.log(10000) / (half - 1)) for i in range(half)]
        expected = [math.sin(row * rate) for rate in rates] + [math.cos(row * rate) for rate in rates]
        torch.testing.assert_close(found[place], torch.tensor(expected), atol=1e-6, rtol=0)


def test_positions_have_no_end():
    assert sinusoids(torch.tensor([1_000_000]), 8).isfinite().all()


def test_only_music_and_its_end_are_scored():
    mine = model()
    items = [example(0), example(1)]
    batch = mine.collate(items, torch.Generator())
    tokens = batch["tokens"]
    lengths = [len(item.tokens) for item in items]
    assert tokens.shape == (2, PREFIX_TOKENS + max(lengths) + 1)
    assert tokens[0, :PREFIX_TOKENS].tolist() == prefix(told_by(items[0].attributes))
    assert tokens[0, PREFIX_TOKENS + lengths[0]] == IDS[END]
    assert (tokens[0, PREFIX_TOKENS + lengths[0] + 1 :] == IDS[PADDING]).all()
    logits, _ = mine(tokens)
    scores = logits.log_softmax(-1)
    total = sum(
        -scores[row, t - 1, tokens[row, t]]
        for row, length in enumerate(lengths)
        for t in range(PREFIX_TOKENS, PREFIX_TOKENS + length + 1)
    )
    torch.testing.assert_close(mine.loss(batch, step=0).total, total / (sum(lengths) + 2))


def test_training_tells_some_attributes_and_evaluation_all():
    mine, item = model(), example(0)
    everything = prefix(told_by(item.attributes))
    evaluated = mine.collate([item], torch.Generator().manual_seed(0))["tokens"][0, :PREFIX_TOKENS]
    mine.train()
    seen = {
        tuple(mine.collate([item], torch.Generator().manual_seed(seed))["tokens"][0, :PREFIX_TOKENS].tolist())
        for seed in range(8)
    }
    assert evaluated.tolist() == everything
    assert len(seen) > 4


@pytest.mark.parametrize(
    ("width", "layers", "heads", "parameters"),
    [(512, 6, 8, 20_198_400), (768, 12, 12, 86_980_608)],
)
def test_the_other_published_sizes(width, layers, heads, parameters):
    with torch.device("meta"):
        made = MuseCoco(Config(width=width, layers=layers, heads=heads, inner_width=4 * width))
    assert sum(weight.numel() for weight in made.parameters()) == parameters


def test_a_model_comes_back_from_its_folder(tmp_path):
    mine = model()
    kind, config, state = mine.artifact()
    artifacts.save(tmp_path, kind, config, state)
    again = load(tmp_path)
    tokens = torch.arange(70)[None]
    with torch.inference_mode():
        assert torch.equal(again(tokens)[0], mine(tokens)[0])


def test_a_model_of_the_wrong_stage_is_refused(tmp_path):
    kind, config, state = reader().artifact()
    artifacts.save(tmp_path, kind, config, state)
    with pytest.raises(InvalidArtifact, match="holds a model of kind 'musecoco-text'; 'musecoco' was expected"):
        load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"width": 7},
        {"heads": 300},
        {"layers": 10**9},
        {"vocabulary": 3241},
        {"dropout": 1},
        {"positions": "both"},
        {"width": 16_384, "layers": 100},
    ],
)
def test_hostile_configurations_end_in_one_line(change, tmp_path):
    _, config, state = model().artifact()
    artifacts.save(tmp_path, KIND, config | change, state)
    with pytest.raises(InvalidArtifact) as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)


def test_it_learns_three_pieces_and_plays_one_again():
    torch.manual_seed(0)
    items = [example(seed, instruments=("piano",), octaves=1) for seed in (1, 2, 3)]
    learner = MuseCoco(small(width=48, heads=4, inner_width=96)).eval()
    batch = learner.collate(items, torch.Generator())
    optimizer = torch.optim.Adam(learner.parameters(), lr=6e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, 150, pct_start=0.2)
    losses = []
    for step in range(150):
        loss = learner.loss(batch, step=step).total
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    assert losses[0] > 6.5
    assert losses[-1] < 0.02
    rng = torch.Generator()
    played = sample(learner, prefix(told_by(items[1].attributes)), [], Rules(), 1, GREEDY, rng, on_bar=print)
    assert tuple(played[0]) == items[1].tokens
