"""Every recipe makes a model that takes a step; the papers' numbers are the papers'."""

import pytest
import torch
from tests.codecs.examples import noise

from octet.audio import spectrogram
from octet.codecs import recipe
from octet.codecs.spectral import SpectralConfig
from octet.codecs.training import TrainableCodec

ALL = (
    "encodec_24khz",
    "encodec_32khz",
    "encodec_48khz",
    "soundstream",
    "soundstream_50hz",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_a_step_of_both_sides(name):
    config, plan = getattr(recipe, name)()
    if config.judge is not None:
        config = config.model_copy(update={"judge": config.judge.model_copy(update={"from_step": 0, "filters": 4})})
    torch.manual_seed(0)
    model = TrainableCodec(config).train()
    found = model.loss({"audio": noise(1, model.codec.channels, 6400)}, step=0)
    found.total.backward()
    if found.generated is not None:
        model.discriminator_loss(*(audio.detach() for audio in found.generated), step=0).total.backward()
    assert hasattr(model, "discriminator") == (found.generated is not None)
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    assert all(torch.isfinite(parameter.grad).all() for parameter in learnt)
    assert plan.steps > 0


def test_the_bundled_codec_hears_the_corpus_of_the_tiny_models():
    config, plan = recipe.codec_tiny()
    assert config.features == spectrogram.tiny()
    assert plan.batch_frames / config.features.frame_rate_hz == 32.0  # seconds
    assert config.codec == SpectralConfig()


@pytest.mark.parametrize(("name", "dropout"), [("encodec_24khz", 1.0), ("encodec_32khz", 0.0), ("encodec_48khz", 1.0)])
def test_encodec_trains_as_in_its_public_configuration(name, dropout):
    config, plan = getattr(recipe, name)()
    weights = {"time": 0.1, "mel": 2.0, "stft": 0.0, "adversarial": 4.0, "features": 4.0}
    assert (config.weights, config.balanced) == (weights, True)
    assert config.crop_samples == config.codec.sample_rate_hz
    assert (plan.learning_rate, plan.betas, plan.ema_decay, plan.steps) == (3e-4, (0.5, 0.9), 0.99, 400_000)
    assert plan.batch_frames / config.features.frame_rate_hz == 64.0  # seconds
    assert config.learning.dropout == dropout


@pytest.mark.parametrize("name", ["soundstream", "soundstream_50hz"])
def test_soundstream_trains_without_a_balancer(name):
    config, _ = getattr(recipe, name)()
    assert not config.balanced
    assert config.learning.dropout == 1.0
    assert config.codec.seanet.lstm_layers == 0
