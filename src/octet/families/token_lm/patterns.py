"""Codebook patterns: in which order a language model writes the K streams of tokens of a codec (MusicGen, section 2.2).

A pattern lays K x T tokens out over S steps. All tokens of a step are predicted at once, from the steps before it. It
is plain data: for each step the coordinates (t, q), frame and codebook, of the tokens in it. Step 0 is empty, and every
coordinate stands in exactly one step, so that `build` and `revert` are inverses. The delay pattern of four codebooks
and five frames, with `.` for the special token that fills the empty places:

    step        0   1   2   3   4   5   6   7   8
    codebook 0  .   t0  t1  t2  t3  t4  .   .   .
    codebook 1  .   .   t0  t1  t2  t3  t4  .   .
    codebook 2  .   .   .   t0  t1  t2  t3  t4  .
    codebook 3  .   .   .   .   t0  t1  t2  t3  t4

Legend: B batch, K codebooks, T frames, S steps, V vocabulary of one codebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Annotated, Literal, NamedTuple, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor

from octet.core.errors import InvalidInput

UNKNOWN = -1  # a token that is yet to be generated


class Coordinate(NamedTuple):
    """Frame `t` of codebook `q`."""

    t: int
    q: int


@dataclass(frozen=True)
class Pattern:
    """A layout of `frames` x `codebooks` tokens over steps.

    `tail` counts the last steps, which training leaves out: only codebooks that lag behind stand in them.

    Raises:
        InvalidInput: a step 0 that is not empty; a coordinate that is missing, double or out of range; two frames of
            a codebook in one step, or in the wrong order.
    """

    frames: int
    codebooks: int
    layout: tuple[tuple[Coordinate, ...], ...]
    tail: int = 0
    _step_of: Tensor = field(init=False, repr=False, compare=False)  # (K, T)

    def __post_init__(self) -> None:
        if not self.layout or self.layout[0]:
            raise InvalidInput("a pattern begins with an empty step, in which only special tokens stand")
        object.__setattr__(self, "_step_of", self._checked())

    def _checked(self) -> Tensor:
        step_of = [[UNKNOWN] * self.frames for _ in range(self.codebooks)]
        for step, coordinates in enumerate(self.layout):
            for t, q in coordinates:
                if not (0 <= t < self.frames and 0 <= q < self.codebooks):
                    raise InvalidInput(f"frame {t} of codebook {q} is outside {self.frames} x {self.codebooks}")
                if step_of[q][t] != UNKNOWN:
                    raise InvalidInput(f"frame {t} of codebook {q} stands in steps {step_of[q][t]} and {step}")
                step_of[q][t] = step
        places = torch.tensor(step_of, dtype=torch.long).view(self.codebooks, self.frames)
        if (places == UNKNOWN).any():
            raise InvalidInput("a pattern must hold every frame of every codebook")
        if (places.diff(dim=1) < 1).any():
            raise InvalidInput("the frames of a codebook must follow each other, one a step")
        return places

    @property
    def steps(self) -> int:
        """S, step 0 included."""
        return len(self.layout)

    @cached_property
    def valid(self) -> Tensor:
        """(K, S) bool: where tokens stand, rather than special ones."""
        held = torch.zeros(self.codebooks, self.steps, dtype=torch.bool)
        return held.scatter_(1, self._step_of, True)

    @cached_property
    def complete(self) -> Tensor:
        """(S,) int64: how many leading frames are whole once a step is known."""
        done_at = self._step_of.amax(0).cummax(0).values if self.frames else torch.zeros(0, dtype=torch.long)
        return torch.searchsorted(done_at, torch.arange(self.steps), right=True)

    def first_step(self, frame: int) -> int:
        """The step in which the first token of a frame stands; S past the last frame."""
        return int(self._step_of[:, frame].min()) if frame < self.frames else self.steps

    def build(self, codes: Tensor, special: int) -> Tensor:
        """Tokens (B, K, T) laid out as (B, K, S), `special` in the empty places."""
        laid = codes.new_full((codes.shape[0], self.codebooks, self.steps), special)
        return laid.scatter_(2, self._index(codes), codes)

    def revert(self, laid: Tensor) -> Tensor:
        """The tokens (B, K, T) of a layout (B, K, S): the inverse of `build`."""
        return laid.gather(2, self._index(laid))

    def _index(self, tokens: Tensor) -> Tensor:
        if tokens.dim() != 3 or tokens.shape[1] != self.codebooks:
            raise InvalidInput(f"tokens must be (batch, {self.codebooks}, time), given {tuple(tokens.shape)}")
        return self._step_of.to(tokens.device).expand(tokens.shape[0], -1, -1)


Small = Annotated[int, Field(ge=0, le=1000)]


class PatternSpec(BaseModel):
    """A pattern for any number of frames, in the words of MusicGen's ablation. One number a codebook:

    delay         `shifts` are steps by which codebooks lag: (0, 1, 2, 3) is "delay", (0, 0, 0, 0) "parallel",
                  (0, 1, 1, 1) "partial delay", (0, 0, 1, 1, 2, 2, 3, 3) "stereo delay"
    flatten       `shifts` are places within a frame: (0, 1, 2, 3) is "flattening", (0, 1, 1, 1) "partial flattening"
    coarse_first  first all frames of codebook 0, then the others, lagging by `shifts` (the first 0): "coarse first",
                  or "VALL-E"
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["delay", "flatten", "coarse_first"] = "delay"
    shifts: tuple[Small, ...] = Field(default=(0, 1, 2, 3), min_length=1, max_length=64)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.shifts[0] != 0 or any(b < a for a, b in zip(self.shifts, self.shifts[1:], strict=False)):
            raise ValueError(f"shifts must begin with 0 and never fall, given {self.shifts}")
        if self.kind == "flatten" and set(self.shifts) != set(range(self.shifts[-1] + 1)):
            raise ValueError(f"flattened codebooks leave no place of a frame empty, given {self.shifts}")
        return self

    @property
    def codebooks(self) -> int:
        """K."""
        return len(self.shifts)

    def steps(self, frames: int) -> int:
        """S of the pattern of `frames` frames, step 0 included."""
        last, passes = self.shifts[-1], 1 if self.codebooks == 1 else 2
        spans = {"delay": frames + last, "flatten": frames * (last + 1), "coarse_first": frames * passes + last}
        return 1 + spans[self.kind] if frames else 1

    def pattern(self, frames: int) -> Pattern:
        """The pattern of `frames` frames."""
        return _pattern(self, frames)

    def stereo(self) -> PatternSpec:
        """The pattern of two channels, whose codebooks alternate: left 0, right 0, left 1, ...."""
        if self.kind == "coarse_first":
            raise InvalidInput("coarse first has no stereo form; take delay or flatten")
        return self.model_copy(update={"shifts": tuple(shift for shift in self.shifts for _ in range(2))})


