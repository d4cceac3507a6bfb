from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octet.core.errors import InvalidInput
from octet.symbolic import ds, midi_words, musicxml
from octet.symbolic.score import Lyric, Metre, Note, Score, Tempo, Track
from octet.symbolic.song import Phrase, Song, SungNote, SungPhone
from octet.symbolic.song_line import LineNote, line_of, marked, song_of, words
from octet.symbolic.song_score import score_of, song_from
from octet.symbolic.songs import read_song, write_song

TIMELINE = Score((), (Tempo.of(90), Tempo.of(120, 1920)), (Metre(0, 3, 4),))


def line(*notes):
    """Notes after each other from a tick on: length, pitch, lyric; None is a rest."""
    found, place = [], 0
    for length, pitch, lyric in notes:
        if pitch is not None:
            found.append(LineNote(place, place + length, pitch, lyric))
        place += length
    return [told for note in found if (told := marked(note)) is not None]


AMAZING = line((480, None, ""), (480, 60, "A"), (480, 65, "mazing"), (240, 69, "+"), (240, 67, "-"), (960, 69, "grace"))


@st.composite
def lines(draw):
    """A line with rests and melismas on a grid that every format holds."""
    notes, place = [], draw(st.sampled_from([0, 480, 960]))
    for _ in range(draw(st.integers(1, 12))):
        length = draw(st.sampled_from([120, 240, 480, 960, 1440]))
        gap = draw(st.sampled_from([0, 0, 0, 120, 480, 1920])) if notes else 0
        slur = bool(notes) and not gap and draw(st.booleans())
        lyric = "" if slur else draw(st.sampled_from(["la", "사", "愛", "no", "1", "O'er"]))
        notes.append(LineNote(place + gap, place + gap + length, draw(st.integers(40, 80)), lyric, slur=slur))
        place += gap + length
    return notes


def told(song):
    return [(n.start_ticks, n.end_ticks, n.pitch, n.lyric, n.slur) for n in line_of(song)]


@pytest.mark.parametrize("suffix", [".mid", ".musicxml", ".mxl", ".ust", ".ustx"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(notes=lines())
def test_every_kind_of_file_keeps_the_line(tmp_path, suffix, notes):
    change = (Tempo.of(120, notes[-1].start_ticks),) if len(notes) > 1 else ()
    song = song_of(notes, replace(TIMELINE, tempos=(Tempo.of(90), *change)))
    write_song(tmp_path / f"song{suffix}", song)
    read = read_song(tmp_path / f"song{suffix}")
    assert told(read) == told(song) == [(n.start_ticks, n.end_ticks, n.pitch, n.lyric, n.slur) for n in notes]
    assert read.timeline.tempos == song.timeline.tempos


@pytest.mark.parametrize("suffix", [".mid", ".musicxml"])
def test_words_in_syllables_are_kept(tmp_path, suffix):
    notes = [LineNote(0, 480, 60, "hap", "begin"), LineNote(480, 960, 62, "py", "end"), LineNote(960, 1440, 64, "day")]
    write_song(tmp_path / f"song{suffix}", song_of(notes, TIMELINE))
    assert line_of(read_song(tmp_path / f"song{suffix}")) == notes


def test_words_spelled_out_once_go_on_in_plus_signs():
    assert [(note.lyric, note.syllabic, note.slur) for note in words(AMAZING)] == [
        ("A", "single", False),
        ("mazing", "begin", False),
        ("+", "end", False),
        ("", "single", True),
        ("grace", "single", False),
    ]


def test_a_tempo_that_changes_within_a_note_divides_it_in_a_ust(tmp_path):
    write_song(tmp_path / "song.ust", song_of(line((2400, 60, "la")), TIMELINE))
    read = read_song(tmp_path / "song.ust")
    assert told(read) == [(0, 1920, 60, "la", False), (1920, 2400, 60, "", True)]
    assert read.timeline.tempos == TIMELINE.tempos


def test_phrases_are_cut_at_rests_and_begin_with_one():
    notes = line((960, 60, "la"), (120, None, ""), (840, 62, "la"), (4800, None, ""), (480, 64, "la"))
    first, second = song_of(notes, Score((), (Tempo.of(60),))).phrases
    assert [note.pitch for note in first.notes] == [None, 60, None, 62, None]
    assert [round(note.duration_seconds, 6) for note in first.notes] == [0.25, 2, 0.25, 1.75, 0.5]
    assert (first.start_seconds, second.start_seconds) == (-0.25, 13.5)


def test_breaths_are_rests_with_a_name():
    (phrase,) = song_of(line((480, 60, "la"), (240, 60, "AP"), (480, 60, "la")), TIMELINE).phrases
    assert [(note.pitch, note.lyric) for note in phrase.notes[1:-1]] == [(60, "la"), (None, "AP"), (60, "la")]


def test_a_note_that_goes_on_into_the_next_is_cut():
    song = song_of([LineNote(0, 500, 60, "la"), LineNote(480, 960, 62, "la")], TIMELINE)
    assert [note.end_ticks for note in line_of(song)] == [480, 960]


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ([], "no notes"),
        ([LineNote(1440, 1920, 60, "la"), LineNote(1440, 1920, 64, "la")], "bar 2 has two notes at one time"),
        (line((480, 60, "-")), "bar 1 has a note that holds a syllable on, after none"),
        (line((480, 60, "la"), (1440, None, ""), (480, 60, "ー")), "bar 2 has a note that holds"),
    ],
)
def test_lines_that_cannot_be_sung_are_refused(notes, message):
    with pytest.raises(InvalidInput, match=message):
        song_of(notes, TIMELINE)


