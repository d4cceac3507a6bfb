"""The made corpus `scores`, its tokens, and training on it by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import scores
from octet.data.corpora.held_apart import has_held_out
from octet.data.manifest import ScoreRow
from octet.jobs.train import train
from octet.symbolic import midi
from octet.symbolic.attributes import Attributes, extract
from octet.systems.musecoco import corpus
from octet.systems.musecoco.corpus import ScoreDataset, TextDataset

PIECES = 100  # of which two are for testing
SMALL = {
    "plan.steps": "2",
    "plan.warmup_steps": "0",
    "plan.precision": "fp32",
    "model.layers": "1",
    "model.heads": "2",
    "model.inner_width": "16",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scores")
    scores.make(folder, pieces=PIECES, seed=3)
    corpus.prepare(folder)
    return folder


@pytest.fixture(scope="module")
def rows(made: Path) -> list[ScoreRow]:
    return list(manifest.read(made, ScoreRow))


def test_every_piece_has_the_attributes_that_it_was_planned_with(made: Path, rows: list[ScoreRow]) -> None:
    assert len(rows) == PIECES
    for row in rows:
        assert row.attributes is not None
        found = extract(midi.read(made / row.midi))
        labels = ("emotion", "genres", "artist", "bpm", "seconds")
        for name in set(Attributes.model_fields) - set(labels):
            assert getattr(found, name) == getattr(row.attributes, name), (row.id, name)
        assert found.bpm == pytest.approx(row.attributes.bpm, rel=1e-3)


def test_captions_are_in_both_languages_and_test_pieces_have_their_own(rows: list[ScoreRow]) -> None:
    assert [row.split for row in rows].count("test") == 2
    assert all({caption.language for caption in row.captions} == {"en", "ko"} for row in rows)
    assert all(caption.says is not None for row in rows for caption in row.captions)
    counts = {"train": 2 * (2 + 4), "test": 2 * 2}
    assert all(len(row.captions) == counts[row.split] for row in rows)


def test_no_text_of_clauses_has_the_words_of_a_held_out_template(rows: list[ScoreRow]) -> None:
    of_clauses = [one for row in rows if row.split == "train" for one in (*row.captions[2:6], *row.captions[8:])]
    assert len(of_clauses) == 98 * 8
    assert not [one.text for one in of_clauses if has_held_out(one.text, one.language)]
    testing = [one for row in rows if row.split == "test" for one in row.captions]
    assert sum(has_held_out(one.text, one.language) for one in testing) >= len(testing) / 2


def test_the_same_seed_gives_the_same_and_a_longer_corpus_begins_with_it(rows: list[ScoreRow], tmp_path: Path) -> None:
    scores.make(tmp_path, pieces=3, seed=3)
    again = list(manifest.read(tmp_path, ScoreRow))
    assert [row.model_copy(update={"midi": ""}) for row in again] == [
        row.model_copy(update={"midi": ""}) for row in rows[:3]
    ]
    with pytest.raises(InvalidInput, match="choose another folder"):
        scores.make(tmp_path, pieces=3, seed=4)


def test_tokens_are_those_of_the_pieces(made: Path, rows: list[ScoreRow]) -> None:
    dataset = ScoreDataset(made)
    assert len(dataset) == PIECES - 2
    row, example = rows[0], dataset[0]
    assert example == next(corpus.pieces(row.id, midi.read(made / row.midi), row.attributes))
    assert dataset.lengths[0] == example.length
    assert len(ScoreDataset(made, "test")) == 2


def test_texts_are_the_captions(made: Path, rows: list[ScoreRow]) -> None:
    dataset = TextDataset(made, "test")
    assert dataset[0].text == rows[49].captions[0].text
    assert len(dataset) == len(dataset.lengths) == 2 * len(rows[49].captions)


def test_a_file_that_cannot_be_read_has_no_examples(made: Path, rows: list[ScoreRow], tmp_path: Path) -> None:
    (tmp_path / "broken.mid").write_bytes(b"MThd")
    whole = rows[0].model_copy(update={"midi": str(made / rows[0].midi), "performed": True})
    manifest.write(tmp_path, [ScoreRow(id="x", midi="broken.mid", duration_seconds=1.0), whole])
    corpus.prepare(tmp_path)
    dataset = ScoreDataset(tmp_path)
    assert len(dataset) == 1
    assert dataset[0].attributes.bars is dataset[0].attributes.metre is dataset[0].attributes.bpm is None
    assert dataset[0].attributes.emotion == whole.attributes.emotion  # type: ignore[union-attr]


def test_what_is_not_computed_is_said(rows: list[ScoreRow], tmp_path: Path) -> None:
    manifest.write(tmp_path, rows[:1])
    with pytest.raises(InvalidInput, match=r"no tokens in .*: compute them with"):
        ScoreDataset(tmp_path)
    manifest.write(tmp_path, [])
    with pytest.raises(InvalidInput, match="has no pieces"):
        corpus.prepare(tmp_path)
    with pytest.raises(InvalidInput, match="no captions"):
        TextDataset(tmp_path)


@pytest.mark.parametrize(
    ("recipe", "settings"),
    [
        ("musecoco-tiny", {"model.width": "16"}),
        ("musecoco-reader-tiny", {"model.text.width": "16", "model.text.buckets": "64"}),
    ],
)
def test_both_stages_are_trained_by_name(made: Path, tmp_path: Path, recipe: str, settings: dict[str, str]) -> None:
    checkpoint = train(recipe, made, tmp_path / "run", overrides=SMALL | settings)
    assert (checkpoint / "model.safetensors").is_file()
    assert "evaluation/loss" in (tmp_path / "run" / "metrics.jsonl").read_text()