def parallel(codebooks: int) -> PatternSpec:
    """All codebooks of a frame in one step."""
    return PatternSpec(shifts=(0,) * codebooks)


def delay(codebooks: int) -> PatternSpec:
    """Each codebook a step later than the one before: MusicGen's choice."""
    return PatternSpec(shifts=tuple(range(codebooks)))


def partial_delay(codebooks: int) -> PatternSpec:
    """All but the first codebook a step later."""
    return PatternSpec(shifts=_partial(codebooks))


def flatten(codebooks: int) -> PatternSpec:
    """One token a step: exact, and K times as long."""
    return PatternSpec(kind="flatten", shifts=tuple(range(codebooks)))


def partial_flatten(codebooks: int) -> PatternSpec:
    """The first codebook in a step, the others together in the next."""
    return PatternSpec(kind="flatten", shifts=_partial(codebooks))


def coarse_first(codebooks: int) -> PatternSpec:
    """The whole of the first codebook, then all others in parallel."""
    return PatternSpec(kind="coarse_first", shifts=(0,) * codebooks)


def _partial(codebooks: int) -> tuple[int, ...]:
    return (0, *(1,) * (codebooks - 1))


@lru_cache(maxsize=64)
def _pattern(spec: PatternSpec, frames: int) -> Pattern:
    if frames < 0:
        raise InvalidInput(f"a pattern of {frames} frames makes no sense; give zero or more")
    places = _places(spec, frames)
    layout: list[list[Coordinate]] = [[] for _ in range(1 + max((step for step, _ in places), default=0))]
    for step, coordinate in places:
        layout[step].append(coordinate)
    tail = spec.shifts[-1] if spec.kind == "delay" and frames else 0
    return Pattern(frames, spec.codebooks, tuple(tuple(step) for step in layout), tail)


def _places(spec: PatternSpec, frames: int) -> Sequence[tuple[int, Coordinate]]:
    step_of = {"delay": _delayed, "flatten": _flattened, "coarse_first": _coarse_first}[spec.kind]
    return [(step_of(spec.shifts, frames, at), at) for at in _coordinates(frames, spec.codebooks)]


def _coordinates(frames: int, codebooks: int) -> Iterator[Coordinate]:
    return (Coordinate(t, q) for t in range(frames) for q in range(codebooks))


def _delayed(shifts: Sequence[int], frames: int, at: Coordinate) -> int:  # noqa: ARG001 - one signature for all kinds
    return 1 + at.t + shifts[at.q]


def _flattened(shifts: Sequence[int], frames: int, at: Coordinate) -> int:  # noqa: ARG001
    return 1 + at.t * (shifts[-1] + 1) + shifts[at.q]


def _coarse_first(shifts: Sequence[int], frames: int, at: Coordinate) -> int:
    return 1 + at.t if at.q == 0 else 1 + frames + at.t + shifts[at.q]
