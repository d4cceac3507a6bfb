"""The cache on disk: hits, misses, damage, bounds, folders that cannot be written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from octet.engines import cache

TENSORS = {"a": torch.arange(6).reshape(2, 3), "b": torch.tensor([1.5, -2.0])}


class Maker:
    """Counts how often something is made."""

    def __init__(self, tensors: dict[str, torch.Tensor] = TENSORS) -> None:
        self.tensors = tensors
        self.made = 0

    def __call__(self) -> dict[str, torch.Tensor]:
        self.made += 1
        return self.tensors


def same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor] = TENSORS) -> bool:
    return found.keys() == expected.keys() and all(torch.equal(found[name], expected[name]) for name in expected)


def test_what_was_made_is_found_again(tmp_path: Path) -> None:
    maker = Maker()
    for _ in range(3):
        assert same(cache.remembered("model", maker, place=tmp_path / "new"))
    assert maker.made == 1
    other = {"c": torch.zeros(1)}
    assert same(cache.remembered("other", Maker(other), place=tmp_path / "new"), other)
    assert len(list((tmp_path / "new").iterdir())) == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "bit", "text", "tensor", "unsigned"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, damage: str) -> None:
    maker = Maker()
    cache.remembered("model", maker, place=tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    broken = {
        "empty": b"",
        "cut": whole[:-3],
        "bit": whole[:-1] + bytes([whole[-1] ^ 1]),
        "text": b"not safetensors at all, but long enough for a header",
        "tensor": whole.replace(b'"a"', b'"z"'),
        "unsigned": whole.replace(b"digest", b"digits"),
    }
    assert broken[damage] != whole
    path.write_bytes(broken[damage])
    assert same(cache.remembered("model", maker, place=tmp_path))
    assert maker.made == 2
    assert path.read_bytes() == whole


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    big = {"a": torch.zeros(2500)}  # ten thousand bytes and a header
    for number, name in enumerate(("one", "two", "three")):
        cache.remembered(name, Maker(big), place=tmp_path)
        os.utime(tmp_path / f"{name}-{cache.LAYOUT}.safetensors", (number, number))
    cache.remembered("one", Maker(big), place=tmp_path)  # used again
    cache.remembered("four", Maker(big), place=tmp_path, largest_bytes=25_000)
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {"one", "four"}
    cache.remembered("five", Maker(big), place=tmp_path, largest_bytes=1)
    assert {path.name.split("-")[0] for path in tmp_path.iterdir()} == {"five"}


def test_a_place_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    maker = Maker()
    for _ in range(2):
        assert same(cache.remembered("model", maker, place=tmp_path / "file" / "folder"))
    assert maker.made == 2


def test_the_place_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCTET_CACHE", str(tmp_path / "own"))
    assert cache.folder() == tmp_path / "own" / "engines"
    monkeypatch.delenv("OCTET_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "octet" / "engines"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache.folder() == Path.home() / ".cache" / "octet" / "engines"


def test_a_digest_is_of_names_shapes_types_and_values() -> None:
    digests = {
        cache.digest(tensors)
        for tensors in (
            {"a": torch.zeros(4)},
            {"b": torch.zeros(4)},
            {"a": torch.zeros(2, 2)},
            {"a": torch.zeros(4, dtype=torch.int32)},
            {"a": torch.tensor([0.0, 0.0, 0.0, 1e-9])},
        )
    }
    assert len(digests) == 5
    assert cache.digest(TENSORS) == cache.digest(dict(reversed(TENSORS.items())))
    assert cache.digest({"a": torch.arange(6).reshape(2, 3).t()}) != cache.digest({"a": torch.arange(6).reshape(3, 2)})
    assert cache.digest({"a": torch.zeros(4, dtype=torch.bfloat16)})
