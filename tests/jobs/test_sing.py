"""Sheets as songs that singers know, and where the sound goes; what sings them is tested with the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.lyrics.lines import melody, song
from tests.systems.diffsinger.test_generate import singer

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.jobs import choir as choir_job
from octet.jobs import sing
from octet.jobs.sheet import Sheet, songs_of, speed_of
from octet.symbolic import ds, musicxml
from octet.symbolic.score import Lyric, Note, Score, Track
from octet.symbolic.song import F0
from octet.symbolic.songs import write_song
from octet.systems.diffsinger.request import request_of


def choir(path: Path) -> Path:
    """Two voices, of which the lower one begins a bar later."""
    tracks = tuple(
        Track(52, tuple(Note(start + 480 * n, pitch + n, 480) for n in range(3)), name=name)
        for name, pitch, start in (("Soprano", 60, 0), ("Alto", 55, 1920))
    )
    lyrics = tuple(Lyric(note.start_ticks, "la", track=i) for i, track in enumerate(tracks) for note in track.notes)
    musicxml.write_musicxml(Score(tracks, lyrics=lyrics), path)
    return path


def names(song):
    return [phone.symbol for phrase in song.phrases for phone in phrase.phones]


def test_a_score_is_read_with_phones(tmp_path):
    write_song(tmp_path / "song.musicxml", song("A- maz- ing grace", "en"))
    (read,) = songs_of(Sheet(tmp_path / "song.musicxml"))
    assert names(read) == ["sil", "ə", "m", "eɪ", "z", "ɪ", "ŋ", "ɡ", "ɹ", "eɪ", "s", "sil"]
    assert read.language == "en"


def test_words_in_a_file_are_laid_on_a_melody(tmp_path):
    write_song(tmp_path / "tune.mid", melody([3]))
    (tmp_path / "words.txt").write_text("사랑 해", encoding="utf-8-sig")
    (read,) = songs_of(Sheet(tmp_path / "tune.mid", lyrics=tmp_path / "words.txt"))
    assert (read.language, names(read)[:3]) == ("ko", ["sil", "s", "a"])
    (tmp_path / "words.txt").write_text("사랑")
    with pytest.raises(InvalidInput, match=r"tune\.mid: the melody has 3 notes and the lyrics 2 syllables"):
        songs_of(Sheet(tmp_path / "tune.mid", lyrics=tmp_path / "words.txt"))


def test_phones_of_a_ds_file_are_kept_and_a_lexicon_is_heard(tmp_path):
    (sung,) = songs_of(Sheet(_written(tmp_path / "song.musicxml", "la lo")))
    ds.write(tmp_path / "song.ds", sung)
    (read,) = songs_of(Sheet(tmp_path / "song.ds"))
    assert [phrase.phones for phrase in read.phrases] == [phrase.phones for phrase in sung.phrases]
    (tmp_path / "lexicon.txt").write_text("lo\t/miː/\n")
    (other,) = songs_of(Sheet(tmp_path / "song.musicxml", lexicon=tmp_path / "lexicon.txt"))
    assert "iː" in names(other)


def _written(path: Path, words: str) -> Path:
    write_song(path, song(words, "en"))
    return path


def test_parts_are_sung_together_from_one_start(tmp_path):
    songs = songs_of(Sheet(choir(tmp_path / "choir.musicxml"), parts=("Soprano", "2")))
    outputs = sing.Outputs(tmp_path / "choir.wav", stems=True)
    told: list[tuple[int, int]] = []
    report = sing.performed(
        singer(),
        songs,
        [request_of(read) for read in songs],
        outputs,
        lambda step: told.append((step.done, step.total)),
    )
    assert told == [(1, 2), (2, 2)]
    assert [path.name for path in report.files] == ["choir.wav", "choir.Soprano.wav", "choir.Alto.wav"]
    both, high, low = (Waveform.load(path) for path in report.files)
    assert both.samples.shape == high.samples.shape == low.samples.shape
    assert (report.phrases, report.notes) == (2, 6)
    early = round(1.5 * low.sample_rate_hz)  # the lower voice rests for a bar of two seconds, and breathes in before
    assert not low.samples[:, :early].any()
    assert high.samples[:, :early].any()
    assert np.abs(both.samples).max() <= choir_job.LOUDEST + 1e-3
    assert [len(part["lines"]) for part in both.metadata["request"]["parts"]] == [1, 1]


def test_what_the_singer_decided_is_written_and_read(tmp_path):
    (read,) = songs_of(Sheet(_written(tmp_path / "song.musicxml", "la lo")))
    takes = list(singer().stream(request_of(read)))
    ds.write(tmp_path / "sung.ds", sing.decided(read, takes))
    (again,) = songs_of(Sheet(tmp_path / "sung.ds"))
    for phrase, take in zip(again.phrases, takes, strict=True):
        assert [phone.duration_seconds for phone in phrase.phones] == [phone.seconds for phone in take.line.phones]
        assert min(phrase.curves[F0].values) > 0
    assert list(again.timed_notes()) == list(read.timed_notes())


def test_a_tempo_stands_for_a_speed():
    words = song("la", "en")
    sheet = Sheet(Path("x.mid"), tempo_bpm=60)
    assert speed_of(sheet, words, 1.0) == 0.5
    assert speed_of(Sheet(Path("x.mid")), words, 2.0) == 2.0
    with pytest.raises(InvalidInput, match="a tempo or a speed, not both"):
        speed_of(sheet, words, 2.0)
    with pytest.raises(InvalidInput, match="a tempo of 0 beats a minute"):
        speed_of(Sheet(Path("x.mid"), tempo_bpm=0), words, 1.0)


def test_what_a_damaged_file_says_is_refused(tmp_path):
    for said in ({}, {"model": {"name": "x"}, "request": {"parts": [{}]}}, {"model": {}, "request": {"parts": 1}}):
        with pytest.raises(InvalidInput, match="is damaged: it cannot be replayed"):
            sing.replay(tmp_path / "a.wav", said, tmp_path / "b.wav")


def test_stems_stand_beside_the_sound():
    outputs = sing.Outputs(Path("out/choir.wav"))
    assert outputs.stem("Soprano 1") == Path("out/choir.Soprano 1.wav")
    assert outputs.stem("../../x") == Path("out/choir.______x.wav")
    assert choir_job.distinct(["A", "a", "B"]) == ["A", "a 2", "B"]


def test_public_weights_sing_by_pinyin(tmp_path):
    from tests.systems.diffsinger.test_published_generate import singer as public

    write_song(tmp_path / "song.musicxml", song("shi ba - , bi", "zh"))
    songs = songs_of(Sheet(tmp_path / "song.musicxml", language="zh"), own_names=True)
    assert [name for read in songs for name in names(read)] == "SP sh i b a SP SP b i SP".split()
    requests = [request_of(read, num_inference_steps=2) for read in songs]
    made = public(tmp_path / "weights", "midi-a")
    report = sing.performed(made, songs, requests, sing.Outputs(tmp_path / "song.wav"))
    sound = Waveform.load(tmp_path / "song.wav")
    assert sound.duration_seconds == pytest.approx(songs[0].end_seconds + 0.25, abs=0.1)
    assert (report.notes, sound.metadata["model"]) == (4, {"name": "public"})
    with pytest.raises(InvalidInput, match="leave --ds out"):
        sing.performed(made, songs, requests, sing.Outputs(tmp_path / "b.wav", tmp_path / "b.ds"))
