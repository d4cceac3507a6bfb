from __future__ import annotations

import json

import pytest

from octet.core.errors import InvalidInput
from octet.core.progress import silent
from octet.data.corpora import shards


def fill(staging, name, shard):
    """A file an item, and a row that says where it is."""
    for item in shard:
        (staging / f"{item}.txt").write_text(str(item))
    return "".join(json.dumps({"item": item, "shard": name}) + "\n" for item in shard)


def broken(staging, name, shard):
    (staging / "half.txt").write_text("half")
    raise InvalidInput(f"{name} of {len(shard)} cannot be made")


def made(folder, items, work=fill, on_progress=silent, workers=1):
    lines = shards.make(folder, items, 3, work, workers=workers, phase="making", on_progress=on_progress)
    return [json.loads(line) for line in lines]


def test_rows_come_in_order_from_shards_that_are_named_by_what_is_in_them(tmp_path):
    rows = made(tmp_path, range(7), workers=2)
    assert [row["item"] for row in rows] == list(range(7))
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["00000", "00001", "00002-1"]
    assert (tmp_path / "00001" / "4.txt").read_text() == "4"


def test_what_is_there_is_kept_and_more_only_adds(tmp_path):
    made(tmp_path, range(6))
    kept = (tmp_path / "00001" / "4.txt").stat().st_mtime_ns
    steps = []
    rows = made(tmp_path, range(9), on_progress=steps.append)
    assert len(rows) == 9
    assert [(step.done, step.total) for step in steps] == [(3, 3)]
    assert (tmp_path / "00001" / "4.txt").stat().st_mtime_ns == kept


def test_a_shard_that_fails_leaves_nothing_that_passes_for_one(tmp_path):
    with pytest.raises(InvalidInput, match="00000 of 3 cannot be made"):
        made(tmp_path, range(3), work=broken)
    assert not (tmp_path / "00000").exists()
    assert made(tmp_path, range(3)) == [{"item": item, "shard": "00000"} for item in range(3)]
    assert [path.name for path in tmp_path.iterdir()] == ["00000"]


def test_settings_are_those_that_a_corpus_was_begun_with(tmp_path):
    path = tmp_path / "corpus.json"
    shards.check_settings(path, {"seed": 1})
    shards.check_settings(path, {"seed": 1})
    with pytest.raises(InvalidInput, match=r"made with \{'seed': 1\}, asked for is \{'seed': 2\}"):
        shards.check_settings(path, {"seed": 2})
