"""Whatever the grammar lets through is music, and all music of REMIGEN2 is let through."""

from __future__ import annotations

import math
from functools import reduce

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.symbolic.music import SCORES
from tests.systems.musecoco.examples import model

from octet.nn.sampling import Sampling
from octet.symbolic import midi
from octet.symbolic.remigen import END, IDS, VOCABULARY, decode, encode, from_ids, to_ids
from octet.symbolic.sampler import Sampler
from octet.systems.musecoco import grammar
from octet.systems.musecoco.brief import programs_without
from octet.systems.musecoco.generate import score_of
from octet.systems.musecoco.grammar import DRUMS, PROGRAMS, Place, Rules, advance, followers, mask
from octet.systems.musecoco.sample import finished_bars, sample
from octet.systems.musecoco.wishes import prefix

ANY_LENGTH = Rules(bars=(1, 10**6))


def place_after(text, rules=ANY_LENGTH):
    """The place after some tokens, all of which may stand there."""
    place = Place()
    for token in to_ids(text.split()):
        assert token in set(followers(place, rules)), VOCABULARY[token]
        place = advance(place, token)
    return place


def names_after(text, rules=ANY_LENGTH):
    return [VOCABULARY[token] for token in followers(place_after(text, rules), rules)]


@given(SCORES.filter(lambda score: any(track.notes for track in score.tracks)))
@settings(max_examples=40)
def test_every_encoded_score_is_grammatical(score):
    place = Place()
    for token in to_ids(encode(score)):
        assert token in set(followers(place, ANY_LENGTH))
        place = advance(place, token)
    assert IDS[END] in set(followers(place, ANY_LENGTH))


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=40)
def test_every_walk_through_the_grammar_parses_and_comes_back(seed, drums_only):
    rng = torch.Generator().manual_seed(seed)
    rules = Rules(bars=(1, 2), programs=(128,) if drums_only else (0, 40, 128), metres=(6, 9, 19))
    place, walk = Place(), []
    while not place.finished and len(walk) < 400:
        allowed = list(followers(place, rules))
        assert allowed == sorted(set(allowed)) or place.kind in ("t", "v", "b")
        token = allowed[int(torch.randint(len(allowed), (), generator=rng))]
        walk.append(token)
        place = advance(place, token)
    music = finished_bars(walk[:-1] if place.finished else walk)
    score = score_of(music)
    assert [metre.name for metre in score.metres]
    assert score.end_ticks <= sum(grammar.metre(token - IDS["s-0"]).bar_ticks for token in music if _is_s(token))
    midi.decode(midi.encode(score))


def _is_s(token):
    return VOCABULARY[token].startswith("s-")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s-9 t-35 o-0 i-0", [f"p-{pitch}" for pitch in range(128)]),
        ("s-9 t-35 o-0 i-128", [f"p-{pitch}" for pitch in range(128, 256)]),
        ("s-9 t-35 o-0 i-0 p-60", [f"d-{length}" for length in range(1, 96)]),
        ("s-9 t-35 o-0 i-0 p-60 d-12", [f"v-{force}" for force in range(32)]),
        ("s-9", [f"t-{tempo}" for tempo in range(49)]),
        ("s-9 t-35", [f"o-{position}" for position in range(48)]),  # no silence first
        ("s-6 t-35", [f"o-{position}" for position in range(12)]),
        ("s-9 t-35 o-46 i-127 p-1 d-1 v-1", ["p-0", "i-128", "o-47", "b-1"]),
        ("s-9 t-35 o-47 i-128 p-128 d-1 v-1", ["b-1"]),
    ],
)
def test_what_may_follow(before, after):
    assert names_after(before) == after


def test_a_bar_may_be_silent_but_not_the_first_or_the_last():
    bar = "s-9 t-35 o-0 i-0 p-60 d-12 v-16 b-1"
    three = Rules(bars=(3, 3))
    assert "b-1" not in names_after("s-9 t-35", three)
    assert "b-1" in names_after(f"{bar} s-9 t-35", three)
    assert "b-1" not in names_after(f"{bar} {bar} s-9 t-35", three)
    assert END not in names_after(f"{bar} s-9 t-35 b-1", Rules())


def test_bars_end_a_piece():
    bar = "s-9 t-35 o-0 i-0 p-60 d-12 v-16 b-1"
    rules = Rules(bars=(2, 3))
    assert END not in names_after(bar, rules)
    assert {END, "s-9"} <= set(names_after(f"{bar} {bar}", rules))
    assert names_after(f"{bar} {bar} {bar}", rules) == [END]


def test_required_instruments_play_at_the_first_onset():
    rules = Rules(required=((40,), (0, 1), (DRUMS,)))
    first = names_after("s-9 t-35 o-0", rules)
    assert first == ["i-0", "i-1"]  # what comes after could not bring a piano any more
    piano = "s-9 t-35 o-0 i-0 p-60 d-12 v-16"
    after = names_after(piano, rules)
    assert "i-40" in after
    assert "i-41" not in after
    assert not any(name.startswith(("o-", "b-")) for name in after)
    both = f"{piano} i-40 p-60 d-12 v-16"
    assert "i-41" in names_after(both, rules)
    assert "b-1" in names_after(f"{both} i-128 p-128 d-12 v-16", rules)
    assert "i-5" in names_after(f"{both} i-128 p-128 d-12 v-16 b-1 s-9 t-35 o-0", rules)


