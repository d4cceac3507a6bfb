"""What the measures of copies say of copies that are known."""

import math

import numpy as np
import pytest

from octet.core.errors import InvalidInput
from octet.evaluation import codec

RATE = 16_000


def tune(*pitches: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.concatenate([0.3 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time) for pitch in pitches])


def speechlike(seed: int = 0) -> np.ndarray:
    """Noise whose loudness goes up and down four times a second, for three seconds."""
    time = np.arange(3 * RATE) / RATE
    return 0.2 * np.random.default_rng(seed).standard_normal(len(time)) * (1 + np.sin(2 * np.pi * 4 * time))


def test_a_copy_of_itself_is_perfect() -> None:
    sound = tune(60, 64, 67)
    assert codec.evaluate(sound, sound, RATE) == {
        "mel_distance": 0.0,
        "si_sdr_db": math.inf,
        "chroma_cosine": pytest.approx(1.0, abs=1e-5),
    }
    assert codec.melody_cosine(sound, sound, RATE) == pytest.approx(1.0)


def test_chroma_hears_the_class_and_neither_octave_nor_loudness() -> None:
    sound = tune(60, 64, 67)
    octave, other = tune(72, 76, 79), tune(66, 70, 73)
    assert codec.chroma_cosine(sound, 0.5 * octave, RATE) > 0.9
    assert codec.chroma_cosine(sound, other, RATE) < 0.2
    assert codec.melody_cosine(sound, octave, RATE) > 0.8
    assert codec.melody_cosine(sound, other, RATE) < 0.2


def test_melodies_of_different_lengths_are_compared_as_long_as_both_sound() -> None:
    assert codec.melody_cosine(tune(60, 64, 67, 60), tune(60, 64), RATE) > 0.8


def test_silence_has_no_chroma() -> None:
    assert math.isnan(codec.chroma_cosine(tune(60), np.zeros(RATE), RATE))


def test_mel_distance_and_intelligibility_see_noise() -> None:
    clean = speechlike()
    noise = np.random.default_rng(1).standard_normal(len(clean))
    scores = [codec.evaluate_speech(clean, clean + level * noise, RATE) for level in (0.0, 0.05, 0.5)]
    for metric, sign in (("stoi", -1), ("si_sdr_db", -1), ("mel_distance", 1)):
        values = [sign * score[metric] for score in scores]
        assert values == sorted(values)
        assert values[0] < values[2]
    assert scores[0]["stoi"] == pytest.approx(1.0, abs=1e-3)


def test_silence_has_no_intelligibility() -> None:
    assert math.isnan(codec.stoi(1e-9 * np.ones(4000), np.ones(4000), RATE))


def test_use_of_codebooks_is_counted() -> None:
    first, second = np.array([[0, 0, 1, 1], [3, 3, 3, 3]]), np.array([[2, 2, 3, 3], [3, 3, 3, 3]])
    assert codec.used_share([first, second], 4) == [1.0, 0.25]
    assert codec.perplexity_share([first, second], 4) == pytest.approx([1.0, 0.25])
    assert codec.used_share([first], 8) == [0.25, 0.125]
    with pytest.raises(InvalidInput, match="no codes"):
        codec.used_share([], 4)


def test_signals_that_do_not_pair_up_are_refused() -> None:
    with pytest.raises(InvalidInput, match="one shape"):
        codec.evaluate(np.zeros(4000), np.zeros(4001), RATE)
