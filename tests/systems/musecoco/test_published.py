"""Public weights in muzic's own layouts: the same logits as an independent computation, and nothing hostile runs."""

from __future__ import annotations

import argparse
import json
import pickle

import pytest
import torch
from tests.systems.musecoco.published_examples import (
    VOCABULARY,
    attribute2music,
    logits_of,
    read_by_bert,
    text2attribute,
)

from octet.core.errors import InvalidArtifact
from octet.systems.musecoco import model, published, text
from octet.systems.musecoco.generate import Composer

CLOSE = {"atol": 1e-4, "rtol": 1e-4}
TOKENS = torch.randint(4, 1253, (72,), generator=torch.Generator().manual_seed(2))


def saved(folder, content, **options):
    path = folder / "attribute2music.pt"
    torch.save(content, path, **options)
    return path


@pytest.mark.parametrize(("positions", "first"), [("train", 64), ("released", 63)])
def test_attribute2music_gives_the_same_logits(positions, first, tmp_path):
    content = attribute2music()
    mine = published.load(saved(tmp_path, content), positions=positions)
    expected = logits_of(content["model"], TOKENS.tolist(), first)
    with torch.inference_mode():
        at_once, _ = mine(TOKENS[None])
        _, state = mine(TOKENS[None, :-1])
        last, _ = mine(TOKENS[None, -1:], state)
    torch.testing.assert_close(at_once[0].double(), expected, **CLOSE)
    torch.testing.assert_close(last[0, 0].double(), expected[-1], **CLOSE)
    assert torch.equal(at_once[0].argmax(-1), expected.argmax(-1))
    assert mine.config.positions == positions


def test_torchs_old_format_is_read_too(tmp_path):
    content = attribute2music()
    path = saved(tmp_path, content, _use_new_zipfile_serialization=False)
    assert torch.equal(published.load(path).embedding.weight, content["model"]["decoder.embed_tokens.weight"])


@pytest.mark.parametrize("weights", ["pytorch_model.bin", "model.safetensors"])
def test_text2attribute_gives_the_same_logits(weights, tmp_path):
    bert, state = text2attribute(tmp_path, weights=weights)
    mine = published.load_reader(tmp_path)
    tokens = mine.words.tokenize(["A sad waltz, for piano in minor"])
    assert tokens.ids[0, -3:].tolist() == [VOCABULARY.index(piece) for piece in ("min", "##or", "[SEP]")]
    with torch.inference_mode():
        found = mine(tokens)
        expected = read_by_bert(bert, state, tokens.ids[0].tolist())
    for mine_logits, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine_logits[0], theirs, **CLOSE)


def test_both_stages_compose(tmp_path):
    text2attribute(tmp_path)
    composer = Composer(published.load(saved(tmp_path, attribute2music())), published.load_reader(tmp_path))
    made = composer.generate("a sad waltz", bars=1, metre="1/4")
    assert made.report.met["B1s1"]


def test_they_are_converted_once(tmp_path):
    published.convert(saved(tmp_path, attribute2music()), tmp_path / "stage2")
    text2attribute(tmp_path)
    published.convert(tmp_path, tmp_path / "stage1", bits=16)
    whole, reader = model.load(tmp_path / "stage2"), text.load(tmp_path / "stage1")
    with torch.inference_mode():
        assert torch.equal(whole(TOKENS[None])[0], published.load(tmp_path / "attribute2music.pt")(TOKENS[None])[0])
    assert reader.config.text.vocabulary == tuple(VOCABULARY)
    assert torch.equal(reader.pooler.bias, published.load_reader(tmp_path).pooler.bias.half().float())


def test_layouts_are_told_apart(tmp_path):
    path = saved(tmp_path, attribute2music())
    assert published.is_published(path)
    assert not published.is_published(tmp_path)
    text2attribute(tmp_path)
    assert published.is_published(tmp_path)
    assert not published.is_published(tmp_path / "vocab.txt")


def without(name):
    def change(content):
        del content["model"][name]

    return change


