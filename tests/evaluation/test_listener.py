"""The listener on speech, silence and noise. Accuracy needs flite's voices; determinism does with espeak's."""

import shutil
import subprocess

import numpy as np
import pytest

pytest.importorskip("pocketsphinx")

from octet.audio import files
from octet.audio.resample import resample
from octet.core.errors import InvalidInput
from octet.evaluation.intelligibility import evaluate
from octet.evaluation.listener import Listener, spell_out
from octet.text.espeak import synthesize

SENTENCES = [
    "They found the boat empty on the far side of the lake.",
    "It takes about 40 minutes to drive to the airport.",
    "The lights went out and the whole city was dark.",
]


@pytest.fixture(scope="module")
def listener():
    return Listener()


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    """The sentences in a recorded voice, mono at 16 kHz."""
    if shutil.which("flite") is None:
        pytest.skip("flite is not installed")
    spoken = []
    for sentence in SENTENCES:
        path = tmp_path_factory.mktemp("flite") / "speech.wav"
        subprocess.run(["flite", "-voice", "rms", "-t", sentence, "-o", path], check=True)
        samples, rate_hz = files.read(path)
        assert rate_hz == 16000
        spoken.append(samples[0])
    return spoken


@pytest.mark.slow
def test_recorded_voices_are_understood_at_any_rate_and_level(listener, speech):
    heard = [listener.transcribe(audio, 16000) for audio in speech]
    assert evaluate(SENTENCES, heard)["word_error_rate"] <= 0.15
    quiet = resample(0.3 * speech[0], 16000, 24000)
    assert evaluate(SENTENCES[:1], [listener.transcribe(quiet, 24000)])["word_error_rate"] <= 0.15


@pytest.mark.slow
def test_one_utterance_does_not_influence_the_next(listener):
    voices = [synthesize(text, "en-us", pitch=pitch) for text, pitch in (("Good morning", 30), ("See you", 80))]
    forwards = [listener.transcribe(voice.samples, voice.sample_rate_hz) for voice in voices]
    backwards = [listener.transcribe(voice.samples, voice.sample_rate_hz) for voice in reversed(voices)]
    assert forwards == backwards[::-1]
    assert forwards == [Listener().transcribe(voice.samples, voice.sample_rate_hz) for voice in voices]


@pytest.mark.parametrize("samples", [0, 1, 100, 16000])
def test_nothing_is_heard_in_digital_silence(listener, samples):
    assert listener.transcribe(np.zeros(samples), 16000) == ""


def test_a_click_and_clipping_do_no_harm(listener):
    assert isinstance(listener.transcribe([1.0], 16000), str)
    assert isinstance(listener.transcribe(50 * np.random.default_rng(0).normal(size=8000), 16000), str)


def test_abbreviations_are_spelled_out():
    assert spell_out("dr. jones vs. mr. smith etc.") == "doctor jones versus mister smith et cetera"
    assert spell_out("") == ""


@pytest.mark.parametrize("audio", [np.zeros((1, 100)), [np.nan]])
def test_audio_that_makes_no_sense_is_refused(listener, audio):
    with pytest.raises(InvalidInput):
        listener.transcribe(audio, 16000)
