"""`octet evaluate musecoco` with untrained models whose pieces are short."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.systems.musecoco.examples import player, reader

from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.data.corpora.captions import by_hand
from octet.jobs.evaluate_musecoco import Settings, evaluate_musecoco, held_out_texts


def test_everything_is_measured(tmp_path: Path) -> None:
    for name, made in (("composer", player()), ("reader", reader())):
        artifacts.save(tmp_path / name, *made.artifact())
    settings = Settings(str(tmp_path / "composer"), str(tmp_path / "reader"), pieces=8, texts=8, training=2)
    report = evaluate_musecoco(tmp_path / "report", settings)
    results = json.loads((tmp_path / "report" / "report.json").read_text())["results"]
    assert results["composer_and_extractor"] == {"pieces": 8, "agreement": 1, "exact_round_trips": 1}
    assert set(results["texts"]) == {
        f"{kind}, {language}" for kind in ("templates", "written by hand") for language in ("English", "Korean")
    }
    assert results["outputs"] == {"pieces": 8, "read_back": 1}
    accuracies = results["attributes_met"]
    assert 0 <= accuracies["one sample"]["asa"] <= accuracies["best of four"]["asa"] <= 1
    assert set(results["musicality"]["model"]) == set(results["musicality"]["training music"])
    assert results["copies"]["model"]["copied"] == 0
    assert len(report.targets) == 8


def test_too_little_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least 8"):
        evaluate_musecoco(tmp_path, Settings(pieces=3))


def test_held_out_texts_are_of_both_languages() -> None:
    texts = held_out_texts(8)
    assert [any("가" <= letter <= "힣" for letter in one.text) for one in texts] == [False, True] * 4


def test_sentences_by_hand_are_fifty_a_language_and_of_no_template() -> None:
    found = by_hand()
    assert [one.language for one in found].count("en") == [one.language for one in found].count("ko") == 50
    assert len({one.text for one in found}) == 100
    assert all(one.says is not None for one in found)
