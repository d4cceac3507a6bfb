from __future__ import annotations

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from octet.audio import chroma as rooms
from octet.audio.chroma import ChromaSpec, chroma, strongest

SMALL = ChromaSpec(sample_rate_hz=16_000, fft_samples=4_096, hop_samples=1_024)


def tone(pitch, seconds=1.0, rate_hz=16_000, harmonics=1):
    times = torch.arange(round(seconds * rate_hz)) / rate_hz
    hz = 440 * 2 ** ((pitch - 69) / 12)
    return sum(torch.sin(2 * np.pi * hz * number * times) / number for number in range(1, harmonics + 1))


@pytest.mark.parametrize("pitch", range(48, 84, 5))
@pytest.mark.parametrize("harmonics", [1, 5])
def test_a_tone_is_its_pitch_class_in_every_octave(pitch, harmonics):
    found = chroma(tone(pitch, harmonics=harmonics), SMALL)
    assert found.shape == (12, 16_000 // 1_024 + 1)
    assert (found.argmax(dim=0) == pitch % 12).all()
    torch.testing.assert_close(found.max(dim=0).values, torch.ones(found.shape[-1]))


def test_a_melody_is_followed_in_time():
    found = strongest(chroma(torch.cat([tone(60), tone(64), tone(67)]), SMALL))
    assert set(found.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(found.sum(dim=0), torch.ones(found.shape[-1]))
    classes = found.argmax(dim=0)
    for second, expected in enumerate((0, 4, 7)):
        assert classes[round((second + 0.5) * 16_000 / 1_024)] == expected


@pytest.mark.parametrize("rate_hz", [16_000, 32_000])
def test_filters_are_librosas(rate_hz):
    """As transformers has them, which MusicGen's port there uses."""
    from transformers.audio_utils import chroma_filter_bank

    spec = ChromaSpec(sample_rate_hz=rate_hz)
    expected = chroma_filter_bank(num_frequency_bins=spec.fft_samples, num_chroma=12, sampling_rate=rate_hz)
    np.testing.assert_allclose(rooms._filters(spec, torch.device("cpu")).numpy(), expected, atol=1e-6)


def test_half_a_minute_is_musicgens_235_frames():
    assert chroma(torch.zeros(2, 1, 960_000), ChromaSpec()).shape == (2, 1, 12, 235)


def test_loudness_does_not_matter_and_batches_are_as_their_parts():
    sounds = torch.stack([tone(60), tone(69), 0.01 * tone(69)])
    together = chroma(sounds, SMALL)
    torch.testing.assert_close(together[1], together[2], atol=1e-4, rtol=1e-4)
    for sound, found in zip(sounds, together, strict=True):
        torch.testing.assert_close(chroma(sound, SMALL), found)


def test_silence_is_nothing_and_its_strongest_class_the_first():
    found = chroma(torch.zeros(8_000), SMALL)
    assert not found.any()
    assert (strongest(found).argmax(dim=0) == 0).all()


def test_short_sounds_stand_in_the_middle_of_a_window():
    short = tone(69, seconds=0.1)
    padded = torch.nn.functional.pad(short, (1_248, 1_248))
    torch.testing.assert_close(chroma(short, SMALL), chroma(padded, SMALL))


def test_windows_that_would_exhaust_the_machine_are_refused():
    for field in ({"fft_samples": 1 << 30}, {"hop_samples": 0}, {"sample_rate_hz": 0}):
        with pytest.raises(ValidationError):
            ChromaSpec(**field)
