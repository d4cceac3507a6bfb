from itertools import pairwise

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from octet.core.errors import InvalidInput
from octet.families.diffusion.course import course, falling_steps
from octet.families.diffusion.prediction import PredictionKind, estimate, target
from octet.families.diffusion.schedule import ScheduleConfig, ScheduleKind, build

THEIR_NAMES = {"linear": "linear", "scaled_linear": "scaled_linear", "cosine": "squaredcos_cap_v2"}
KINDS: list[PredictionKind] = ["epsilon", "sample", "velocity"]


@pytest.mark.parametrize("kind", ["linear", "scaled_linear", "cosine"])
@pytest.mark.parametrize("steps", [100, 1000])
def test_schedules_are_diffusers(kind: ScheduleKind, steps: int) -> None:
    ours = build(ScheduleConfig(kind=kind, steps=steps, beta_start=0.0015, beta_end=0.0195))
    theirs = DDPMScheduler(steps, 0.0015, 0.0195, THEIR_NAMES[kind])
    torch.testing.assert_close(ours.alphas_cumprod.float(), theirs.alphas_cumprod, rtol=1e-5, atol=1e-7)


def test_what_is_left_of_the_data_is_as_computed_for_diffsinger() -> None:
    short, long = build(ScheduleConfig()), build(ScheduleConfig(steps=1000, beta_end=0.02))
    found = short.signal(torch.tensor([53, 70, 99])).tolist() + long.signal(torch.tensor([999])).tolist()
    assert found == pytest.approx([0.644, 0.465, 0.216, 0.006], abs=2e-3)


@pytest.mark.parametrize("kind", KINDS)
@given(step=st.integers(0, 99), seed=st.integers(0, 1000))
def test_a_perfect_prediction_gives_back_data_and_noise(kind: PredictionKind, step: int, seed: int) -> None:
    schedule = build(ScheduleConfig())
    clean, noise = torch.randn(2, 3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    steps = torch.full((3,), step)
    said = target(kind, schedule, clean, noise, steps)
    point = course(schedule, [step])[0]
    found = estimate(kind, schedule.diffuse(clean, steps, noise), said, point.signal, point.noise)
    torch.testing.assert_close(found.clean, clean)
    torch.testing.assert_close(found.noise, noise)


def test_velocity_is_diffusers() -> None:
    schedule = build(ScheduleConfig(steps=1000, beta_end=0.02))
    clean, noise = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    steps = torch.tensor([0, 500, 999])
    theirs = DDIMScheduler(1000, 1e-4, 0.02, "linear").get_velocity(clean, noise, steps)
    torch.testing.assert_close(target("velocity", schedule, clean, noise, steps), theirs, rtol=1e-5, atol=1e-5)


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from(["leading", "trailing", "linspace"]))
def test_courses_fall_within_the_depth(depth: int, count: int, spacing: str) -> None:
    count = min(count, depth)
    steps = falling_steps(depth, count, spacing)  # type: ignore[arg-type]
    assert len(steps) == count
    assert all(0 <= step < depth for step in steps)
    assert all(later < earlier for earlier, later in pairwise(steps))


def test_impossible_courses_are_refused() -> None:
    schedule = build(ScheduleConfig())
    for depth, count in ((10, 0), (10, 11)):
        with pytest.raises(InvalidInput, match="give 1 to 10"):
            falling_steps(depth, count)
    for steps in ([], [100], [5, 5], [3, 4], [-1]):
        with pytest.raises(InvalidInput, match="must fall within 0 to 99"):
            course(schedule, steps)


def test_a_schedule_rises() -> None:
    with pytest.raises(ValidationError, match="must not exceed beta_end"):
        ScheduleConfig(beta_start=0.1, beta_end=0.01)
