"""FastSpeech 2 and 2s as models: sizes, masks, switches, controls, learning."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.systems.examples import utterance

from octet.families.acoustic.adaptor import Controls
from octet.families.acoustic.batch import continuous, louder
from octet.families.acoustic.config import Statistics
from octet.families.acoustic.encoder import Phones
from octet.systems.fastspeech2 import recipe
from octet.systems.fastspeech2.model import Config, FastSpeech2
from octet.systems.fastspeech2.waveform import FastSpeech2s, WaveformConfig, slices
from octet.vocoders.losses import PARALLEL_WAVEGAN

EXAMPLES = [utterance(number, phones=6 + number) for number in range(4)]
STATISTICS = recipe.measure(EXAMPLES)


def small(**changes: object) -> Config:
    config, _ = recipe.tiny(("one", "two"), STATISTICS)
    sizes = {"width": 32, "inner_width": 64, "predictor_width": 32, "encoder_layers": 1, "decoder_layers": 1}
    return Config.model_validate(config.model_dump() | sizes | {"gain_augmentation_db": 0} | changes)


def batch_of(model: FastSpeech2 | FastSpeech2s, examples: list = EXAMPLES) -> dict[str, torch.Tensor]:
    return model.collate(examples, torch.Generator().manual_seed(0))


def wishes(phones: int, speed: float = 1.0, semitones: float = 0.0, energy: float = 1.0) -> Controls:
    ones = torch.ones(1, phones)
    return Controls(ones * speed, ones * semitones, ones * energy, torch.full((1, phones), -1))


def phones_of(number: int) -> Phones:
    example = EXAMPLES[number]
    return Phones(example.symbols[None], example.accents[None], example.languages[None], torch.tensor([0]))


def test_the_paper_preset_has_the_papers_size() -> None:
    """The paper says 27 M for 4 + 4 blocks; its own layer shapes, counted literally, are 24.5 M."""
    config, plan = recipe.paper(("one",), STATISTICS)
    assert sum(p.numel() for p in FastSpeech2(config).parameters()) == pytest.approx(24.45e6, rel=0.005)
    assert plan.steps == 160_000
    assert (config.bins, config.pitch, config.level, config.energy) == (256, "cwt", "frame", True)


def test_a_sentence_is_the_same_alone_and_in_a_batch() -> None:
    model = FastSpeech2(small()).eval()
    together, alone = batch_of(model), batch_of(model, EXAMPLES[:1])
    with torch.no_grad():
        mel_together = model.decode(model.adapt(together)[0])[1]
        mel_alone = model.decode(model.adapt(alone)[0])[1]
    frames = mel_alone.shape[2]
    torch.testing.assert_close(mel_together[:1, :, :frames], mel_alone, atol=1e-5, rtol=0)
    assert (mel_together[0, :, frames:] == 0).all()


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({}, {"mel", "duration", "pitch", "pitch_mean", "pitch_deviation", "energy"}),
        ({"pitch": "contour"}, {"mel", "duration", "pitch", "energy"}),
        ({"pitch": "linear_contour", "level": "phone"}, {"mel", "duration", "pitch", "energy"}),
        ({"pitch": "none"}, {"mel", "duration", "energy"}),
        ({"energy": False}, {"mel", "duration", "pitch", "pitch_mean", "pitch_deviation"}),
        ({"pitch": "contour", "level": "phone"}, {"mel", "duration", "pitch", "energy"}),
        ({"pitch": "none", "energy": False}, {"mel", "duration"}),
        ({"pitch": "none", "energy_error": "squared"}, {"mel", "duration", "energy"}),
        ({"pitch": "none", "energy_error": "absolute"}, {"mel", "duration", "energy"}),
        ({"pitch": "none", "foretold_energy": 0.0}, {"mel", "duration", "energy"}),
        ({"pitch": "none", "foretold_energy": 0.9}, {"mel", "duration", "energy"}),
        (
            {"postnet_width": 8},
            {"mel", "mel_before_postnet", "duration", "pitch", "pitch_mean", "pitch_deviation", "energy"},
        ),
    ],
)
def test_switches(changes: dict[str, object], parts: set[str]) -> None:
    model = FastSpeech2(small(**changes))
    losses = model.loss(batch_of(model), step=0)
    assert set(losses.parts) == parts
    losses.total.backward()
    unused = [name for name, p in model.named_parameters() if p.grad is None]
    assert unused == []
    mel, adapted = model.eval().generate(phones_of(0), wishes(len(EXAMPLES[0].symbols)))
    assert mel.shape[2] == adapted.variances.durations.sum()
    assert mel.isfinite().all()


def test_the_error_of_energy_is_a_choice() -> None:
    losses = []
    for error in ("absolute", "squared"):
        torch.manual_seed(0)
        model = FastSpeech2(small(energy_error=error, foretold_energy=0.0)).eval()
        losses.append(float(model.loss(batch_of(model), step=0).parts["energy"].detach()))
    assert losses[0] != losses[1]


def test_harmonics_need_a_pitch() -> None:
    config, _ = recipe.tiny_2s(("one", "two"), STATISTICS)
    acoustic = small(pitch="none").model_dump()
    with pytest.raises(ValueError, match="harmonics need an F0"):
        WaveformConfig.model_validate(config.model_dump() | {"acoustic": acoustic})


def test_2s_trains_in_bf16_with_its_phases_in_fp32() -> None:
    torch.manual_seed(0)
    config, _ = recipe.tiny_2s(("one", "two"), STATISTICS)
    acoustic = small(predictor_dropout=0.0, foretold_energy=0.0)
    model = FastSpeech2s(config.model_copy(update={"acoustic": acoustic, "channels": 32, "segment_frames": 8}))
    batch = batch_of(model)
    with torch.autocast("cpu", torch.bfloat16):
        low = model.loss(batch, step=0)
    exact = model.loss(batch, step=0)
    assert low.generated is not None
    assert low.generated[0].dtype == torch.float32
    torch.testing.assert_close(low.parts["stft"], exact.parts["stft"], rtol=0.02, atol=0)
    low.total.backward()


def test_wavelets_need_frames() -> None:
    with pytest.raises(ValueError, match="needs frames"):
        small(level="phone")


@pytest.mark.parametrize("kind", ["mel", "waveform"])
def test_a_tiny_model_learns(kind: str) -> None:
    torch.manual_seed(0)
    model: FastSpeech2 | FastSpeech2s
    if kind == "mel":
        model = FastSpeech2(small(predictor_dropout=0.0))
    else:
        config, _ = recipe.tiny_2s(("one", "two"), STATISTICS)
        changes = {"acoustic": small(predictor_dropout=0.0), "channels": 32, "layers": 3, "segment_frames": 8}
        model = FastSpeech2s(config.model_copy(update=changes))
    batch = batch_of(model)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    totals = []
    for step in range(200):
        losses = model.loss(batch, step=step)
        optimizer.zero_grad()
        losses.total.backward()
        optimizer.step()
        totals.append(float(losses.total.detach()))
    assert totals[-1] < totals[0] / 2


@settings(max_examples=10, deadline=None)
@given(st.floats(0.5, 2.0))
def test_speed_divides_the_length(speed: float) -> None:
    torch.manual_seed(0)
    model = FastSpeech2(small()).eval()
    torch.nn.init.constant_(model.adaptor.duration.out.bias, 2.0)
    count = len(EXAMPLES[3].symbols)
    plain = model.generate(phones_of(3), wishes(count))[0].shape[2]
    scaled = model.generate(phones_of(3), wishes(count, speed=speed))[0].shape[2]
    assert abs(scaled - plain / speed) <= 1 + 1 / speed


def test_pitch_and_energy_wishes_reach_their_curves_and_nothing_else() -> None:
    torch.manual_seed(0)
    model = FastSpeech2(small()).eval()
    torch.nn.init.constant_(model.adaptor.duration.out.bias, 2.0)
    count = len(EXAMPLES[3].symbols)
    plain = model.generate(phones_of(3), wishes(count))[1].variances
    higher = model.generate(phones_of(3), wishes(count, semitones=2))[1].variances
    louder_ = model.generate(phones_of(3), wishes(count, energy=1.3))[1].variances
    torch.testing.assert_close(higher.f0_hz, plain.f0_hz * 2 ** (2 / 12))
    torch.testing.assert_close(higher.energy, plain.energy)
    torch.testing.assert_close(louder_.energy, plain.energy * 1.3)
    torch.testing.assert_close(louder_.f0_hz, plain.f0_hz)
    assert torch.equal(higher.durations, plain.durations)
    assert torch.equal(louder_.durations, plain.durations)


def test_fixed_durations_are_kept() -> None:
    model = FastSpeech2(small()).eval()
    count = len(EXAMPLES[0].symbols)
    fixed = wishes(count)
    fixed.frames[0, 2] = 31
    durations = model.generate(phones_of(0), fixed)[1].variances.durations
    assert abs(int(durations[0, 2]) - 31) <= 1  # cumulative rounding moves an end by less than a frame


@pytest.mark.parametrize("adversarial_weight", [0.0, 1.0])
def test_waveform_model_has_a_discriminator_only_when_it_is_used(adversarial_weight: float) -> None:
    config, _ = recipe.tiny_2s(("one", "two"), STATISTICS)
    changes = {"acoustic": small(), "channels": 16, "layers": 2, "segment_frames": 8}
    model = FastSpeech2s(config.model_copy(update=changes | {"adversarial_weight": adversarial_weight}))
    assert hasattr(model, "discriminator") == bool(adversarial_weight)
    losses = model.loss(batch_of(model), step=0)
    assert ("adversarial" in losses.parts) == bool(adversarial_weight)
    losses.total.backward()
    assert losses.generated is not None
    fake, real = losses.generated
    assert fake.shape == real.shape == (4, 1, 8 * 200)
    if adversarial_weight:
        assert all(p.grad is None for p in model.discriminator.parameters())
        model.discriminator_loss(fake.detach(), real, step=0).total.backward()
        assert all(p.grad is not None for p in model.discriminator.parameters())


@pytest.mark.parametrize("mel_weight", [0.0, 1.0])
def test_the_auxiliary_mel_decoder_can_be_left_out(mel_weight: float) -> None:
    config, _ = recipe.tiny_2s(("one", "two"), STATISTICS)
    changes = {"acoustic": small(), "channels": 16, "layers": 2, "segment_frames": 8, "mel_weight": mel_weight}
    model = FastSpeech2s(config.model_copy(update=changes))
    assert ("mel" in model.loss(batch_of(model), step=0).parts) == bool(mel_weight)


def test_the_spectral_loss_has_its_weight_and_its_resolutions() -> None:
    config, _ = recipe.tiny_2s(("one", "two"), STATISTICS)
    config = config.model_copy(update={"acoustic": small(), "segment_frames": 16, "stft_weight": 1.0})
    changes = {"stft_weight": 20.0}, {"stft_resolutions": PARALLEL_WAVEGAN}
    model = FastSpeech2s(config).eval()
    batch = batch_of(model)
    losses = []
    for change in ({}, *changes):
        model.config = config.model_copy(update=change)
        losses.append(float(model.loss(batch, step=0).parts["stft"].detach()))
    plain, heavy, other = losses
    assert heavy == pytest.approx(20 * plain, rel=1e-5)
    assert other != pytest.approx(plain, rel=1e-3)


@pytest.mark.parametrize("upsampling", ["transposed", "harmonic"])
def test_both_waveform_decoders_give_a_hop_a_frame(upsampling: str) -> None:
    config, _ = recipe.tiny_2s(("one", "two"), STATISTICS)
    changes = {"acoustic": small(), "channels": 8, "layers": 2, "upsampling": upsampling}
    model = FastSpeech2s(config.model_copy(update=changes)).eval()
    audio, adapted = model.generate(phones_of(1), wishes(len(EXAMPLES[1].symbols)))
    assert audio.shape == (1, 1, int(adapted.variances.durations.sum()) * 200)
    assert audio.isfinite().all()


def test_the_artifact_of_2s_holds_no_training_aid() -> None:
    config, _ = recipe.tiny_2s(("one", "two"), STATISTICS)
    model = FastSpeech2s(config.model_copy(update={"acoustic": small(), "adversarial_weight": 1.0}))
    kind, _, state = model.artifact()
    assert kind == "fastspeech2s"
    model.for_generation().load_state_dict(dict(state))
    assert not [
        name for name in state if "discriminator" in name or name.startswith(("acoustic.decoder", "acoustic.to_mel"))
    ]


def test_slices_are_zero_past_the_end() -> None:
    hidden = torch.arange(10.0).reshape(1, 10, 1) + 1
    assert slices(hidden, torch.tensor([8]), 4)[0, :, 0].tolist() == [9, 10, 0, 0]


def test_unvoiced_frames_are_interpolated() -> None:
    f0_hz = torch.tensor([0.0, 100, 0, 0, 130, 0])
    assert continuous(f0_hz).tolist() == pytest.approx([100, 100, 110, 120, 130, 130])
    assert continuous(torch.zeros(3)).tolist() == [100] * 3


def test_gain_moves_a_log_mel_down_to_its_floor() -> None:
    spec = small().spec
    mel = torch.tensor([[0.0, -11.5]])
    assert louder(mel, 0.5, spec)[0].tolist() == pytest.approx([-0.6931, -11.5129], abs=1e-3)


def test_statistics_span_the_corpus() -> None:
    assert isinstance(STATISTICS, Statistics)
    assert STATISTICS.f0_low_hz < 110 < 200 < STATISTICS.f0_high_hz
