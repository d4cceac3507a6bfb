"""The course of a sampler: at which steps of the schedule the denoiser is asked, and where it ends.

Spacings are named as in Lin et al. (arXiv 2305.08891). A course may begin below the schedule's last step:
shallow diffusion (DiffSinger, arXiv 2105.02446, section 3.2) begins at step k.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import torch

from octet.core.errors import InvalidInput
from octet.families.diffusion.schedule import NoiseSchedule

Spacing = Literal["leading", "trailing", "linspace"]


class Point(NamedTuple):
    """A step of the schedule, which the denoiser is told, and what x holds there. The end has no step: -1."""

    step: int
    signal: float  # sqrt(a_t)
    noise: float  # sqrt(1 - a_t)


CLEAN = Point(-1, 1.0, 0.0)


def falling_steps(depth: int, count: int, spacing: Spacing = "trailing", offset: int = 0) -> list[int]:
    """`count` steps out of [0, depth), from noisy to clean.

    "trailing" begins at the very last step, "leading" ends at `offset` (0, or 1 in Stable Diffusion's and AudioLDM's
    settings), "linspace" divides evenly and keeps off step 0, since a course goes on to clean data anyway.

    >>> falling_steps(1000, 4), falling_steps(1000, 4, "leading", 1), falling_steps(1000, 4, "linspace")
    ([999, 749, 499, 249], [751, 501, 251, 1], [999, 749, 500, 250])

    Raises:
        InvalidInput: more steps than there are, or none.
    """
    if not 1 <= count <= depth:
        raise InvalidInput(f"{count} sampling steps of {depth} diffusion steps: give 1 to {depth}")
    if spacing == "trailing" or count == depth:
        return [round(depth * (count - i) / count) - 1 for i in range(count)]
    if spacing == "leading":
        return [i * (depth // count) + offset for i in reversed(range(count))]
    return [round((depth - 1) * (count - i) / count) for i in range(count)]


def course(schedule: NoiseSchedule, steps: Sequence[int], end: Point | None = CLEAN) -> list[Point]:
    """The points at these falling steps, and the end: clean data, or (None) as noisy as step 0 is.

    Raises:
        InvalidInput: steps that do not fall, or outside the schedule.
    """
    chosen = torch.tensor(list(steps))
    if not len(chosen) or int(chosen.min()) < 0 or int(chosen.max()) >= schedule.steps or (chosen.diff() >= 0).any():
        raise InvalidInput(f"sampling steps must fall within 0 to {schedule.steps - 1}; given {list(steps)[:8]}")
    signals, noises = schedule.signal(chosen).tolist(), schedule.noise(chosen).tolist()
    points = [Point(*point) for point in zip(steps, signals, noises, strict=True)]
    if end is None:
        zero = torch.tensor(0)
        end = Point(-1, float(schedule.signal(zero)), float(schedule.noise(zero)))
    return [*points, end]
