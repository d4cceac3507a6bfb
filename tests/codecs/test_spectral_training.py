"""Training the bundled codec: it begins as principal components, and learns more."""

import pytest
import torch
from tests.codecs.examples import FEATURES, SPECTRAL, example, tones

from octet.codecs.learning import codebook_usage
from octet.codecs.spectral_training import SpectralTraining, TrainableSpectralCodec
from octet.codecs.training import CodebookLearning
from octet.core.errors import InvalidInput


def trainable(**changes):
    torch.manual_seed(0)
    settings = {"codec": SPECTRAL, "features": FEATURES, "crop_samples": 4000, "begin_batches": 2}
    return TrainableSpectralCodec(SpectralTraining(**(settings | changes)))


def batches(count=4):
    return [{"audio": tones(4000, 4000, 100.0 + 30 * n, 150.0 + 45 * n)} for n in range(count)]


@torch.no_grad()
def error(model, audio):
    codec = model.eval().codec
    heard = codec.loudness(audio)
    return float((codec.decoder(codec.quantizer.decode(codec.encode(audio))) - heard).abs().mean() / heard.mean())


def test_it_begins_as_a_codec_that_works():
    """What the codebooks lose is little beside what is left out by so few components of gliding tones."""
    model, heard = trainable(), batches()
    audio = heard[0]["audio"]
    before = error(model, audio)
    model.begin(heard)
    codec = model.eval().codec
    loudness = codec.loudness(audio)
    with torch.no_grad():
        linear = (codec.decoder(codec.encoder(loudness)) - loudness).abs().mean() / loudness.mean()
    assert error(model, audio) < 1.2 * float(linear) < 0.95 * before
    assert min(codebook_usage(codec.encode(torch.cat([batch["audio"] for batch in heard])), 16)) > 0.5


def test_its_linear_part_is_that_of_principal_components():
    model, heard = trainable(), batches()
    model.begin(heard)
    frames = torch.cat([model.codec.loudness(batch["audio"]) for batch in heard]).transpose(1, 2).flatten(0, 1)
    encoder, decoder = model.codec.encoder.linear, model.codec.decoder.linear
    back = decoder(encoder(frames))
    _, _, directions = torch.linalg.svd(frames - frames.mean(0), full_matrices=False)
    best = (frames - frames.mean(0)) @ directions[:8].T @ directions[:8] + frames.mean(0)
    torch.testing.assert_close(back, best, rtol=0, atol=1e-2)


def test_it_needs_as_many_frames_as_dimensions():
    with pytest.raises(InvalidInput, match="2 frames cannot tell 8 principal components"):
        trainable().begin([{"audio": torch.randn(1, 1, 160)}])


def test_training_improves_on_the_beginning():
    model, heard = trainable(learning=CodebookLearning(decay=0.95)), batches()
    model.begin(heard)
    start = error(model, heard[0]["audio"])
    optimizer = torch.optim.Adam(model.train().parameters(), lr=3e-3)
    for step in range(150):
        optimizer.zero_grad()
        model.loss(heard[step % len(heard)], step=step).total.backward()
        optimizer.step()
    assert error(model, heard[0]["audio"]) < 0.8 * start


@pytest.mark.parametrize("frozen", [False, True])
def test_a_frozen_codec_keeps_its_codes_and_learns_to_decode_them(frozen):
    model, heard = trainable(learning=CodebookLearning(decay=0.95, dropout=0.25, frozen=frozen)), batches()
    model.begin(heard)
    audio = heard[0]["audio"]
    start, codes = error(model, audio), model.codec.encode(audio)
    optimizer = torch.optim.Adam(model.train().parameters(), lr=3e-3)
    for step in range(100):
        optimizer.zero_grad()
        model.loss(heard[step % len(heard)], step=step).total.backward()
        optimizer.step()
    assert error(model, audio) < 0.9 * start
    assert torch.equal(model.codec.encode(audio), codes) == frozen


def test_crops_are_at_levels_of_their_own():
    model = trainable()
    items = [example(9000), example(3000)]
    audio = model.collate(items, torch.Generator().manual_seed(0))["audio"]
    assert audio.shape == (3, 1, 4000)
    assert torch.equal(audio, model.collate(items, torch.Generator().manual_seed(0))["audio"])
    ratio = audio[2, 0, :3000] / items[1].audio
    ratio = ratio[items[1].audio.abs() > 1e-3]
    assert 0.5 <= float(ratio.min()) <= float(ratio.max()) <= 1.2
    torch.testing.assert_close(ratio.min(), ratio.max())


def test_its_artifact_is_the_codec_and_copies_are_as_long_as_originals():
    model = trainable()
    kind, config, state = model.artifact()
    assert kind == config["kind"] == "spectral-codec"
    assert set(state) == set(model.codec.state_dict())
    assert model.eval().copied(tones(3950, 4000, 140.0)).shape == (1, 1, 3950)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"features": FEATURES.model_copy(update={"sample_rate_hz": 8000})}, "features at the codec's 4000 Hz"),
        ({"crop_samples": 79}, "crops of at least 80 samples"),
    ],
)
def test_what_cannot_be_trained_is_refused(changes, said):
    with pytest.raises(InvalidInput, match=said):
        trainable(**changes)
