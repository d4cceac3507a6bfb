"""Fidelity metrics against scipy and librosa (frozen) and against distortions of known size."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.evaluation import fidelity

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "evaluation.json").read_text())["fidelity"]
RNG = np.random.default_rng(3)
MEL = RNG.normal(size=(80, 30)) - 3
NOISE = 0.1 * RNG.normal(size=8000)


def test_golden_distortion_in_order():
    scores = fidelity.evaluate(GOLDEN["reference"], GOLDEN["estimate"])
    assert list(scores) == ["mel_l1", "mel_cepstral_distortion_db"]
    assert scores["mel_cepstral_distortion_db"] == pytest.approx(GOLDEN["mel_cepstral_distortion_db"], rel=1e-9)
    assert math.isnan(scores["mel_l1"])  # 17 frames against 14


@given(order=st.integers(1, 13), decibels=st.floats(0.5, 20))
@settings(max_examples=30)
def test_distortion_is_the_rms_of_a_spectral_ripple_in_db(order, decibels):
    ripple = np.cos(np.pi * order * (np.arange(80) + 0.5) / 80) * decibels * math.log(10) / 20
    flat = np.full((80, 5), -3.0)
    distortion = fidelity.mel_cepstral_distortion_db(flat, flat + ripple[:, None])
    assert distortion == pytest.approx(decibels / math.sqrt(2), rel=1e-6)


def test_distortion_ignores_loudness_and_fine_ripples_and_timing():
    fine = np.cos(np.pi * 14 * (np.arange(80) + 0.5) / 80)[:, None]
    slower = MEL.repeat(2, axis=1)
    for changed in (MEL, MEL + 2.0, MEL + fine, slower):
        assert fidelity.mel_cepstral_distortion_db(MEL, changed) == pytest.approx(0, abs=1e-5)


def test_mel_l1_is_a_mean():
    assert fidelity.mel_l1(MEL, MEL + 0.25) == pytest.approx(0.25)
    with pytest.raises(InvalidInput, match="frame by frame"):
        fidelity.mel_l1(MEL, MEL[:, 1:])


@given(gain_db=st.floats(-20, 20))
@settings(max_examples=20)
def test_a_gain_is_that_many_decibels_and_no_distortion(gain_db):
    louder = NOISE * 10 ** (gain_db / 20)
    assert fidelity.log_spectral_distance_db(NOISE, louder) == pytest.approx(abs(gain_db), abs=1e-6)
    assert fidelity.si_sdr_db(NOISE, louder) > 150


@given(ratio_db=st.floats(-20, 60))
@settings(max_examples=20)
def test_si_sdr_of_orthogonal_noise_is_its_level(ratio_db):
    time = np.arange(8000) / 8000
    tone, other = np.sin(2 * np.pi * 440 * time), np.sin(2 * np.pi * 777 * time)
    noisy = tone + 10 ** (-ratio_db / 20) * other
    assert fidelity.si_sdr_db(tone, noisy) == pytest.approx(ratio_db, abs=1e-6)


def test_multi_resolution_distance_grows_with_the_noise():
    quiet, loud = (NOISE + level * RNG.normal(size=8000) for level in (0.001, 0.1))
    assert fidelity.multi_resolution_stft(NOISE, NOISE) == 0
    assert 0 < fidelity.multi_resolution_stft(NOISE, quiet) < fidelity.multi_resolution_stft(NOISE, loud)


def test_audio_scores_in_order_and_silence():
    scores = fidelity.evaluate_audio(NOISE, NOISE)
    assert scores == {"log_spectral_distance_db": 0, "multi_resolution_stft": 0, "si_sdr_db": math.inf}
    assert list(scores) == ["log_spectral_distance_db", "multi_resolution_stft", "si_sdr_db"]
    silence = np.zeros(8000)
    assert math.isnan(fidelity.evaluate_audio(silence, NOISE)["si_sdr_db"])
    assert math.isnan(fidelity.evaluate_audio(silence, NOISE)["multi_resolution_stft"])
    assert math.isnan(fidelity.evaluate_audio(NOISE, silence)["si_sdr_db"])
    assert fidelity.evaluate_audio(silence, silence)["log_spectral_distance_db"] == 0


@pytest.mark.parametrize(
    "other", [MEL[:40], MEL[:, :0], MEL[0], MEL * np.inf], ids=["bins", "no frames", "one frame", "infinite"]
)
def test_spectrograms_that_make_no_sense_are_refused(other):
    with pytest.raises(InvalidInput):
        fidelity.evaluate(MEL, other)


def test_too_few_bins_for_the_cepstrum_are_refused():
    with pytest.raises(InvalidInput, match="more than 13"):
        fidelity.evaluate(MEL[:13], MEL[:13])


@pytest.mark.parametrize("audio", [NOISE[:-1], NOISE[None], NOISE * np.nan])
def test_audio_that_makes_no_sense_is_refused(audio):
    with pytest.raises(InvalidInput):
        fidelity.evaluate_audio(NOISE, audio)


def test_audio_shorter_than_a_transform_is_refused():
    with pytest.raises(InvalidInput, match="2048"):
        fidelity.evaluate_audio(NOISE[:2047], NOISE[:2047])
