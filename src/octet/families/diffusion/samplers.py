"""Samplers: from noise, or from a blurry guess made noisy, to data, along a course of steps.

    ddpm      ancestral sampling (Ho et al., arXiv 2006.11239, algorithm 2), also of a part of the steps
    ddim      its deterministic relative (Song et al., arXiv 2010.02502, equation 12 with eta 0)
    pndm      DDIM's transfer of a noise that is extrapolated from four steps (Liu et al., arXiv 2202.09778)
    dpm++     second-order multistep solver of the data form (Lu et al., arXiv 2211.01095, algorithm 2)
    unipc     second-order predictor and corrector with B2(h) = e^h - 1 (Zhao et al., arXiv 2302.04867)

Each is a generator that yields x at every point of the course but the first, so that progress can be shown and a song
cancelled. All ask the denoiser once a step, `pndm` once more at the start. Of them, only `ddpm` draws noise.
`octet.families.diffusion.flow` has the samplers of rectified flows.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from octet.families.diffusion.course import Point
from octet.families.diffusion.prediction import Estimate, PredictionKind, estimate

Network = Callable[[Tensor, Tensor], Tensor]  # x (B, ...) and steps (B,) -> a prediction (B, ...)


@dataclass(frozen=True)
class Denoiser:
    """A network and what it predicts. `limit` bounds the clean estimate to [-limit, limit], where data are bounded."""

    network: Network
    kind: PredictionKind = "epsilon"
    limit: float | None = None

    def __call__(self, x: Tensor, point: Point) -> Estimate:
        """What x (B, ...) at this point is thought to hold."""
        steps = torch.full((len(x),), point.step, device=x.device)
        found = estimate(self.kind, x, self.network(x, steps), point.signal, point.noise)
        return found if self.limit is None else Estimate(found.clean.clamp(-self.limit, self.limit), found.noise)


Sampler = Callable[[Denoiser, Tensor, Sequence[Point], torch.Generator], Iterator[Tensor]]


def ddpm(denoiser: Denoiser, x: Tensor, course: Sequence[Point], rng: torch.Generator) -> Iterator[Tensor]:
    """Draw each x from q(x_{t-1} | x_t, x_0) (equations 6 and 7), x_0 being the estimate."""
    for now, after in pairwise(course):
        clean = denoiser(x, now).clean
        kept = (now.signal / after.signal) ** 2  # the product of (1 - beta) in between
        x = (
            after.signal * (1 - kept) / now.noise**2 * clean
            + math.sqrt(kept) * after.noise**2 / now.noise**2 * x
            + math.sqrt(1 - kept) * after.noise / now.noise * _draw(x, after, rng)
        )
        yield x


def ddim(denoiser: Denoiser, x: Tensor, course: Sequence[Point], rng: torch.Generator) -> Iterator[Tensor]:  # noqa: ARG001
    """Put the estimated x_0 and noise together again at the next point's levels."""
    for now, after in pairwise(course):
        x = _transfer(denoiser(x, now), after)
        yield x


def pndm(denoiser: Denoiser, x: Tensor, course: Sequence[Point], rng: torch.Generator) -> Iterator[Tensor]:  # noqa: ARG001
    """DDIM with the noise of a linear multistep method, whose first step is an improved Euler step."""
    noises: list[Tensor] = []
    for now, after in pairwise(course):
        noises = [*noises[-3:], denoiser(x, now).noise]
        mixed = _adams_bashforth(noises)
        if len(noises) == 1 and after.noise > 0 and after.step >= 0:
            ahead = denoiser(_moved(x, mixed, now, after), after).noise
            mixed = (mixed + ahead) / 2
        x = _moved(x, mixed, now, after)
        yield x


def dpm_solver(denoiser: Denoiser, x: Tensor, course: Sequence[Point], rng: torch.Generator) -> Iterator[Tensor]:  # noqa: ARG001
    """DPM-Solver++ (2M): x_0 extrapolated over half a step of the log signal-to-noise ratio.

    The last step is of first order: to clean data, the ratio grows without bound.
    """
    before: tuple[Tensor, Point] | None = None
    for now, after in pairwise(course):
        clean = denoiser(x, now).clean
        direction = clean
        if before is not None and after.noise > 0:
            last, then = before
            ratio = (_log_snr(now) - _log_snr(then)) / (_log_snr(after) - _log_snr(now))
            direction = clean + (clean - last) / (2 * ratio)
        x = _towards(x, direction, now, after)
        before = clean, now
        yield x


