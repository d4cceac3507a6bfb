"""What an engine has copied does not stay in memory twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from tests.families.token_lm.examples import SMALL, tokens, vectors

from octet.engines.memory import give_back
from octet.engines.select import engine_for, reopened
from octet.families.token_lm.conditions import Conditions
from octet.families.token_lm.transformer import TokenDecoder

linux = pytest.mark.skipif(sys.platform != "linux", reason="pages are counted by Linux")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A folder whose files are not memory themselves."""
    kind = subprocess.run(["stat", "-f", "-c", "%T", tmp_path], capture_output=True, text=True, check=True).stdout
    if kind.strip() in ("tmpfs", "ramfs"):
        pytest.skip(f"{tmp_path} lies in memory")
    return tmp_path


def resident_bytes(file: Path) -> int:
    """How much of a mapped file is in this process's memory."""
    total, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(maxsplit=1)[0]:  # a mapping's own line: addresses first, its file last
            inside = line.endswith(str(file))
        elif inside and line.startswith("Rss:"):
            total += int(line.split()[1]) * 1024
    return total


@linux
def test_pages_go_and_values_stay(disk: Path) -> None:
    path = disk / "weights.safetensors"
    save_file({"large": torch.arange(1_000_000), "small": torch.arange(3)}, path)
    with safe_open(path, "pt") as file:
        held = {name: file.get_tensor(name) for name in ("large", "small")}
    total = held["large"].sum()
    before = resident_bytes(path)
    give_back(held.values())
    assert before > 8_000_000
    assert resident_bytes(path) < 100_000
    assert held["large"].sum() == total
    assert held["small"].tolist() == [0, 1, 2]


def test_what_lies_in_memory_alone_stays_what_it_is() -> None:
    tensor = torch.arange(100_000)
    give_back([tensor])
    assert torch.equal(tensor, torch.arange(100_000))


@linux
def test_an_engine_gives_back_what_it_rearranged(disk: Path) -> None:
    pytest.importorskip("openvino")
    wide = SMALL.model_copy(update={"width": 256, "inner_width": 4096})
    torch.manual_seed(0)
    engine_for(TokenDecoder(wide), "openvino", "int8", name="kept", place=disk)
    (path,) = disk.iterdir()
    engine = reopened(wide, "kept", "int8", "openvino", place=disk)
    assert engine is not None
    before = resident_bytes(path)
    session = engine.start(Conditions(cross=vectors(2, 5, width=256)), tokens(2, 9), steps=12)
    assert resident_bytes(path) < before / 4
    for step in range(3):
        session.step(tokens(2, 12)[:, :, 9 + step])
    assert resident_bytes(path) < before / 4  # nor are they read again
