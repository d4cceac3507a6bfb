"""Artifacts: what is saved is loaded, and what is damaged, hostile or of another kind is refused in one line."""

import contextlib
import json
import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from octet.core import artifacts
from octet.core.errors import InvalidArtifact

STATE = {"weight": torch.linspace(-1, 1, 12).reshape(3, 4), "steps": torch.tensor([7])}


def test_what_is_saved_is_loaded(tmp_path):
    artifacts.save(tmp_path / "a", "vocos", {"layers": 6, "name": "소리"}, STATE, card="# Card\n")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["README.md", "config.json", "model.safetensors"]
    assert artifacts.load_config(tmp_path / "a") == ("vocos", {"layers": 6, "name": "소리"})
    assert artifacts.load_config(tmp_path / "a", kind="vocos")[0] == "vocos"
    for name, tensor in artifacts.load_state(tmp_path / "a").items():
        torch.testing.assert_close(tensor, STATE[name], rtol=0, atol=0)
    assert "소리" in (tmp_path / "a" / "config.json").read_text(encoding="utf-8")


def test_half_stores_half_the_bytes_and_reads_as_float32(tmp_path):
    artifacts.save(tmp_path, "vocos", {}, STATE, bits=16)
    loaded = artifacts.load_state(tmp_path)
    assert loaded["weight"].dtype == torch.float32
    torch.testing.assert_close(loaded["weight"], STATE["weight"].half().float(), rtol=0, atol=0)
    assert loaded["steps"].dtype == torch.int64
    assert not (tmp_path / "README.md").exists()


@given(rows=st.integers(1, 5), columns=st.integers(1, 7), size=st.floats(-7, 4), seed=st.integers(0, 99))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_matrices_in_eight_bits_are_half_a_step_off_at_most(tmp_path, rows, columns, size, seed):
    matrix = 10**size * torch.randn(rows, columns, 2, generator=torch.Generator().manual_seed(seed))
    state = STATE | {"matrix": matrix, "bias": matrix[:, 0, 0], "nothing": torch.zeros(2, 2)}
    artifacts.save(tmp_path, "vocos", {}, state, bits=8)
    loaded = artifacts.load_state(tmp_path)
    assert loaded.keys() == state.keys()
    largest = matrix.abs().amax((1, 2), keepdim=True)
    # Of the largest: half a code, and what the float16 of a scale lacks; below float16's numbers, one of these.
    assert ((loaded["matrix"] - matrix).abs() <= largest * (0.5 / 127 + 2**-10) + 127 * 2.0**-25).all()
    torch.testing.assert_close(loaded["bias"], state["bias"].half().float(), rtol=0, atol=0)
    assert loaded["steps"].dtype == torch.int64
    assert not loaded["nothing"].any()
    wanted = artifacts.load_state(tmp_path, lambda name: name == "matrix")
    assert wanted.keys() == {"matrix"}
    assert torch.equal(wanted["matrix"], loaded["matrix"])


def test_scales_that_fit_no_matrix_are_refused(tmp_path):
    from safetensors.torch import save_file

    codes = torch.ones(3, 4, dtype=torch.int8)
    for tensors in (
        {"w": codes, "w:scale": torch.ones(4)},
        {"w": codes.float(), "w:scale": torch.ones(3)},
        {"w": torch.ones(3, dtype=torch.int8), "w:scale": torch.ones(3)},
    ):
        save_file(tensors, tmp_path / "model.safetensors")
        with pytest.raises(InvalidArtifact, match="w and its scales do not fit together"):
            artifacts.load_state(tmp_path)


def test_views_and_tensors_that_need_gradients_are_saved(tmp_path):
    artifacts.save(
        tmp_path, "vocos", {}, {"view": torch.arange(6.0).reshape(2, 3).T, "leaf": torch.ones(2).requires_grad_()}
    )
    torch.testing.assert_close(artifacts.load_state(tmp_path)["view"], torch.arange(6.0).reshape(2, 3).T)


def test_another_kind_or_format_is_refused(tmp_path):
    artifacts.save(tmp_path, "vocos", {}, STATE)
    with pytest.raises(InvalidArtifact, match="holds a model of kind 'vocos'; 'fastspeech2' was expected"):
        artifacts.load_config(tmp_path, kind="fastspeech2")
    (tmp_path / "config.json").write_text(json.dumps({"kind": "vocos", "format": 2, "config": {}}))
    with pytest.raises(InvalidArtifact, match="has format 2; this Octet reads 1: update Octet"):
        artifacts.load_config(tmp_path)


@pytest.mark.parametrize("content", [None, "", "{", "[]", "3", '{"kind": "vocos"}', b"\xff\xfe"])
def test_a_configuration_that_is_none_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "config.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidArtifact, match="is not an Octet configuration") as caught:
        artifacts.load_config(tmp_path)
    assert "\n" not in str(caught.value)


@given(kept=st.floats(0, 0.999))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_truncated_weight_file_is_refused(tmp_path, kept):
    artifacts.save(tmp_path, "vocos", {}, STATE)
    path = tmp_path / "model.safetensors"
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    with pytest.raises(InvalidArtifact, match="not a readable safetensors file"):
        artifacts.load_state(tmp_path)


