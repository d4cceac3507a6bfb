"""Presets: the published sizes, stereo from mono, training by the one loop, adaptation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.families.token_lm.codecs import SmoothCodec
from tests.systems.musicgen.examples import chroma, example, melodic, model, small

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.core.training import MusicExample
from octet.families.token_lm.sound import Interleaved
from octet.nn.lora import adapt
from octet.systems.musicgen import recipe
from octet.systems.musicgen.config import Config
from octet.systems.musicgen.examples import Examples, encoded
from octet.systems.musicgen.model import MusicGen, load
from octet.training.compute import Compute
from octet.training.loop import fit


class Width:
    """A stand-in for a frozen text encoder, of its width."""

    def __init__(self, width: int) -> None:
        self.width = width


def size(config: Config) -> int:
    with torch.device("meta"):
        made = MusicGen(config, Width(config.text.width))  # type: ignore[arg-type]
    return sum(weight.numel() for weight in made.parameters())


@pytest.mark.parametrize(
    ("preset", "parameters"),
    [  # of the published files, text and melody projections included
        (recipe.small, 420_371_456),
        (recipe.medium, 1_838_737_920),
        pytest.param(recipe.large, 3_256_956_928, marks=pytest.mark.slow),
        (recipe.melody, 1_385_625_600),
    ],
)
def test_presets_have_the_published_sizes(preset, parameters: int) -> None:
    config, plan = preset()
    assert size(config) == parameters
    assert size(recipe.stereo(config)) == parameters + 16_388 * config.decoder.width
    assert (plan.steps, plan.batch_frames, plan.learning_rate) == (1_000_000, 192 * 1500, 1e-4)
    assert config.segment_frames == 1500


def test_tokens_that_sound_alike_begin_alike() -> None:
    made = model(small())
    decoder = made.decoder
    shape = (decoder.config.vocabulary, 8)
    vectors = [torch.randn(shape, generator=torch.Generator().manual_seed(k)) for k in range(6)]
    vectors[0][1] = vectors[0][0] + 0.01
    sizes = [head.weight.std().item() for head in decoder.heads]
    recipe.begin_with_codes(made, vectors)
    for k, (embedding, head) in enumerate(zip(decoder.embeddings, decoder.heads, strict=True)):
        assert head.weight.std().item() == pytest.approx(sizes[k], rel=0.01)
        near = torch.cdist(vectors[k], vectors[k])
        for weight in (embedding.weight[:-1], head.weight):
            mine = torch.cdist(weight, weight)
            torch.testing.assert_close(mine / mine.mean(), near / near.mean(), rtol=0.01, atol=0.01)


def test_a_model_speaks_the_first_codebooks_of_its_codec() -> None:
    made = model(small())
    codes = torch.randint(0, made.config.decoder.vocabulary, (made.config.decoder.codebooks + 2, 20))
    more = MusicExample("more", codes, ("a tune",))
    fewer = MusicExample("fewer", codes[:1], ("a tune",))
    rng = torch.Generator().manual_seed(0)
    assert torch.equal(made.collate([more], rng)["codes"][0], codes[:-2])
    with pytest.raises(InvalidInput, match="fewer has tokens of 1 codebooks, and the model speaks"):
        made.collate([fewer], rng)


def test_the_published_dropouts() -> None:
    drops = {
        preset.__name__: (preset()[0].captions.drop_word, preset()[0].dropouts.everything)
        for preset in (recipe.small, recipe.medium, recipe.large, recipe.melody)
    }
    assert drops == {"small": (0.3, 0.3), "medium": (0.3, 0.3), "large": (0.2, 0.2), "melody": (0.2, 0.2)}


def test_tiny_is_tiny() -> None:
    config, _ = recipe.tiny()
    parameters = size(config)
    assert parameters == pytest.approx(7.4e6, rel=0.01)
    assert parameters * 2 < 16 * 2**20  # bytes of a bundled file, in half precision
    assert config.pattern.shifts == (0, 1, 2, 3, 4)
    assert recipe.tiny(codebooks=3, codebook_size=512)[0].decoder.vocabulary == 512


@torch.no_grad()
def test_stereo_begins_as_mono_on_both_channels() -> None:
    mono = model(melodic()).eval()
    made = recipe.stereo_of(mono).eval()
    assert made.config.channels == 2
    codes = example(0).codes[None]
    told = mono.read(["warm piano"])
    single = mono.decoder(codes, mono.conditions(told))
    for table in made.decoder.embeddings:
        table.weight /= 2  # both channels are summed
    double = made.decoder(codes.repeat_interleave(2, dim=1), made.conditions(told))
    torch.testing.assert_close(double[:, 0::2], single, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(double[:, 1::2], single, atol=1e-4, rtol=1e-4)


def test_recordings_become_examples() -> None:
    codec = SmoothCodec()
    loud = Waveform(np.full((2, 160), 0.53), 160)
    made = encoded("loud", loud, "a loud tone", codec, lambda sound: chroma(sound.channels))
    assert made.codes.shape == (4, 10)
    assert torch.equal(made.codes, codec.encode(torch.full((1, 1, 80), 0.53))[0])
    assert (made.captions, made.chroma.argmax(1).tolist()) == (("a loud tone",), [2])
    assert encoded("loud", loud, "", codec).chroma is None
    wide = encoded("loud", loud.mono(), "", Interleaved(codec, 2))
    assert wide.codes.shape == (8, 10)
    assert Examples([made, wide]).lengths == [10, 10]
    with pytest.raises(InvalidInput, match="no length"):
        encoded("none", Waveform(np.zeros((1, 0)), 80), "", codec)


@pytest.mark.parametrize("adapted", [pytest.param(False, marks=pytest.mark.slow), True])
def test_the_one_loop_trains_and_adapts(adapted: bool, tmp_path: Path) -> None:
    made = model(small())
    before = {name: weight.clone() for name, weight in made.state_dict().items()}
    if adapted:
        adapt(made.decoder, recipe.LORA)
        made.text.requires_grad_(False)
    sounds = [Waveform(np.linspace(0, 1, 80 * (number + 2)) ** (number + 1), 80) for number in range(3)]
    examples = Examples([encoded(str(n), sound, f"tune {'abc'[n]}", SmoothCodec()) for n, sound in enumerate(sounds)])
    plan = recipe.finetuning(40).model_copy(update={"batch_frames": 48, "learning_rate": 1e-2, "ema_decay": 0.0})
    checkpoint = fit(made, examples, plan, tmp_path / "run", compute=Compute(device="cpu"))
    after = load(checkpoint)
    changed = {name for name, weight in after.state_dict().items() if not torch.equal(weight, before[name])}
    if adapted:
        assert changed == {
            name for name in before if name.rsplit(".", 2)[-2] in recipe.LORA.layers and name.startswith("decoder.")
        }
    else:
        assert changed == set(before)
    batch = after.collate(examples.items, torch.Generator())
    untouched = model(small()).eval()
    with torch.no_grad():
        assert after.loss(batch, step=0).total < untouched.loss(batch, step=0).total * 0.7
