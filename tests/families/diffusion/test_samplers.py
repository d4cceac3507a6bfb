"""Samplers against diffusers' schedulers, and against data whose best denoiser is known in closed form."""

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    PNDMScheduler,
    UniPCMultistepScheduler,
)
from torch import Tensor

from octet.core.errors import InvalidInput
from octet.families.diffusion import flow
from octet.families.diffusion.course import course, falling_steps
from octet.families.diffusion.prediction import PredictionKind
from octet.families.diffusion.samplers import SAMPLERS, Denoiser
from octet.families.diffusion.schedule import NoiseSchedule, ScheduleConfig, ScheduleKind, build

STEPS, START, END = 1000, 0.0015, 0.0195
NAMES = {"linear": "linear", "scaled_linear": "scaled_linear", "cosine": "squaredcos_cap_v2"}
THEIRS = {"epsilon": "epsilon", "sample": "sample", "velocity": "v_prediction"}
MEAN, DEVIATION = 0.3, 0.5


def network(x: Tensor, steps: Tensor) -> Tensor:
    """Smooth in both arguments, and bounded."""
    mixed = 0.7 * x + 0.2 * x.roll(1, -1)
    return torch.tanh(mixed * (1 + steps.view(-1, 1, 1) / STEPS))


def start(seed: int = 0, count: int = 2) -> Tensor:
    return torch.randn(count, 4, 6, generator=torch.Generator().manual_seed(seed))


def ours(name: str, schedule: NoiseSchedule, steps: list[int], kind: PredictionKind, clean_end: bool = True) -> Tensor:
    points = course(schedule, steps) if clean_end else course(schedule, steps, end=None)
    *_, last = SAMPLERS[name](Denoiser(network, kind), start(), points, torch.Generator().manual_seed(1))
    return last


def theirs(scheduler, count: int) -> Tensor:
    scheduler.set_timesteps(count)
    x, rng = start(), torch.Generator().manual_seed(1)
    needs_rng = isinstance(scheduler, DDPMScheduler)
    for step in scheduler.timesteps:
        predicted = network(x, step.expand(len(x)))
        x = scheduler.step(predicted, step, x, **({"generator": rng} if needs_rng else {})).prev_sample
    return x


@pytest.mark.parametrize("prediction", ["epsilon", "sample", "velocity"])
@pytest.mark.parametrize("schedule", ["linear", "scaled_linear"])
@pytest.mark.parametrize(
    ("name", "scheduler", "spacing", "options"),
    [
        ("ddpm", DDPMScheduler, "trailing", {"clip_sample": False, "timestep_spacing": "trailing"}),
        ("ddim", DDIMScheduler, "leading", {"clip_sample": False, "timestep_spacing": "leading"}),
        ("ddim", DDIMScheduler, "trailing", {"clip_sample": False, "timestep_spacing": "trailing"}),
        ("pndm", PNDMScheduler, "leading", {"skip_prk_steps": True, "set_alpha_to_one": True}),
        ("dpm++", DPMSolverMultistepScheduler, "linspace", {"algorithm_type": "dpmsolver++"}),
        ("unipc", UniPCMultistepScheduler, "linspace", {"solver_type": "bh2"}),
    ],
)
@pytest.mark.parametrize("count", [2, 10, 20])
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in diffusers
def test_samplers_are_diffusers(
    name: str, scheduler, spacing, options: dict, prediction: PredictionKind, schedule: ScheduleKind, count: int
) -> None:
    if name == "pndm" and prediction != "epsilon":
        return  # diffusers' mixes what was predicted; ours, as the paper, the noise
    built = build(ScheduleConfig(kind=schedule, steps=STEPS, beta_start=START, beta_end=END))
    oracle = scheduler(STEPS, START, END, NAMES[schedule], prediction_type=THEIRS[prediction], **options)
    found = ours(name, built, falling_steps(STEPS, count, spacing), prediction)
    wanted = theirs(oracle, count)
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5 * float(wanted.abs().max().clamp(min=1)))


def test_latent_diffusions_course_ends_at_the_first_step() -> None:
    built = build(ScheduleConfig(kind="scaled_linear", steps=STEPS, beta_start=START, beta_end=END))
    oracle = DDIMScheduler(
        STEPS, START, END, "scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1
    )
    found = ours("ddim", built, falling_steps(STEPS, 20, "leading", offset=1), "epsilon", clean_end=False)
    torch.testing.assert_close(found, theirs(oracle, 20), rtol=1e-5, atol=1e-5)


def test_a_bounded_clean_estimate_is_diffusers() -> None:
    built = build(ScheduleConfig(steps=100))
    oracle = DDPMScheduler(100, 1e-4, 0.06, "linear", clip_sample=True)
    denoiser = Denoiser(network, "epsilon", limit=1.0)
    points = course(built, falling_steps(100, 100))
    *_, found = SAMPLERS["ddpm"](denoiser, start(), points, torch.Generator().manual_seed(1))
    torch.testing.assert_close(found, theirs(oracle, 100), rtol=1e-5, atol=1e-5)
    assert float(found.abs().max()) <= 1


