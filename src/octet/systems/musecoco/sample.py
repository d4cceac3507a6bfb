"""Tokens of music, one after the other, none of which breaks the grammar. B pieces, V vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import torch

from octet.core.errors import InvalidInput
from octet.nn.sampling import Sampling
from octet.symbolic.remigen import IDS
from octet.systems.musecoco.grammar import Place, Rules, advance, mask
from octet.systems.musecoco.model import MuseCoco

_BAR_END = IDS["b-1"]


@torch.inference_mode()
def sample(
    model: MuseCoco,
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
    room = model.config.longest_tokens - len(prefix) - len(beginning)
    if room < 1:
        raise InvalidInput(
            f"a beginning of {len(beginning)} tokens leaves no room in {model.config.longest_tokens}: give less of it"
        )
    device = model.embedding.weight.device
    logits, state = model(torch.tensor([[*prefix, *beginning]], device=device))
    everyone = torch.zeros(count, dtype=torch.long, device=device)
    logits, state = logits[everyone, -1], state.rows(everyone)
    places = [reduce(advance, beginning, Place())] * count
    pieces = [list(beginning) for _ in range(count)]
    open_ones = list(range(count))
    longest = places[0].bars
    for _ in range(room):
        allowed = torch.stack([mask(places[row], rules) for row in open_ones]).to(device)
        drawn = sampling(logits.float().masked_fill(~allowed, -torch.inf), rng).tolist()
        for row, token in zip(open_ones, drawn, strict=True):
            places[row] = advance(places[row], token)
            pieces[row].append(token)
        if max(place.bars for place in places) > longest:
            longest += 1
            on_bar(longest)
        kept = [index for index, row in enumerate(open_ones) if not places[row].finished]
        if not kept:
            break
        if len(kept) < len(open_ones):
            state = state.rows(torch.tensor(kept, device=device))
            drawn, open_ones = [drawn[index] for index in kept], [open_ones[index] for index in kept]
        logits, state = model(torch.tensor(drawn, device=device)[:, None], state)
        logits = logits[:, -1]
    return [finished_bars(piece) for piece in pieces]


def finished_bars(piece: Sequence[int]) -> list[int]:
    """Up to the last bar's end; of a piece that has none, all notes that are whole, with one."""
    if _BAR_END in piece:
        return list(piece[: len(piece) - list(reversed(piece)).index(_BAR_END)])
    velocities = range(IDS["v-0"], IDS["v-0"] + 32)
    last = max((index for index, token in enumerate(piece) if token in velocities), default=-1)
    return [*piece[: last + 1], _BAR_END]