def unipc(denoiser: Denoiser, x: Tensor, course: Sequence[Point], rng: torch.Generator) -> Iterator[Tensor]:  # noqa: ARG001
    """UniPC-2: predict the next x, and once its x_0 is known, correct it before going on."""
    past: list[tuple[Tensor, Point]] = []  # estimates and where they were made, the newest last
    origin = x  # the corrected x at the newest of them
    for now, after in pairwise(course):
        clean = denoiser(x, now).clean
        if past:
            x = _corrected(origin, clean, past, now)
        past, origin = [*past[-1:], (clean, now)], x
        x = _predicted(x, past, after)
        yield x


def last(states: Iterator[Tensor]) -> Tensor:
    """What a sampler ends with, none of the states before it being kept."""
    return deque(states, maxlen=1).pop()


SAMPLERS: Mapping[str, Sampler] = {"ddpm": ddpm, "ddim": ddim, "pndm": pndm, "dpm++": dpm_solver, "unipc": unipc}


def _draw(x: Tensor, after: Point, rng: torch.Generator) -> Tensor:
    """Noise for every step but the last."""
    if after.step < 0:
        return torch.zeros_like(x)
    return torch.randn(x.shape, generator=rng, device=rng.device, dtype=x.dtype).to(x.device)


def _transfer(found: Estimate, after: Point) -> Tensor:
    return after.signal * found.clean + after.noise * found.noise


def _moved(x: Tensor, noise: Tensor, now: Point, after: Point) -> Tensor:
    return _transfer(Estimate((x - now.noise * noise) / now.signal, noise), after)


def _adams_bashforth(values: Sequence[Tensor]) -> Tensor:
    """The next slope of up to four past ones, the newest last."""
    weights = {1: (1.0,), 2: (-1 / 2, 3 / 2), 3: (5 / 12, -16 / 12, 23 / 12), 4: (-9 / 24, 37 / 24, -59 / 24, 55 / 24)}
    terms = [weight * value for weight, value in zip(weights[len(values)], values, strict=True)]
    return torch.stack(terms).sum(0)


def _log_snr(point: Point) -> float:
    """lambda_t = log(signal / noise), which rises towards clean data."""
    return math.log(point.signal / point.noise) if point.noise > 0 else math.inf


def _towards(x: Tensor, clean: Tensor, now: Point, after: Point) -> Tensor:
    """The exact solution of the diffusion's equation if x_0 were `clean` all the way."""
    shrink = 1 - math.exp(_log_snr(now) - _log_snr(after))
    return after.noise / now.noise * x + after.signal * shrink * clean


def _predicted(x: Tensor, past: Sequence[tuple[Tensor, Point]], after: Point) -> Tensor:
    """UniP: first order, and from the second step on, but for the last, the difference to the estimate before."""
    clean, now = past[-1]
    plain = _towards(x, clean, now, after)
    if len(past) == 1 or after.noise == 0:
        return plain
    earlier, then = past[0]
    ratio = (_log_snr(then) - _log_snr(now)) / (_log_snr(after) - _log_snr(now))
    shrink = 1 - math.exp(_log_snr(now) - _log_snr(after))
    return plain + after.signal * shrink * 0.5 * (earlier - clean) / ratio


def _corrected(origin: Tensor, found: Tensor, past: Sequence[tuple[Tensor, Point]], now: Point) -> Tensor:
    """UniC: the step that led to `now` once more, of which the estimate `found` at its end is known now."""
    clean, start = past[-1]
    h = _log_snr(now) - _log_snr(start)
    shrink = 1 - math.exp(-h)
    difference = found - clean
    if len(past) == 1:
        change = 0.5 * difference
    else:
        earlier, then = past[0]
        ratio = (_log_snr(then) - _log_snr(start)) / h
        change = _weighed((earlier - clean) / ratio, difference, ratio, h)
    return _towards(origin, clean, start, now) + now.signal * shrink * change


def _weighed(earlier: Tensor, difference: Tensor, ratio: float, h: float) -> Tensor:
    """The two differences by the weights that make the corrector of second order, in data form."""
    phi = math.expm1(-h) / -h - 1
    first, second = phi / math.expm1(-h), (phi / -h - 0.5) * 2 / math.expm1(-h)
    weight = (second - first) / (ratio - 1)
    return weight * earlier + (first - weight) * difference
