"""`octet reproduce musecoco`, on a corpus and for a time that teach nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from octet.core.errors import InvalidInput
from octet.data.corpora import scores
from octet.jobs.reproduce_musecoco import reproduce_musecoco
from octet.systems.musecoco import corpus

COMMON = {"plan.steps": "1", "plan.warmup_steps": "0", "plan.precision": "fp32", "model.layers": "1"}
SMALL = {
    "musecoco-tiny": COMMON | {"model.width": "16", "model.heads": "2", "model.longest_tokens": "128"},
    "musecoco-reader-tiny": COMMON | {"model.text.width": "16", "model.text.buckets": "64", "model.heads": "2"},
}


def test_texts_are_compared_with_attributes_and_with_nothing(tmp_path: Path) -> None:
    scores.make(tmp_path / "data", pieces=4, seed=1)
    corpus.prepare(tmp_path / "data")
    reproduce_musecoco(tmp_path / "data", tmp_path / "out", minutes=1, texts=4, overrides=SMALL)
    document = json.loads((tmp_path / "out" / "report.json").read_text())
    found = document["results"]["control_accuracy"]
    assert set(found) == {"text", "true attributes", "nothing"}
    assert all(0 <= one["asa"] <= 1 for one in found.values())
    assert len(document["targets"]) == 2


def test_too_little_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least 2 texts"):
        reproduce_musecoco(tmp_path, tmp_path / "out", texts=1)
