"""Sampling: what comes out in which order, prompts, seeds, windows, guidance; the same above any engine."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.families.token_lm.examples import SMALL, decoder, tokens, told

from octet.core.errors import InvalidInput
from octet.families.token_lm import patterns
from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.engine import TorchEngine
from octet.families.token_lm.generate import Windows, generate, generate_long
from octet.families.token_lm.guidance import Guided, doubly_guided, guided, unguided
from octet.families.token_lm.patterns import PatternSpec
from octet.nn.sampling import GREEDY, Sampling

NOTHING = tokens(2, 0)
ENGINE = TorchEngine(decoder())
SPECS = [patterns.delay(4), patterns.parallel(4), patterns.partial_flatten(4), patterns.coarse_first(4)]


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def made(
    spec: PatternSpec = SPECS[0],
    frames: int = 6,
    prompt: torch.Tensor = NOTHING,
    sampling: Sampling = GREEDY,
    how: Guided | None = None,
    seed: int = 0,
) -> torch.Tensor:
    how = how or unguided(told(3, 6))
    pieces = generate(ENGINE, how, spec.pattern(frames), prompt, sampling, rng(seed))
    return torch.cat([prompt, *pieces], dim=2)


@dataclass
class Recorder:
    """An engine whose next token is always the number of the step, modulo the vocabulary; keeps what it read."""

    config = SMALL
    read: list[torch.Tensor] = field(default_factory=list)

    def start(self, conditions: Conditions, known: torch.Tensor, steps: int) -> Recorder:  # noqa: ARG002
        self.read = [known]
        self.promised = steps
        return self

    def step(self, step: torch.Tensor) -> torch.Tensor:
        self.read.append(step[:, :, None])
        return self.logits

    @property
    def logits(self) -> torch.Tensor:
        step = torch.cat(self.read, dim=2).shape[2] % SMALL.vocabulary
        row = torch.nn.functional.one_hot(torch.tensor(step), SMALL.vocabulary).float()
        return row.expand(len(self.read[0]), SMALL.codebooks, -1)


@given(st.sampled_from(SPECS), st.integers(1, 10), st.integers(0, 9))
def test_what_an_engine_reads_is_the_pattern(spec: PatternSpec, frames: int, prompt_frames: int) -> None:
    recorder, prompt = Recorder(), tokens(1, min(prompt_frames, frames))
    pattern = spec.pattern(frames)
    pieces = list(generate(recorder, unguided(Conditions()), pattern, prompt, GREEDY, rng()))
    codes = torch.cat([prompt, *pieces], dim=2)
    assert torch.equal(codes[:, :, : prompt.shape[2]], prompt)
    if prompt.shape[2] < frames:
        read = torch.cat(recorder.read, dim=2)
        assert torch.equal(read, pattern.build(codes, SMALL.special)[:, :, :-1])
        assert recorder.promised == read.shape[2]
    for step, coordinates in enumerate(pattern.layout):
        for t, q in coordinates:
            if t >= prompt.shape[2]:
                assert codes[0, q, t] == step % SMALL.vocabulary


def test_frames_come_as_soon_as_they_are_whole() -> None:
    sizes = [
        piece.shape[2] for piece in generate(ENGINE, unguided(told(3, 6)), SPECS[0].pattern(5), NOTHING, GREEDY, rng())
    ]
    assert sizes == [0, 0, 0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("spec", SPECS)
def test_continuing_ones_own_beginning_changes_nothing(spec: PatternSpec) -> None:
    whole = made(spec)
    assert torch.equal(made(spec, prompt=whole[:, :, :2]), whole)


def test_a_complete_prompt_leaves_nothing_to_do() -> None:
    assert torch.equal(made(frames=4, prompt=tokens(2, 4)), tokens(2, 4))
    with pytest.raises(InvalidInput, match="beginning of 5 frames is longer"):
        made(frames=4, prompt=tokens(2, 5))


def test_a_seed_decides() -> None:
    hot = Sampling(temperature=3.0)
    assert torch.equal(made(sampling=hot, seed=1), made(sampling=hot, seed=1))
    assert not torch.equal(made(sampling=hot, seed=1), made(sampling=hot, seed=2))


def test_special_tokens_are_never_drawn() -> None:
    assert int(made(frames=20, sampling=Sampling(temperature=9.0, top_k=0)).max()) < SMALL.vocabulary


def test_guidance_of_scale_one_is_no_guidance() -> None:
    assert guided(told(3), Conditions(), 1.0).weights == (1.0,)
    assert torch.equal(made(how=guided(told(3, 6), Conditions(), 1.0)), made())
    assert not torch.equal(made(frames=20, how=guided(told(3, 6), Conditions(), 9.0)), made(frames=20))


@given(st.floats(0, 10), st.floats(0, 10))
def test_guidance_combines_as_written(scale: float, text_scale: float) -> None:
    full, style, null = torch.randn(3, 2, 4, 16, generator=rng(4), dtype=torch.float64)
    single = guided(Conditions(), Conditions(), scale).combine(torch.cat([full, null]))
    if scale != 1:
        torch.testing.assert_close(single, null + scale * (full - null))
    double = doubly_guided([Conditions()] * 3, scale, text_scale).combine(torch.cat([full, style, null]))
    torch.testing.assert_close(double, null + scale * (style + text_scale * (full - style) - null))


def test_equal_rows_give_exactly_themselves() -> None:
    logits = torch.randn(2, 4, 16, generator=rng())
    assert torch.equal(guided(Conditions(), Conditions(), 3.3).combine(torch.cat([logits, logits])), logits)


@pytest.mark.parametrize("frames", [3, 8, 9, 13, 20])
@pytest.mark.parametrize("prompt_frames", [0, 3])
def test_windows_continue_each_other(frames: int, prompt_frames: int) -> None:
    """Each window is what `generate` makes of the end of the last."""
    windows, spec, how = Windows(frames=8, stride=5), patterns.delay(4), unguided(told(3, 6))
    prompt = tokens(2, prompt_frames)
    offsets: list[int] = []

    def conditions(start: int) -> Guided:
        offsets.append(start)
        return how

    pieces = generate_long(ENGINE, conditions, spec, frames, windows, prompt, GREEDY, rng())
    found = torch.cat([prompt, *pieces], dim=2)
    assert found.shape[2] == frames
    assert offsets == list(range(0, max(frames - 8, 0) + 5, 5))[: len(offsets)]
    expected = made(spec, min(frames, 8), prompt)
    while expected.shape[2] < frames:
        start = 5 * (1 + (expected.shape[2] - 8) // 5)
        window = made(spec, min(frames - start, 8), expected[:, :, start:])
        expected = torch.cat([expected[:, :, :start], window], dim=2)
    assert torch.equal(found, expected)


def test_windows_must_overlap_and_hold_their_prompt() -> None:
    with pytest.raises(InvalidInput, match="between 0 and 8 apart"):
        Windows(frames=8, stride=8)
    with pytest.raises(InvalidInput, match="beginning of 9 frames is longer"):
        list(
            generate_long(
                ENGINE, lambda _: unguided(told(1, 1)), SPECS[0], 30, Windows(8, 5), tokens(2, 9), GREEDY, rng()
            )
        )
