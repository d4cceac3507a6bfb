"""Evaluations of a codec and of a MusicGen: every figure is there, and the promises follow from them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.data.pieces import pieces
from tests.jobs.players import small

from octet.core import artifacts
from octet.core.errors import InvalidInput, MissingExtra
from octet.evaluation import attributes
from octet.jobs import evaluate_codec, evaluate_musicgen
from octet.jobs.evaluate_musicgen import Settings
from octet.jobs.prepare import Making, prepare
from octet.symbolic.instruments import DRUM
from octet.symbolic.soundfont import default_path


def there_is_a_font() -> bool:
    try:
        return default_path().is_file()
    except MissingExtra:
        return False


needs_a_font = pytest.mark.skipif(not there_is_a_font(), reason="pieces are rendered with a SoundFont")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("small"))


def test_captions_ask_for_what_they_say_and_are_always_the_same() -> None:
    first = evaluate_musicgen.prompts(12)
    assert first == evaluate_musicgen.prompts(12)
    assert len({prompt.text for prompt in first}) > 6
    for prompt in first:
        assert None not in (prompt.asked.tempo, prompt.asked.mode, prompt.asked.drums)
        assert DRUM not in (prompt.asked.instruments or ())


@pytest.mark.slow
@needs_a_font
def test_a_musicgen_is_asked_told_nothing_and_given_melodies(folder: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    pieces(corpus)
    prepare("tokens", corpus, Making(codec=str(folder / "codec")), workers=1)
    kind, config = artifacts.load_config(folder / "music")
    unusual = {**config, "guidance_scale": 2.5}
    artifacts.save(tmp_path / "music", kind, unusual, artifacts.load_state(folder / "music"))
    settings = Settings(str(tmp_path / "music"), str(folder / "judge"), "torch", None, 3, 1.0, batch=2, data=corpus)
    report = evaluate_musicgen.evaluate_musicgen(tmp_path, settings)
    written = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert set(written["results"]["attributes"]) == {"prompted", "told nothing", "chance"}
    assert list(written["results"]["by_guidance"]) == ["1", "2", "2.5", "3", "4", "5"]  # its own, and the usual
    assert written["results"]["hearing"]["nothing"]["pieces"] <= 1
    assert set(written["results"]["beat"]) == {"prompted", "told nothing", "recordings"}
    assert written["results"]["beat"]["recordings"]["pulse_clarity"] > 0.1
    assert set(written["results"]["melody"]) == {"given_melody", "another_melody"}
    assert {"instruments", "tempo", "mode", "drums"} <= {target.name for target in report.targets}
    assert "--captions 3 --model" in written["environment"]["command"]


def test_the_promises_of_a_musicgen_follow_from_its_figures() -> None:
    good = {"instruments": 0.6, "tempo": 0.7, "mode": 0.8, "drums": 0.9}
    chance = {"instruments": 0.2, "tempo": 0.34, "mode": 0.5, "drums": 0.5}
    rising = {"1": {"instruments": 0.5}, "3": {"instruments": 0.6}}
    results = {"attributes": {"prompted": good, "chance": chance}, "by_guidance": rising}
    assert all(target.met for target in evaluate_musicgen.targets(results))
    results["melody"] = {"given_melody": 0.5, "another_melody": 0.3}
    unmet = [target.name for target in evaluate_musicgen.targets(results) if not target.met]
    assert unmet == ["melody: gain over another"]


@pytest.mark.slow
@needs_a_font
@pytest.mark.skipif(shutil.which("flite") is None, reason="English is spoken by the program flite")
def test_a_codec_is_measured_with_ever_more_codebooks(folder: Path, tmp_path: Path) -> None:
    report = evaluate_codec.evaluate_codec(
        tmp_path, model=str(folder / "codec"), judge=str(folder / "judge"), sentences=2, pieces=2
    )
    assert list(report.results["speech_by_codebooks"]) == ["1", "2", "3", "4"]
    assert list(report.results["speech_by_codebooks"]["4"]) == ["stoi", "mel_distance", "si_sdr_db"]
    assert list(report.results["music_by_codebooks"]["1"]) == ["mel_distance", "si_sdr_db", "chroma_cosine"]
    assert set(report.results["attributes"]) == {"originals", "copies", "chance"}
    assert len(report.results["use_of_codebooks"]) == 4
    assert (tmp_path / "report.md").is_file()


@needs_a_font
def test_held_out_pieces_are_short_and_true() -> None:
    (one,) = evaluate_codec.excerpts(1)
    assert 2.0 < one.sound.duration_seconds <= evaluate_codec.LONGEST_SECONDS
    assert one.truth != attributes.Asked()
    assert one == evaluate_codec.excerpts(1)[0]


def test_the_promises_of_a_codec_follow_from_its_figures() -> None:
    good = {"stoi": 0.93, "mel_distance": 0.5, "chroma_cosine": 0.96}
    worse = {"stoi": 0.8, "mel_distance": 0.7, "chroma_cosine": 0.9}
    results = {
        "speech_by_codebooks": {"1": worse, "2": good},
        "music_by_codebooks": {"1": worse, "2": good},
        "attributes": {"originals": {"tempo": 0.9}, "copies": {"tempo": 0.86}},
        "use_of_codebooks": {"codebook 1": {"used": 0.9}, "codebook 2": {"used": 0.6}},
    }
    assert all(target.met for target in evaluate_codec.targets(results))
    results["music_by_codebooks"] = {"1": good, "2": worse}
    results["attributes"]["copies"] = {"tempo": 0.8}
    unmet = {target.name for target in evaluate_codec.targets(results) if not target.met}
    assert unmet == {
        "chroma cosine of music",
        "tempo of copies",
        "music: least gain in mel distance by a further codebook",
    }


def test_too_little_and_nobody_to_judge_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="at least 2 sentences and 2 captions"):
        evaluate_codec.evaluate_codec(tmp_path, sentences=1)
    with pytest.raises(InvalidInput, match="at least 2 captions"):
        evaluate_musicgen.evaluate_musicgen(tmp_path, Settings(captions=1))
    with pytest.raises(InvalidInput, match="train a judge with  octet train attributes-tiny"):
        evaluate_codec.load_judge("no-such-judge")
    assert list(tmp_path.iterdir()) == []