def replaced(*keys, value):
    def change(content):
        for key in keys[:-1]:
            content = content[key] if isinstance(content, dict) else vars(content)
        if isinstance(content, argparse.Namespace):
            setattr(content, keys[-1], value)
        else:
            content[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (without("decoder.layers.1.fc1.bias"), "layers.1.up.bias is missing"),
        (without("decoder.layers.0.self_attn.k_proj.weight"), "attention.qkv.weight has shape"),
        (without("decoder.embed_tokens.weight"), "describes no MuseCoco"),
        (replaced("model", "decoder.strange", value=torch.zeros(2)), "decoder.strange is unknown"),
        (replaced("model", "classifieratt.0.weight", value=torch.zeros(2)), "holds stage 1 of MuseCoco"),
        (replaced("model", value={}), "tensors by name were expected"),
        (replaced("model", value=[1]), "tensors by name were expected"),
        (replaced("args", value=None), "no settings in 'args'"),
        (replaced("args", "decoder_attention_heads", value=7), "does not fit its configuration"),
        (replaced("args", "decoder_attention_heads", value=10**9), "heads"),
        (replaced("args", "decoder_attention_heads", value="many"), "heads"),
        (replaced("args", "activation_fn", value="relu"), "'relu', and only 'gelu'"),
        (replaced("model", "decoder.layer_norm.bias", value=torch.full((18,), torch.nan)), "not numbers"),
        (replaced("model", "decoder.embed_tokens.weight", value=torch.zeros(3241, 18)), "vocabulary"),
        (
            replaced("model", "decoder.layer_norm.bias", value=torch.zeros(1).expand(10**12)),
            "does not hold what it says",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(change, line, tmp_path):
    content = attribute2music()
    change(content)
    with pytest.raises(InvalidArtifact) as caught:
        published.load(saved(tmp_path, content))
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


class Hostile:
    def __reduce__(self):
        return (print, ("run",))


def test_nothing_is_run(tmp_path, capsys):
    with pytest.raises(InvalidArtifact, match="was not loaded"):
        published.load(saved(tmp_path, {**attribute2music(), "extra": Hostile()}))
    (tmp_path / "raw.pt").write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(InvalidArtifact):
        published.load(tmp_path / "raw.pt")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"PK\3\4 cut off", None])
def test_damaged_files_end_in_one_line(content, tmp_path):
    path = tmp_path / "damaged.pt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidArtifact) as caught:
        published.load(path)
    assert "\n" not in str(caught.value)


def _remove(name):
    return lambda folder: (folder / name).unlink()


def _write(name, content):
    return lambda folder: (folder / name).write_text(content)


def _configured(**changes):
    def change(folder):
        document = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(document | changes))

    return change


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_remove("pytorch_model.bin"), "fetch the whole checkpoint"),
        (_remove("vocab.txt"), "vocab.txt cannot be read"),
        (_remove("config.json"), "config.json cannot be read"),
        (_write("config.json", "{"), "config.json cannot be read"),
        (_write("config.json", "[]"), "hidden_size"),
        (_write("vocab.txt", "\n".join(VOCABULARY[3:])), "[PAD]"),
        (_write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n"), "no text2attribute"),
        (_configured(hidden_act="relu"), "hidden_act"),
        (_configured(layer_norm_eps=1e-5), "layer_norm_eps"),
        (_configured(num_hidden_layers=3), "is missing"),
        (_configured(num_hidden_layers=10**9), "num_hidden_layers"),
        (_configured(num_attention_heads=3), "does not divide"),
    ],
)
def test_folders_that_do_not_fit_are_refused_in_one_line(change, line, tmp_path):
    text2attribute(tmp_path)
    change(tmp_path)
    with pytest.raises(InvalidArtifact) as caught:
        published.load_reader(tmp_path)
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_of_the_wrong_stage_is_refused(tmp_path):
    text2attribute(tmp_path)
    torch.save(attribute2music()["model"], tmp_path / "pytorch_model.bin")
    with pytest.raises(InvalidArtifact, match="holds stage 2 of MuseCoco"):
        published.load_reader(tmp_path)
