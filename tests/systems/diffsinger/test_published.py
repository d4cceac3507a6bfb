"""Public DiffSinger weights: randomly initialised ones compute here what they compute there."""

from __future__ import annotations

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.systems.diffsinger.published_layout import (
    BINS,
    PHONES,
    VERSIONS,
    Reference,
    extractor_state,
    state_of,
    write,
)

from octet.core.errors import InvalidArtifact
from octet.families.acoustic.length import regulate
from octet.families.diffusion.samplers import last
from octet.systems.diffsinger import published
from octet.systems.diffsinger.published_model import Notes, fill_notes

SYMBOLS = torch.tensor([4, 6, 5, 8, 7, 3])  # SP b a sh i AP
NOTES = Notes(
    torch.tensor([0, 60, 60, 64, 64, 0]),
    torch.tensor([0.2, 0.3, 0.3, 0.4, 0.4, 0.25]),
    torch.tensor([0, 0, 0, 0, 1, 0]),
)
VOWELS = torch.tensor([True, False, True, False, True, True])
DURATIONS = torch.tensor([9, 3, 14, 4, 20, 8])
RATE = 24000 / 128
CLOSE = {"rtol": 1e-4, "atol": 1e-4}


def loaded(folder, version: str) -> tuple[published.Published, Reference]:
    state = state_of(version)
    return published.load(write(folder, state, VERSIONS[version])), Reference(state, VERSIONS[version])


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_all_before_diffusion_is_theirs(tmp_path, version: str) -> None:
    found, reference = loaded(tmp_path, version)
    notes = NOTES if version.startswith("midi") else None
    f0_hz = torch.linspace(0, 300, int(DURATIONS.sum())).clamp(min=80) * (torch.arange(int(DURATIONS.sum())) > 10)
    decided = found.model.prepare(SYMBOLS, notes, VOWELS, RATE, DURATIONS, f0_hz)
    frames = regulate(reference.encode(SYMBOLS, notes), DURATIONS[None])
    condition = reference.condition(frames, None if version == "midi-b" else f0_hz)
    torch.testing.assert_close(decided.condition, condition.mT, **CLOSE)
    torch.testing.assert_close(decided.blurry, reference.decode(condition), **CLOSE)


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_the_denoiser_is_theirs(tmp_path, version: str) -> None:
    found, reference = loaded(tmp_path, version)
    rng = torch.Generator().manual_seed(3)
    x, condition = torch.randn(1, BINS, 30, generator=rng), torch.randn(1, 16, 30, generator=rng)
    with torch.no_grad():
        ours = found.model.denoiser(x, torch.tensor([7]), condition)
    torch.testing.assert_close(ours, reference.noise_of(x, 7, condition), **CLOSE)


@pytest.mark.parametrize("version", ["popcs", "midi-a", "speech"])
def test_shallow_ancestral_sampling_is_theirs(tmp_path, version: str) -> None:
    found, reference = loaded(tmp_path, version)
    notes = NOTES if version.startswith("midi") else None
    decided = found.model.prepare(SYMBOLS, notes, VOWELS, RATE, DURATIONS, torch.full((58,), 200.0))
    mel = last(found.model.sample(decided, torch.Generator().manual_seed(5)))
    wanted = reference.ancestral(decided.blurry, decided.condition, torch.Generator().manual_seed(5))
    torch.testing.assert_close(mel, wanted, **CLOSE)


def test_version_b_begins_at_noise_and_takes_pndms_few_steps(tmp_path) -> None:
    found, _ = loaded(tmp_path, "midi-b")
    decided = found.model.prepare(SYMBOLS, NOTES, VOWELS, RATE)
    assert decided.f0_hz is None
    assert len(list(found.model.sample(decided, torch.Generator().manual_seed(0)))) == 5


@pytest.mark.parametrize("version", ["popcs", "midi-a"])
def test_durations_and_pitch_are_theirs(tmp_path, version: str) -> None:
    found, reference = loaded(tmp_path, version)
    notes = NOTES if version == "midi-a" else None
    decided = found.model.prepare(SYMBOLS, notes, VOWELS, RATE)
    encoded = reference.encode(SYMBOLS, notes)
    frames = reference.predictor("fs2.dur_predictor", 2, encoded)[0, :, 0].exp() - 1
    wanted = frames.round().clamp(min=0).long() if notes is None else fill_notes(frames, NOTES.seconds * RATE, VOWELS)
    assert torch.equal(decided.durations[0], wanted)
    log_f0, unvoiced = reference.predictor("fs2.pitch_predictor", 5, regulate(encoded, wanted[None])).unbind(2)
    torch.testing.assert_close(decided.f0_hz, 2**log_f0 * (unvoiced <= 0), **CLOSE)


