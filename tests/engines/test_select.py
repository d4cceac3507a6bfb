"""Which engine runs, and what is said where one cannot."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.families.token_lm import examples
from tests.families.token_lm.examples import SMALL, tokens, told

from octet.core.errors import InvalidInput, MissingExtra
from octet.engines import prepare
from octet.engines.openvino_engine import OpenVinoEngine
from octet.engines.select import engine_for, entry, reopened
from octet.engines.torch_linear import require_kernels
from octet.families.token_lm.engine import Engine, TorchEngine
from octet.families.token_lm.transformer import TokenDecoder

pytest.importorskip("openvino")


@pytest.fixture
def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)


def decoder(seed: int = 0) -> TokenDecoder:
    """The same whenever it is made."""
    torch.manual_seed(seed)
    return examples.decoder(seed=seed)


def rounds(name: str) -> bool:
    """Whether bf16 is computed in bf16 here: OpenVINO goes on in float32 on processors without instructions for it."""
    import openvino

    return name == "torch" or "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def logits(engine: Engine) -> torch.Tensor:
    return engine.start(told(3, 6), tokens(2, 9), steps=9).logits


@pytest.mark.parametrize(
    ("name", "kind"), [("auto", OpenVinoEngine), ("openvino", OpenVinoEngine), ("torch", TorchEngine)]
)
def test_engines_go_by_name(name: Any, kind: type) -> None:
    made = engine_for(decoder(), name)
    assert isinstance(made, kind)
    torch.testing.assert_close(logits(made), logits(TorchEngine(decoder())), atol=1e-4, rtol=0)


@pytest.mark.usefixtures("without_openvino")
def test_torch_stands_in_where_openvino_is_not_installed(tmp_path: Path) -> None:
    assert isinstance(engine_for(decoder()), TorchEngine)
    assert isinstance(engine_for(decoder(), "auto", "int8", place=tmp_path), TorchEngine)
    assert isinstance(reopened(SMALL, entry(decoder(), "int8"), "int8", place=tmp_path), TorchEngine)
    for name, weights in (("openvino", None), ("openvino", "int8"), ("auto", "w4a8")):
        with pytest.raises(MissingExtra, match=r"pip install 'octet\[openvino\]'") as raised:
            engine_for(decoder(), name, weights)  # type: ignore[arg-type]
        assert "\n" not in str(raised.value)


def test_a_decoder_on_another_device_is_torchs() -> None:
    elsewhere = decoder().to("meta")
    assert isinstance(engine_for(elsewhere), TorchEngine)
    with pytest.raises(InvalidInput, match="runs on the CPU and the model is on meta"):
        engine_for(elsewhere, "openvino")
    for name in ("auto", "torch"):
        with pytest.raises(
            InvalidInput, match="int8 are for the CPU and the model is on meta: there, take fp32 or bf16"
        ):
            engine_for(elsewhere, name, "int8")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"engine": "onnx"}, "no engine 'onnx': choose from auto, torch, openvino"),
        ({"weights": "int2"}, "no weights 'int2': choose from fp32, bf16, int8, int4, w8a8, w4a8"),
        ({"engine": "torch", "weights": "w4a8"}, "torch runs no w4a8, but int8, w8a8, int4"),
    ],
)
def test_what_cannot_be(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        engine_for(decoder(), **options)


@pytest.mark.parametrize("name", ["torch", "openvino"])
def test_half_precision_is_near_and_leaves_the_model_as_it_was(name: Any) -> None:
    whole = decoder()
    expected = logits(TorchEngine(whole))
    found = logits(engine_for(whole, name, "bf16"))
    error = float((found - expected).abs().mean() / expected.std())
    assert (1e-4 < error < 0.03) if rounds(name) else error < 1e-5
    assert torch.equal(logits(TorchEngine(whole)), expected)


@pytest.mark.parametrize("name", ["torch", "openvino"])
def test_a_decoder_in_half_precision_runs_so_unless_told_otherwise(name: Any) -> None:
    half = decoder().bfloat16()
    restored = logits(TorchEngine(half.float().requires_grad_(False)))
    half = half.bfloat16()
    torch.testing.assert_close(logits(engine_for(half, name, "fp32")), restored, atol=1e-4, rtol=0)
    error = float((logits(engine_for(half, name)) - restored).abs().max())
    assert error > 1e-4 if rounds(name) else error < 1e-4


def test_quantised_weights_are_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(prepare, "quantized", lambda *given: made.append(1) or real(*given))
    first = logits(engine_for(decoder(), "openvino", "int8", place=tmp_path))
    count = len(made)
    assert count == 2 * 7 + 1  # seven matrices a layer, and the heads
    again = logits(engine_for(decoder(), "openvino", "int8", place=tmp_path))
    assert len(made) == count
    assert torch.equal(first, again)
    for other, weights in ((decoder(), "int4"), (decoder(seed=1), "int8")):
        assert not torch.equal(logits(engine_for(other, "openvino", weights, place=tmp_path)), first)  # type: ignore[arg-type]
    assert len(made) == 3 * count
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("weights", ["int8", "w8a8", "int4"])
def test_engines_share_quantised_weights(tmp_path: Path, weights: Any) -> None:
    try:
        require_kernels(weights)
    except InvalidInput as error:
        pytest.skip(str(error))
    name = entry(decoder(), weights)
    first = engine_for(decoder(), "torch", weights, place=tmp_path)
    (kept,) = tmp_path.iterdir()
    again = reopened(SMALL, name, weights, "torch", place=tmp_path)
    assert isinstance(again, TorchEngine)
    assert torch.equal(logits(again), logits(first))
    other = reopened(SMALL, name, weights, place=tmp_path)
    assert isinstance(other, OpenVinoEngine)
    assert float((logits(other) - logits(first)).abs().max()) < 0.2
    assert list(tmp_path.iterdir()) == [kept]


def test_an_engine_that_cannot_run_weights_does_not_reopen_them(tmp_path: Path) -> None:
    engine_for(decoder(), "openvino", "w4a8", place=tmp_path)
    name = entry(decoder(), "w4a8")
    assert reopened(SMALL, name, "w4a8", place=tmp_path) is not None
    with pytest.raises(InvalidInput, match="torch runs no w4a8"):
        reopened(SMALL, name, "w4a8", "torch", place=tmp_path)
    with pytest.raises(InvalidInput, match="no engine 'onnx'"):
        reopened(SMALL, name, "w4a8", "onnx", place=tmp_path)  # type: ignore[arg-type]


def test_an_engine_is_reopened_without_its_decoder(tmp_path: Path) -> None:
    name = entry(decoder(), "int4")
    assert reopened(SMALL, name, "int4", place=tmp_path) is None
    first = logits(engine_for(decoder(), "openvino", "int4", place=tmp_path))
    again = reopened(SMALL, name, "int4", place=tmp_path)
    assert again is not None
    assert torch.equal(logits(again), first)


real = prepare.quantized