def test_missing_weights_are_refused(tmp_path):
    with pytest.raises(InvalidArtifact, match="not a readable safetensors file"):
        artifacts.load_state(tmp_path)
    with pytest.raises(InvalidArtifact, match=r"absent\.pt does not exist"):
        artifacts.read_torch_file(tmp_path / "absent.pt")


class Hostile:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_torch_files_run_no_code(tmp_path):
    mark = tmp_path / "it ran"
    torch.save({"model": STATE, "extra": Hostile(mark)}, tmp_path / "zip.pt")
    (tmp_path / "bare.pt").write_bytes(pickle.dumps(Hostile(mark), protocol=2))
    torch.save(Hostile(mark), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    for name in ("zip.pt", "bare.pt", "old.pt"):
        with pytest.raises(InvalidArtifact, match="damaged or holds more than tensors, and was not loaded") as caught:
            artifacts.read_torch_file(tmp_path / name)
        assert "\n" not in str(caught.value)
    assert not mark.exists()


def test_torch_files_with_tensors_and_containers_are_read(tmp_path):
    for new_format in (True, False):
        torch.save({"model": STATE, "step": 3}, tmp_path / "a.pth.tar", _use_new_zipfile_serialization=new_format)
        loaded = artifacts.read_torch_file(tmp_path / "a.pth.tar")
        assert loaded["step"] == 3
        torch.testing.assert_close(loaded["model"]["weight"], STATE["weight"])


@given(kept=st.floats(0, 0.99), new_format=st.booleans())
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_truncated_torch_files_are_refused(tmp_path, kept, new_format):
    torch.save(STATE, tmp_path / "a.pt", _use_new_zipfile_serialization=new_format)
    data = (tmp_path / "a.pt").read_bytes()
    (tmp_path / "a.pt").write_bytes(data[: int(kept * len(data))])
    with pytest.raises(InvalidArtifact, match="was not loaded"):
        artifacts.read_torch_file(tmp_path / "a.pt")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@given(
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=5),
    new_format=st.booleans(),
)
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_torch_files_are_read_or_refused(tmp_path, changes, new_format):
    torch.save(STATE, tmp_path / "a.pt", _use_new_zipfile_serialization=new_format)
    data = bytearray((tmp_path / "a.pt").read_bytes())
    for place, value in changes:
        data[int(place * len(data))] = value
    (tmp_path / "a.pt").write_bytes(data)
    with contextlib.suppress(InvalidArtifact):  # nothing else may come out
        artifacts.read_torch_file(tmp_path / "a.pt")


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    layers: int
    width: int = 8


def test_configurations_become_their_own_type(tmp_path):
    assert artifacts.validated(Shape, {"layers": 2}, tmp_path) == Shape(layers=2)
    for config, message in ({}, "layers: Field required"), ({"layers": 1, "depth": 1}, "depth: Extra inputs"):
        with pytest.raises(InvalidArtifact, match=rf"config\.json: {message}"):
            artifacts.validated(Shape, config, tmp_path)


def test_weights_must_fit_exactly(tmp_path):
    module = torch.nn.Linear(4, 3)
    good = {"weight": torch.ones(3, 4), "bias": torch.zeros(3)}
    artifacts.load_state_into(module, good, tmp_path)
    assert module.weight.eq(1).all()
    cases = {
        "bias is missing": {"weight": good["weight"]},
        "extra is unknown": {**good, "extra": torch.zeros(1)},
        r"weight has shape \(4, 3\), expected \(3, 4\)": {**good, "weight": torch.ones(4, 3)},
        "a is unknown; b is unknown; c is unknown and 2 more": {**good, **dict.fromkeys("abcde", torch.zeros(1))},
    }
    for message, state in cases.items():
        with pytest.raises(InvalidArtifact, match=f"does not fit its configuration: {message}"):
            artifacts.load_state_into(module, state, tmp_path)


@pytest.mark.parametrize("text", ['{"model_type": "hifigan"}', "[1]", "{", None])
def test_only_our_own_configuration_makes_an_artifact(text, tmp_path):
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    assert not artifacts.is_artifact(tmp_path)
    artifacts.save(tmp_path, "vocos", {}, {})
    assert artifacts.is_artifact(tmp_path)


@pytest.mark.parametrize(
    "tensor",
    [torch.zeros(1).expand(2**50), torch.zeros(3, 1).half().expand(3, 4), torch.zeros(3).to_sparse()],
)
def test_a_tensor_that_claims_more_than_its_file_holds_is_refused(tmp_path, tensor):
    torch.save({"a": tensor}, tmp_path / "a.pt")
    read = artifacts.read_torch_file(tmp_path / "a.pt")["a"]
    with pytest.raises(InvalidArtifact, match="does not hold what it says of a: fetch"):
        artifacts.float32("a", read, tmp_path / "a.pt")


@pytest.mark.parametrize("tensor", [torch.rand(3, 4), torch.rand(4, 3).T, torch.rand(9)[2:5], torch.rand(2).half()])
def test_tensors_of_a_torch_file_become_float32(tmp_path, tensor):
    torch.save({"a": tensor}, tmp_path / "a.pt")
    read = artifacts.float32("a", artifacts.read_torch_file(tmp_path / "a.pt")["a"], tmp_path / "a.pt")
    assert read.dtype == torch.float32
    assert torch.equal(read, tensor.float())
    whole = torch.arange(3)
    assert artifacts.float32("a", whole, tmp_path) is whole
