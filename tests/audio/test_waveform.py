"""Waveform: conversions, equality, the peak guard and the notebook player."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile
import torch

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput


def stereo(seconds: float = 0.25) -> Waveform:
    times = np.arange(round(seconds * 16000)) / 16000
    samples = np.stack([0.5 * np.sin(2 * np.pi * 440 * times), 0.25 * np.cos(2 * np.pi * 660 * times)])
    return Waveform(samples.astype(np.float32), 16000, {"seed": 7, "text": "안녕"})


def test_numbers_become_float32_channels_first():
    for samples in ([0.0, 0.5], np.array([0.0, 0.5]), torch.tensor([[0.0, 0.5]])):
        waveform = Waveform(samples, 8000)
        assert waveform.samples.dtype == np.float32
        assert waveform.samples.shape == (1, 2)
    assert (stereo().channels, stereo().duration_seconds) == (2, 0.25)
    assert repr(stereo(1.5)) == "Waveform(2 channels, 1.50 s, 16000 Hz)"


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (np.zeros((1, 2, 3)), 16000, r"given an array of shape \(1, 2, 3\)"),
        (np.zeros((0, 5)), 16000, r"shape \(0, 5\)"),
        ([0.0, float("nan")], 16000, "not numbers"),
        ([0.0], 0, "0 Hz makes no sense"),
    ],
)
def test_what_is_not_sound_is_refused(samples, rate, message):
    with pytest.raises(InvalidInput, match=message):
        Waveform(samples, rate)


def test_saved_and_loaded_it_is_the_same_sound(tmp_path):
    for suffix in (".wav", ".flac"):
        stereo().save(tmp_path / f"a{suffix}")
        loaded = Waveform.load(str(tmp_path / f"a{suffix}"))
        loaded.save(tmp_path / f"b{suffix}")
        assert Waveform.load(tmp_path / f"b{suffix}") == loaded
        assert np.abs(loaded.samples - stereo().samples).max() <= 2**-16
        assert loaded.metadata == {"seed": 7, "text": "안녕"}
    stereo().save(tmp_path / "c.wav", bits=32)
    assert Waveform.load(tmp_path / "c.wav") == stereo()


def test_equality_is_of_the_sound():
    assert stereo() == Waveform(stereo().samples.copy(), 16000)
    assert stereo() != Waveform(stereo().samples, 8000)
    assert stereo() != Waveform(stereo().samples * np.float32(1.001), 16000)
    assert stereo() != stereo().mono()
    assert stereo() != "a sound"
    with pytest.raises(TypeError, match="unhashable"):
        hash(stereo())


def test_too_loud_is_turned_down_and_said(tmp_path):
    loud = Waveform(stereo().samples * 4, 16000)
    with pytest.warns(UserWarning, match=r"turned down by 6\.0 dB: samples reached 2\.00"):
        loud.save(tmp_path / "a.wav")
    np.testing.assert_allclose(Waveform.load(tmp_path / "a.wav").samples, loud.samples / 2, atol=2**-14)
    loud.save(tmp_path / "b.wav", bits=32)
    assert Waveform.load(tmp_path / "b.wav") == loud


def test_mono_is_the_mean_and_keeps_metadata():
    mono = stereo().mono()
    np.testing.assert_allclose(mono.samples[0], stereo().samples.mean(axis=0))
    assert mono.metadata == stereo().metadata
    assert mono.mono() == mono


def test_resampling_keeps_duration_pitch_and_metadata():
    resampled = stereo().resample(24000)
    assert (resampled.sample_rate_hz, resampled.samples.shape) == (24000, (2, 6000))
    times = np.arange(6000) / 24000
    np.testing.assert_allclose(
        resampled.samples[0, 200:-200], 0.5 * np.sin(2 * np.pi * 440 * times)[200:-200], atol=1e-3
    )
    assert resampled.metadata == stereo().metadata
    assert stereo().resample(16000) == stereo()


def test_the_notebook_player_holds_the_sound():
    html = stereo()._repr_html_()
    assert 'title="Waveform(2 channels, 0.25 s, 16000 Hz)"' in html
    data = base64.b64decode(re.search(r"data:audio/wav;base64,([^\"]+)", html)[1])
    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    assert rate == 16000
    np.testing.assert_allclose(samples.T, stereo().samples, atol=2**-16)
