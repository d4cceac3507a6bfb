"""The adapter over T5: parity with transformers on random weights, and refusal of what is no T5."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tests.encoders.text.examples import t5_folder, tokenizer

from octet.core.errors import InvalidArtifact
from octet.encoders.text import t5

TEXTS = ["warm lo fi piano", "loud guitar", ""]


def test_vectors_are_those_of_transformers(tmp_path: Path) -> None:
    model = t5_folder(tmp_path)
    encoder = t5.load(tmp_path)
    tokens = encoder.tokenize(TEXTS)
    assert tokens.ids.tolist() == tokenizer()(TEXTS, padding=True)["input_ids"]
    assert tokens.valid.sum(1).tolist() == [5, 3, 1]  # with the end mark
    with torch.no_grad():
        expected = model(input_ids=tokens.ids, attention_mask=tokens.valid.long()).last_hidden_state
    found = encoder(tokens)
    assert encoder.width == 24
    assert not found.requires_grad
    assert torch.equal(found, expected)


def test_a_text_is_the_same_alone_and_in_a_batch(tmp_path: Path) -> None:
    t5_folder(tmp_path)
    encoder = t5.load(tmp_path)
    together, alone = encoder(encoder.tokenize(TEXTS)), encoder(encoder.tokenize(TEXTS[1:2]))
    torch.testing.assert_close(together[1, :3], alone[0], atol=1e-5, rtol=0)


def test_long_texts_are_cut(tmp_path: Path) -> None:
    t5_folder(tmp_path)
    assert t5.load(tmp_path).tokenize(["a " * 1000]).ids.shape == (1, t5.LONGEST_TOKENS)


def test_a_t5_inside_another_model_is_found(tmp_path: Path) -> None:
    model = t5_folder(tmp_path)
    inside = {"model_type": "musicgen", "text_encoder": json.loads((tmp_path / "config.json").read_text())}
    (tmp_path / "config.json").write_text(json.dumps(inside))
    state = {f"text_encoder.{name}": weight for name, weight in model.state_dict().items() if name != t5.COPY}
    encoder = t5.load(tmp_path, {**state, "decoder.weight": torch.zeros(2)})
    tokens = encoder.tokenize(TEXTS)
    with torch.no_grad():
        expected = model(input_ids=tokens.ids, attention_mask=tokens.valid.long()).last_hidden_state
    assert torch.equal(encoder(tokens), expected)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_type": "bert"}, "model_type"),
        ({"num_layers": 10**9}, "num_layers: .* less than or equal to 100"),
        ({"d_ff": 200_000}, r"describes a model of \d+ numbers"),
        ({"num_layers": 3}, "is missing"),
    ],
)
def test_what_is_no_such_t5_is_refused(change: dict[str, object], reason: str, tmp_path: Path) -> None:
    t5_folder(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(InvalidArtifact, match=reason):
        t5.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"), [("", "cannot be read"), ("[1]", "model_type: Field required"), ("{", "cannot be read")]
)
def test_damaged_configurations_are_refused(content: str, reason: str, tmp_path: Path) -> None:
    t5_folder(tmp_path)
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(InvalidArtifact, match=reason):
        t5.load(tmp_path)


def test_missing_and_damaged_tokenizers_are_told(tmp_path: Path) -> None:
    t5_folder(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(InvalidArtifact, match="no tokenizer that can be read"):
        t5.load(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(InvalidArtifact, match=r"no tokenizer\.json: fetch"):
        t5.load(tmp_path)
