"""What is read wrongly in training: of the right codebook, as often as asked, never special."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from octet.families.token_lm.corruption import (
    LONGEST_LOOP_STEPS,
    LONGEST_STRETCH_STEPS,
    _exchanged,
    _looped,
    corrupted,
)

SPECIAL = 16


def tokens(rows: int, steps: int, seed: int = 0) -> torch.Tensor:
    """Codebook k holds tokens of residue k modulo 4; the first steps are special."""
    rng = torch.Generator().manual_seed(seed)
    made = 4 * torch.randint(4, (rows, 4, steps), generator=rng) + torch.arange(4)[None, :, None]
    made[:, :, : min(3, steps - 1)] = SPECIAL
    return made


@given(st.integers(1, 5), st.integers(2, 200), st.floats(0, 0.5), st.integers(0, 1000))
def test_tokens_stay_in_their_codebooks_and_special_ones_where_they_are(
    rows: int, steps: int, share: float, seed: int
) -> None:
    torch.manual_seed(seed)
    true = tokens(rows, steps, seed)
    read = corrupted(true, SPECIAL, share)
    assert torch.equal(read == SPECIAL, true == SPECIAL)
    played = true != SPECIAL
    assert torch.equal(read[played] % 4, true[played] % 4)


def test_as_many_are_exchanged_as_was_asked() -> None:
    torch.manual_seed(0)
    true = torch.randint(1000, (200, 4, 100))
    for share in (0.0, 0.1, 0.4):
        changed = (_exchanged(true, 1000, share) != true).float()
        assert abs(float(changed.mean()) - share) < 0.1 * share + 1e-9
        by_row = changed.mean((1, 2))
        assert float(by_row.max()) <= 2 * share + 0.1


def test_half_of_the_rows_go_round_in_a_loop_for_a_stretch() -> None:
    torch.manual_seed(0)
    true = torch.arange(300).expand(200, 1, -1).contiguous()
    read = _looped(true, SPECIAL + 1000)
    wrong = (read != true).sum(-1).squeeze(1)
    assert 50 < int((wrong > 0).sum()) < 140
    assert int(wrong.max()) < LONGEST_STRETCH_STEPS
    back = (read.diff() < 0).squeeze(1)
    assert int((-read.diff()).max()) < LONGEST_LOOP_STEPS
    assert torch.equal(back.any(-1) | (read.diff() == 0).any(-1).squeeze(1), wrong > 0)
