"""Training codecs: crops, the two sides of the loss, what an artifact holds, and that they learn."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.codecs.examples import FEATURES, SHAPES, example, tones

from octet.codecs import losses as codec_losses
from octet.codecs.contract import load
from octet.codecs.learning import codebook_usage
from octet.codecs.training import CodebookLearning, CodecTraining, Judge, TrainableCodec
from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.vocoders import losses
from octet.vocoders.losses import Resolution

JUDGE = Judge(filters=4, windows=(256, 64), weight=4.0, feature_weight=3.0)
STFT = (Resolution(128, 32, 128), Resolution(512, 128, 512))


def trainable(codec=SHAPES["24 kHz"], **settings):
    torch.manual_seed(0)
    shape = {"codec": codec, "features": FEATURES, "crop_samples": 2000, "stft_resolutions": STFT}
    return TrainableCodec(CodecTraining(**(shape | settings))).train()


def batch(model, samples=4000):
    return model.collate([example(samples)], torch.Generator().manual_seed(0))


@settings(max_examples=15)
@given(lengths=st.lists(st.integers(100, 7000), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_crops_are_cut_from_the_sound_and_leave_out_less_than_one(lengths, seed):
    items = [example(length, 100.0 + 20 * index) for index, length in enumerate(lengths)]
    crops = trainable().collate(items, torch.Generator().manual_seed(seed))["audio"]
    assert crops.shape == (sum(max(1, length // 2000) for length in lengths), 1, 2000)
    whole = [torch.nn.functional.pad(item.audio, (0, 2000)) for item in items]
    for crop in crops[:, 0]:
        windows = [audio.unfold(0, 2000, 1) for audio in whole]
        assert any((window == crop).all(dim=1).any() for window in windows)


def test_crops_differ_with_the_generator_of_numbers_and_only_with_it():
    model, item = trainable(), example(5000)
    first, same, other = (model.collate([item], torch.Generator().manual_seed(seed))["audio"] for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_a_stereo_codec_hears_a_mono_corpus_on_both_sides():
    audio = batch(trainable(SHAPES["48 kHz"]))["audio"]
    assert audio.shape == (2, 2, 2000)
    assert torch.equal(audio[:, 0], audio[:, 1])


@pytest.mark.parametrize("balanced", [True, False])
def test_the_loss_has_the_parts_that_were_asked_for(balanced):
    model = trainable(stft_weight=1.5, balanced=balanced, learning=CodebookLearning(commitment_weight=2.0))
    inputs = batch(model)
    model.loss(inputs, step=0)  # codebooks start
    model.eval()
    found = model.loss(inputs, step=1)
    assert found.generated is None
    assert set(found.parts) == {"time", "mel", "stft", "commitment", "perplexity"}
    with torch.no_grad():
        fake = model.codec.decode(model.codec.encode(inputs["audio"]))
    torch.testing.assert_close(found.parts["time"], (fake - inputs["audio"]).abs().mean(), rtol=1e-4, atol=1e-6)
    mel = codec_losses.multi_scale_mel(fake, inputs["audio"], 4000)
    torch.testing.assert_close(found.parts["mel"], mel, rtol=1e-4, atol=1e-6)
    stft = losses.multi_resolution_stft(fake, inputs["audio"], STFT)
    torch.testing.assert_close(found.parts["stft"], stft, rtol=1e-4, atol=1e-6)
    if not balanced:
        weighed = 0.1 * found.parts["time"] + 2.0 * found.parts["mel"] + 1.5 * found.parts["stft"]
        torch.testing.assert_close(found.total, weighed + 2.0 * found.parts["commitment"])


def test_no_codebook_moves_and_no_gradient_is_needed_in_evaluation():
    model = trainable(judge=JUDGE)
    inputs = batch(model)
    model.loss(inputs, step=0)
    model.eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with torch.no_grad():
        first, second = (float(model.loss(inputs, step=1).total) for _ in range(2))
    assert first == second
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_the_game_begins_at_its_step():
    model = trainable(judge=JUDGE.model_copy(update={"from_step": 3}))
    early, late = (model.loss(batch(model), step=step) for step in (2, 3))
    assert early.generated is None
    assert "adversarial" not in early.parts
    assert [tuple(audio.shape) for audio in late.generated] == [(2, 1, 2000)] * 2
    assert {"adversarial", "features"} <= set(late.parts)


def test_each_side_moves_only_its_own_weights():
    model = trainable(judge=JUDGE)
    found = model.loss(batch(model), step=0)
    found.total.backward()
    assert all(parameter.grad is None for parameter in model.discriminator.parameters())
    learnt = [parameter for parameter in model.codec.parameters() if parameter.requires_grad]
    assert all(parameter.grad is not None for parameter in learnt)
    model.zero_grad()
    fake, real = found.generated
    loss = model.discriminator_loss(fake.detach(), real, step=0)
    loss.total.backward()
    assert set(loss.parts) == {"discriminator"}
    assert all(parameter.grad is None for parameter in learnt)
    assert all(parameter.grad is not None for parameter in model.discriminator.parameters())


def test_the_judges_losses_are_averaged_over_the_discriminators():
    model = trainable(judge=JUDGE)
    found = model.loss(batch(model), step=0)
    fake, real = (audio.detach() for audio in found.generated)
    with torch.no_grad():
        of_fake, of_real = model.discriminator(fake), model.discriminator(real)
    adversarial = sum(float((1 - judgement.score).relu().mean()) for judgement in of_fake) / 2
    assert float(found.parts["adversarial"]) == pytest.approx(adversarial, rel=1e-5)
    distances = [
        float((a - b).abs().mean() / b.abs().mean())
        for one, other in zip(of_fake, of_real, strict=True)
        for a, b in zip(one.features, other.features, strict=True)
    ]
    assert float(found.parts["features"]) == pytest.approx(sum(distances) / len(distances), rel=1e-5)
    both = sum(
        float((1 + a.score).relu().mean() + (1 - b.score).relu().mean()) for a, b in zip(of_fake, of_real, strict=True)
    )
    assert float(model.discriminator_loss(fake, real, step=0).total.detach()) == pytest.approx(both / 2, rel=1e-5)


@pytest.mark.parametrize("codec", SHAPES.values(), ids=lambda codec: codec.kind)
def test_an_artifact_is_the_codec_that_was_trained(codec, tmp_path):
    model = trainable(codec, judge=JUDGE)
    model.loss(batch(model), step=0)
    kind, config, state = model.artifact()
    assert kind == codec.kind
    assert not any("parametrizations" in name or "learner" in name or "discriminator" in name for name in state)
    artifacts.save(tmp_path, kind, config, state)
    back = load(tmp_path)
    codes = torch.randint(16, (1, 4, 30), generator=torch.Generator().manual_seed(0))
    scales = {"scales": torch.full((1, 3), 0.5)} if getattr(codec, "normalised", False) else {}
    torch.testing.assert_close(back.decode(codes, **scales), model.codec.decode(codes, **scales), rtol=0, atol=1e-6)


def test_weights_are_normalised_where_the_shape_says_so():
    for name, normalised in (("24 kHz", True), ("48 kHz", False)):
        names = dict(trainable(SHAPES[name]).named_parameters())
        assert ("codec.encoder.layers.0.conv.parametrizations.weight.original0" in names) == normalised
        assert ("codec.decoder.layers.3.conv.parametrizations.weight.original1" in names) == normalised


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"features": FEATURES.model_copy(update={"sample_rate_hz": 8000})}, "features at the codec's 4000 Hz"),
        ({"judge": Judge(windows=(4096,))}, "crops of at least 4096 samples"),
        ({"stft_resolutions": (Resolution(4096, 64, 64),), "stft_weight": 1.0}, "crops of at least 4096 samples"),
        ({"time_weight": 0.0, "mel_weight": 0.0}, "a weight above 0"),
        ({"crop_samples": 100}, "crops of at least 1024 samples"),
        ({"crop_samples": 2**40}, "crop_samples"),
        ({"judge": {"windows": ()}}, "windows"),
        ({"judge": {"filters": 10**9}}, "filters"),
        ({"learning": {"decay": 1.0}}, "decay"),
        ({"learning": {"dropout": 1.5}}, "dropout"),
        ({"mel_weight": float("inf")}, "mel_weight"),
    ],
)
def test_settings_that_cannot_train_are_refused(changes, said):
    with pytest.raises((InvalidInput, ValidationError), match=said):
        trainable(**changes)


def overfit(model, audio, steps, learning_rate):
    learnt = [parameter for parameter in model.codec.parameters() if parameter.requires_grad]
    optimizer = torch.optim.Adam(learnt, lr=learning_rate, betas=(0.8, 0.9))
    mels = []
    for step in range(steps):
        found = model.loss({"audio": audio}, step=step)
        optimizer.zero_grad()
        found.total.backward()
        optimizer.step()
        mels.append(float(found.parts["mel"]))
    return mels


@pytest.mark.slow
def test_it_learns_a_sound_by_heart_and_uses_its_codebooks():
    learning = CodebookLearning(decay=0.95)  # as fast as so few steps need
    codec = SHAPES["24 kHz"].model_copy(update={"codebooks": 4})
    model, audio = trainable(codec, stft_weight=1.0, learning=learning), tones(2000, 4000, 140.0, 220.0)
    mels = overfit(model, audio, steps=120, learning_rate=3e-3)
    assert mels[-1] < 0.3 * mels[0]
    codes = model.eval().codec.encode(audio)
    assert min(codebook_usage(codes, 16)) > 0.2  # of two steady tones; a dead codebook uses 1/16
