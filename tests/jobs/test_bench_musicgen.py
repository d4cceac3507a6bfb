"""The benchmark of MusicGen's engines, in small, and how its ratios follow from what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from octet.core.errors import InvalidInput
from octet.families.token_lm.transformer import DecoderConfig
from octet.jobs.bench_musicgen import RUNNERS, Work, bench_musicgen, keep, measured, reported, run, runners, weights_of
from octet.systems.musicgen import recipe

TINY = DecoderConfig(codebooks=4, vocabulary=64, width=32, heads=2, layers=1, inner_width=64)


def work(engine: str, weights: str) -> Work:
    return Work(engine, weights, 12, 1, TINY.model_dump_json())


def test_weights_that_a_step_reads_are_those_of_the_paper() -> None:
    """352 M of layers with text attended to, of which keys and values are made once, and four heads."""
    small = recipe.small()[0].decoder
    assert weights_of(small) == 24 * (6 * 1024**2 + 2 * 1024 * 4096) + 4 * 2048 * 1024
    plain = small.model_copy(update={"cross_attention": False})
    assert weights_of(small) - weights_of(plain) == 24 * 2 * 1024**2


def test_ratios_are_to_the_peer_and_to_the_limit() -> None:
    found = {
        work("transformers", "fp32"): {"steps/s": 2.0, "peak memory, GB": 3.0},
        work("torch", "fp32"): {"steps/s": 5.0, "peak memory, GB": 2.0},
        work("openvino", "int8"): {"steps/s": 40.0, "peak memory, GB": 1.0},
    }
    rows = reported(found, bytes_per_second=8e9, weights=100_000_000)
    assert rows["ratio"] == 20.0
    assert rows["torch fp32: ratio"] == 2.5
    assert rows["openvino int8: share of the bandwidth limit"] == pytest.approx(0.5)
    assert rows["torch fp32: share of the bandwidth limit"] == pytest.approx(0.25)
    assert rows["best steps/s"] == 40.0
    alone = reported({key: row for key, row in found.items() if key.engine != "transformers"}, 8e9, 100_000_000)
    assert "ratio" not in alone


def test_only_what_the_processor_has_instructions_for_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    everything = {"avx512_bf16": True, "avx512_vnni": True}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: everything, raising=False)
    assert runners() == list(RUNNERS)
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    assert set(RUNNERS) - set(runners()) == {("torch", "bf16"), ("torch", "w8a8")}


@pytest.mark.parametrize("options", [{"seconds": 0.0}, {"seconds": 1e6}, {"threads": 0}, {"peer": "nobody"}])
def test_what_cannot_be_measured_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match=r"needed, given|no peer called"):
        bench_musicgen(decoder=TINY, **options)  # type: ignore[arg-type]


def test_torch_is_measured_in_this_process_too(tmp_path: Path) -> None:
    found = run(work("torch", "fp32"), tmp_path)
    assert set(found) == {"steps/s", "peak memory, GB"}
    assert min(found.values()) > 0


def test_quantised_weights_are_kept_for_the_process_that_runs_them(tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    assert keep(work("openvino", "w8a8"), tmp_path) == {}
    (kept,) = tmp_path.glob("*.safetensors")
    written = kept.stat().st_mtime_ns
    assert keep(work("openvino", "int8"), tmp_path) == {}
    assert [path.name for path in tmp_path.iterdir()] == [kept.name]
    assert kept.stat().st_mtime_ns >= written


def test_a_process_that_fails_is_told_in_one_line(tmp_path: Path) -> None:
    broken = Work("torch", "fp32", 5, 1, '{"codebooks": 0}')
    with pytest.raises(InvalidInput, match="torch fp32 could not be measured") as raised:
        measured(broken, tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_the_whole_benchmark_in_small() -> None:
    pytest.importorskip("openvino")
    pytest.importorskip("transformers")
    rows = bench_musicgen(seconds=1.0, peer="transformers", threads=1, decoder=TINY)
    for engine, weights in runners():
        assert rows[f"{engine} {weights}: steps/s"] > 0
        assert rows[f"{engine} {weights}: ratio"] > 0
        assert 0 < rows[f"{engine} {weights}: peak memory, GB"] < 8
    assert rows["openvino int8: seconds to the first sound"] > 0
    assert rows["ratio"] == rows["best steps/s"] / rows["transformers fp32: steps/s"]