def sung_track(name="Voice"):
    return Track(52, (Note(0, 60, 480), Note(480, 62, 480), Note(1920, 64, 480)), name=name)


def test_a_note_without_a_syllable_holds_the_one_before_but_not_after_a_rest():
    (first, second) = song_from(Score((sung_track(),), lyrics=(Lyric(0, "la", track=0),))).phrases
    assert [(note.lyric, note.slur) for note in first.notes[1:-1]] == [("la", False), ("", True)]
    assert [(note.lyric, note.slur) for note in second.notes[1:-1]] == [("", False)]


def test_the_part_that_sings_is_found_or_named():
    piano = Track(0, (Note(0, 40, 480), Note(960, 40, 480)), name="Piano")
    told_by_words = Score((piano, sung_track("Other")), lyrics=(Lyric(0, "a"), Lyric(480, "b"), Lyric(1925, "c")))
    assert [n.lyric for _, n in song_from(told_by_words).timed_notes()] == ["a", "b", "c"]
    named = Score((piano, sung_track("Lead vocal")))
    assert [n.pitch for _, n in song_from(named).timed_notes()] == [60, 62, 64]
    assert [n.pitch for _, n in song_from(named, part="piano").timed_notes()] == [40, 40]
    assert [n.pitch for _, n in song_from(named, part=1).timed_notes()] == [40, 40]
    with pytest.raises(InvalidInput, match="which part is sung\\? Name one of 1 'Piano', 2 'Other'"):
        song_from(replace(told_by_words, lyrics=()))
    with pytest.raises(InvalidInput, match="no part 'Flute'; there are 1 'Piano'"):
        song_from(named, part="Flute")


def test_a_verse_is_chosen_and_lacks_are_filled_from_the_first():
    lyrics = (Lyric(0, "one", track=0), Lyric(0, "two", verse=2, track=0), Lyric(480, "end", track=0))
    score = Score((sung_track(),), lyrics=lyrics)
    assert [n.lyric for _, n in song_from(score, verse=2).timed_notes()][:2] == ["two", "end"]
    with pytest.raises(InvalidInput, match="no verse 3; there are 2"):
        song_from(score, verse=3)


def test_melismas_are_slurs_in_notation():
    score = score_of(song_of(words(AMAZING), TIMELINE))
    assert [(slur.start_ticks, slur.end_ticks) for slur in score.slurs] == [(1440, 1680)]
    assert [lyric.extends for lyric in score.lyrics] == [False, False, True, False]
    assert musicxml.decode(musicxml.encode(score)).slurs == score.slurs


