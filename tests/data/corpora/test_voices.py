from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice, pairwise

import pytest

from octet.audio import files
from octet.core.errors import InvalidInput, MissingExtra
from octet.data import manifest
from octet.data.corpora import voices
from octet.data.corpora.sentences import normal_form
from octet.data.corpora.warps import Warp
from octet.text.phonemes import LANGUAGES, Phone

needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="English is spoken by the program flite")
SHARD = 4
HOURS = 0.01  # a dozen utterances
MAKE = f"""
from pathlib import Path
from octet.data.corpora import voices
voices._SHARD = {SHARD}
voices.make(Path({{folder!r}}), hours={HOURS}, seed=3)
"""


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch):
    monkeypatch.setattr(voices, "_SHARD", SHARD)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("voices")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voices, "_SHARD", SHARD)
        voices.make(folder, hours=HOURS, seed=3)
    return folder


def content(folder):
    """All of a corpus, byte by byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_hundred_warped_speakers_are_planned_beside_the_ten():
    planned = list(islice(voices._plan(1, 200), 4000))
    warped = {item.speaker: item.change for item in planned if item.speaker not in voices.VOICES}
    assert len(warped) == len(set(warped.values())) == 200
    assert {item.speaker for item in planned} - set(warped) == set(voices.VOICES)
    assert {item.language for item in planned} == set(LANGUAGES)
    assert len({item.speaker for item in planned if item.held_out_speaker}) == 200 / voices._HELD_OUT_SPEAKERS
    share = sum(len(item.text) for item in planned if item.speaker in warped) / sum(len(item.text) for item in planned)
    assert share == pytest.approx(0.5, abs=0.1)


def test_a_quarter_of_the_ten_is_moved_in_pitch_and_nothing_else():
    changes = [item.change for item in islice(voices._plan(1, 0), 4000)]
    moved = [change for change in changes if change]
    assert len(moved) / len(changes) == pytest.approx(0.25, abs=0.03)
    assert {replace(change, pitch_semitones=0) for change in moved} == {Warp()}
    assert -4 <= min(change.pitch_semitones for change in moved) < -3.5
    assert 3.5 < max(change.pitch_semitones for change in moved) <= 4


def test_no_two_planned_sentences_are_the_same_and_a_plan_follows_from_its_seed():
    first, again, other = (list(islice(voices._plan(seed, 0), 300)) for seed in (1, 1, 2))
    assert first == again != other
    assert len({(item.language, normal_form(item.text)) for item in first}) == 300


def test_more_hours_only_add_utterances():
    less, more = (list(voices._for_hours(voices._plan(1, 0), hours)) for hours in (0.05, 0.1))
    assert len(less) < len(more)
    assert less == more[: len(less)]


def test_sentences_for_testing_are_a_fiftieth_whoever_says_them():
    texts = [item.text for item in islice(voices._plan(1, 0), 3000)]
    chosen = [voices._is_test_sentence(text) for text in texts]
    assert 0.01 < sum(chosen) / len(texts) < 0.03
    assert chosen == [voices._is_test_sentence(f"{text.upper()} ") for text in texts]


@needs_flite
def test_utterances_are_audio_with_phones_from_end_to_end(made):
    rows = list(manifest.read(made))
    assert len(rows) >= 2 * SHARD
    assert sum(row.duration_seconds for row in rows) == pytest.approx(HOURS * 3600, rel=0.4)
    assert {row.source.split()[0] for row in rows} == {"flite", "espeak"}
    for row in rows:
        samples, rate_hz = files.read(made / row.audio)
        assert samples.shape == (1, round(row.duration_seconds * rate_hz))
        assert row.sample_rate_hz == rate_hz == 16_000
        assert row.phones[0].start_seconds == 0
        assert row.phones[-1].end_seconds == pytest.approx(row.duration_seconds, abs=2e-4)
        for phone, following in pairwise(row.phones):
            assert phone.start_seconds <= phone.end_seconds < following.start_seconds + 2e-4
            assert following.start_seconds - phone.end_seconds < 0.05
        assert [Phone(phone.symbol, phone.accent) for phone in row.phones]
        assert row.licence
        assert row.source


@needs_flite
@pytest.mark.slow
def test_a_killed_run_is_continued_to_the_same_corpus(made, tmp_path):
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", MAKE.format(folder=str(folder))])
    while not (folder / "audio" / "00000").is_dir() and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (folder / manifest.MANIFEST).exists()
    first = content(folder / "audio" / "00000")
    voices.make(folder, hours=HOURS, seed=3)
    assert content(folder / "audio" / "00000") == first
    assert content(folder) == content(made)


@needs_flite
@pytest.mark.slow
def test_processes_make_the_same_corpus(made, tmp_path):
    steps = []
    voices.make(tmp_path, hours=HOURS, seed=3, workers=2, on_progress=steps.append)
    assert [step.done for step in steps] == list(range(1, steps[-1].total + 1))
    assert content(tmp_path) == content(made)


@needs_flite
def test_making_again_keeps_what_is_there(made):
    before = content(made)
    voices.make(made, hours=HOURS, seed=3)
    assert content(made) == before


@needs_flite
def test_other_settings_than_the_folder_was_made_with_are_refused(made):
    before = content(made)
    for settings in ({"seed": 4}, {"seed": 3, "speakers": 1}):
        with pytest.raises(InvalidInput, match=r"holds a corpus made with .*choose another folder"):
            voices.make(made, hours=HOURS, **settings)
    assert content(made) == before


@needs_flite
def test_warped_speakers_are_made_and_noted(tmp_path):
    pytest.importorskip("pyworld", reason="warps are made by WORLD")
    voices.make(tmp_path, hours=0.004, seed=1, speakers=200)
    warped = [row for row in manifest.read(tmp_path) if "-" in row.speaker]
    assert warped
    assert {row.speaker.rpartition("-")[2] for row in warped} <= set(voices.VOICES)


@pytest.mark.parametrize("settings", [{"hours": 0}, {"hours": 1, "speakers": -1}, {"hours": 1, "workers": 0}])
def test_nothing_to_make_is_refused(settings, tmp_path):
    with pytest.raises(InvalidInput, match="hours must be above 0, speakers from 0, workers from 1"):
        voices.make(tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()


def test_without_flite_it_is_said_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingExtra, match="apt install flite"):
        voices.make(tmp_path / "out", hours=0.01)
    assert not (tmp_path / "out").exists()
