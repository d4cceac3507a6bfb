"""The small text encoder: words and their pieces, batches, learning in English and Korean."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from octet.encoders.text.tiny import (
    TEXT_WORDS,
    WORD_PIECES,
    TinyTextConfig,
    TinyTextEncoder,
    hashes,
    words,
)

SMALL = TinyTextConfig(buckets=256, width=16, heads=2, layers=1)


@pytest.fixture(scope="module")
def encoder() -> TinyTextEncoder:
    torch.manual_seed(0)
    return TinyTextEncoder(SMALL).eval()


@given(st.text(max_size=60))
def test_any_text_has_a_finite_meaning(text: str) -> None:
    encoder = TinyTextEncoder(SMALL).eval()
    tokens = encoder.tokenize([text, "warm piano"])
    assert tokens.ids.shape[2] == WORD_PIECES
    assert bool(tokens.valid.any(1).all())
    assert int(tokens.ids.max()) <= SMALL.buckets
    assert bool(encoder(tokens).isfinite().all())


@torch.no_grad()
def test_a_text_is_the_same_alone_and_in_a_batch(encoder: TinyTextEncoder) -> None:
    together = encoder(encoder.tokenize(["soft rain", "a long and winding text", ""]))
    alone = encoder(encoder.tokenize(["soft rain"]))
    assert together.shape == (3, 5, encoder.width)
    torch.testing.assert_close(together[0, :2], alone[0], atol=1e-5, rtol=0)


def test_case_accents_and_punctuation_do_not_matter() -> None:
    assert words("Café-Piano!") == words("cafe piano")


def test_hangul_is_taken_apart_so_that_endings_share_their_stem() -> None:
    stem, ending = hashes(words("피아노")[0], 4096), hashes(words("피아노로")[0], 4096)
    assert len(set(stem) & set(ending)) >= len(stem) - 2  # all but the word itself and its last piece


def test_digits_and_letters_part() -> None:
    assert words("120bpm 4/4") == ["120", "bpm", "4", "4"]


def test_lengths_are_bounded(encoder: TinyTextEncoder) -> None:
    assert encoder.tokenize(["word " * 1000]).ids.shape == (1, TEXT_WORDS, WORD_PIECES)
    assert len(hashes("x".join(map(str, range(999))), 4096)) == WORD_PIECES


def test_order_matters(encoder: TinyTextEncoder) -> None:
    one, other = encoder(encoder.tokenize(["piano then guitar", "guitar then piano"]))
    assert not torch.allclose(one.mean(0), other.mean(0), atol=1e-3)


def test_learns_what_texts_say() -> None:
    """Fast or slow, from a few wordings in two languages; unseen wordings and endings are understood."""
    torch.manual_seed(0)
    encoder, head = TinyTextEncoder(SMALL), torch.nn.Linear(16, 2)
    english = ["fast piano music", "slow piano music", "a fast guitar", "a slow guitar"]
    korean = ["빠른 피아노 음악", "느린 피아노 음악", "빠른 기타", "느린 기타"]
    seen, labels = [*english, *korean], torch.tensor([1, 0] * 4)
    unseen, wanted = ["a guitar, fast!", "slow music", "피아노로 빠른 음악", "기타와 느린"], [1, 0, 1, 0]
    optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], 3e-3)

    def logits(texts: list[str]) -> torch.Tensor:
        tokens = encoder.tokenize(texts)
        total = (encoder(tokens) * tokens.valid[:, :, None]).sum(1)
        return head(total / tokens.valid.sum(1, keepdim=True))

    for _ in range(80):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits(seen), labels).backward()
        optimizer.step()
    assert logits(unseen).argmax(1).tolist() == wanted


@pytest.mark.parametrize("sizes", [{"width": 10, "heads": 3}, {"buckets": 10**9}, {"layers": 10**6}])
def test_impossible_sizes_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"divide|less than"):
        TinyTextConfig.model_validate(sizes)
