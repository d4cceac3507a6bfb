"""What a run writes while it trains: `metrics.jsonl` always, TensorBoard when installed, samples at evaluations."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from octet.audio import files
from octet.core import png
from octet.core.errors import InvalidInput, require
from octet.core.files import write_text
from octet.training.picture import spectrogram_picture
from octet.training.run import METRICS, rows

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found. Names become file names and must be fit for that."""

    scalars: Mapping[str, float] = field(default_factory=dict)
    spectrograms: Mapping[str, np.ndarray] = field(default_factory=dict)  # (M, T)
    audio: Mapping[str, np.ndarray] = field(default_factory=dict)  # (N,) float32 in [-1, 1]
    sample_rate_hz: int = 16_000


Evaluate = Callable[["torch.nn.Module", int], Evaluation]  # the model with averaged weights in eval mode, and the step


class Log:
    """The log of a run from `step` on; what an interrupted run logged after that step is dropped.

    Raises:
        InvalidInput: from any method, when the folder cannot be written.
    """

    def __init__(self, run: Path, step: int) -> None:
        self.run = run
        lines = [_line(row) for row in rows(run) if row["step"] <= step]
        write_text(run / METRICS, "".join(lines))
        self._board = _tensorboard(run / "tensorboard", step)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._board is not None:
            self._board.close()

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Add a line of numbers."""
        try:
            with (self.run / METRICS).open("a", encoding="utf-8") as file:
                file.write(_line({"step": step, **values}))
        except OSError as error:
            raise InvalidInput(f"cannot write {self.run / METRICS}: {error.strerror}; make room") from error
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def evaluation(self, step: int, evaluation: Evaluation) -> None:
        """Keep what an evaluation gave."""
        if evaluation.scalars:
            self.scalars(step, {f"evaluation/{name}": value for name, value in evaluation.scalars.items()})
        folder = self.run / "samples" / f"step-{step:08d}"
        if evaluation.spectrograms or evaluation.audio:
            folder.mkdir(parents=True, exist_ok=True)
        for name, spectrogram in evaluation.spectrograms.items():
            picture = spectrogram_picture(spectrogram)
            png.write(folder / f"{name}.png", picture)
            if self._board is not None:
                self._board.add_image(name, picture, step, dataformats="HWC")
        for name, audio in evaluation.audio.items():
            files.write(folder / f"{name}.wav", audio, evaluation.sample_rate_hz)
            if self._board is not None:
                self._board.add_audio(name, audio[None], step, evaluation.sample_rate_hz)


def _line(row: Mapping[str, Any]) -> str:
    # JSON has no nan: null stands for what is not finite.
    finite = {name: value if value is not None and math.isfinite(value) else None for name, value in row.items()}
    return json.dumps(finite) + "\n"


def _tensorboard(folder: Path, step: int) -> Any:
    if find_spec("tensorboard") is None:
        return None
    return require("torch.utils.tensorboard", extra="train").SummaryWriter(str(folder), purge_step=step or None)
