"""How a token is drawn from logits: pure functions, logits to logits, then one draw. V vocabulary."""

from __future__ import annotations

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor


class Sampling(BaseModel):
    """`temperature` 0 takes the likeliest token; `top_k` and `top_p` 0 leave their filter out.

    Both filters may be on: `top_p` then chooses among what `top_k` left.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    temperature: float = Field(default=1.0, ge=0, le=100)
    top_k: int = Field(default=250, ge=0)
    top_p: float = Field(default=0.0, ge=0, le=1)

    def __call__(self, logits: Tensor, rng: torch.Generator) -> Tensor:
        """Tokens (...) drawn from logits (..., V), all in one draw from `rng`."""
        if self.temperature == 0:
            return logits.argmax(-1)
        return draw(self.filter(logits / self.temperature), rng)

    def filter(self, logits: Tensor) -> Tensor:
        """The logits of what may be drawn; the rest is minus infinity."""
        logits = keep_top_k(logits, self.top_k) if self.top_k else logits
        return keep_top_p(logits, self.top_p) if self.top_p else logits


GREEDY = Sampling(temperature=0.0)


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """All but the `k` largest become minus infinity; whatever equals the k-th stays too."""
    kth = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < kth, -torch.inf)


def keep_top_p(logits: Tensor, p: float) -> Tensor:
    """Keep the likeliest tokens, in order, while those before them have at most probability `p` together."""
    sorted_logits, order = logits.sort(dim=-1, descending=True)
    probabilities = sorted_logits.softmax(-1)
    beyond = probabilities.cumsum(-1) - probabilities > p
    return logits.masked_fill(torch.zeros_like(beyond).scatter(-1, order, beyond), -torch.inf)


def draw(logits: Tensor, rng: torch.Generator) -> Tensor:
    """One token (...) each from the distributions of logits (..., V)."""
    probabilities = logits.float().softmax(-1).flatten(0, -2)
    return torch.multinomial(probabilities, 1, generator=rng).view(logits.shape[:-1])
