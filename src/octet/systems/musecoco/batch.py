"""Many pieces at once, each by a request of its own: for evaluation, and whoever fills a folder with music.

Requests have attributes alone: no prompt is read and nothing is continued.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from octet.core.progress import Progress, Step, silent
from octet.symbolic.score import Score
from octet.systems.musecoco import wishes
from octet.systems.musecoco.brief import Brief, brief_of, rules_of
from octet.systems.musecoco.config import TONIC
from octet.systems.musecoco.decoder import Decoder
from octet.systems.musecoco.generate import in_key, score_of
from octet.systems.musecoco.request import ScoreRequest
from octet.systems.musecoco.sample import sample_each

BATCH = 64


@dataclass(frozen=True)
class Composed:
    """A piece: its tokens as the model wrote them, the score in its key, and what was to be met."""

    tokens: tuple[int, ...]
    score: Score
    brief: Brief


def compose_each(
    model: Decoder, requests: Sequence[ScoreRequest], *, seed: int = 0, on_progress: Progress = silent
) -> list[Composed]:
    """A piece a request, the same for the same requests and seed; sampling is that of the first request.

    Raises:
        InvalidInput: a request that contradicts itself.
    """
    rng = torch.Generator(model.device).manual_seed(seed)
    briefs = [brief_of(request, ()) for request in requests]
    rules = [rules_of(brief, enforce=request.enforce) for brief, request in zip(briefs, requests, strict=True)]
    made: list[Composed] = []
    for start in range(0, len(requests), BATCH):
        stop = min(start + BATCH, len(requests))
        prefixes = [wishes.prefix(brief.told) for brief in briefs[start:stop]]
        pieces = sample_each(model, prefixes, rules[start:stop], requests[0].sampling, rng)
        made += [_composed(piece, *pair) for piece, pair in zip(pieces, _pairs(briefs, requests, start), strict=False)]
        on_progress(Step("composing", stop, len(requests)))
    return made


def _pairs(briefs: Sequence[Brief], requests: Sequence[ScoreRequest], start: int) -> list[tuple[Brief, ScoreRequest]]:
    return list(zip(briefs[start:], requests[start:], strict=True))


def _composed(piece: Sequence[int], brief: Brief, request: ScoreRequest) -> Composed:
    score = score_of(piece, brief.exact.bpm if request.enforce else None)
    return Composed(tuple(piece), in_key(score, brief.told.get(TONIC)), brief)
