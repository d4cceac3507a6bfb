"""Contours over time drawn by a rectified flow: pitch from notes, and the curves of expression.

A regression would give the mean of all ways to sing a note, which has no vibrato; a flow draws one way. What a contour
is already known to be outside a marked region is a condition, and stays as it is: so a region can be taken again.

The network, a WaveNet, says where a line ends, and the velocity follows from that: (data - x_t) / (1 - t). Contours are
smooth, and a network finds it easier to say a smooth curve than to repeat the noise that it is given.

B batch, K contours, T frames, D condition channels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from octet.families.diffusion import flow
from octet.families.diffusion.denoisers import WaveNetConfig, WaveNetDenoiser
from octet.families.diffusion.samplers import last


class ContourFlow(nn.Module):
    """Draws `contours` standardised contours a frame, given a condition."""

    def __init__(self, contours: int, condition: int, config: WaveNetConfig) -> None:
        super().__init__()
        self.known = nn.Conv1d(contours + 1, condition, 1)
        self.denoiser = WaveNetDenoiser(config, contours, condition)

    def loss(
        self, condition: Tensor, contours: Tensor, retake: Tensor, valid: Tensor, draws: dict[str, Tensor]
    ) -> Tensor:
        """Squared error over what is to be taken again (B, T), of a condition (B, D, T) and contours (B, K, T).

        `draws` holds `moments` (B,) and `noise` (B, K, T).
        """
        moments, noise = draws["moments"], draws["noise"]
        x = flow.interpolate(contours, moments, noise)
        told = self._told(condition, contours, retake)
        error = (self.denoiser(x, moments * flow.TIME_SCALE, told, valid) - contours).square().mean(1)
        counted = valid & retake
        return (error * counted).sum() / counted.sum().clamp(min=1)

    def draw(self, condition: Tensor, contours: Tensor, retake: Tensor, noise: Tensor, steps: int) -> Tensor:
        """Contours (B, K, T) that outside `retake` (B, T) are those given, by so many steps of Heun's method."""
        shares = self.denoiser.shares(self._told(condition, contours, retake))

        def velocity(x: Tensor, moments: Tensor) -> Tensor:
            left = 1 - moments[:, None, None] / flow.TIME_SCALE  # of the way: never 0, for no step begins at the end
            return (self.denoiser.denoise(x, moments, shares) - x) / left

        x = last(flow.heun(velocity, noise, flow.times(steps)))
        return torch.where(retake[:, None], x, contours)

    def _told(self, condition: Tensor, contours: Tensor, retake: Tensor) -> Tensor:
        """The condition with what is known of the contours, and where."""
        keep = ~retake[:, None]
        told: Tensor = condition + self.known(torch.cat([contours * keep, keep.to(contours)], dim=1))
        return told


def draw_regions(lengths: list[int], rng: torch.Generator) -> Tensor:
    """For training, what of each contour is to be taken again (B, T): all of it half of the time, else a stretch."""
    regions = torch.zeros(len(lengths), max(lengths), dtype=torch.bool)
    for row, length in enumerate(lengths):
        share, place, whole = torch.rand(3, generator=rng).tolist()
        span = length if whole < 0.5 else max(1, round(share * length))
        start = round(place * (length - span))
        regions[row, start : start + span] = True
    return regions


def smooth(curve: Tensor, deviation_frames: float) -> Tensor:
    """A curve (B, T) averaged by a Gaussian window; its ends go on as they are."""
    reach = max(1, round(3 * deviation_frames))
    offsets = torch.arange(-reach, reach + 1, device=curve.device, dtype=curve.dtype)
    window = torch.exp(-0.5 * (offsets / deviation_frames).square())
    padded = nn.functional.pad(curve[:, None], (reach, reach), mode="replicate")
    return nn.functional.conv1d(padded, (window / window.sum())[None, None])[:, 0]