def karaoke(kind, *texts):
    file, notes, told = mido.MidiFile(ticks_per_beat=96), mido.MidiTrack(), mido.MidiTrack()
    for text in texts:
        told.append(mido.MetaMessage(kind, text=text, time=96 if len(told) else 0))
        notes += [mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=96)]
    told.insert(0, mido.MetaMessage("text", text="@T a title"))
    file.tracks += [notes, told]
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "texts", "expected"),
    [
        ("text", ["\\Hap", "py ", "birth", "day", "/to"], "hap-py birth-day to"),
        ("lyrics", ["hap-", "py", "birth-", "day", "to"], "hap-py birth-day to"),
        ("lyrics", ["Hap", "py ", "birth", "day ", "to\r"], "hap-py birth-day to"),
        ("lyrics", ["\xec\x82\xac", "\xeb\x9e\x91"], "사 랑"),
        ("lyrics", ["\x82\xb3", "\x82\xad"], "さ く"),
    ],
)
def test_karaoke_words_are_put_together(tmp_path, kind, texts, expected):
    found = midi_words.lyrics(karaoke(kind, *texts))
    said = "".join(lyric.text.lower() + ("-" if lyric.syllabic in ("begin", "middle") else " ") for lyric in found)
    assert said.strip() == expected
    assert [lyric.start_ticks for lyric in found] == [480 * place for place in range(len(texts))]
    (tmp_path / "song.kar").write_bytes(karaoke(kind, *texts))
    assert len(list(read_song(tmp_path / "song.kar").timed_notes())) == len(texts)


def test_a_title_is_no_lyric():
    assert midi_words.lyrics(karaoke("text", "made with care")) == []


@given(st.binary(max_size=60))
def test_any_midi_bytes_give_words_or_are_refused(data):
    with suppress(InvalidInput):
        assert isinstance(midi_words.lyrics(b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\0\x40" + data), list)


def test_a_list_of_labels_is_a_song_a_line(tmp_path):
    path = tmp_path / "transcriptions.csv"
    row = "{},SP l a,0.1 0.1 0.5,2 1,rest C4,0.2 0.5"
    path.write_text("name,ph_seq,ph_dur,ph_num,note_seq,note_dur\n" + "\n".join(map(row.format, ["one", "two"])))
    assert read_song(path, part="two").title == "two"
    assert read_song(path, part=1).title == "one"
    with pytest.raises(InvalidInput, match="which of 2 lines is sung\\? Name one as the part: one, two"):
        read_song(path)


def test_content_tells_before_the_name_does(tmp_path):
    write_song(tmp_path / "song.musicxml", song_of(AMAZING, TIMELINE))
    (tmp_path / "song.musicxml").rename(tmp_path / "song.ust")
    assert len(line_of(read_song(tmp_path / "song.ust", language="en"))) == 5
    phones = (SungPhone("SP", 0), SungPhone("a", 1))
    ds.write(tmp_path / "song.json", Song((Phrase(0.0, (SungNote(1, None), SungNote(1, 60.0)), phones),)))
    assert read_song(tmp_path / "song.json", language="zh").language == "zh"


def test_files_of_no_kind_are_refused(tmp_path):
    (tmp_path / "song.wav").write_bytes(b"RIFF")
    with pytest.raises(InvalidInput, match=r"song\.wav is no song that can be read; expected \.ds"):
        read_song(tmp_path / "song.wav")
    with pytest.raises(InvalidInput, match="cannot read"):
        read_song(tmp_path / "nowhere.mid")
    with pytest.raises(InvalidInput, match=r"not written as 'song\.wav'; the name must end in \.ds"):
        write_song(tmp_path / "song.wav", song_of(AMAZING, TIMELINE))
    assert [path.name for path in tmp_path.iterdir()] == ["song.wav"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(["ds", "mid", "xml", "ust", "ustx", "csv", "txt", "json"]))
def test_bytes_that_are_no_song_are_refused_in_a_line(tmp_path, data, suffix):
    path: Path = tmp_path / f"song.{suffix}"
    path.write_bytes(data)
    with pytest.raises(InvalidInput) as refused:
        read_song(path)
    assert "\n" not in str(refused.value)
