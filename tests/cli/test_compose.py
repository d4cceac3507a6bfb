"""`octet compose` as a person meets it, with untrained models whose pieces are short."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.running import Octet, refused
from tests.systems.musecoco.examples import player, reader, song

import octet as package
from octet.core import artifacts
from octet.symbolic import midi
from octet.symbolic.attributes import extract
from octet.symbolic.musicxml import read_musicxml

SHORT = ("--bars", "2", "--metre", "2/4", "--engine", "torch")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder = tmp_path_factory.mktemp("models")
    for name, made in (("composer", player()), ("reader", reader())):
        artifacts.save(folder / name, *made.artifact())
    return "--model", str(folder / "composer"), "--reader", str(folder / "reader")


def test_a_prompt_becomes_midi_sound_sheet_and_report(octet: Octet, models: tuple[str, ...], tmp_path: Path) -> None:
    made = octet(
        *("compose", "a tune at 100 bpm", "-o", tmp_path / "t.mid", *models, *SHORT, "--key", "D minor"),
        *("--without", "drum", "--render", tmp_path / "t.wav", "--musicxml", tmp_path / "t.musicxml"),
        *("--report", tmp_path / "t.json"),
    )
    assert made.code == 0, made.err
    score = midi.read(tmp_path / "t.mid")
    found = extract(score)
    assert (found.bars, found.metre, found.tonic) == (2, "2/4", 2)
    assert found.bpm == pytest.approx(100, rel=1e-3)
    assert len(read_musicxml(tmp_path / "t.musicxml").tracks) == len(score.tracks)
    assert (tmp_path / "t.wav").stat().st_size > 44_100
    report = json.loads((tmp_path / "t.json").read_text())
    assert report["found"]["bars"] == 2
    assert "--bars 2 --tempo 100" in report["flags"]
    assert "as options: " in made.text


def test_the_options_that_are_printed_ask_for_the_same(octet: Octet, models: tuple[str, ...], tmp_path: Path) -> None:
    import shlex

    words = ("--bars", "1-4", "--tempo", "fast", "--genre", "Jazz", "--instrument", "piano", "--danceable")
    common = ("compose", "", *models, "--engine", "torch", "--json")
    first = octet(*common, "-o", tmp_path / "a.mid", *words, "--metre", "2/4", "--key", "Bb major")
    assert first.code == 0, first.err
    told = json.loads(first.text)
    again = octet(*common, "-o", tmp_path / "b.mid", *shlex.split(told["flags"]))
    assert json.loads(again.text)["attributes"] == told["attributes"]
    assert midi.read(tmp_path / "a.mid") == midi.read(tmp_path / "b.mid")


def test_it_is_replayed_from_midi_and_from_sound(octet: Octet, models: tuple[str, ...], tmp_path: Path) -> None:
    midi.write(tmp_path / "begun.mid", song(60, 62, 64, 65))
    made = octet(
        *("compose", "x", "-o", tmp_path / "a.mid", *models, *SHORT, "--bars", "3"),
        *("--continue", tmp_path / "begun.mid", "--render", tmp_path / "a.wav"),
    )
    assert made.code == 0, made.err
    assert octet("replay", tmp_path / "a.mid", "-o", tmp_path / "b.mid").code == 0
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    assert octet("replay", tmp_path / "a.wav", "-o", tmp_path / "b.wav").code == 0
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()
    midi.write(tmp_path / "begun.mid", song(60, 62, 64, 67))
    refused(octet("replay", tmp_path / "a.mid", "-o", tmp_path / "c.mid"), "is not what it was")


def test_words_are_set_to_the_tune(octet: Octet, models: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("la " * 500)
    made = octet(
        *("compose", "", "-o", tmp_path / "a.mid", *models, *SHORT, "--without", "drum"),
        *("--lyrics", tmp_path / "words.txt"),
    )
    assert made.code == 0, made.err
    assert "syllables found no note" in made.text
    assert {lyric.text for lyric in midi.read(tmp_path / "a.mid").lyrics} == {"la"}


def test_it_loads_in_python(models: tuple[str, ...]) -> None:
    composer = package.load(models[1], reader=models[3])
    assert composer.generate("x", bars=1, metre="1/4").score.tracks  # type: ignore[union-attr, call-arg]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--instrument", "theremin"), ("theremin", "synthesizer")),
        (("--bars", "200", "--seconds", "5"), ("200 bars", "not 5", "change one of them")),
        (("--bars", "many"), ("--bars takes a number", "5-8")),
        (("--danceable", "--without", "drum"), ("danceability", "no drums")),
        (("--key", "H major"), ("tonic", "C")),
        (("--continue", "missing.mid"), ("missing.mid",)),
        (("--lyrics", "missing.txt"), ("missing.txt",)),
        (("--render", "a.aiff"), (".aiff",)),
        (("--musicxml", "a.pdf"), ("a.pdf", ".musicxml")),
        (("--samples", "0"), ("candidates",)),
    ],
)
def test_bad_input_is_one_line(
    octet: Octet, models: tuple[str, ...], tmp_path: Path, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    refused(octet("compose", "", "-o", tmp_path / "a.mid", *models, *words), *said)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_not_there_says_how_to_come_by_one(octet: Octet, tmp_path: Path) -> None:
    from octet.jobs.load import BUNDLED

    if (BUNDLED / "musecoco-tiny").is_dir():
        pytest.skip("it is bundled")
    refused(octet("compose", "x", "-o", tmp_path / "a.mid"), "octet train musecoco-tiny", "--model")


def test_a_file_of_other_programs_cannot_be_replayed(octet: Octet, tmp_path: Path) -> None:
    midi.write(tmp_path / "a.mid", song(60))
    refused(octet("replay", tmp_path / "a.mid", "-o", tmp_path / "b.mid"), "does not say how it was made")
