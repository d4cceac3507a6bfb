"""Every recipe makes a model that takes a step; the papers' numbers are the papers'."""

import pytest
import torch
from tests.vocoders.examples import example

from octet.vocoders import recipe
from octet.vocoders.training import TrainableVocoder

ALL = ("vocoder_tiny", "vocoder_tiny_adversarial", "vocos", "hifigan_v1", "hifigan_v2", "hifigan_v3")


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_a_step_of_both_sides(name):
    config, plan = getattr(recipe, name)()
    if config.adversarial is not None:
        config = config.model_copy(update={"adversarial": config.adversarial.model_copy(update={"from_step": 0})})
    torch.manual_seed(0)
    model = TrainableVocoder(config.model_copy(update={"crop_frames": 16}))
    batch = model.collate([example(16, config.generator.spec)], torch.Generator())
    found = model.loss(batch, step=0)
    found.total.backward()
    if found.generated is not None:
        model.discriminator_loss(*(audio.detach() for audio in found.generated), step=0).total.backward()
    assert hasattr(model, "discriminator") == (found.generated is not None)
    assert all(torch.isfinite(weight.grad).all() for weight in model.parameters())
    assert plan.steps > 0


def test_the_bundled_model_needs_no_discriminator():
    config, _ = recipe.vocoder_tiny()
    assert config.adversarial is None
    assert recipe.vocoder_tiny_adversarial()[0].generator == config.generator


def test_hifigan_trains_on_8192_samples_with_the_papers_weights():
    config, plan = recipe.hifigan_v1()
    assert config.crop_frames * config.generator.spec.hop_samples == 8192
    assert (config.mel_weight, config.adversarial.feature_weight, config.adversarial.game) == (45, 2, "lsgan")
    assert config.mel_specs[0].high_hz == 11025
    assert (plan.learning_rate, plan.betas) == (2e-4, (0.8, 0.99))


def test_vocos_averages_over_sub_discriminators():
    config, plan = recipe.vocos()
    weights = {judge.kind: judge.weight for judge in config.adversarial.judges}
    assert weights == {"period": pytest.approx(1 / 5), "resolution": pytest.approx(0.1 / 3)}
    assert (config.mel_weight, config.adversarial.game, plan.learning_rate) == (45, "hinge", 5e-4)
