"""Vocoders that are told F0: the source is what it is called, the filter is HiFi-GAN, and notes are held."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from tests.vocoders.examples import small_hifigan, spec

from octet.audio.spectrogram import mel, tiny
from octet.core.training import SpeechExample
from octet.vocoders import contract
from octet.vocoders.harmonic import unbroken
from octet.vocoders.harmonic_vocoder import HarmonicVocoder, HarmonicVocoderConfig
from octet.vocoders.nsf import NsfHifiGan, NsfHifiGanConfig, fundamental, harmonics
from octet.vocoders.training import TrainableVocoder, VocoderTraining

SPEC = spec()


def small_harmonic(**changes):
    return HarmonicVocoderConfig(
        **({"spec": spec(), "channels": 24, "intermediate_channels": 48, "layers": 2} | changes)
    )


def made(config):
    torch.manual_seed(0)
    return (NsfHifiGan if isinstance(config, NsfHifiGanConfig) else HarmonicVocoder)(config).eval()


def told(frames=30):
    rng = torch.Generator().manual_seed(1)
    f0_hz = 150 + 50 * torch.rand(2, frames, generator=rng)
    f0_hz[:, 10:14] = 0
    return torch.randn(2, SPEC.mel_bins, frames, generator=rng), f0_hz


CONFIGS = (
    NsfHifiGanConfig(filter=small_hifigan()),
    NsfHifiGanConfig(filter=small_hifigan(), harmonics=3, unbroken_f0=True),
    NsfHifiGanConfig(filter=small_hifigan(), mini=True, unbroken_f0=True),
    small_harmonic(),
)


@pytest.mark.parametrize("config", CONFIGS)
def test_frames_become_hops_the_same_every_time_and_f0_is_heard(config):
    vocoder, (frames, f0_hz) = made(config), told()
    audio = vocoder.sing(frames, f0_hz)
    assert audio.shape == (2, 1, 30 * SPEC.hop_samples)
    assert torch.equal(audio, vocoder.sing(frames, f0_hz))
    assert not torch.allclose(audio, vocoder.sing(frames, 1.2 * f0_hz), atol=1e-6)


@pytest.mark.parametrize("config", CONFIGS)
def test_rows_of_a_batch_do_not_hear_each_other(config):
    vocoder, (frames, f0_hz) = made(config), told()
    torch.testing.assert_close(vocoder.sing(frames, f0_hz)[1:], vocoder.sing(frames[1:], f0_hz[1:]), rtol=0, atol=1e-5)


@pytest.mark.parametrize("config", CONFIGS)
def test_what_is_stored_sounds_the_same(config, tmp_path):
    from octet.core import artifacts

    model = TrainableVocoder(VocoderTraining(generator=config)).eval()
    kind, described, state = model.artifact()
    artifacts.save(tmp_path / "vocoder", kind, described, state)
    frames, f0_hz = told()
    loaded = contract.load(tmp_path / "vocoder")
    torch.testing.assert_close(loaded.sing(frames, f0_hz), model.generator.sing(frames, f0_hz), rtol=0, atol=1e-4)


def test_overtones_are_multiples_of_a_phase_that_runs_on():
    f0_hz = np.array([100.0, 130.0, 0.0, 90.0])
    noise = torch.zeros(4 * SPEC.hop_samples, 3)
    found = harmonics(torch.tensor(f0_hz)[None].float(), SPEC, torch.tensor([0.9, 0.25, 0.5]), noise)[0]
    turns = np.cumsum(np.repeat(f0_hz, SPEC.hop_samples)) / SPEC.sample_rate_hz
    wanted = [0.1 * np.sin(2 * np.pi * (k * turns + first)) for k, first in ((1, 0.0), (2, 0.25), (3, 0.5))]
    wanted = np.stack(wanted, 1) * (np.repeat(f0_hz, SPEC.hop_samples) > 0)[:, None]
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-5)


def test_noise_is_faint_under_a_voice_and_alone_without():
    noise = torch.ones(2 * SPEC.hop_samples, 1)
    found = harmonics(torch.tensor([[100.0, 0.0]]), SPEC, torch.zeros(1), noise)[0, :, 0]
    assert found[SPEC.hop_samples :].eq(0.1 / 3).all()
    silent = harmonics(torch.tensor([[100.0, 0.0]]), SPEC, torch.zeros(1), 0 * noise)[0, :, 0]
    torch.testing.assert_close((found - silent)[: SPEC.hop_samples], torch.full((SPEC.hop_samples,), 0.003))


def test_a_mini_source_glides_on_straight_lines():
    f0_hz, rates, above = np.array([100.0, 130.0, 90.0]), (4, 5), (3,)
    found = fundamental(torch.tensor(f0_hz)[None].float(), 6000, rates, above)[0, 0]
    phase, wanted = 0.0, []
    for frame, f0 in enumerate(f0_hz):
        change = (f0_hz[frame + 1] - f0 if frame + 1 < len(f0_hz) else 0.0) / 20
        for step in range(20):  # the n-th step of a frame has turned by the sum of n values that rise by `change`
            phase += (f0 + change * step) / (6000 / 3)
            wanted.append(math.sin(2 * math.pi * phase))
    np.testing.assert_allclose(found.numpy(), wanted, atol=1e-5)


def test_long_notes_keep_an_exact_phase():
    seconds, rate_hz = 60, SPEC.sample_rate_hz
    frames = seconds * rate_hz // SPEC.hop_samples
    noise = torch.zeros(frames * SPEC.hop_samples, 1)
    sines = harmonics(torch.full((1, frames), 440.0), SPEC, torch.zeros(1), noise)[0, :, 0]
    wanted = 0.1 * np.sin(2 * np.pi * 440.0 * np.arange(1, len(sines) + 1) / rate_hz)
    np.testing.assert_allclose(sines[-rate_hz:].numpy(), wanted[-rate_hz:], atol=1e-4)


def test_unvoiced_frames_lie_between_their_neighbours():
    found = unbroken(torch.tensor([[0.0, 100, 0, 0, 130, 0], [0.0, 0, 0, 0, 0, 0]]))
    assert found.tolist() == [[100, 100, 110, 120, 130, 130], [200.0] * 6]


def held(frames: int) -> SpeechExample:
    """A vowel on A4."""
    tiny_spec, nothing = tiny(), torch.zeros(0, dtype=torch.long)
    time = torch.arange(frames * tiny_spec.hop_samples) / tiny_spec.sample_rate_hz
    audio = 0.1 * torch.stack([math.exp(-k / 5) * torch.sin(2 * math.pi * 440 * k * time) for k in range(1, 16)]).sum(0)
    return SpeechExample(
        id="held",
        text="",
        language="en",
        speaker="",
        audio=audio,
        mel=mel(audio, tiny_spec),
        f0_hz=torch.full((frames,), 440.0),
        energy=torch.zeros(frames),
        symbols=nothing,
        accents=nothing,
        languages=nothing,
        durations=nothing,
    )


def test_a_held_note_neither_jitters_nor_wobbles_after_little_learning():
    torch.manual_seed(0)
    config = small_harmonic(spec=tiny(), channels=32, intermediate_channels=64)
    model = TrainableVocoder(VocoderTraining(generator=config, crop_frames=48))
    batch = model.collate([held(96)], torch.Generator().manual_seed(0))
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    first = last = float(model.loss(batch, step=0).total.detach())
    for step in range(40):
        optimiser.zero_grad()
        loss = model.loss(batch, step=step).total
        loss.backward()
        optimiser.step()
        last = float(loss.detach())
    assert last < 0.6 * first
    note = held(160)
    audio = model.eval().generator.sing(note.mel[None], note.f0_hz[None])[0, 0].double()
    assert deviation_cents(audio.numpy()[8000:24000]) < 3


def deviation_cents(audio) -> float:
    """How far the pitch of 40 ms stretches strays from 440 Hz, by the turning of the first harmonic's phase."""
    time = np.arange(len(audio)) / 16000
    beat = audio * np.exp(-2j * np.pi * 440 * time)
    stretches = beat[: len(beat) // 640 * 640].reshape(-1, 640)
    phase = np.unwrap(np.angle((stretches * np.hanning(640)).sum(1)))
    return float(np.abs(1200 * np.log2(1 + np.diff(phase) / (2 * np.pi * 440 * 0.04))).max())
