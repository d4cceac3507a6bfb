from collections.abc import Iterator

import numpy as np
import pytest
import torch

from octet.audio import spectrogram
from octet.core.errors import InvalidInput
from octet.encoders.aligner import align_speech
from octet.encoders.recogniser.listen import posteriors, recognise
from octet.encoders.recogniser.model import Recogniser, RecogniserConfig
from octet.text.phonemes import SYMBOLS, Phone

RATE_HZ = 16000


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    torch.manual_seed(0)
    model = Recogniser(RecogniserConfig(mel=spectrogram.tiny(), channels=32, hidden_channels=64, blocks=2))
    with torch.no_grad():
        for head in (model.ctc_head, model.frame_head):
            head.weight.mul_(50)  # decided, if not right
    return model.eval()


def _speech(seconds: float) -> np.ndarray:
    """Noise in bursts of changing colour, so that something is recognised."""
    rng = np.random.default_rng(0)
    samples = int(seconds * RATE_HZ)
    tone = np.sin(np.cumsum(np.repeat(rng.uniform(0.05, 2.0, samples // 1000 + 1), 1000)[:samples]))
    return (0.1 * tone + 0.05 * rng.standard_normal(samples)).astype(np.float32)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 3.0063, 9.99])
@pytest.mark.parametrize("chunk_frames", [80, 240])
def test_chunks_give_what_the_whole_gives(recogniser: Recogniser, seconds: float, chunk_frames: int) -> None:
    audio = _speech(seconds)
    whole = list(posteriors(recogniser, audio, RATE_HZ))
    chunks = list(posteriors(recogniser, audio, RATE_HZ, chunk_frames=chunk_frames))
    assert len(whole) == 1
    assert len(chunks) == -(-len(whole[0].frames) // chunk_frames)
    np.testing.assert_allclose(np.concatenate([chunk.frames for chunk in chunks]), whole[0].frames, atol=2e-3)
    np.testing.assert_allclose(np.concatenate([chunk.ctc for chunk in chunks]), whole[0].ctc, atol=2e-3)


def test_posteriors_are_log_probabilities_of_every_frame(recogniser: Recogniser) -> None:
    (heard,) = posteriors(recogniser, _speech(1.0), RATE_HZ)
    assert heard.frames.shape == (80, len(SYMBOLS))
    assert heard.ctc.shape == (40, len(SYMBOLS))
    for part in heard:
        assert part.dtype == np.float32
        np.testing.assert_allclose(np.exp(part).sum(axis=-1), 1.0, atol=1e-5)


@pytest.mark.parametrize("width", [1, 4])
def test_recognise_allows_what_is_allowed(recogniser: Recogniser, width: int) -> None:
    free = recognise(recogniser, _speech(2.0), RATE_HZ, beam_width=width)
    assert set(free) <= set(SYMBOLS[6:])
    allowed = {"a", "m", "s", "k"}
    limited = recognise(recogniser, _speech(2.0), RATE_HZ, allowed=allowed, beam_width=width)
    assert limited
    assert set(limited) <= allowed


def test_rate_and_channels_make_little_difference(recogniser: Recogniser) -> None:
    audio = _speech(1.0)
    (mono,) = posteriors(recogniser, audio, RATE_HZ)
    (stereo,) = posteriors(recogniser, np.stack([audio, audio]), RATE_HZ)
    np.testing.assert_allclose(stereo.frames, mono.frames, atol=1e-4)
    (doubled,) = posteriors(recogniser, np.repeat(audio, 2), 2 * RATE_HZ)
    assert doubled.frames.shape == mono.frames.shape


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros(0, np.float32), "shape"),
        (np.zeros((1, 1, 5), np.float32), "shape"),
        (np.full(16000, np.nan, np.float32), "not numbers"),
        (np.zeros(100, np.float32), "too few"),
    ],
)
def test_audio_that_cannot_be_used_is_refused(recogniser: Recogniser, audio: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        recognise(recogniser, audio, RATE_HZ)


def test_silence_is_heard_without_harm(recogniser: Recogniser) -> None:
    assert isinstance(recognise(recogniser, np.zeros(RATE_HZ, np.float32), RATE_HZ), list)


def test_align_speech_covers_the_audio(recogniser: Recogniser) -> None:
    phones = [Phone("sil"), Phone("m"), Phone("a", "ˈ"), Phone(".")]
    timed = align_speech(recogniser, _speech(1.0), RATE_HZ, phones)
    assert [phone.symbol for phone in timed] == ["sil", "m", "a", "."]
    assert timed[0].start_seconds == 0.0
    assert timed[-1].end_seconds == pytest.approx(1.0)


def test_posteriors_come_as_they_are_asked_for(recogniser: Recogniser) -> None:
    chunks = posteriors(recogniser, _speech(3.0), RATE_HZ, chunk_frames=80)
    assert isinstance(chunks, Iterator)
    assert len(next(chunks).frames) == 80
