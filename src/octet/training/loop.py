"""The one training loop: on a CPU, one GPU or many (DDP), through Hugging Face Accelerate.

    while the run is not over:  step -> log -> evaluate -> checkpoint

A run continues by itself from the last checkpoint in its folder, and on a CPU ends with the very weights of a run that
was never interrupted: batches, crops and dropout follow from the plan's seed, the step and the process alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, cast

import torch
from pydantic import BaseModel
from torch import nn

from octet.core.errors import InvalidInput
from octet.core.progress import Progress as Report
from octet.core.progress import Step, silent
from octet.core.training import Plan, Trainable
from octet.training import checkpoint
from octet.training.checkpoint import Progress, Trained
from octet.training.compute import Compute, accelerator_for
from octet.training.ema import EMA
from octet.training.interrupt import Stopped, stop_request
from octet.training.loader import Dataset, Loader, StepData
from octet.training.log import Evaluate, Log
from octet.training.meter import Meter
from octet.training.randomness import seed_step
from octet.training.run import data_summary, describe
from octet.training.schedule import fraction_done, learning_rate_factor, stage_at
from octet.training.step import Sides, Stepper

LOG_EVERY = 10  # steps; reading a number off a GPU stalls it


def fit(
    model: nn.Module,
    dataset: Dataset,
    plan: Plan,
    run: Path,
    *,
    budget_minutes: float | None = None,
    compute: Compute = Compute(),  # noqa: B008 - frozen
    evaluate: Evaluate | None = None,
    on_progress: Report = silent,
) -> Path:
    """Train `model` (an `octet.core.training.Trainable`), or continue the run in the folder `run`.

    `budget_minutes` bounds the time of the whole run, what lies between interruption and continuation not counted; the
    schedule then ends with the time. `evaluate` gets the model with averaged weights every `plan.evaluate_every` steps
    and at the end. The first process alone evaluates, reports and writes.

    Returns:
        The last checkpoint, which is an artifact folder.

    Raises:
        InvalidInput: the corpus, the device or the folder cannot be used, the disk is full, or the loss is
            not finite.
        Stopped: interrupted by its user, after a checkpoint.
    """
    accelerator = accelerator_for(compute, plan.precision)
    sides = accelerator.prepare(Sides(model))
    trained = _trained(model, plan)
    progress = _start(accelerator, run, trained, dataset, plan)
    loader = Loader(dataset, cast(Trainable, model), plan, accelerator.process_index, accelerator.num_processes)
    with ExitStack() as stack:
        stop = stack.enter_context(stop_request())
        steps = stack.enter_context(closing(loader.steps(progress.position)))
        log = stack.enter_context(Log(run, progress.step)) if accelerator.is_main_process else None
        stepper = Stepper(accelerator, sides, trained, plan)
        _Loop(stepper, loader, log, progress, budget_minutes, evaluate, on_progress, stop).run_through(steps)
    return checkpoint.checkpoints(run)[-1]


@dataclass
class _Loop:
    stepper: Stepper
    loader: Loader
    log: Log | None  # of the first process
    progress: Progress
    budget_minutes: float | None
    evaluate: Evaluate | None
    on_progress: Report
    stop: Event

    def __post_init__(self) -> None:
        self.plan, self.accelerator = self.stepper.plan, self.stepper.accelerator
        self.meter = Meter(self.accelerator)
        self.started = time.monotonic() - self.progress.seconds

    def run_through(self, steps: Iterator[StepData]) -> None:
        fraction, stopping = self._agree()
        while fraction < 1 and not stopping:
            rate_factor = self._rate_factor(fraction)
            self._step(next(steps), rate_factor)
            fraction, stopping = self._agree()
            self._after_step(rate_factor, over=fraction >= 1, stopping=stopping)
            if self.log is not None:
                self.on_progress(Step("train", round(fraction * self.plan.steps), self.plan.steps))
        if fraction < 1:
            raise Stopped(f"stopped at step {self.progress.step}: give the same command again to continue from there")

    def _rate_factor(self, fraction: float) -> float:
        """Of the coming step, for which a model that is trained in stages makes itself ready."""
        model: Any = self.stepper.trained.model
        stages = getattr(model, "stages", None)
        if stages is None:
            return learning_rate_factor(self.plan, self.progress.step, fraction)
        stage = stage_at(stages, self.progress.step, fraction)
        model.enter_stage(stage.number)
        return learning_rate_factor(self.plan, stage.step, stage.fraction)

    def _step(self, data: StepData, rate_factor: float) -> None:
        seed_step(self.plan.seed, self.progress.step, self.accelerator.process_index)
        self.meter.add(self.stepper.step(data, self.progress.step, rate_factor), data)
        self.progress.step += 1
        self.progress.position = data.after

    def _agree(self) -> tuple[float, bool]:
        """How much of the run is over, and whether to stop, for all processes alike: clocks and signals differ."""
        self.progress.seconds = time.monotonic() - self.started
        fraction = fraction_done(self.plan, self.progress.step, self.progress.seconds, self.budget_minutes)
        if self.accelerator.num_processes == 1:
            return fraction, self.stop.is_set()
        mine = torch.tensor([[fraction, self.stop.is_set()]], dtype=torch.float64, device=self.accelerator.device)
        fraction, stopping = self.accelerator.gather(mine).amax(0).tolist()
        return fraction, stopping > 0

    def _after_step(self, rate_factor: float, *, over: bool, stopping: bool) -> None:
        step = self.progress.step
        writes = over or stopping or step % self.plan.checkpoint_every == 0
        if writes or step % LOG_EVERY == 0:
            self._write_log(rate_factor)
        if over or (step % self.plan.evaluate_every == 0 and not stopping):
            self._evaluate()
        if writes:
            self._write_checkpoint()

    def _write_log(self, rate_factor: float) -> None:
        step, means = self.progress.step, self.meter.read()
        # Checked before anything is written, so that a broken model never replaces a good checkpoint.
        broken = next((name for name, value in means.items() if not math.isfinite(value)), None)
        if broken is not None:
            raise InvalidInput(
                f"{broken} is {means[broken]} by step {step}: give a smaller --set plan.learning_rate "
                f"(now {self.plan.learning_rate}) and a new folder; the checkpoints here are from before"
            )
        if self.log is not None:
            rate = {"learning_rate": self.plan.learning_rate * rate_factor}
            past = {"epoch": self.progress.position.epoch, "seconds": round(self.progress.seconds, 3)}
            self.log.scalars(step, means | rate | past)

    def _evaluate(self) -> None:
        if self.evaluate is None:
            return
        trained = self.stepper.trained
        if self.log is not None:
            self.loader.settle()
            trained.model.eval()
            with trained.ema.applied(), torch.no_grad():
                found = self.evaluate(trained.model, self.progress.step)
            trained.model.train()
            self.log.evaluation(self.progress.step, found)
        self.accelerator.wait_for_everyone()
        self.meter.restart_clock()

    def _write_checkpoint(self) -> None:
        if self.log is not None:
            checkpoint.write(self.log.run, self.stepper.trained, self.progress, keep=self.plan.keep_checkpoints)
        self.accelerator.wait_for_everyone()
        self.meter.restart_clock()


def _trained(model: nn.Module, plan: Plan) -> Trained:
    """The optimisers (the generator's, and the discriminator's where there is one) and the average."""
    weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    generator = {name: weight for name, weight in weights.items() if not name.startswith("discriminator.")}
    judges = [weight for name, weight in weights.items() if name not in generator]
    groups = [list(generator.values()), judges] if judges else [list(generator.values())]
    optimizers = [torch.optim.AdamW(g, betas=plan.betas, weight_decay=plan.weight_decay, fused=True) for g in groups]
    return Trained(model.train(), EMA(generator, plan.ema_decay), tuple(optimizers))


def _start(accelerator: Any, run: Path, trained: Trained, dataset: Dataset, plan: Plan) -> Progress:
    """Describe the run, or continue from where it stands."""
    if accelerator.is_main_process:
        describe(run, *_model(trained.model), plan, data_summary(dataset.lengths))
        checkpoint.clean(run)
    accelerator.wait_for_everyone()
    found = checkpoint.checkpoints(run)
    return checkpoint.read(found[-1], trained) if found else Progress()


def _model(model: Any) -> tuple[str, dict[str, Any]]:
    """Kind and configuration. A model may train with more (discriminators, say) than its artifact's configuration."""
    kind, config, _ = model.artifact()
    own = getattr(model, "config", None)
    return kind, own.model_dump(mode="json") if isinstance(own, BaseModel) else config