@pytest.mark.parametrize(
    ("name", "scheduler"),
    [("euler", FlowMatchEulerDiscreteScheduler), ("heun", FlowMatchHeunDiscreteScheduler)],
)
def test_flow_samplers_are_diffusers(name: str, scheduler) -> None:
    """Their time is the share of noise, and their velocity points at the noise."""
    oracle, count = scheduler(STEPS), 12
    if name == "euler":
        oracle.set_timesteps(sigmas=[1 - i / count for i in range(count)])
    else:
        oracle.set_timesteps(count)
    shares = [1 - float(sigma) for sigma in dict.fromkeys(oracle.sigmas.tolist())]
    *_, found = flow.FLOW_SAMPLERS[name](network, start(), shares)
    x = start()
    for step in oracle.timesteps:
        x = oracle.step(-network(x, STEPS - step.expand(len(x))), step, x).prev_sample
    torch.testing.assert_close(found, x, rtol=1e-5, atol=2e-5)


def best_noise(schedule: NoiseSchedule):
    """The expected noise in x, where data are a Gaussian."""

    def predict(x: Tensor, steps: Tensor) -> Tensor:
        signal, noise = (level(steps).view(-1, 1, 1) for level in (schedule.signal, schedule.noise))
        return noise * (x - signal * MEAN) / (signal**2 * DEVIATION**2 + noise**2)

    return predict


def error_on_a_gaussian(name: str, count: int, depth: int = STEPS) -> float:
    """How far a sampler ends from where the probability flow would lead the same noise, in closed form."""
    schedule = build(ScheduleConfig(steps=STEPS, beta_end=0.02))
    points = course(schedule, falling_steps(depth, count))
    x = start(count=8).double()
    *_, found = SAMPLERS[name](Denoiser(best_noise(schedule)), x, points, torch.Generator())
    signal, noise = points[0].signal, points[0].noise
    exact = MEAN + DEVIATION * (x - signal * MEAN) / (signal**2 * DEVIATION**2 + noise**2) ** 0.5
    return float((found - exact).abs().max())


@pytest.mark.parametrize("name", ["ddim", "pndm", "dpm++", "unipc"])
@pytest.mark.parametrize("depth", [1000, 400])
def test_deterministic_samplers_follow_the_flow_of_a_gaussian(name: str, depth: int) -> None:
    few, many = error_on_a_gaussian(name, 10, depth), error_on_a_gaussian(name, 200, depth)
    assert many < 0.05
    assert many < few / 4


def test_a_second_order_sampler_needs_fewer_steps() -> None:
    plain = error_on_a_gaussian("ddim", 20, 400)
    for name in ("dpm++", "unipc"):
        assert error_on_a_gaussian(name, 20, 400) < plain / 2


def test_ancestral_sampling_draws_from_the_gaussian() -> None:
    schedule = build(ScheduleConfig(steps=STEPS, beta_end=0.02))
    points = course(schedule, falling_steps(STEPS, STEPS))
    x = torch.randn(4000, 1, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    *_, found = SAMPLERS["ddpm"](Denoiser(best_noise(schedule)), x, points, torch.Generator().manual_seed(1))
    assert float(found.mean()) == pytest.approx(MEAN, abs=0.04)  # five standard errors
    assert float(found.std()) == pytest.approx(DEVIATION, abs=0.03)


def best_velocity(x: Tensor, scaled: Tensor) -> Tensor:
    """The expected data less the expected noise in x_t, where data are a Gaussian."""
    t = (scaled / flow.TIME_SCALE).view(-1, 1, 1)
    inside = (x - t * MEAN) / (t**2 * DEVIATION**2 + (1 - t) ** 2)
    return MEAN + t * DEVIATION**2 * inside - (1 - t) * inside


@pytest.mark.parametrize(("name", "at_most"), [("euler", 0.03), ("heun", 0.003)])
def test_flow_samplers_follow_the_flow_of_a_gaussian(name: str, at_most: float) -> None:
    x = start(count=8).double()
    *_, found = flow.FLOW_SAMPLERS[name](best_velocity, x, flow.times(100))
    assert float((found - (MEAN + DEVIATION * x)).abs().max()) < at_most


def test_a_flow_interpolates_and_starts_where_it_is_told() -> None:
    data, noise = start(1), start(2)
    torch.testing.assert_close(
        flow.interpolate(data, torch.tensor([0.0, 1.0]), noise), torch.stack([noise[0], data[1]])
    )
    for count, begin in ((0, 0.0), (4, 1.0), (4, -0.1)):
        with pytest.raises(InvalidInput, match="at least 1 step"):
            flow.times(count, begin)


def test_the_same_generator_draws_the_same_sample() -> None:
    schedule = build(ScheduleConfig())
    points = course(schedule, falling_steps(100, 5))
    first, again, other = (
        list(SAMPLERS["ddpm"](Denoiser(network), start(), points, torch.Generator().manual_seed(seed)))[-1]
        for seed in (3, 3, 4)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
