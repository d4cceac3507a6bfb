"""A corpus and a model small enough to train in a test, and a program that does so in a process of its own.

python toys.py <folder> <JSON: {name of a run in the folder: its options, see `train`}>
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from octet.core.progress import Progress, silent
from octet.core.training import Batch, Losses, Plan, SpeechExample
from octet.training.compute import Compute
from octet.training.loop import fit

BINS, HOP = 4, 2
LENGTHS = (12, 15, 20, 11, 18, 16, 13, 19)


class Corpus:
    """Utterances of phones whose mel is a function of the phone, so that a model can learn it."""

    def __init__(self, lengths: Sequence[int] = LENGTHS) -> None:
        self.lengths = list(lengths)
        self.speakers = ("one",)
        self.colours = torch.randn(8, BINS, generator=torch.Generator().manual_seed(5))

    def __getitem__(self, index: int) -> SpeechExample:
        rng = torch.Generator().manual_seed(index)
        frames = self.lengths[index]
        phones = max(1, frames // 5)
        symbols = torch.randint(0, 8, (phones,), generator=rng)
        durations = torch.full((phones,), frames // phones)
        durations[0] += frames - int(durations.sum())
        flat = torch.zeros(frames)
        return SpeechExample(
            id=str(index),
            text="",
            language="en",
            speaker="one",
            audio=torch.randn(frames * HOP, generator=rng) * 0.1,
            mel=self.colours[symbols].repeat_interleave(durations, 0).T,
            f0_hz=flat,
            energy=flat,
            symbols=symbols,
            accents=torch.zeros_like(symbols),
            languages=torch.zeros_like(symbols),
            durations=durations,
        )


class ToyConfig(BaseModel):
    """Options of the toy."""

    dropout: float = 0.0
    noise: float = 0.0  # added by `collate` from its generator, in training mode only
    collate_seconds: float = 0.0
    adversarial: bool = False
    adversarial_from_step: int = 0
    delay_seconds: float = 0.0  # of each step, for what must happen in the middle of a run


class Toy(nn.Module):
    """Symbol of each frame -> mel; where adversarial, also mel -> audio against a discriminator."""

    def __init__(self, config: ToyConfig) -> None:
        super().__init__()
        self.config = config
        torch.manual_seed(1)
        self.embedding = nn.Embedding(8, 16)
        self.hidden = nn.Linear(16, 16)
        self.dropout = nn.Dropout(config.dropout)
        self.to_mel = nn.Linear(16, BINS)
        if config.adversarial:
            self.to_audio = nn.Linear(16, HOP)
            self.discriminator = nn.Sequential(nn.Conv1d(1, 8, HOP, stride=HOP), nn.Tanh(), nn.Conv1d(8, 1, 1))

    def collate(self, items: Sequence[SpeechExample], rng: torch.Generator) -> Batch:
        time.sleep(self.config.collate_seconds)
        noise = self.config.noise if self.training else 0.0
        symbols = [item.symbols.repeat_interleave(item.durations) for item in items]
        mel = pad_sequence([item.mel.T for item in items], batch_first=True)
        return {
            "symbols": pad_sequence(symbols, batch_first=True),
            "valid": pad_sequence([torch.ones(len(s)) for s in symbols], batch_first=True),
            "mel": mel + noise * torch.randn(mel.shape, generator=rng),
            "audio": pad_sequence([item.audio for item in items], batch_first=True)[:, None],
        }

    def loss(self, batch: Batch, *, step: int) -> Losses:
        time.sleep(self.config.delay_seconds)
        hidden = self.dropout(torch.tanh(self.hidden(self.embedding(batch["symbols"]))))
        error = (self.to_mel(hidden) - batch["mel"]).square().mean(2)
        mel = over_frames(error, batch["valid"])
        if not self.config.adversarial or step < self.config.adversarial_from_step:
            return Losses(mel, {"mel": mel})
        mask = batch["valid"].repeat_interleave(HOP, 1)[:, None]
        fake = self.to_audio(hidden).flatten(1)[:, None] * mask
        judged = torch.func.functional_call(
            self.discriminator, {n: w.detach() for n, w in self.discriminator.named_parameters()}, (fake,)
        )
        adversarial = over_frames((judged[:, 0] - 1).square(), batch["valid"])
        return Losses(mel + adversarial, {"mel": mel, "adversarial": adversarial}, generated=(fake, batch["audio"]))

    def discriminator_loss(self, fake: Tensor, real: Tensor, *, step: int) -> Losses:  # noqa: ARG002
        # Frames of silence are padding here: audio is never exactly zero over a frame.
        valid = (real.unflatten(2, (-1, HOP)).abs().sum(3) > 0)[:, 0].float()
        error = (self.discriminator(real)[:, 0] - 1).square() + self.discriminator(fake)[:, 0].square()
        total = over_frames(error, valid)
        return Losses(total, {"discriminator": total})

    def artifact(self) -> tuple[str, dict[str, Any], Mapping[str, Tensor]]:
        state = {name: value for name, value in self.state_dict().items() if not name.startswith("discriminator.")}
        return "toy", self.config.model_dump(), state


def over_frames(error: Tensor, valid: Tensor) -> Tensor:
    return (error * valid).sum() / valid.sum()


def plan(**changes: Any) -> Plan:
    """A plan for the toy: 8 examples, two batches an epoch."""
    values = {
        "steps": 20,
        "batch_frames": 80,
        "learning_rate": 0.01,
        "warmup_steps": 5,
        "evaluate_every": 1000,
        "checkpoint_every": 1000,
    }
    return Plan.model_validate(values | changes)


def train(run: Path, options: Mapping[str, Any], on_progress: Progress = silent) -> Path:
    """Train the toy with `options`: `model` and `plan` as changes, `lengths` of the corpus."""
    model = Toy(ToyConfig(**options.get("model", {})))
    corpus = Corpus(options.get("lengths", LENGTHS))
    changed = plan(**options.get("plan", {}))
    return fit(model, corpus, changed, run, compute=Compute(device="cpu"), on_progress=on_progress)


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, options in json.loads(sys.argv[2]).items():
        train(Path(sys.argv[1]) / name, options, lambda step: print("step", step.done, flush=True))
