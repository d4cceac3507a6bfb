"""Patterns: inverses, the layouts of MusicGen's table, and what is no pattern."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.families.token_lm import patterns
from octet.families.token_lm.patterns import Coordinate, Pattern, PatternSpec

PROVIDERS = [
    patterns.parallel,
    patterns.delay,
    patterns.partial_delay,
    patterns.flatten,
    patterns.partial_flatten,
    patterns.coarse_first,
]
specs = st.builds(lambda make, codebooks: make(codebooks), st.sampled_from(PROVIDERS), st.integers(1, 5))


@given(specs, st.integers(0, 12))
def test_revert_undoes_build(spec: PatternSpec, frames: int) -> None:
    pattern = spec.pattern(frames)
    codes = torch.arange(2 * spec.codebooks * frames).view(2, spec.codebooks, frames)
    laid = pattern.build(codes, special=-7)
    assert laid.shape == (2, spec.codebooks, pattern.steps)
    assert pattern.steps == spec.steps(frames)
    assert torch.equal(pattern.revert(laid), codes)
    assert torch.equal(laid != -7, pattern.valid.expand_as(laid))
    assert not pattern.valid[:, 0].any()


@given(specs, st.integers(1, 10))
def test_a_frame_is_complete_when_its_last_token_is_known(spec: PatternSpec, frames: int) -> None:
    pattern = spec.pattern(frames)
    seen: set[Coordinate] = set()
    for step, coordinates in enumerate(pattern.layout):
        seen.update(coordinates)
        whole = 0
        while whole < frames and all(Coordinate(whole, q) in seen for q in range(spec.codebooks)):
            whole += 1
        assert pattern.complete[step] == whole
    assert pattern.complete[-1] == frames


@pytest.mark.parametrize(
    ("spec", "steps", "places"),
    [  # steps for T = 10 and the step of frame 3, codebooks 0 and 2: the sheet's table
        (patterns.parallel(4), 11, (4, 4)),
        (patterns.delay(4), 14, (4, 6)),
        (patterns.partial_delay(4), 12, (4, 5)),
        (patterns.delay(4).stereo(), 14, (4, 5)),
        (patterns.flatten(4), 41, (13, 15)),
        (patterns.partial_flatten(4), 21, (7, 8)),
        (patterns.coarse_first(4), 21, (4, 14)),
    ],
)
def test_layouts(spec: PatternSpec, steps: int, places: tuple[int, int]) -> None:
    pattern = spec.pattern(10)
    assert pattern.steps == steps
    found = {at: step for step, held in enumerate(pattern.layout) for at in held}
    assert (found[Coordinate(3, 0)], found[Coordinate(3, 2)]) == places


def test_the_delayed_matrix_looks_as_drawn() -> None:
    codes = torch.arange(5).expand(1, 4, 5)
    laid = patterns.delay(4).pattern(5).build(codes, special=9)
    drawn = ["901234999", "990123499", "999012349", "999901234"]
    assert ["".join(map(str, row)) for row in laid[0].tolist()] == drawn


def test_stereo_alternates_left_and_right() -> None:
    assert patterns.delay(4).stereo().shifts == (0, 0, 1, 1, 2, 2, 3, 3)
    with pytest.raises(InvalidInput, match="no stereo form"):
        patterns.coarse_first(4).stereo()


def test_the_tail_is_what_training_leaves_out() -> None:
    assert patterns.delay(4).pattern(10).steps - patterns.delay(4).pattern(10).tail == 11
    assert patterns.flatten(4).pattern(10).tail == 0
    assert patterns.delay(4).pattern(0).tail == 0


def test_the_first_step_of_a_frame() -> None:
    pattern = patterns.delay(3).pattern(4)
    assert [pattern.first_step(frame) for frame in range(5)] == [1, 2, 3, 4, 7]


@pytest.mark.parametrize(
    ("layout", "reason"),
    [
        ([], "begins with an empty step"),
        ([[(0, 0)], [(0, 1)]], "begins with an empty step"),
        ([[], [(0, 0)]], "every frame of every codebook"),
        ([[], [(0, 0), (0, 1)], [(0, 0)]], "stands in steps 1 and 2"),
        ([[], [(0, 0), (1, 1)]], "frame 1 of codebook 1 is outside 1 x 2"),
        ([[], [(0, 0), (0, -1)]], "outside"),
    ],
)
def test_what_is_no_pattern(layout: list[list[tuple[int, int]]], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        Pattern(1, 2, tuple(tuple(Coordinate(*at) for at in step) for step in layout))


@pytest.mark.parametrize("order", [(0, 0), (2, 1)])
def test_frames_follow_each_other(order: tuple[int, int]) -> None:
    layout: list[list[Coordinate]] = [[], [], [], []]
    for t, step in enumerate(order, start=0):
        layout[step + 1].append(Coordinate(t, 0))
    with pytest.raises(InvalidInput, match="follow each other"):
        Pattern(2, 1, tuple(map(tuple, layout)))


@pytest.mark.parametrize("fields", [{"shifts": (1, 2)}, {"shifts": (0, 2, 1)}, {"kind": "flatten", "shifts": (0, 2)}])
def test_specs_that_make_no_pattern(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"begin with 0|no place"):
        PatternSpec.model_validate(fields)


def test_wrong_numbers_are_told() -> None:
    with pytest.raises(InvalidInput, match=r"must be \(batch, 4, time\)"):
        patterns.delay(4).pattern(3).build(torch.zeros(1, 3, 3, dtype=torch.long), special=0)
    with pytest.raises(InvalidInput, match="-1 frames"):
        patterns.delay(4).pattern(-1)
