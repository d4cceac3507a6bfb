"""The parts of the procedural singer: syllables, melodies, timing, intonation, expression."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.data.corpora.composer.harmony import SCALES
from octet.data.corpora.singer import expression, intonation, tune
from octet.data.corpora.singer.lyrics import Sound, Syllable, syllables_of
from octet.data.corpora.singer.singers import SINGERS
from octet.data.corpora.singer.timing import BREATH, Note, place, with_rests
from octet.data.corpora.sung_labels import Label, phones_of
from octet.text.phonemes import CONSONANTS, SILENCE, VOWELS, Phone

WORDS = st.lists(st.lists(st.sampled_from(("s", "t", "ɹ", "n", "a", "iː", "w")), min_size=1, max_size=6), max_size=5)
SEEDS = st.integers(0, 2**32)


@given(WORDS)
def test_syllables_cover_all_sounds_in_order_with_a_vowel_each(words):
    symbols = [symbol for word in words for symbol in word]
    parts = syllables_of(words)
    assert len(parts) == sum(symbol in VOWELS for symbol in symbols)
    covered = [index for onset, nucleus, coda in parts for index in (*onset, nucleus, *coda)]
    assert covered == (list(range(len(symbols))) if parts else [])
    assert all(symbols[nucleus] in VOWELS for _, nucleus, _ in parts)


@pytest.mark.parametrize(
    ("words", "starts"),
    [(["s t ɹ ɛ ŋ θ"], [0]), (["ɛ k s t ɹ ə"], [0, 2]), (["h ɛ l p", "ɪ t"], [0, 4]), (["t ɛ n t", "s iː"], [0, 4])],
)
def test_a_syllable_begins_with_what_a_word_may_begin_with(words, starts):
    assert [onset.start for onset, _, _ in syllables_of([word.split() for word in words])] == starts


@settings(deadline=None, max_examples=60)
@given(SEEDS, st.integers(1, 30), st.sampled_from(sorted(SINGERS)))
def test_melodies_stay_in_range_and_key_and_give_every_syllable_its_notes(seed, syllables, name):
    rng = random.Random(seed)
    singer = SINGERS[name]
    song = tune.plan(singer, rng)
    for line in range(2):
        found = tune.tune(song, line, [False] * syllables, rng)
        assert [note.syllable for note in found.notes] == sorted(note.syllable for note in found.notes)
        assert {note.syllable for note in found.notes} == set(range(syllables))
        assert all(singer.low <= note.pitch <= singer.high for note in found.notes)
        allowed = {tone for chord in song.chords for tone in chord.tones} | set(SCALES[song.mode])
        assert all((note.pitch - song.tonic) % 12 in allowed for note in found.notes)
        for note, following in pairwise(found.notes):
            assert 0 < note.length <= following.start - note.start
        assert found.notes[-1].start + found.notes[-1].length < found.slots
        assert found.slots % song.bar_slots == 0


def syllables(count, rng):
    """Syllables of random sounds, said one after another."""
    time, made = 0.0, []
    for number in range(count):

        def sound(symbol, seconds, word=number):
            nonlocal time
            time += seconds
            return Sound(Phone(symbol), time - seconds, time, word)

        onset = tuple(sound(rng.choice(CONSONANTS), rng.uniform(0, 0.2)) for _ in range(rng.randint(0, 3)))
        nucleus = sound("a", 0.1)
        coda = tuple(sound(rng.choice(CONSONANTS), rng.uniform(0, 0.2)) for _ in range(rng.randint(0, 3)))
        made.append(Syllable(onset, nucleus, coda, starts_word=True))
    return made


def piece(rng):
    notes, now = [], 0.4
    for number in range(rng.randint(1, 8)):
        for _ in range(rng.randint(1, 2)):
            length = rng.uniform(0.12, 1.2)
            notes.append(Note(now, now + length, rng.randint(50, 70), number))
            now += length
        now += rng.choice((0.0, 0.0, 0.2, 0.9))
    return with_rests(notes, now + 0.5), syllables(notes[-1].syllable + 1, rng)


@settings(deadline=None, max_examples=100)
@given(SEEDS)
def test_phones_follow_each_other_and_vowels_begin_on_their_notes(seed):
    rng = random.Random(seed)
    notes, spoken = piece(rng)
    placed = place(notes, spoken, rng)
    assert placed[0].start == 0
    assert placed[-1].end == notes[-1].end
    for phone, following in pairwise(placed):
        assert phone.end == pytest.approx(following.start, abs=1e-9)
        assert phone.end >= phone.start - 1e-9
    vowels = [phone for phone in placed if phone.is_nucleus]
    assert [phone.start for phone in vowels] == [notes[phone.note].start for phone in vowels]
    assert len(vowels) == len(spoken)
    assert all(phone.end - phone.start > 0.05 for phone in vowels)
    assert all((notes[phone.note].pitch is None) == (phone.symbol in (SILENCE, BREATH)) for phone in placed)


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.sampled_from(sorted(SINGERS)))
def test_f0_is_near_its_note_where_it_is_steady(seed, name):
    rng = random.Random(seed)
    notes, _ = piece(rng)
    times = np.arange(0, notes[-1].end, 0.005)
    f0_hz = intonation.f0_hz(notes, times, SINGERS[name], rng)
    assert (f0_hz > 30).all()
    for note in notes:
        inner = (times > note.start + 0.2) & (times < note.end - 0.1)
        if note.pitch is not None and inner.sum() > 20:
            cents = 1200 * np.log2(f0_hz[inner] / 440) - 100 * (note.pitch - 69)
            assert abs(np.median(cents)) < 40
            assert np.abs(cents).max() < 90


@settings(deadline=None, max_examples=30)
@given(SEEDS)
def test_phrases_swell_and_end_softly_and_breath_stays_a_share(seed):
    rng = random.Random(seed)
    notes, _ = piece(rng)
    times = np.arange(0, notes[-1].end, 0.005)
    level = expression.loudness_db(notes, times, SINGERS["slt"], rng)
    air = expression.breath(notes, times, SINGERS["slt"], rng)
    assert ((air >= 0) & (air <= 0.8)).all()
    for start, end in expression.phrases(notes):
        within = (times >= start) & (times < end)
        assert level[within][-1] < level[within].max() - 8
        assert -35 < level[within].min() < level[within].max() < 15


LABELS = st.lists(
    st.one_of(st.sampled_from(("zh", "b", "uang", "i", "SP", "AP", "en/ah", "y", "ue", "")), st.text(max_size=4)),
    max_size=8,
)


@settings(deadline=None, max_examples=50)
@given(LABELS, st.sampled_from(("zh", "en", "ja")))
def test_labels_of_any_kind_are_phones_or_refused(symbols, language):
    labels = [Label(symbol, 0.1 * place, 0.1 * place + 0.1, place) for place, symbol in enumerate(symbols)]
    try:
        found = list(phones_of(labels, language))
    except InvalidInput:
        return
    for (phone, _), (following, _) in pairwise(found):
        assert phone.start_seconds <= phone.end_seconds <= following.start_seconds + 1e-4


@pytest.mark.parametrize("symbols", [("zh", "SP", "uang"), ("zh", "b", "uang"), ("i", "zh")])
def test_an_initial_without_a_final_is_refused(symbols):
    labels = [Label(symbol, 0.1 * place, 0.1 * place + 0.1, place) for place, symbol in enumerate(symbols)]
    with pytest.raises(InvalidInput, match=r"'zh' at .* has no final"):
        list(phones_of(labels, "zh"))
