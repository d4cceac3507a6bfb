"""MusicGen as a model: conditions and what they leave alone, the loss position by position, collating, learning."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.systems.musicgen.examples import VOCABULARY, chroma, example, melodic, model, small
from torch.nn import functional as F

from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.core.training import MusicExample
from octet.families.token_lm.engine import TorchEngine
from octet.families.token_lm.generate import generate
from octet.families.token_lm.guidance import unguided
from octet.families.token_lm.patterns import flatten
from octet.nn.sampling import GREEDY
from octet.systems.musicgen.captions import CaptionTraining
from octet.systems.musicgen.config import Dropouts
from octet.systems.musicgen.examples import excerpt, parts
from octet.systems.musicgen.model import MusicGen, load

SIZES = {"cross": small, "prefix": melodic}


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("make", [small, melodic])
@torch.no_grad()
def test_an_untold_prompt_is_zeros_and_no_bias(make: Any) -> None:
    made = model(make()).eval()
    conditions = made.conditions(made.read(["warm piano music", " "]))
    vectors, valid = (
        (conditions.cross, conditions.cross_valid)
        if make is small
        else (conditions.prefix[:, 6:], conditions.prefix_valid[:, 6:])
    )
    assert (vectors[1] == 0).all()
    assert vectors[0].abs().min() > 0
    assert valid.sum(1).tolist() == [3, 1]


@torch.no_grad()
def test_no_melody_is_silence_and_no_zeros() -> None:
    made = model(melodic()).eval()
    untold = made.conditions(made.read(["a"])).prefix[:, :6]
    assert torch.equal(untold, made.conditions(made.read(["a"], chroma(0)[None])).prefix[:, :6])
    assert untold.abs().min() > 0


@torch.no_grad()
def test_the_null_half_of_guidance() -> None:
    """As many vectors as the told half has: zeros for text, silence for melody; nothing at all across."""
    made = model(melodic()).eval()
    guided = made.guided(made.read(["warm piano"], chroma(3, 4)[None]), 3.0)
    told, untold = guided.conditions.prefix
    assert guided.weights == (3.0, -2.0)
    assert (untold[6:] == 0).all()
    assert torch.equal(untold[:6], made.melody(chroma(0)[None])[0])
    assert torch.equal(told[:6], made.melody(chroma(3, 4)[None])[0])
    crossing = model().eval()
    assert len(crossing.guided(crossing.read(["warm piano"]), 3.0).conditions.cross) == 1


@pytest.mark.parametrize(("text", "scale", "rows"), [("", 3.0, 1), ("a", 1.0, 1), ("a", 3.0, 2)])
def test_guidance_runs_twice_only_where_it_must(text: str, scale: float, rows: int) -> None:
    made = model()
    assert len(made.guided(made.read([text]), scale).weights) == rows


@pytest.mark.parametrize("attend_padding", [False, True])
def test_padding_is_attended_to_only_where_asked_for(attend_padding: bool) -> None:
    made = model(small(attend_padding=attend_padding))
    assert (made.conditions(made.read(["a b c", "a"])).cross_valid is None) == attend_padding
    assert made.conditions(made.read(["a b", "c d"])).cross_valid is None


def test_melody_frames_are_repeated_or_cut() -> None:
    made = model(melodic())
    short = made.melody(chroma(1, 2)[None])
    assert torch.equal(short, made.melody(chroma(1, 2, 1, 2, 1, 2)[None]))
    assert torch.equal(made.melody(chroma(*range(9))[None]), made.melody(chroma(*range(6))[None]))
    with pytest.raises(InvalidInput, match=r"must be \(batch, frames, 12\)"):
        made.melody(torch.zeros(1, 3, 11))
    with pytest.raises(InvalidInput, match="hears no melody"):
        model().read(["a"], chroma(1)[None])


@pytest.mark.parametrize(
    ("decay", "shares"), [(1.0, (1 / 4, 1 / 4, 1 / 4, 1 / 4)), (0.5, (8 / 15, 4 / 15, 2 / 15, 1 / 15))]
)
@pytest.mark.parametrize("pattern", [small().pattern, flatten(4)])
@torch.no_grad()
def test_the_loss_is_what_the_sheet_says(pattern: Any, decay: float, shares: tuple[float, ...]) -> None:
    """By hand: for each codebook the mean over positions that are no padding and not in the tail, then the mean."""
    made = model(small(pattern=pattern, codebook_decay=decay)).eval()
    items = [example(0, 12), example(1, 9)]
    losses = made.loss(made.collate(items, rng()), step=0)
    errors: list[list[float]] = [[] for _ in range(4)]
    layout = pattern.pattern(12)
    padded = torch.stack([F.pad(item.codes, (0, 12 - item.codes.shape[1]), value=VOCABULARY) for item in items])
    laid = layout.build(padded, VOCABULARY)
    logits = made.decoder(laid, made.conditions(made.read([item.captions[0] for item in items])))
    for row, item in enumerate(items):
        for step in range(1, layout.steps - layout.tail):
            for t, q in layout.layout[step]:
                if t < item.codes.shape[1]:
                    distribution = logits[row, q, step - 1].log_softmax(-1)
                    errors[q].append(-float(distribution[item.codes[q, t]]))
    means = [sum(found) / len(found) for found in errors]
    for k, mean in enumerate(means):
        assert float(losses.parts[f"codebook_{k}"]) == pytest.approx(mean, rel=1e-4)
    total = sum(share * mean for share, mean in zip(shares, means, strict=True))
    assert float(losses.total) == pytest.approx(total, rel=1e-4)
    lost = 3 if layout.tail else 0
    assert len(errors[3]) == 12 + 9 - lost  # the longer one's last frames of codebook 3 lie in the tail


@torch.no_grad()
def test_padding_changes_no_row() -> None:
    made = model().eval()
    items = [example(0, 12), example(1, 9)]
    alone = [made.loss(made.collate([item], rng()), step=0).parts["codebook_0"] for item in items]
    both = made.loss(made.collate(items, rng()), step=0).parts["codebook_0"]
    torch.testing.assert_close(both, (alone[0] * 12 + alone[1] * 9) / 21)


@pytest.mark.parametrize("make", [small, melodic])
def test_losses_in_mixed_precision_are_about_the_same(make: Any) -> None:
    made = model(make())
    batch = made.collate([example(0, 12), example(1, 9)], rng())
    exact = made.loss(batch, step=0).total.item()
    with torch.autocast("cpu", torch.bfloat16):
        mixed = made.loss(batch, step=0).total
    mixed.backward()
    assert mixed.item() == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("make", [small, melodic])
def test_all_weights_are_trained(make: Any) -> None:
    made = model(make())
    items = [example(number, melody=make is melodic) for number in range(2)]
    made.loss(made.collate(items, rng()), step=0).total.backward()
    assert [name for name, weight in made.named_parameters() if weight.grad is None] == []


@pytest.mark.parametrize(
    ("drops", "text", "melody"),
    [
        ({}, True, True),
        ({"everything": 1.0}, False, False),
        ({"text": 1.0}, False, True),
        ({"melody": 1.0}, True, False),
    ],
)
def test_conditions_are_dropped_for_whole_batches_in_training_only(
    drops: dict[str, float], text: bool, melody: bool
) -> None:
    none = {"everything": 0.0, "text": 0.0, "melody": 0.0}
    made = model(melodic(dropouts=Dropouts(**(none | drops))))
    items = [example(number, melody=True) for number in range(3)]
    batch = made.train().collate(items, rng())
    assert batch["text_told"].tolist() == [text] * 3
    assert bool((batch["chroma"][..., 0] == 1).all()) != melody
    kept = made.eval().collate(items, rng())
    assert kept["text_told"].all()
    assert not (kept["chroma"][..., 0] == 1).all()


def test_dropouts_come_as_often_as_they_should() -> None:
    made = model(small(dropouts=Dropouts(everything=0.3, text=0.0, melody=0.0))).train()
    generator = rng()
    told = [bool(made.collate([example(0)], generator)["text_told"].all()) for _ in range(600)]
    assert abs(sum(told) / 600 - 0.7) < 0.06


def test_captions_vary_in_training_only() -> None:
    made = model(small(captions=CaptionTraining(merge=0, drop_word=1.0)))
    assert not made.train().collate([example(0)], rng())["text_told"].any()
    assert made.eval().collate([example(0)], rng())["text_told"].all()


def test_an_example_without_melody_is_silent() -> None:
    made = model(melodic())
    batch = made.collate([example(0, melody=True), example(1)], rng())
    assert batch["chroma"].shape == (2, 6, 12)
    assert (batch["chroma"][1, :, 0] == 1).all()


def test_long_recordings_are_cut_with_their_melody() -> None:
    made = model(melodic())
    tune = chroma(*[t // 17 for t in range(200)])
    long = MusicExample("long", torch.arange(200).expand(4, -1), ("a tune",), chroma=tune)
    starts = set()
    for seed in range(20):
        cut = excerpt(long, made.config.segment_frames, rng(seed))
        starts.add(int(cut.codes[0, 0]))
        assert cut.codes.shape == (4, 20)
        assert torch.equal(cut.chroma.argmax(1), cut.codes[0] // 17)
    assert len(starts) > 5
    assert made.collate([long], rng())["codes"].shape == (1, 4, 20)
    assert excerpt(example(0, 12), 20, rng()).codes.shape == (4, 12)


def test_parts_are_the_whole_with_its_melody() -> None:
    whole = MusicExample(
        "long", torch.arange(80).expand(4, -1), ("a tune",), chroma=chroma(*[t // 10 for t in range(80)])
    )
    cut = parts(whole, 4)
    assert torch.equal(torch.cat([part.codes for part in cut], dim=1), whole.codes)
    assert torch.equal(torch.cat([part.chroma for part in cut]), whole.chroma)
    assert [part.codes.shape[1] for part in parts(example(0, 7), 4)] == [7]  # too short to be cut


@pytest.mark.parametrize(("share", "rows", "frames"), [(0.0, 2, 20), (1.0, 8, 5)])
def test_segments_are_short_as_often_as_is_said_in_training_only(share: float, rows: int, frames: int) -> None:
    made = model(small(short_segments=share))
    items = [example(0, 40), example(1, 40)]
    assert made.train().collate(items, rng())["codes"].shape == (rows, 4, frames)
    assert made.eval().collate(items, rng())["codes"].shape == (2, 4, 20)


@pytest.mark.parametrize("make", [small, pytest.param(melodic, marks=pytest.mark.slow)])
def test_a_tiny_model_learns_tunes_by_name_and_continues_them(make: Any) -> None:
    torch.manual_seed(0)
    made = MusicGen(make())
    items = [example(number, melody=make is melodic) for number in range(3)]
    optimizer = torch.optim.AdamW(made.parameters(), 3e-3)
    for step in range(200):
        losses = made.loss(made.collate(items, rng(step)), step=step)
        optimizer.zero_grad()
        losses.total.backward()
        optimizer.step()
    assert float(losses.total.detach()) < 0.05
    made.eval()
    told = made.read([item.captions[0] for item in items], made.collate(items, rng()).get("chroma"))
    codes = torch.stack([item.codes for item in items])
    for given in (0, 4):
        with torch.no_grad():
            pieces = generate(
                TorchEngine(made.decoder),
                unguided(made.conditions(told)),
                made.config.pattern.pattern(9),
                codes[:, :, :given],
                GREEDY,
                rng(),
            )
            assert torch.equal(torch.cat([codes[:, :, :given], *pieces], dim=2), codes[:, :, :9])


def test_the_artifact_holds_all_that_generation_needs(tmp_path: Any) -> None:
    made = model(melodic()).eval()
    kind, config, state = made.artifact()
    artifacts.save(tmp_path, kind, config, state)
    again = load(tmp_path)
    assert kind == "musicgen"
    assert again.config == made.config
    told = made.read(["warm piano"], chroma(3)[None])
    with torch.no_grad():
        assert torch.equal(again.conditions(told).prefix, made.conditions(told).prefix)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pattern": flatten(3)}, "3 codebooks for 4"),
        ({"channels": 2, "pattern": flatten(3), "decoder": {"codebooks": 3}}, "do not divide among 2"),
        ({"stride_seconds": 2.0}, "overlap"),
        ({"decoder": melodic().decoder}, "cross_attention only"),
        ({"segment_seconds": 1e9}, "less than or equal"),
        ({"chroma_frames": 10**9}, "less than or equal"),
        ({"text": {"kind": "bert"}}, "kind must be tiny, t5 or reader"),
    ],
)
def test_impossible_configurations_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        small(**changes)


def test_text_encoders_must_fit() -> None:
    with pytest.raises(InvalidInput, match="trains its own"):
        MusicGen(small(), model().text.encoder)
    with pytest.raises(InvalidInput, match="of width 768, given none"):
        MusicGen(small(text={"kind": "t5"}))
    with pytest.raises(InvalidInput, match="given one of width 16"):
        MusicGen(small(text={"kind": "t5"}), model().text.encoder)
