from __future__ import annotations

import random
import shutil
from itertools import islice, pairwise

import numpy as np
import pytest
from safetensors.numpy import load_file

from octet.audio import files
from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import singing
from octet.data.corpora.singer.singers import LANGUAGES, SINGERS
from octet.data.corpora.singer.timing import BREATH
from octet.symbolic import midi
from octet.text.phonemes import SILENCE, SYMBOL_IDS, VOWELS

pytest.importorskip("pyworld", reason="songs are sung with WORLD")
needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="English is sung with the program flite")


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch):
    monkeypatch.setattr(singing, "_LINES", 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("singing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(singing, "_LINES", 2)
        patch.setattr(singing, "_SHARD", 2)
        singing.make(folder, hours=0.008, seed=3)
    return folder


def content(folder):
    """All of a corpus, byte by byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_all_singers_and_languages_are_planned_in_their_shares():
    planned = list(islice(singing._plan(1), 400))
    assert {song.singer for song in planned} == set(SINGERS)
    assert {song.language for song in planned} == set(LANGUAGES)
    seconds = dict.fromkeys(SINGERS, 0.0)
    for song in planned:
        seconds[song.singer] += singing._expected_seconds(song)
    for name, singer in SINGERS.items():
        assert seconds[name] / sum(seconds.values()) == pytest.approx(singer.share, abs=0.03)


def test_no_line_is_sung_twice_and_a_plan_follows_from_its_seed():
    first, again, other = (list(islice(singing._plan(seed), 60)) for seed in (1, 1, 2))
    assert first == again != other
    lines = [(song.language, line) for song in first for line in song.lines]
    assert len(set(lines)) == len(lines)


def test_more_hours_only_add_songs():
    less, more = (list(singing._for_hours(singing._plan(1), hours)) for hours in (0.1, 0.2))
    assert len(less) < len(more)
    assert less == more[: len(less)]


def test_asking_for_nothing_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="hours must be above 0"):
        singing.make(tmp_path, hours=0)


@needs_flite
def test_rows_are_covered_by_phones_and_notes_from_end_to_end(made):
    rows = list(manifest.read(made))
    assert len(rows) >= 3
    for row in rows:
        samples, rate_hz = files.read(made / row.audio)
        assert samples.shape == (1, round(row.duration_seconds * rate_hz))
        for parts in (row.phones, row.sung.notes):
            assert parts[0].start_seconds == 0
            assert parts[-1].end_seconds == pytest.approx(row.duration_seconds, abs=1e-3)
            for part, following in pairwise(parts):
                assert part.start_seconds < part.end_seconds == pytest.approx(following.start_seconds, abs=2e-4)
        assert all(phone.symbol in (*SYMBOL_IDS, BREATH) for phone in row.phones)
        assert len(row.sung.phone_notes) == len(row.phones)
        assert list(row.sung.phone_notes) == sorted(row.sung.phone_notes)


@needs_flite
def test_every_syllable_has_one_vowel_which_begins_exactly_on_its_note(made):
    for row in manifest.read(made):
        notes = row.sung.notes
        vowels = [
            (phone, notes[note])
            for phone, note in zip(row.phones, row.sung.phone_notes, strict=True)
            if phone.symbol in VOWELS
        ]
        onsets = [note.start_seconds for note in notes if note.pitch is not None and note.lyric != "-"]
        assert [phone.start_seconds for phone, _ in vowels] == [note.start_seconds for _, note in vowels] == onsets


@needs_flite
def test_rests_are_silence_and_breath_and_notes_are_sounds(made):
    for row in manifest.read(made):
        for phone, note in zip(row.phones, row.sung.phone_notes, strict=True):
            assert (phone.symbol in (SILENCE, BREATH)) == (row.sung.notes[note].pitch is None)
        assert any(phone.symbol == BREATH for phone in row.phones)


@needs_flite
def test_curves_are_those_of_the_sound(made):
    for row in manifest.read(made):
        samples, _ = files.read(made / row.audio)
        curves = load_file(made / row.sung.curves)
        frames = len(curves["f0_hz"])
        assert {len(values) for values in curves.values()} == {frames}
        assert frames == pytest.approx(row.duration_seconds / 0.005 + 1, abs=1)
        power = [np.mean(samples[0, max(0, 80 * t - 400) : 80 * t + 400] ** 2) for t in range(frames)]
        loud = (curves["voiced"] > 0) & (curves["energy_db"] > -40)
        error = 10 * np.log10(np.array(power)[loud] + 1e-12) - curves["energy_db"][loud]
        assert abs(np.median(error)) < 2.5
        assert (curves["breathiness_db"] <= curves["energy_db"] + 1e-3).all()


@needs_flite
def test_f0_is_the_notes_on_their_steady_parts(made):
    for row in manifest.read(made):
        f0_hz = load_file(made / row.sung.curves)["f0_hz"]
        for note in row.sung.notes:
            if note.pitch is not None and note.end_seconds - note.start_seconds > 0.35:
                inner = f0_hz[round(note.start_seconds / 0.005) + 30 : round(note.end_seconds / 0.005) - 20]
                cents = 1200 * np.log2(inner / 440) - 100 * (note.pitch - 69)
                assert abs(np.median(cents)) < 30


@needs_flite
def test_the_score_is_written_with_its_words(made):
    for row in manifest.read(made):
        score = midi.read(made / row.sung.midi)
        sung = [note for note in row.sung.notes if note.pitch is not None]
        assert [note.pitch for note in score.tracks[0].notes] == [note.pitch for note in sung]
        starts = [score.seconds(note.start_ticks) for note in score.tracks[0].notes]
        assert starts == pytest.approx([note.start_seconds for note in sung], abs=1e-3)
        assert [lyric.text for lyric in score.lyrics] == [note.lyric for note in sung]


@needs_flite
@pytest.mark.slow
def test_the_same_settings_give_the_same_bytes(made, tmp_path, monkeypatch):
    monkeypatch.setattr(singing, "_SHARD", 2)
    again = tmp_path / "again"
    singing.make(again, hours=0.008, seed=3, workers=2)
    assert content(again) == content(made)


def test_a_folder_with_other_settings_is_refused(tmp_path):
    if shutil.which("flite") is None:
        pytest.skip("needs flite")
    (tmp_path / singing.SETTINGS).write_text('{"corpus": "voices"}')
    with pytest.raises(InvalidInput, match="choose another folder"):
        singing.make(tmp_path, hours=0.01)


def test_a_piece_performed_twice_is_the_same():
    song = next(song for song in singing._plan(5) if song.singer == "ko")
    piece, again = (next(singing._pieces(song, SINGERS["ko"], *singing._outline(song))) for _ in range(2))
    assert piece.grid == again.grid
    first, second = (singing._performed(piece, SINGERS["ko"], random.Random(1)) for _ in range(2))
    assert first[0] == second[0]
    assert np.array_equal(first[1].samples, second[1].samples)
