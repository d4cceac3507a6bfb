"""Style of an excerpt: parity with torch's own encoder layers, double guidance, requests, the published layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from tests.encoders.text.examples import t5_folder
from tests.families.token_lm.codecs import SmoothCodec
from tests.systems.musicgen.examples import chroma, example, melodic, model, small
from torch import nn

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.encoders.text import t5
from octet.families.token_lm.transformer import sinusoids
from octet.systems.musicgen.config import Config
from octet.systems.musicgen.generate import Listening, Musician
from octet.systems.musicgen.model import MusicGen
from octet.systems.musicgen.published import load
from octet.systems.musicgen.style import StyleConditioner, StyleConfig

STYLE = StyleConfig(
    features=6,
    width=16,
    heads=2,
    layers=2,
    codebooks=3,
    codebook_size=8,
    heard_codebooks=2,
    every=4,
    excerpt_seconds=0.5,
)


def conditioner() -> StyleConditioner:
    torch.manual_seed(0)
    made = StyleConditioner(STYLE, 32).eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(torch.randn_like(weight) * 0.2)
        made.norm.running_mean.normal_()
        made.norm.running_var.uniform_(0.5, 2.0)
    return made


def features(frames: int = 10, batch: int = 2) -> torch.Tensor:
    return torch.randn(batch, frames, STYLE.features, generator=torch.Generator().manual_seed(1))


def stylish(**changes: Any) -> Config:
    return melodic(chroma_frames=0, style=STYLE, **changes)


def torch_layer(ours: Any) -> nn.TransformerEncoderLayer:
    """The same layer as torch has it, which the published code builds upon."""
    theirs = nn.TransformerEncoderLayer(
        16, 2, 64, dropout=0.0, activation="gelu", batch_first=True, norm_first=True, bias=False
    ).eval()
    theirs.norm1, theirs.norm2 = ours.self_norm, ours.inner_norm
    theirs.self_attn.in_proj_weight = ours.self_attention.qkv.weight
    theirs.self_attn.out_proj.weight = ours.self_attention.out.weight
    theirs.linear1.weight, theirs.linear2.weight = ours.up.weight, ours.down.weight
    return theirs


@torch.no_grad()
def test_vectors_are_those_of_torchs_own_layers() -> None:
    made, given = conditioner(), features()
    x = made.embed(given) + sinusoids(torch.arange(10), 16)
    for layer in made.layers:
        x = torch_layer(layer)(x)
    x = (x - made.norm.running_mean) / (made.norm.running_var + 1e-5).sqrt()
    expected = []
    for row in x.flatten(0, 1):
        total = torch.zeros(16)
        for codebook in made.codebooks[:2]:
            distances = [float((row - total - code).square().sum()) for code in codebook.weight]
            total = total + codebook.weight[int(np.argmin(distances))]
        expected.append(total)
    levels = torch.stack(expected).view(2, 10, 16)[:, [0, 4, 8]]
    torch.testing.assert_close(made(given), made.projection(levels), atol=1e-5, rtol=0)


def test_fewer_codebooks_are_a_vaguer_style() -> None:
    made = conditioner()
    vague = conditioner()
    vague.config = STYLE.model_copy(update={"heard_codebooks": 1})
    assert len(vague(features(40, 4)).flatten(0, 1).unique(dim=0)) <= 8
    assert not torch.allclose(made(features()), vague(features()))


@torch.no_grad()
def test_double_guidance_reads_everything_then_the_style_then_nothing() -> None:
    made = model(stylish()).eval()
    told = made.read(["warm piano", "drums"], style=features())
    double = made.guided(told, 3.0, text_scale=5.0)
    full, only, nothing = double.conditions.prefix.chunk(3)
    assert double.weights == (15.0, -12.0, -2.0)
    assert torch.equal(full[:, :3], only[:, :3])
    assert torch.equal(full[:, :3], made.style(features()))
    assert full[:, 3:].abs().sum() > 0
    assert (only[:, 3:] == 0).all()
    assert (nothing == 0).all()
    assert double.conditions.prefix_valid.tolist() == [[True] * 5, [True] * 4 + [False]] * 3
    single = made.guided(told, 3.0)
    assert torch.equal(single.conditions.prefix, torch.cat([full, nothing]))


@torch.no_grad()
def test_an_untold_style_is_one_vector_of_zeros() -> None:
    made = model(stylish()).eval()
    prefix = made.conditions(made.read(["warm piano"])).prefix
    assert prefix.shape[1] == 1 + 2
    assert (prefix[:, 0] == 0).all()


def sound(seconds: float = 2.0) -> Waveform:
    return Waveform(np.linspace(-1, 1, round(80 * seconds)), 80)


def listen(heard: Waveform) -> torch.Tensor:
    frames = torch.from_numpy(heard.samples[0][:40].copy()).view(-1, 4)
    return torch.cat([frames, frames[:, :2]], dim=1)


def test_style_is_heard_from_an_excerpt_which_the_seed_chooses() -> None:
    lengths: list[float] = []

    def listening(heard: Waveform) -> torch.Tensor:
        lengths.append(heard.duration_seconds)
        return listen(heard)

    made = Musician(model(stylish()), SmoothCodec(), listening=Listening(style=listening))
    plain = made.generate("a", temperature=0)
    first = made.generate("a", temperature=0, style=sound(), seed=1)
    assert first == made.generate("a", temperature=0, style=sound(), seed=1)
    assert first != plain
    assert any(made.generate("a", temperature=0, style=sound(), seed=seed) != first for seed in range(2, 8))
    assert set(lengths) == {0.5}
    made.generate("a", style=sound(0.4))
    assert lengths[-1] == 0.4


def test_text_counts_more_when_asked_to() -> None:
    made = Musician(model(stylish()), SmoothCodec(), listening=Listening(style=listen))
    options = {"style": sound(), "duration_seconds": 4}
    assert made.generate("a", **options) != made.generate("a", text_guidance_scale=5.0, **options)


@pytest.mark.parametrize("config", [small(), melodic(), stylish()])
def test_models_in_half_precision_play(config: Config) -> None:
    half = model(config).to(torch.bfloat16)
    made = Musician(half, SmoothCodec(), listening=Listening(chroma=lambda _: chroma(3, 4), style=listen))
    heard = {"style": sound()} if config.style else {"melody": sound()} if config.chroma_frames else {}
    assert made.generate("warm piano", duration_seconds=3, **heard).samples.shape == (1, 240)


def test_what_cannot_be_asked_for() -> None:
    made = Musician(model(stylish()), SmoothCodec())
    with pytest.raises(InvalidInput, match="hears no melody"):
        made.generate("a", melody=sound())
    with pytest.raises(InvalidInput, match="nothing was given that hears a style"):
        made.generate("a", style=sound())
    with pytest.raises(InvalidInput, match="hears no style"):
        Musician(model(melodic()), SmoothCodec()).generate("a", style=sound())
    with pytest.raises(InvalidInput, match=r"must be \(batch, time, 6\), given \(1, 3, 5\)"):
        conditioner()(torch.zeros(1, 3, 5))
    with pytest.raises(InvalidInput, match="cannot be trained"):
        model(stylish()).collate([example(0)], torch.Generator())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [({"width": 15, "heads": 3}, "even"), ({"heard_codebooks": 9}, "of 6"), ({"layers": 10**9}, "less than")],
)
def test_impossible_styles_are_refused(fields: dict[str, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        StyleConfig.model_validate(fields)
    with pytest.raises(ValueError, match="not both"):
        melodic(style=STYLE)


def native_style(made: MusicGen) -> dict[str, torch.Tensor]:
    """Our state in audiocraft's names."""
    state = {}
    own = "condition_provider.conditioners."
    names = [
        ("decoder.embeddings.", "emb."),
        ("decoder.heads.", "linears."),
        ("decoder.norm.", "out_norm."),
        ("decoder.layers.", "transformer.layers."),
        ("style.layers.", f"{own}self_wav.transformer.layers."),
        ("style.norm.", f"{own}self_wav.batch_norm."),
        ("style.projection.", f"{own}self_wav.output_proj."),
        ("style.embed.", f"{own}self_wav.embed."),
        ("text.projection.", f"{own}description.output_proj."),
        (".self_norm.", ".norm1."),
        (".inner_norm.", ".norm2."),
        (".up.", ".linear1."),
        (".down.", ".linear2."),
        (".self_attention.qkv.weight", ".self_attn.in_proj_weight"),
        (".self_attention.out.", ".self_attn.out_proj."),
    ]
    for name, weight in made.state_dict().items():
        new = name
        for ours, theirs in names:
            new = new.replace(ours, theirs) if ours.startswith(".") or new.startswith(ours) else new
        if name.startswith("style.codebooks."):
            stem = f"{own}self_wav.rvq.vq.layers.{name.split('.')[2]}._codebook."
            state |= {stem + extra: torch.ones(8) for extra in ("inited", "cluster_size", "embed_avg")}
            new = stem + "embed"
        state[new] = weight
    return state