def test_the_speech_versions_pitch_is_theirs(tmp_path) -> None:
    found, reference = loaded(tmp_path, "speech")
    decided = found.model.prepare(SYMBOLS, None, VOWELS, RATE, DURATIONS)
    encoded = reference.encode(SYMBOLS, None)
    frames = reference.layer("fs2.cwt_predictor.0", regulate(encoded, DURATIONS[None]))
    spectrogram = reference.predictor("fs2.cwt_predictor.1", 2, frames)
    x = reference.layer("fs2.cwt_stats_layers.0", encoded[:, 0]).relu()
    mean, std = reference.layer("fs2.cwt_stats_layers.4", reference.layer("fs2.cwt_stats_layers.2", x).relu())[0]
    contour = sum(spectrogram[:, :, i] * (i + 1 + 2.5) ** -2.5 for i in range(10))
    contour = (contour - contour.mean()) / contour.std()
    wanted = torch.exp(contour * std * 0.8 + mean) * (spectrogram[:, :, 10] <= 0)
    torch.testing.assert_close(decided.f0_hz, wanted, rtol=1e-3, atol=1e-3)


def test_the_pitch_extractor_is_theirs(tmp_path) -> None:
    state = extractor_state()
    extractor = published.load_extractor(write(tmp_path, state))
    mel = torch.randn(1, BINS, 40, generator=torch.Generator().manual_seed(0))
    reference = Reference(state, {})
    x = mel
    for i in range(3):
        name = f"mel_prenet.layers.{i}.2"
        x = torch.nn.functional.batch_norm(
            reference.conv(f"mel_prenet.layers.{i}.0", x).relu(),
            *(state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")),
        )
    x = reference.layer("mel_encoder.in_proj", reference.layer("mel_prenet.out_proj", x.mT)).mT
    for i in range(2):
        name = f"mel_encoder.conv.{i}.norm"
        y = reference.conv(f"mel_encoder.conv.{i}.conv.conv", x)
        x = x + torch.nn.functional.group_norm(y, 1, state[f"{name}.weight"], state[f"{name}.bias"]).relu()
    log_f0, unvoiced = reference.predictor("pitch_predictor", 5, reference.layer("mel_encoder.out_proj", x.mT)).unbind(
        2
    )
    with torch.no_grad():
        f0_hz, voiced = extractor(mel)
    torch.testing.assert_close(f0_hz, 2**log_f0, **CLOSE)
    assert torch.equal(voiced, unvoiced <= 0)


def test_a_vowel_fills_its_note_beside_the_consonant_that_follows() -> None:
    predicted = torch.tensor([5.0, 3.0, 99.0, 90.0, 7.0, 2.0])
    frames = fill_notes(predicted, torch.tensor([10.0, 20.0, 40.0, 40.0, 30.0, 8.0]), VOWELS)
    # SP: 10 - 3 and half a frame; a: nothing is left, sh takes its note; i and AP fill theirs
    assert frames.tolist() == [8, 2, 0, 40, 30, 8]


def test_settings_and_phones_are_read(tmp_path) -> None:
    found, _ = loaded(tmp_path, "midi-a")
    assert found.phones == ("<pad>", "<EOS>", "<UNK>", *PHONES)
    assert (found.spec.log, found.spec.floor, found.spec.hop_samples) == ("log10", 1e-6, 128)
    assert found.model.shape.denoiser.dilation_cycle == 4


def test_what_is_no_such_checkpoint_is_refused(tmp_path) -> None:
    with pytest.raises(InvalidArtifact, match=r"config.yaml is missing"):
        published.load(write(tmp_path / "a", state_of("popcs")))
    broken = state_of("popcs")
    del broken["fs2.mel_out.bias"]
    with pytest.raises(InvalidArtifact, match=r"to_mel.bias is missing"):
        published.load(write(tmp_path / "b", broken, VERSIONS["popcs"]))
    short = {name: value for name, value in state_of("popcs").items() if name != "alphas_cumprod"}
    with pytest.raises(InvalidArtifact, match="alphas_cumprod"):
        published.load(write(tmp_path / "c", short, VERSIONS["popcs"]))
    with pytest.raises(InvalidArtifact, match="lists 2 phones, and the weights have 6"):
        published.load(write(tmp_path / "d", state_of("popcs"), VERSIONS["popcs"], ("a", "b")))
    strange = state_of("popcs") | {"fs2.spk_embed_proj.weight": torch.zeros(3, 16)}
    with pytest.raises(InvalidArtifact, match=r"fs2.spk_embed_proj.weight is unknown"):
        published.load(write(tmp_path / "e", strange, VERSIONS["popcs"]))
    with pytest.raises(InvalidArtifact, match="holds no checkpoint"):
        published.load(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30)
@given(text=st.text(max_size=60), cut=st.integers(0, 4000))
def test_damaged_files_are_refused(tmp_path, text: str, cut: int) -> None:
    folder = write(tmp_path / "whole", state_of("popcs"), VERSIONS["popcs"])
    (folder / "config.yaml").write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(InvalidArtifact):
        published.load(folder)
    file = folder / "model_ckpt_steps_160000.ckpt"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(InvalidArtifact):
        published.load(folder)
