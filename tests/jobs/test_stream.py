"""The bytes of a stream are a WAV file's."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from octet.audio.files import encode
from octet.audio.waveform import Waveform
from octet.jobs.speak import Model, stream
from octet.jobs.stream import header, pcm16, wav_stream


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=50))
def test_samples_are_those_of_a_file(samples: list[float]):
    audio = Waveform(samples, 16000)
    file = encode(audio.samples, 16000, ".wav")
    assert file[44:].startswith(pcm16(audio))


def test_players_open_a_stream_of_unknown_length(tmp_path: Path):
    spoken = stream(Model("fastspeech2"), {"text": "One. Two."})
    chunks = list(wav_stream(sentence.audio for sentence in spoken))
    (tmp_path / "streamed.wav").write_bytes(b"".join(chunks))
    samples, rate = soundfile.read(tmp_path / "streamed.wav", dtype="int16")
    assert len(chunks) == 2
    assert rate == 16000
    assert samples.tobytes() == b"".join(chunks)[44:]


def test_the_header_names_the_rate():
    data = header(22050) + np.zeros(10, "<i2").tobytes()
    assert soundfile.info(io.BytesIO(data)).samplerate == 22050


@pytest.mark.parametrize("channels", [1, 2])
def test_channels_take_turns(channels: int):
    audio = Waveform(np.linspace(-1, 1, 5 * channels, dtype=np.float32).reshape(channels, 5), 8000)
    samples, rate = soundfile.read(io.BytesIO(b"".join(wav_stream([audio, audio]))), always_2d=True)
    assert rate == 8000
    assert samples.shape == (10, channels)
    np.testing.assert_allclose(samples[:5].T, audio.samples, atol=1e-4)


def test_no_sentence_is_no_stream():
    assert list(wav_stream([])) == []
