"""Sampling of codec tokens, whichever engine runs the decoder: a generator of what is finished so far.

Legend: B sequences, K codebooks, T frames, n new frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from octet.core.errors import InvalidInput
from octet.families.token_lm.engine import Engine
from octet.families.token_lm.guidance import Guided
from octet.families.token_lm.patterns import UNKNOWN, Pattern, PatternSpec
from octet.nn.sampling import Sampling


def generate(
    engine: Engine, guided: Guided, pattern: Pattern, prompt: Tensor, sampling: Sampling, rng: torch.Generator
) -> Iterator[Tensor]:
    """Continue `prompt`, int64 (B, K, T0), to the frames of `pattern`.

    The prompt is read at once up to where its first codebook ends. Its later codebooks, which lag behind, are fed as
    their steps come, and never drawn again.

    Yields:
        (B, K, n): frames as they become whole, n possibly 0, once a step; together with the prompt they are all frames.

    Raises:
        InvalidInput: a prompt of another number of codebooks, or longer than the pattern.
    """
    laid = _laid_out(pattern, prompt, engine.config.special)
    first = pattern.first_step(prompt.shape[2])
    done = prompt.shape[2]
    if first == pattern.steps:
        return
    known = guided.repeat(laid[:, :, :first])
    session = engine.start(guided.conditions, known, pattern.steps - 1)
    logits = session.logits
    for step in range(first, pattern.steps):
        laid[:, :, step] = _filled(laid[:, :, step], sampling(guided.combine(logits), rng))
        whole = max(int(pattern.complete[step]), done)
        yield pattern.revert(laid)[:, :, done:whole]
        done = whole
        if step + 1 < pattern.steps:
            logits = session.step(guided.repeat(laid[:, :, step]))


@dataclass(frozen=True)
class Windows:
    """How a sequence longer than a model has learnt is made: windows that each begin with the end of the last.

    MusicGen's windows are 30 seconds long, 18 apart. Positions restart with each.
    """

    frames: int
    stride: int

    def __post_init__(self) -> None:
        if not 0 < self.stride < self.frames:
            raise InvalidInput(f"windows of {self.frames} frames must be between 0 and {self.frames} apart")


def generate_long(
    engine: Engine,
    guided: Callable[[int], Guided],
    spec: PatternSpec,
    frames: int,
    windows: Windows,
    prompt: Tensor,
    sampling: Sampling,
    rng: torch.Generator,
) -> Iterator[Tensor]:
    """As `generate`, to any number of frames; `guided` gives the conditions of the window that begins at a frame."""
    _require_room(prompt.shape[2], min(frames, windows.frames))
    start = 0
    while True:
        length = min(frames - start, windows.frames)
        pieces = [prompt]
        for piece in generate(engine, guided(start), spec.pattern(length), prompt, sampling, rng):
            pieces.append(piece)
            yield piece
        if start + length == frames:
            return
        prompt = torch.cat(pieces, dim=2)[:, :, windows.stride :]
        start += windows.stride


def _laid_out(pattern: Pattern, prompt: Tensor, special: int) -> Tensor:
    length = prompt.shape[2]
    _require_room(length, pattern.frames)
    codes = torch.nn.functional.pad(prompt, (0, pattern.frames - length), value=UNKNOWN)
    return pattern.build(codes, special)


def _require_room(prompt_frames: int, frames: int) -> None:
    if prompt_frames > frames:
        raise InvalidInput(f"a beginning of {prompt_frames} frames is longer than what is asked for, {frames} frames")


def _filled(step: Tensor, drawn: Tensor) -> Tensor:
    return torch.where(step == UNKNOWN, drawn, step)
