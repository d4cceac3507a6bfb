"""The harmonic-plus-noise head: its sources are what they are called, its filters filter, its frames are aligned."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from octet.audio.spectrogram import MelSpec, tiny
from octet.vocoders.harmonic import HarmonicNoiseHead, pulses

SPEC = tiny()
RATE, HOP, FREQUENCIES = SPEC.sample_rate_hz, SPEC.hop_samples, SPEC.window_samples // 2 + 1
OFF = -60.0  # a log gain


def head(gain: float, phase: float, breath: float, spec: MelSpec = SPEC) -> HarmonicNoiseHead:
    """A head whose filters are flat and ignore the features."""
    flat = HarmonicNoiseHead(2, spec).eval()
    with torch.no_grad():
        flat.out.weight.zero_()
        flat.out.bias.copy_(torch.tensor([gain, phase, breath]).repeat_interleave(spec.window_samples // 2 + 1))
    return flat


def sound(flat: HarmonicNoiseHead, f0_hz: Tensor) -> Tensor:
    with torch.no_grad():
        return flat(torch.zeros(*f0_hz.shape, 2), f0_hz)[:, 0]


def inner(audio: Tensor) -> Tensor:
    """Without the ends, where frames are missing."""
    return audio[..., SPEC.window_samples : -SPEC.window_samples]


@settings(max_examples=20, deadline=None)
@given(st.integers(60, 600))
def test_every_harmonic_is_there_and_nothing_between(f0_hz: int) -> None:
    second = pulses(torch.full((1, RATE // HOP), float(f0_hz)), SPEC)[0]
    spectrum = torch.fft.rfft(second).abs()[:-1] / (RATE / 2)  # a bin a Hz; amplitude of a cosine
    count = RATE // 2 // f0_hz
    harmonics = torch.arange(1, count + 1) * f0_hz
    harmonics = harmonics[harmonics < RATE // 2]
    torch.testing.assert_close(
        spectrum[harmonics], torch.full((len(harmonics),), (2 / count) ** 0.5), rtol=0.02, atol=0
    )
    spectrum[harmonics] = 0
    assert spectrum.max() < 0.02 * (2 / count) ** 0.5


def test_pulses_have_unit_power_and_follow_a_glide() -> None:
    glide = torch.linspace(100, 200, 160)[None]
    train = pulses(glide, SPEC)[0]
    assert float(train.square().mean()) == pytest.approx(1, abs=0.05)
    peaks = (train > 0.35 * train.max()).int().diff().clamp(min=0).sum()
    assert int(peaks) == pytest.approx(150 * 2, abs=3)  # mean F0 times two seconds


def test_an_hour_does_not_lose_the_pitch() -> None:
    """In float32 a running phase would have lost its last digits long before."""
    late = pulses(torch.full((1, 80 * 600), 200.3), SPEC)[0, -RATE:]
    spectrum = torch.fft.rfft(late, n=10 * RATE).abs()
    assert float(spectrum[1000:3000].argmax() + 1000) / 10 == pytest.approx(200.3, abs=0.1)


def test_a_flat_filter_gives_the_source_back_at_its_own_place() -> None:
    f0_hz = torch.full((2, 40), 125.0)
    gain = float(HarmonicNoiseHead(2, SPEC).window.square().sum().sqrt().log())
    made = sound(head(gain, 0.0, OFF), f0_hz)
    torch.testing.assert_close(inner(made), inner(pulses(f0_hz, SPEC)), rtol=0, atol=2e-4)


def test_a_phase_of_half_a_turn_turns_the_voice_over() -> None:
    f0_hz = torch.full((1, 40), 125.0)
    up, down = sound(head(0.0, 0.0, OFF), f0_hz), sound(head(0.0, torch.pi, OFF), f0_hz)
    torch.testing.assert_close(inner(down), -inner(up), rtol=0, atol=1e-4)


def test_breath_is_noise_without_pitch() -> None:
    low, high = (sound(head(OFF, 0.0, 1.0), torch.full((1, 80), f0_hz)) for f0_hz in (100.0, 300.0))
    torch.testing.assert_close(low, high, rtol=0, atol=1e-6)
    spectrum = torch.fft.rfft(inner(low)[0]).abs()
    assert float(spectrum.max() / spectrum.mean()) < 6  # no line stands out


def test_noise_is_drawn_in_training_and_fixed_afterwards() -> None:
    flat, f0_hz = head(OFF, 0.0, 1.0), torch.full((1, 20), 100.0)
    assert torch.equal(sound(flat, f0_hz), sound(flat, f0_hz))
    flat.train()
    assert not torch.equal(sound(flat, f0_hz), sound(flat, f0_hz))


@pytest.mark.parametrize("padding", ["hop", "center"])
def test_either_alignment_gives_whole_frames(padding: str) -> None:
    spec = SPEC.model_copy(update={"padding": padding})
    assert sound(head(0.0, 0.0, 0.0, spec), torch.full((3, 7), 100.0)).shape == (3, 7 * HOP)


def test_gradients_reach_the_filters_through_any_f0() -> None:
    trained = HarmonicNoiseHead(2, SPEC)
    audio = trained(torch.randn(1, 12, 2), torch.tensor([[0.0, 5.0, 100.0, 400.0, 9000.0, 0.0] * 2]))
    assert audio.isfinite().all()
    audio.square().sum().backward()
    assert trained.out.weight.grad is not None
    assert trained.out.weight.grad.isfinite().all()


def test_an_untrained_head_cannot_overflow() -> None:
    assert sound(head(1e4, 0.0, 1e4), torch.full((1, 20), 100.0)).isfinite().all()
