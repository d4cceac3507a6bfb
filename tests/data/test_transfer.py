from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.data.manifest import PhoneTime
from octet.data.transfer import mean_distance, transfer
from octet.text.phonemes import PAUSES, SILENCE, SYMBOLS, Phone

sounds = st.sampled_from([symbol for symbol in SYMBOLS[1:] if symbol not in PAUSES])
symbols = st.one_of(sounds, sounds, sounds, st.sampled_from(PAUSES))
sequences = st.lists(symbols, min_size=1, max_size=14)
lengths = st.lists(st.floats(0, 0.4), min_size=14, max_size=14)


def timed(names: list[str], seconds: list[float] | None = None) -> list[PhoneTime]:
    result, now = [], 0.0
    for name, length in zip(names, seconds or [0.1] * len(names), strict=False):
        result.append(PhoneTime(symbol=name, start_seconds=now, end_seconds=now + length))
        now += length
    return result


def phones(names: str) -> list[Phone]:
    return [Phone(name) for name in names.split()]


def spans(result: list[PhoneTime]) -> list[tuple[str, float, float]]:
    return [(phone.symbol, round(phone.start_seconds, 6), round(phone.end_seconds, 6)) for phone in result]


@settings(max_examples=150, deadline=None)
@given(sequences, sequences, lengths)
def test_times_cover_the_audio_in_order_whatever_the_sequences(truth, target, seconds):
    timings = timed(truth, seconds)
    duration = timings[-1].end_seconds + 0.05
    result = transfer(timings, [Phone(name) for name in target], duration)
    assert result[0].start_seconds == 0
    assert result[-1].end_seconds == duration
    for phone, following in pairwise(result):
        assert phone.start_seconds <= phone.end_seconds == following.start_seconds


@settings(max_examples=150, deadline=None)
@given(sequences, sequences, lengths)
def test_target_phones_come_out_in_order_with_nothing_but_silence_added(truth, target, seconds):
    timings = timed(truth, seconds)
    result = [phone.symbol for phone in transfer(timings, [Phone(name) for name in target], 9.0)]
    assert [name for name in result if name != SILENCE] == [name for name in target if name != SILENCE]
    assert result.count(SILENCE) >= target.count(SILENCE)


@settings(max_examples=100, deadline=None)
@given(sequences, lengths)
def test_equal_sequences_keep_their_times(names, seconds):
    merged = [name for index, name in enumerate(names) if index == 0 or not {name, names[index - 1]} <= set(PAUSES)]
    timings = timed(merged, seconds)
    assert transfer(timings, [Phone(name) for name in merged], timings[-1].end_seconds) == timings
    assert mean_distance(timings, [Phone(name) for name in merged]) == 0


def test_written_pauses_meet_spoken_ones_or_last_no_time():
    truth = timed("sil j ɛ s sil n oʊ sil".split())
    result = transfer(truth, phones("sil j ɛ s , n oʊ . sil"), 0.8)
    assert spans(result)[4] == (",", 0.4, 0.5)
    assert spans(result)[7:] == [(".", 0.7, 0.7), ("sil", 0.7, 0.8)]


def test_a_pause_that_nobody_wrote_becomes_silence():
    truth = timed("sil j ɛ s sil n oʊ sil".split())
    assert spans(transfer(truth, phones("sil j ɛ s n oʊ sil"), 0.8))[4] == ("sil", 0.4, 0.5)


def test_a_phone_without_partner_shares_its_likelier_neighbours_time():
    truth = timed("sil b ɝ d sil".split())
    result = spans(transfer(truth, phones("sil b ə ɹ d sil"), 0.5))
    assert result[2:4] == [("ə", 0.2, 0.25), ("ɹ", 0.25, 0.3)]


def test_two_phones_of_the_teacher_become_one_of_ours():
    truth = timed("sil n j ə m sil".split())
    assert spans(transfer(truth, phones("sil ɲ ə m sil"), 0.6))[1] == ("ɲ", 0.1, 0.3)


def test_accents_are_the_targets():
    truth = [PhoneTime(symbol="a", accent="1", start_seconds=0, end_seconds=1)]
    assert transfer(truth, [Phone("a", "3")], 1.0)[0].accent == "3"


def test_truth_that_ends_early_is_stretched_to_the_audio():
    assert spans(transfer(timed(["a", "sil"]), phones("a sil"), 0.7)) == [("a", 0, 0.1), ("sil", 0.1, 0.7)]


@pytest.mark.parametrize(("truth", "target"), [([], ["a"]), (["a"], [])])
def test_nothing_to_align_is_refused(truth, target):
    with pytest.raises(InvalidInput, match="empty"):
        transfer(timed(truth), [Phone(name) for name in target], 1.0)


def test_times_that_go_back_are_refused():
    with pytest.raises(InvalidInput, match="increase"):
        transfer(timed(["a", "b"])[::-1], phones("a b"), 1.0)
