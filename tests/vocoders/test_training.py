"""Training vocoders: crops, the two sides of the loss, what an artifact holds, and that they learn."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.vocoders.examples import example, small_hifigan, small_vocos, spec

from octet.core import artifacts
from octet.vocoders import losses
from octet.vocoders.contract import load
from octet.vocoders.losses import Resolution
from octet.vocoders.training import Adversarial, Judge, TrainableVocoder, VocoderTraining

LIGHT = Judge(kind="resolution", weight=0.5, channels=4)
GAME = Adversarial(judges=(LIGHT,), game="hinge", feature_weight=2.0)


def trainable(generator=None, **settings):
    torch.manual_seed(0)
    return TrainableVocoder(VocoderTraining(generator=generator or small_vocos(), crop_frames=24, **settings))


def batch(model, frames=50):
    return model.collate([example(frames, spec())], torch.Generator().manual_seed(0))


@settings(max_examples=20)
@given(lengths=st.lists(st.integers(5, 90), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_crops_are_aligned_and_leave_out_less_than_one_crop(lengths, seed):
    items = [example(frames, spec(), 100.0 + 20 * i) for i, frames in enumerate(lengths)]
    made = trainable().collate(items, torch.Generator().manual_seed(seed))
    assert len(made["mel"]) == len(made["audio"]) == sum(max(1, frames // 24) for frames in lengths)
    assert made["mel"].shape[1:] == (20, 24)
    assert made["audio"].shape[1:] == (1, 24 * 50)
    whole = [item.audio for item in items]
    for audio, mel in zip(made["audio"][:, 0], made["mel"], strict=True):
        audible = audio[: int(audio.abs().nonzero().max()) + 1]
        starts = [(i, n) for i, x in enumerate(whole) for n in range(0, len(x), 50) if _begins(x[n:], audible)]
        assert any(torch.equal(_frames(items[i].mel, n // 50), mel) for i, n in starts)


def _begins(audio, crop):
    return len(audio) >= len(crop) and torch.equal(audio[: len(crop)], crop)


def _frames(mel, start):
    silence = torch.full((mel.shape[0], 24), torch.tensor(1e-5).log())
    return torch.cat([mel[:, start : start + 24], silence], dim=1)[:, :24]


def test_crops_differ_with_the_generator_of_numbers_and_only_with_it():
    model, item = trainable(), example(60, spec())
    first, same, other = (model.collate([item], torch.Generator().manual_seed(seed))["audio"] for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_without_a_game_there_is_no_discriminator():
    model = trainable(stft_weight=2.0)
    assert not hasattr(model, "discriminator")
    found = model.loss(batch(model), step=10**6)
    assert found.generated is None
    assert set(found.parts) == {"mel", "stft"}
    torch.testing.assert_close(found.total, 45 * found.parts["mel"] + 2 * found.parts["stft"])


def test_the_mel_loss_is_of_the_generators_spec_unless_others_are_given():
    model, other = trainable(), trainable(mel_specs=(spec("center"),))
    inputs = batch(model)
    with torch.no_grad():
        fake = model.generator(inputs["mel"])
        for found, one in ((model, spec()), (other, spec("center"))):
            assert found.loss(inputs, step=0).parts["mel"] == losses.mel_l1(fake, inputs["audio"], (one,))


def test_the_game_begins_at_its_step():
    model = trainable(adversarial=GAME.model_copy(update={"from_step": 3}))
    assert model.loss(batch(model), step=2).generated is None
    assert model.loss(batch(model), step=3).generated is not None


def test_the_generators_loss_is_the_sum_of_its_weighted_parts():
    model = trainable(adversarial=GAME)
    found = model.loss(batch(model), step=0)
    parts = found.parts
    torch.testing.assert_close(found.total, 45 * parts["mel"] + parts["adversarial"] + 2 * parts["features"])
    fake, real = found.generated
    judged = [[network(audio) for network in model.discriminator] for audio in (fake, real)]
    scores, features = ([[j.score for j in part] for part in judged[0]], [[j.features for j in p] for p in judged[0]])
    torch.testing.assert_close(parts["adversarial"], 0.5 * losses.HINGE.generator(scores[0]))
    real_features = [j.features for j in judged[1][0]]
    torch.testing.assert_close(parts["features"], 0.5 * losses.feature_matching(features[0], real_features))


def test_each_side_moves_only_its_own_weights():
    model = trainable(adversarial=GAME)
    found = model.loss(batch(model), step=0)
    found.total.backward()
    assert all(parameter.grad is None for parameter in model.discriminator.parameters())
    assert all(parameter.grad is not None for parameter in model.generator.parameters())
    model.zero_grad()
    fake, real = found.generated
    loss = model.discriminator_loss(fake.detach(), real, step=0)
    loss.total.backward()
    assert set(loss.parts) == {"discriminator_resolution"}
    assert all(parameter.grad is None for parameter in model.generator.parameters())
    assert all(parameter.grad is not None for parameter in model.discriminator.parameters())


def test_the_game_alone_moves_the_generator():
    model = trainable(mel_weight=0.0, adversarial=GAME)
    model.loss(batch(model), step=0).total.backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in model.generator.parameters())


@pytest.mark.slow
@pytest.mark.parametrize("game", ["lsgan", "hinge"])
def test_the_papers_discriminators_take_part(game):
    judges = (Judge(kind="period"), Judge(kind="scale"))
    model = trainable(
        small_hifigan(), adversarial=Adversarial(judges=judges, game=game, feature_weight=2.0), mel_weight=45.0
    )
    found = model.loss(batch(model), step=0)
    found.total.backward()
    loss = model.discriminator_loss(*(audio.detach() for audio in found.generated), step=0)
    loss.total.backward()
    assert set(loss.parts) == {"discriminator_period", "discriminator_scale"}
    assert all(torch.isfinite(weight.grad).all() for weight in model.parameters())


@pytest.mark.parametrize("generator", [small_vocos(), small_hifigan("1"), small_hifigan("2", normalise=True)])
def test_an_artifact_decodes_like_the_model_that_was_trained(generator, tmp_path):
    model = trainable(generator, adversarial=GAME)
    kind, config, state = model.artifact()
    assert kind == generator.kind
    assert not any("parametrizations" in name or "discriminator" in name for name in state)
    artifacts.save(tmp_path, kind, config, state)
    mel = batch(model)["mel"]
    torch.testing.assert_close(load(tmp_path).decode(mel), model.generator.decode(mel), rtol=0, atol=1e-6)


def test_a_hifigan_trains_with_weight_normalisation():
    names = dict(trainable(small_hifigan()).named_parameters())
    assert "generator.conv_pre.parametrizations.weight.original0" in names
    assert "generator.ups.0.parametrizations.weight.original1" in names


def test_a_game_without_judges_is_refused():
    with pytest.raises(ValidationError, match="judges"):
        Adversarial(judges=(), game="hinge", feature_weight=1.0)


def overfit(model, steps, learning_rate):
    optimizer = torch.optim.AdamW(model.generator.parameters(), lr=learning_rate, betas=(0.8, 0.9))
    inputs, mels = batch(model, frames=48), []
    for step in range(steps):
        found = model.loss(inputs, step=step)
        optimizer.zero_grad()
        found.total.backward()
        optimizer.step()
        mels.append(float(found.parts["mel"].detach()))
    return mels


STFT = (Resolution(128, 32, 128), Resolution(256, 64, 256))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("generator", "steps", "rate"), [(small_vocos(), 150, 3e-3), (small_hifigan("2", channels=32), 150, 2e-3)]
)
def test_it_learns_a_voice_by_heart(generator, steps, rate):
    mels = overfit(trainable(generator, stft_weight=1.0, stft_resolutions=STFT), steps, rate)
    assert mels[-1] < 0.3 * mels[0]
