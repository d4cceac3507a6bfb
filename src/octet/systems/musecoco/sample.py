"""Tokens of music, one after the other, none of which breaks the grammar. B pieces, V vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import torch
from torch import Tensor

from octet.core.errors import InvalidInput
from octet.nn.sampling import Sampling
from octet.symbolic.remigen import IDS
from octet.systems.musecoco.decoder import Decoder
from octet.systems.musecoco.grammar import Place, Rules, advance, mask
from octet.systems.musecoco.model import State

_BAR_END = IDS["b-1"]
_VELOCITIES = range(IDS["v-0"], IDS["v-0"] + 32)


@torch.inference_mode()
def sample(
    model: Decoder,
    prefix: Sequence[int],
    beginning: Sequence[int],
    rules: Rules,
    count: int,
    sampling: Sampling,
    rng: torch.Generator,
    on_bar: Callable[[int], None],
) -> list[list[int]]:
    """`count` pieces, each `beginning` and what follows, as numbers of tokens of finished bars without the end.

    The prefix is read once for all of them. A piece that is finished costs nothing any more.

    Args:
        on_bar: told whenever the longest piece has a bar more.

    Raises:
        InvalidInput: the beginning leaves no room for music.
    """
    room = _room(model, len(prefix), len(beginning))
    device = model.device
    logits, state = model(torch.tensor([[*prefix, *beginning]], device=device))
    everyone = torch.zeros(count, dtype=torch.long, device=device)
    pieces = _Pieces(beginning, [rules] * count)
    _continue(model, logits[everyone], state.rows(everyone), pieces, room, sampling, rng, on_bar)
    return [finished_bars(tokens) for tokens in pieces.tokens]


@torch.inference_mode()
def sample_each(
    model: Decoder,
    prefixes: Sequence[Sequence[int]],
    rules: Sequence[Rules],
    sampling: Sampling,
    rng: torch.Generator,
) -> list[list[int]]:
    """Likewise a piece a prefix, in one batch, each by rules of its own and from nothing."""
    logits, state = model(torch.tensor(prefixes, device=model.device))
    pieces = _Pieces([], rules)
    _continue(model, logits, state, pieces, _room(model, len(prefixes[0]), 0), sampling, rng, lambda _: None)
    return [finished_bars(tokens) for tokens in pieces.tokens]


def _continue(
    model: Decoder,
    logits: Tensor,
    state: State,
    pieces: _Pieces,
    room: int,
    sampling: Sampling,
    rng: torch.Generator,
    on_bar: Callable[[int], None],
) -> None:
    """Let pieces grow until all have ended or there is no more room."""
    for _ in range(room):
        bars = pieces.bars
        allowed = pieces.allowed().to(logits.device)
        drawn = sampling(logits[:, -1].float().masked_fill(~allowed, -torch.inf), rng)
        kept = torch.tensor(pieces.add(drawn.tolist()), dtype=torch.long, device=logits.device)
        if pieces.bars > bars:
            on_bar(pieces.bars)
        if not len(kept):
            break
        state = state.rows(kept) if len(kept) < len(drawn) else state
        logits, state = model(drawn[kept, None], state)


class _Pieces:
    """Pieces that grow together, and which of them are still open."""

    def __init__(self, beginning: Sequence[int], rules: Sequence[Rules]) -> None:
        self.tokens = [list(beginning) for _ in rules]
        self._rules = rules
        self._places = [reduce(advance, beginning, Place())] * len(rules)
        self._open = list(range(len(rules)))

    @property
    def bars(self) -> int:
        """Of the longest piece."""
        return max(place.bars for place in self._places)

    def allowed(self) -> Tensor:
        """What may follow in each open piece (B, V)."""
        return torch.stack([mask(self._places[row], self._rules[row]) for row in self._open])

    def add(self, drawn: Sequence[int]) -> list[int]:
        """A token for each open piece; which of them, counted among those that were open, are open still."""
        for row, token in zip(self._open, drawn, strict=True):
            self._places[row] = advance(self._places[row], token)
            self.tokens[row].append(token)
        kept = [number for number, row in enumerate(self._open) if not self._places[row].finished]
        self._open = [self._open[number] for number in kept]
        return kept


def finished_bars(piece: Sequence[int]) -> list[int]:
    """Up to the last bar's end; of a piece that has none, all notes that are whole, with one."""
    if _BAR_END in piece:
        return list(piece[: len(piece) - list(reversed(piece)).index(_BAR_END)])
    last = max((number for number, token in enumerate(piece) if token in _VELOCITIES), default=-1)
    return [*piece[: last + 1], _BAR_END]


def _room(model: Decoder, prefix: int, beginning: int) -> int:
    """How many tokens may still follow."""
    longest = model.config.longest_tokens
    if prefix + beginning >= longest:
        raise InvalidInput(f"a beginning of {beginning} tokens leaves no room in {longest}: give less of it")
    return longest - prefix - beginning
