from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import islice

import numpy as np
import pytest

from octet.audio import files
from octet.audio.loudness import integrated_loudness
from octet.core.errors import InvalidInput, MissingExtra
from octet.data import manifest
from octet.data.corpora import bands
from octet.data.corpora.composer.compose import agree
from octet.data.manifest import MusicRow
from octet.symbolic import midi, soundfont
from octet.symbolic.attributes import extract
from octet.symbolic.instruments import CLASSES
from octet.symbolic.roll import chroma

SHARD = 2
HOURS = 0.04
MAKE = f"""
from pathlib import Path
from octet.data.corpora import bands
bands._SHARD = {SHARD}
bands.make(Path({{folder!r}}), hours={HOURS}, seed=3, stems=True)
"""


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch):
    monkeypatch.setattr(bands, "_SHARD", SHARD)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bands")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "_SHARD", SHARD)
        bands.make(folder, hours=HOURS, seed=3, stems=True)
    return folder


@pytest.fixture(scope="module")
def rows(made):
    return list(manifest.read(made, MusicRow))


def content(folder):
    """All of a corpus, byte by byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_pieces_are_audio_at_one_loudness_as_long_as_planned(made, rows):
    assert sum(row.duration_seconds for row in rows) == pytest.approx(HOURS * 3600, rel=0.4)
    for row in rows:
        samples, rate_hz = files.read(made / row.audio)
        assert samples.shape == (1, round(row.duration_seconds * rate_hz))
        assert row.sample_rate_hz == rate_hz == 16_000
        loudness = integrated_loudness(samples, rate_hz)
        assert loudness == pytest.approx(-18, abs=0.5) or (loudness < -18 and np.abs(samples).max() > 0.85)
        assert -0.2 < row.duration_seconds - row.attributes.seconds < 2
        assert row.licence
        assert "TimGM6mb" in row.source


def test_midi_holds_the_attributes(made, rows):
    for row in rows:
        assert agree(extract(midi.read(made / row.midi)), row.attributes)


def test_stems_are_the_instruments_and_add_up_to_the_mix(made, rows):
    for row in rows:
        assert tuple(row.stems) == row.attributes.instruments
        mix, _ = files.read(made / row.audio)
        stems = [files.read(made / stem)[0] for stem in row.stems.values()]
        np.testing.assert_allclose(np.sum(stems, axis=0), mix, atol=(len(stems) + 1) / 65_536 + 1e-6)
        assert all(np.abs(stem).max() > 0.001 for stem in stems)


def test_what_is_heard_is_what_midi_says(made, rows):
    """The pitch classes of each piece's spectrum are those of its notes."""
    agreements = []
    for row in rows:
        score = midi.read(made / row.midi)
        if row.attributes.mode is not None:
            pitched = [
                name for name in row.attributes.instruments if name not in ("drum", "sound effects", "percussion")
            ]
            sounds = [files.read(made / row.stems[name])[0][0] for name in pitched]
            kept = [track for track in score.tracks if track.name in pitched]
            if sounds:
                expected = chroma(type(score)(tuple(kept), score.tempos, score.metres), 5).sum(axis=1)
                agreements.append(np.corrcoef(expected, _pitch_classes(np.sum(sounds, axis=0), 16_000))[0, 1])
    assert np.mean(agreements) > 0.7


def _pitch_classes(samples, rate_hz):
    power = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    audible = (hz > 60) & (hz < 1_000)
    classes = np.rint(12 * np.log2(hz[audible] / 440) + 69).astype(int) % 12
    return np.sqrt(np.bincount(classes, power[audible], 12))


def test_captions_say_what_is_true_in_both_languages(rows):
    for row in rows:
        assert Counter(caption.language for caption in row.captions) == {"en": 6, "ko": 6}
        for caption in row.captions:
            said = caption.says.model_dump(exclude_none=True)
            assert said
            assert set(said.pop("instruments", ())) <= set(row.attributes.instruments)
            assert said.items() <= row.attributes.model_dump().items()
            assert not set(caption.without) & set(row.attributes.instruments)


def test_a_plan_follows_from_its_seed_and_more_hours_only_add_pieces():
    plans = [list(islice(bands._plan(seed, 16_000, False), 200)) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]
    less, more = (list(bands._for_hours(bands._plan(1, 16_000, False), hours)) for hours in (0.1, 0.2))
    assert len(less) < len(more)
    assert less == more[: len(less)]
    assert sum(item.is_test for item in plans[0]) == 4


def test_all_instruments_are_planned():
    wishes = [item.wish for item in islice(bands._plan(1, 16_000, False), 500)]
    free = [wish.instruments for wish in wishes if wish.instruments]
    assert len(free) / len(wishes) == pytest.approx(0.35, abs=0.06)
    assert {name for names in free for name in names} == set(CLASSES)


def test_making_again_keeps_what_is_there_and_other_settings_are_refused(made):
    before = content(made)
    bands.make(made, hours=HOURS, seed=3, stems=True)
    for settings in ({"seed": 4, "stems": True}, {"seed": 3}, {"seed": 3, "stems": True, "sample_rate_hz": 24_000}):
        with pytest.raises(InvalidInput, match=r"holds a corpus made with .*choose another folder"):
            bands.make(made, hours=HOURS, **settings)
    assert content(made) == before


def test_another_rate_and_no_stems(tmp_path):
    bands.make(tmp_path, hours=0.001, sample_rate_hz=8_000)
    (row,) = manifest.read(tmp_path, MusicRow)
    assert files.read(tmp_path / row.audio)[1] == row.sample_rate_hz == 8_000
    assert row.stems is None
    assert len(list((tmp_path / "audio").rglob("*.flac"))) == 1


@pytest.mark.slow
def test_a_killed_run_is_continued_to_the_same_corpus(made, tmp_path):
    folder = tmp_path / "killed"
    program = f"if __name__ == '__main__':\n{_indented(MAKE.format(folder=str(folder)))}"
    process = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    while not (folder / "audio" / "00000").is_dir() and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)  # its workers too, which would wait for it forever
    assert process.wait() == -signal.SIGKILL
    assert not (folder / manifest.MANIFEST).exists()
    bands.make(folder, hours=HOURS, seed=3, stems=True, workers=2)
    assert content(folder) == content(made)


def _indented(code):
    return "\n".join(f"    {line}" for line in code.splitlines())


def test_nothing_asked_for_or_nothing_to_play_it_is_refused(tmp_path, monkeypatch):
    for settings in ({"hours": 0}, {"hours": 1, "workers": 0}):
        with pytest.raises(InvalidInput, match="hours must be above 0, workers from 1"):
            bands.make(tmp_path, **settings)
    with pytest.raises(InvalidInput, match="a sampler plays at"):
        bands.make(tmp_path, hours=1, sample_rate_hz=100)
    monkeypatch.setattr(soundfont, "_FONT_PACKAGE", "a_package_that_is_not_installed")
    with pytest.raises(MissingExtra, match="needs a SoundFont"):
        bands.make(tmp_path, hours=1)
    assert not list(tmp_path.iterdir())
