"""The demo says which piece it left out, and why."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from octet.jobs.demo import PIECES, Piece, Tune, demo, everything
from octet.jobs.demo_songs import SONGS
from octet.jobs.load import SYSTEMS
from octet.text.languages import japanese_openjtalk
from octet.text.phonemes import LANGUAGES


def test_every_bundled_system_has_a_piece():
    assert {piece.model for piece in everything()} == set(SYSTEMS)


def test_every_language_has_a_piece():
    assert {piece.language for piece in PIECES} == set(LANGUAGES)


def test_what_cannot_be_made_is_left_out_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyopenjtalk", None)  # as where the extra is not installed
    japanese_openjtalk._engine.cache_clear()
    pieces = (
        Piece("A & B", "Hi.", "en", "slt"),
        Piece("Kanji", "今日", "ja", "ja"),
        Piece("Unheard", "Hi.", "en", "slt", model="fastspeech9"),
    )
    made = demo(tmp_path / "demo", pieces=pieces)
    page = made.page.read_text(encoding="utf-8")
    assert [sound.name for sound in made.sounds] == ["01-fastspeech2-en-slt.wav"]
    assert made.sounds[0].with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert made.left_out[0].startswith("Kanji: ")
    assert "pip install 'octet[japanese]'" in made.left_out[0]
    assert made.left_out[1] == "Unheard: the model fastspeech9 is not bundled with this Octet"
    assert "A &amp; B" in page
    assert page.count("Left out: ") == 2


def test_a_tune_of_a_model_that_is_not_there_is_left_out(tmp_path: Path):
    made = demo(tmp_path, pieces=[Tune("Nobody's tune", "A tune.", model="musicgen9")])
    assert made.left_out == ("Nobody's tune: the model musicgen9 is not bundled with this Octet",)


def test_a_tune_of_the_bundled_model(tmp_path: Path):
    made = demo(tmp_path, pieces=[Tune("Short", "A slow tune for piano.", seconds=0.5)])
    assert [sound.name for sound in made.sounds] == ["01-musicgen-0.wav"]
    assert made.sounds[0].with_suffix(".png").is_file()


def test_a_score_of_the_bundled_model_lies_beside_its_sound(tmp_path: Path):
    made = demo(tmp_path, pieces=[Tune("Short", "A slow tune for piano, 2 bars.", model="musecoco")])
    assert [sound.name for sound in made.sounds] == ["01-musecoco-0.wav"]
    assert made.sounds[0].with_suffix(".mid").is_file()


def test_a_song_of_the_bundled_singer_lies_beside_its_score(tmp_path: Path):
    assert set(SONGS).issubset(everything())
    made = demo(tmp_path, pieces=SONGS[-1:])
    assert not made.left_out
    assert [sound.name for sound in made.sounds] == ["01-diffsinger-ko-ko.wav"]
    assert made.sounds[0].with_suffix(".musicxml").is_file()
