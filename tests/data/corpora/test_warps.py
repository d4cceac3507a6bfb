from __future__ import annotations

import random

import numpy as np
import pytest
from tests.data.espoken import spoken

from octet.data.corpora.teachers import SAMPLE_RATE_HZ
from octet.data.corpora.warps import Warp, draw, warp

world = pytest.importorskip("octet.audio.world")
pytest.importorskip("pyworld", reason="warps are made by WORLD")


@pytest.fixture(scope="module")
def utterance():
    return spoken("en", "Good day to you.")


def semitones(utterance, reference):
    """Median distance in F0 over the frames that are voiced in both."""
    f0_hz, reference_hz = (world.f0(each.samples, SAMPLE_RATE_HZ, 0.005, 60, 600)[0] for each in (utterance, reference))
    both = (f0_hz > 0) & (reference_hz > 0)
    return float(np.median(12 * np.log2(f0_hz[both] / reference_hz[both])))


def centroid_hz(utterance):
    power = np.abs(np.fft.rfft(utterance.samples)) ** 2
    return float((np.fft.rfftfreq(utterance.samples.size, 1 / SAMPLE_RATE_HZ) * power).sum() / power.sum())


def test_two_hundred_draws_are_two_hundred_speakers_within_human_range():
    rng = random.Random(1)
    speakers = [draw(rng) for _ in range(200)]
    assert len(set(speakers)) == 200
    assert len({(round(s.formants, 2), round(s.pitch_semitones), round(s.speed, 1)) for s in speakers}) > 120
    assert all(0.85 < s.formants < 1.15 and abs(s.pitch_semitones) <= 8 and 0 <= s.breath <= 0.35 for s in speakers)
    tall = [s.pitch_semitones for s in speakers if s.formants < 1]
    assert np.mean(tall) < -1 < 1 < np.mean([s.pitch_semitones for s in speakers if s.formants > 1])
    assert speakers == [draw(rng) for rng in [random.Random(1)] for _ in range(200)]


def test_speakers_sound_unlike_each_other(utterance):
    rng = random.Random(2)
    said = [warp(utterance, draw(rng)).samples for _ in range(3)]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        length = min(said[first].size, said[second].size)
        assert abs(np.corrcoef(said[first][:length], said[second][:length])[0, 1]) < 0.9


@pytest.mark.parametrize("speed", [0.88, 1.0, 1.14])
def test_times_and_length_follow_the_speed_and_loudness_stays(utterance, speed):
    warped = warp(utterance, Warp(speed=speed))
    assert warped.samples.size == round(utterance.samples.size / speed)
    assert warped.samples.dtype == np.float32
    for phone, before in zip(warped.phones, utterance.phones, strict=True):
        assert (phone.symbol, phone.accent) == (before.symbol, before.accent)
        assert phone.start_seconds == pytest.approx(before.start_seconds / speed, abs=1e-4)
        assert phone.end_seconds == pytest.approx(before.end_seconds / speed, abs=1e-4)
    energies = [np.sum(each.samples.astype(float) ** 2) / each.samples.size for each in (warped, utterance)]
    assert energies[0] == pytest.approx(energies[1], rel=0.1)


def test_pitch_moves_by_semitones(utterance):
    assert semitones(warp(utterance, Warp()), utterance) == pytest.approx(0, abs=0.1)
    for given in (4, -3):
        assert semitones(warp(utterance, Warp(pitch_semitones=given)), utterance) == pytest.approx(given, abs=0.1)


def test_a_shorter_vocal_tract_is_brighter(utterance):
    short, long = (warp(utterance, Warp(formants=formants)) for formants in (1.14, 0.86))
    assert centroid_hz(short) > 1.1 * centroid_hz(long)


def test_breath_is_noise(utterance):
    plain, breathy = (world.analyse(warp(utterance, Warp(breath=b)).samples, SAMPLE_RATE_HZ) for b in (0.0, 0.35))
    assert breathy.aperiodicity.mean() > plain.aperiodicity.mean() + 0.02


def test_silence_can_be_warped(utterance):
    silence = type(utterance)(np.zeros(8000, np.float32), ())
    assert np.abs(warp(silence, Warp(pitch_semitones=3)).samples).max() < 1e-3
