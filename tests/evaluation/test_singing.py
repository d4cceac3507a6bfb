from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.audio import pitch
from octet.core.errors import InvalidInput
from octet.evaluation import singing
from octet.evaluation.singing import ScoreNote

RATE_HZ, HOP = 16_000, 160
STEP = HOP / RATE_HZ
NOTES = [ScoreNote(0.2, 1.0, 57.0), ScoreNote(1.0, 1.6, 60.0), ScoreNote(1.8, 2.6, 64.0)]


def f0_of(notes, seconds=2.8, cents=0.0, vibrato_cents=0.0):
    times = (np.arange(round(seconds / STEP)) + 0.5) * STEP
    f0_hz = np.zeros(len(times))
    for note in notes:
        inside = (times >= note.start_seconds) & (times < note.end_seconds)
        waving = cents + vibrato_cents * np.sin(2 * np.pi * 5.5 * times[inside])
        f0_hz[inside] = 440 * 2 ** ((note.pitch - 69 + waving / 100) / 12)
    return f0_hz


def sung(f0_hz):
    """A voice of ten harmonics on F0 at steps."""
    f0 = np.repeat(f0_hz, HOP)
    phase = 2 * np.pi * np.cumsum(f0) / RATE_HZ
    voice = sum(np.sin(k * phase) / k for k in range(1, 11)) * (f0 > 0)
    return (0.1 * voice + 1e-4 * np.random.default_rng(0).normal(size=len(f0))).astype(np.float32)


@settings(deadline=None, max_examples=30)
@given(st.floats(-80, 80))
def test_singing_flat_or_sharp_is_measured_in_cents(cents):
    errors = singing.tuning_cents(f0_of(NOTES, cents=cents), STEP, NOTES)
    np.testing.assert_allclose(errors, cents, atol=1e-6)


def test_vibrato_about_the_note_is_in_tune_to_listeners_and_not_frame_by_frame():
    f0_hz = f0_of(NOTES, vibrato_cents=50)
    smooth, frames = (np.abs(singing.tuning_cents(f0_hz, STEP, NOTES, smoothed=each)) for each in (True, False))
    assert np.median(smooth) < 8
    assert np.median(frames) > 25


def test_glides_at_the_edges_of_notes_are_no_errors():
    f0_hz = f0_of(NOTES)
    for note in NOTES:
        first, end = round(note.start_seconds / STEP), round(note.end_seconds / STEP)
        f0_hz[first : first + 12] *= 1.05
        f0_hz[end - 6 : end] *= 0.95
    assert np.abs(singing.tuning_cents(f0_hz, STEP, NOTES)).max() < 1e-6


def test_short_notes_and_silence_have_no_steady_part():
    assert len(singing.tuning_cents(np.full(100, 220.0), STEP, [ScoreNote(0.0, 0.2, 57.0)])) == 0
    assert len(singing.tuning_cents(np.zeros(100), STEP, [ScoreNote(0.0, 1.0, 57.0)])) == 0


def test_a_voice_is_heard_in_tune_by_a_tracker():
    f0_hz = f0_of(NOTES, vibrato_cents=20)
    heard = pitch.pyin(sung(f0_hz), RATE_HZ, HOP, high_hz=800).astype(np.float64)
    starts = [note.start_seconds for note in NOTES]
    found = singing.evaluate([singing.Sung(heard, NOTES, f0_hz, starts, starts, [0.2, 1.0, 1.9])], STEP)
    assert found["tuning_error_median_cents"] < 10
    assert found["tuning_error_95_cents"] < 30
    assert found["voicing_error"] < 0.05
    assert found["onsets_in_time"] == 1
    assert found["onsets_in_time_by_warping"] == pytest.approx(2 / 3)


def test_voicing_is_compared_frame_by_frame():
    wanted = f0_of(NOTES)
    heard = wanted.copy()
    heard[30:44] = 0
    assert singing.voicing_error(heard, wanted) == pytest.approx(14 / len(wanted))
    assert singing.voicing_error(heard[:-5], wanted) == pytest.approx(14 / (len(wanted) - 5))


def test_onsets_late_and_early_are_told_apart():
    np.testing.assert_allclose(singing.onset_errors_seconds([0.22, 0.97], [0.2, 1.0]), [0.02, -0.03])


@pytest.mark.parametrize("late_frames", [0, 3, -4])
def test_vowels_are_found_again_in_another_rendering(late_frames):
    """Two syllables of noise and a spectrum of their own each; the second begins late, or early."""
    rng = np.random.default_rng(0)
    spectra = rng.normal(size=(5, 20, 1))

    def song(second):
        lengths = [20, second - 30, 40, 110 - second, 20]  # silence, consonants and vowels by turns
        frames = [np.repeat(one, length, axis=1) for one, length in zip(spectra, lengths, strict=True)]
        mel = np.concatenate(frames, axis=1)
        return mel + 0.3 * rng.normal(size=mel.shape)

    beats = [20 * STEP, 60 * STEP, 100 * STEP]
    true, again = song(70), song(70 + late_frames)
    found = singing.onsets_by_warping(true, again, beats, STEP)
    assert found == pytest.approx([20 * STEP, (60 + late_frames) * STEP, (100 + late_frames) * STEP], abs=1.5 * STEP)
    assert singing.onsets_by_warping(true, true, beats, STEP) == pytest.approx(beats)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: singing.tuning_cents(np.zeros((2, 3)), STEP, NOTES), "row of frequencies"),
        (lambda: singing.tuning_cents(np.array([-1.0]), STEP, NOTES), "row of frequencies"),
        (lambda: singing.tuning_cents(np.zeros(3), 0.0, NOTES), "step of F0"),
        (lambda: singing.tuning_cents(np.zeros(3), STEP, []), "without notes"),
        (lambda: singing.voicing_error(np.zeros(0), np.zeros(3)), "no frames"),
        (lambda: singing.onset_errors_seconds([0.0], [0.0, 1.0]), "1 vowels and 2 beats"),
        (lambda: singing.onsets_by_warping(np.zeros((20, 9)), np.zeros((20, 9)), [1.0], STEP), "within the 9 frames"),
        (lambda: singing.onsets_by_warping(np.zeros((20, 9)), np.zeros((21, 9)), [0.0], STEP), "same bins"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, message):
    with pytest.raises(InvalidInput, match=message):
        call()
