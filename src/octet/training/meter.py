"""Means since the last log line, without waiting for the device until they are read."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor

from octet.training.loader import StepData


class Meter:
    """Adds up what steps report and says the means over steps and processes, and the speed."""

    def __init__(self, accelerator: Any) -> None:
        self._accelerator = accelerator
        self._reset()

    def add(self, numbers: dict[str, Tensor], data: StepData) -> None:
        """Take in one step's numbers, of which this process holds its share."""
        for name, value in numbers.items():
            self._sums[name] = self._sums[name] + value if name in self._sums else value
            self._times[name] = self._times.get(name, 0) + 1
        self._examples += data.examples
        self._frames += data.frames

    def read(self) -> dict[str, float]:
        """The means, `examples_per_second` and `frames_per_second`; then start anew. All processes must call it."""
        seconds = time.monotonic() - self._since
        names = list(self._sums)
        means = torch.stack([self._sums[name].double() / self._times[name] for name in names])
        values = self._accelerator.reduce(means, reduction="sum").tolist()
        speed = {"examples_per_second": self._examples / seconds, "frames_per_second": self._frames / seconds}
        self._reset()
        return dict(zip(names, values, strict=True)) | speed

    def restart_clock(self) -> None:
        """Leave the time since the last reading out of the speed, as after an evaluation."""
        self._since = time.monotonic()

    def _reset(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._times: dict[str, int] = {}
        self._examples = self._frames = 0
        self._since = time.monotonic()