@given(st.integers(0, 10**6), st.sets(st.sampled_from([(0, 1, 2), (24, 25), (40,), (56, 59), (DRUMS,)])))
@settings(max_examples=40)
def test_every_walk_plays_what_is_required(seed, required):
    rng = torch.Generator().manual_seed(seed)
    rules = Rules(bars=(1, 1), required=tuple(sorted(required, reverse=bool(seed % 2))))
    place = Place()
    for _ in range(600):
        allowed = list(followers(place, rules))
        place = advance(place, allowed[int(torch.randint(len(allowed), (), generator=rng))])
        if place.kind == "b":
            break
    assert place.kind != "b" or not rules.missing(place.heard)


def test_seconds_end_a_piece():
    bar = "s-9 t-36 o-0 i-0 p-60 d-12 v-16 b-1"  # 128 a minute: 1.875 s
    rules = Rules(bars=(1, 100), seconds=(3.0, 6.0))
    assert END not in names_after(bar, rules)
    assert {END, "s-9"} <= set(names_after(f"{bar} {bar}", rules))
    assert names_after(f"{bar} {bar} {bar}", rules) == [END]
    assert place_after(f"{bar} {bar}").seconds == pytest.approx(3.75, abs=1e-3)


def test_rules_narrow_metre_tempo_and_instruments():
    rules = Rules(metres=(19,), tempos=(35, 36), programs=(0, 128))
    assert names_after("", rules) == ["s-19"]
    assert names_after("s-19", rules) == ["t-35", "t-36"]
    assert names_after("s-19 t-35 o-0", rules) == ["i-0", "i-128"]


def test_metres_and_tempos_mean_what_the_decoder_says():
    assert grammar.metre_number("6/8") == 19
    assert grammar.metre_number("9/4") is None
    assert grammar.bpm(35) == pytest.approx(120.8, abs=0.05)
    assert grammar.tempo_numbers(100, 100) == (32,)
    assert all(76 <= grammar.bpm(number) <= 120 for number in grammar.tempo_numbers(76, 120))
    assert grammar.tempo_numbers(16, 256) == tuple(range(49))
    for number in (6, 9, 16, 253):
        tokens = [f"s-{number}", "t-35", "o-0", "i-0", "p-60", "d-95", "v-3", "b-1"]
        assert decode(tokens).metres[0] == grammar.metre(number)
    assert not math.isnan(grammar.bar_seconds(9, 0))


def test_instruments_can_be_ruled_out():
    assert 24 not in programs_without(["guitar"])
    assert 128 in programs_without(["guitar"])
    assert not {128, 114, 116, 118} & set(programs_without(["drum"]))
    assert programs_without([]) == PROGRAMS


def test_the_mask_is_of_the_followers():
    place = place_after("s-9 t-35 o-0 i-0")
    assert mask(place, Rules()).nonzero().flatten().tolist() == list(followers(place, Rules()))


@pytest.fixture(scope="module")
def sampler():
    return Sampler(sample_rate_hz=4000)


@pytest.mark.parametrize(
    ("rules", "sampling"),
    [
        (Rules(), Sampling(top_k=15)),
        (Rules(bars=(1, 1), metres=(6,)), Sampling(top_k=0)),
        (Rules(bars=(2, 4), programs=(128,), metres=(6, 16)), Sampling(top_k=3, temperature=2.0)),
        (Rules(metres=(0, 253)), Sampling(temperature=0.0)),
    ],
)
def test_whatever_an_untrained_model_plays_is_music(rules, sampling, sampler):
    """A hundred pieces in all, each cut off somewhere or at its end."""
    untrained = model(longest_tokens=140)
    rng = torch.Generator().manual_seed(3)
    played = sample(untrained, prefix({}), [], rules, 25, sampling, rng, on_bar=print)
    assert len(played) == 25
    for piece in played:
        assert reduce(advance, piece, Place()).kind == "b"
        score = score_of(piece)
        assert sum(len(track.notes) for track in score.tracks) >= 1
        assert midi.decode(midi.encode(score)).end_ticks == score.end_ticks
        assert abs(sampler.render(score).mix).max() > 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("s-9 t-35 o-0 i-0 p-60 d-12 v-16 b-1 s-9 t-35 o-0 i-0", "s-9 t-35 o-0 i-0 p-60 d-12 v-16 b-1"),
        ("s-9 t-35 o-0 i-0 p-60 d-12 v-16 p-50 d-2", "s-9 t-35 o-0 i-0 p-60 d-12 v-16 b-1"),
        ("s-9 t-35 o-0 i-0 p-60 d-12 v-16 b-1", "s-9 t-35 o-0 i-0 p-60 d-12 v-16 b-1"),
    ],
)
def test_what_is_unfinished_is_cut_off(given, kept):
    assert from_ids(finished_bars(to_ids(given.split()))) == kept.split()
