from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.encoders.aligner import align
from octet.text.phonemes import PAUSES, SYMBOL_IDS, SYMBOLS, Phone

FRAME_SECONDS = 0.0125
SILENCE = SYMBOL_IDS["sil"]

_sounds = st.tuples(st.sampled_from(["a", "m", "s", "k̚", "oʊ"]).map(Phone), st.integers(1, 6))
_pauses = st.tuples(st.sampled_from(PAUSES).map(Phone), st.integers(0, 6))
_segmentations = st.lists(_sounds | _pauses, min_size=1, max_size=12)


def _column(phone: Phone) -> int:
    return SILENCE if phone.is_pause else SYMBOL_IDS[phone.symbol]


def _posteriors(columns: list[int], confidence: float = 0.9) -> np.ndarray:
    rest = (1 - confidence) / (len(SYMBOLS) - 1)
    probabilities = np.full((len(columns), len(SYMBOLS)), rest, dtype=np.float32)
    probabilities[np.arange(len(columns)), columns] = confidence
    return np.log(probabilities)


def _edges(phones: list[Phone], log_posteriors: np.ndarray) -> np.ndarray:
    timed = align(log_posteriors, phones, FRAME_SECONDS)
    assert [(phone.symbol, phone.accent) for phone in timed] == [(phone.symbol, phone.accent) for phone in phones]
    assert all(here.end_seconds == after.start_seconds for here, after in pairwise(timed))
    return np.array([timed[0].start_seconds, *(phone.end_seconds for phone in timed)]) / FRAME_SECONDS


@settings(max_examples=100)
@given(_segmentations)
def test_a_known_segmentation_is_recovered_exactly(segments: list[tuple[Phone, int]]) -> None:
    runs = [list(run) for _, run in groupby(segments, key=lambda segment: segment[0].is_pause)]
    # Of a run of pauses the first takes all the time, so only that one is given any.
    segments = [
        (phone, 0 if phone.is_pause and place else frames) for run in runs for place, (phone, frames) in enumerate(run)
    ]
    heard = [(_column(phone), frames) for phone, frames in segments if frames]
    assume(heard and all(here[0] != after[0] for here, after in pairwise(heard)))
    columns = [column for column, frames in heard for _ in range(frames)]
    expected = np.cumsum([0, *(frames for _, frames in segments)])
    np.testing.assert_allclose(_edges([phone for phone, _ in segments], _posteriors(columns)), expected, atol=1e-5)


@settings(max_examples=100)
@given(_segmentations, st.integers(0, 40), st.integers(0, 2**31))
def test_times_cover_everything_in_order_whatever_the_posteriors(
    segments: list[tuple[Phone, int]], more: int, seed: int
) -> None:
    phones = [phone for phone, _ in segments]
    frames = max(1, sum(not phone.is_pause for phone in phones)) + more
    probabilities = np.random.default_rng(seed).dirichlet(np.full(len(SYMBOLS), 0.05), size=frames)
    with np.errstate(divide="ignore"):
        edges = _edges(phones, np.log(probabilities.astype(np.float32)))
    assert edges[0] == 0
    assert edges[-1] == pytest.approx(frames)
    least = [0.0 if phone.is_pause else 1.0 for phone in phones]
    assert (np.diff(edges) >= np.array(least) - 1e-9).all()


def test_a_pause_that_is_not_made_lasts_no_time() -> None:
    phones = [Phone(symbol) for symbol in ("sil", "a", ",", "m", ".")]
    edges = _edges(phones, _posteriors([SYMBOL_IDS["a"]] * 3 + [SYMBOL_IDS["m"]] * 2))
    assert edges.tolist() == pytest.approx([0, 0, 3, 3, 5, 5])


def test_an_impossible_frame_does_not_cut_a_phone_short() -> None:
    log_posteriors = _posteriors([SYMBOL_IDS["a"]] * 6 + [SYMBOL_IDS["m"]] * 4)
    log_posteriors[3] = -np.inf
    log_posteriors[3, SYMBOL_IDS["s"]] = 0.0  # a click, heard as another phone
    assert _edges([Phone("a"), Phone("m")], log_posteriors).tolist() == pytest.approx([0, 6, 10])


def test_equal_neighbours_share_their_time() -> None:
    edges = _edges([Phone("s"), Phone("s"), Phone("a")], _posteriors([SYMBOL_IDS["s"]] * 8 + [SYMBOL_IDS["a"]] * 2))
    assert edges.tolist() == pytest.approx([0, 4, 8, 10])


@pytest.mark.parametrize("share", [0.1, 0.3, 0.7, 0.9])
def test_boundaries_are_found_within_a_frame(share: float) -> None:
    """Frame 5 is `a` for some of its time and `m` for the rest, with log-posteriors to match on a straight line."""
    log_posteriors = _posteriors([SYMBOL_IDS["a"]] * 5 + [SYMBOL_IDS["m"]] * 5)
    ratio = log_posteriors[0, SYMBOL_IDS["a"]] - log_posteriors[0, SYMBOL_IDS["m"]]
    true_edge = 5 - 0.5 + share  # between the centres of frames 4 and 5, at 4.5 and 5.5
    for frame in (4, 5):
        ahead = ratio * (true_edge - (frame + 0.5))  # positive while `a` sounds
        log_posteriors[frame, [SYMBOL_IDS["a"], SYMBOL_IDS["m"]]] = ahead / 2, -ahead / 2
    edges = _edges([Phone("a"), Phone("m")], log_posteriors)
    assert edges[1] == pytest.approx(true_edge, abs=1e-4)


def test_accents_pass_through() -> None:
    timed = align(_posteriors([SYMBOL_IDS["a"]]), [Phone("a", "4")], FRAME_SECONDS)
    assert [(phone.accent, phone.start_seconds, phone.end_seconds) for phone in timed] == [("4", 0.0, FRAME_SECONDS)]


def test_more_phones_than_frames_are_refused() -> None:
    with pytest.raises(InvalidInput, match="3 phones do not fit into 2 frames"):
        align(_posteriors([SILENCE] * 2), [Phone("a"), Phone(","), Phone("m"), Phone("a")], FRAME_SECONDS)
    with pytest.raises(InvalidInput, match="do not fit into 0 frames"):
        align(_posteriors([]), [Phone("sil")], FRAME_SECONDS)


def test_no_phones_are_refused() -> None:
    with pytest.raises(InvalidInput, match="no phones"):
        align(_posteriors([SILENCE]), [], FRAME_SECONDS)


def test_more_than_memory_holds_is_refused_before_it_is_tried() -> None:
    endless = np.broadcast_to(_posteriors([SILENCE]), (2_000_000, len(SYMBOLS)))
    with pytest.raises(InvalidInput, match="cut the recording"):
        align(endless, [Phone("a")] * 1500, FRAME_SECONDS)
