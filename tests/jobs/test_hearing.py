"""Likelihoods say what a model hears of a caption."""

from dataclasses import replace
from pathlib import Path

import torch
from tests.data.pieces import codec, pieces
from tests.systems.musicgen.examples import example, model, small

from octet.core.training import MusicExample
from octet.jobs.hearing import hearing, held_out_pieces
from octet.jobs.prepare import Making, prepare
from octet.systems.musicgen.captions import CaptionTraining


def tunes() -> list[MusicExample]:
    """One in major and one in minor, at the same tempo."""
    modes = enumerate(("major", "minor"))
    return [replace(example(number), attributes={"key": f"C {mode}", "bpm": 90}) for number, mode in modes]


def test_who_has_learned_a_mode_loses_by_the_other_one() -> None:
    told = CaptionTraining(merge=1, keep_attribute=1, drop_description=1, drop_word=0)
    made, both = model(small(captions=told)), tunes()
    optimizer = torch.optim.Adam(made.parameters(), 3e-3)
    for step in range(60):
        loss = made.loss(made.collate(both, torch.Generator().manual_seed(step)), step=step).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    heard = hearing(made.eval(), both)
    assert heard["the other mode"]["nats"] > 5
    assert heard["the other mode"]["pieces"] == heard["another piece's"]["pieces"] == 1
    assert heard["the other mode"]["nats"] > 2 * heard["a slow or a fast tempo"]["nats"]
    assert set(heard) == {
        "another piece's",
        "nothing",
        "the other mode",
        "a tonic six semitones away",
        "a slow or a fast tempo",
    }


def test_what_a_piece_does_not_have_is_not_exchanged() -> None:
    drums = [replace(tune, attributes={"bpm": 90}) for tune in tunes()]
    assert set(hearing(model().eval(), drums)) == {"another piece's", "nothing", "a slow or a fast tempo"}


def test_a_key_that_is_spelt_otherwise_keeps_its_tonic() -> None:
    flats = [replace(tune, attributes={"key": "Bb minor"}) for tune in tunes()]
    assert set(hearing(model().eval(), flats)) == {"another piece's", "nothing", "the other mode"}


def test_a_model_that_is_told_nothing_new_loses_nothing() -> None:
    same = [replace(tune, attributes={"bpm": 90}) for tune in tunes()]
    assert hearing(model().eval(), same)["another piece's"] == {"nats": 0, "pieces": 0}


def test_pieces_are_those_for_testing(tmp_path: Path) -> None:
    pieces(tmp_path / "music")
    hears = codec(tmp_path / "codec")
    prepare("tokens", tmp_path / "music", Making(codec=str(hears)), workers=1)
    found = held_out_pieces(small(codec=str(hears)), tmp_path / "music")
    assert {piece.id for piece in found} == {"p2", "p5"}
    assert found[0].attributes["key"] == "A minor"