def settings() -> dict[str, Any]:
    style = {"model_name": "mert", "transformer_scale": "default", "eval_q": 2, "ds_factor": 4, "length": 0.5}
    return {
        "transformer_lm": {"num_heads": 4, "activation": "gelu", "positional_embedding": "sin"},
        "codebooks_pattern": {"modeling": "delay", "delay": {"delays": [0, 1, 2, 3]}},
        "fuser": {"prepend": ["self_wav", "description"], "cross": []},
        "conditioners": {
            "self_wav": {"model": "style", "style": {**style, "batch_norm": True}},
            "description": {"t5": {"name": "t5-base"}},
        },
        "dataset": {"segment_duration": 30},
        "classifier_free_guidance": {"inference_coef": 3.0},
    }


def test_audiocrafts_style_models_are_read(tmp_path: Path) -> None:
    t5_folder(tmp_path)
    text = t5.load(tmp_path)
    wide = STYLE.model_copy(update={"heads": 8, "width": 16})
    torch.manual_seed(0)
    made = MusicGen(stylish(text={"kind": "t5", "width": 24}).model_copy(update={"style": wide}), text).eval()
    file = tmp_path / "state_dict.bin"
    torch.save({"best_state": native_style(made), "xp.cfg": yaml.safe_dump(settings())}, file)
    again = load(file, text)
    assert again.config.style == wide
    assert again.config.decoder == made.config.decoder
    assert again.config.fusion == "prefix"
    for name, weight in made.state_dict().items():
        assert torch.equal(again.state_dict()[name], weight), name
    changed = settings()
    changed["conditioners"]["self_wav"]["style"]["model_name"] = "encodec"
    torch.save({"best_state": native_style(made), "xp.cfg": yaml.safe_dump(changed)}, file)
    with pytest.raises(InvalidArtifact, match="model_name is 'encodec', and only 'mert'"):
        load(file, text)
