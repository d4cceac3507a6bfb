"""Adapters of singing corpora, each on a miniature of the real layout."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tests.data.corpora.layouts import text, tone

from octet.audio.spectrogram import tiny
from octet.core.errors import InvalidInput
from octet.data import manifest, singing
from octet.data.alignment import Aligner
from octet.data.corpora import opencpop, openvpi, popcs, recordings
from octet.data.corpora.sung_labels import Label, phones_of
from octet.data.singing import SingingDataset
from octet.symbolic import midi
from octet.symbolic.score import Lyric, Note, Score, Tempo, Track
from octet.text.labels import TimedPhone

OPENCPOP = (
    "2001000001|感受停|g an sh ou t ing SP|C4 C4 D4 D4 E4 E4 rest|.2 .2 .2 .2 .4 .4 .1|"
    ".05 .15 .06 .14 .05 .35 .1|0 0 0 0 0 0 0\n"
    "2044000002|啊|a a AP|D#4/Eb4 F4 rest|.4 .3 .1|.4 .3 .1|0 1 0\n"
)
OPENVPI = (
    "name,ph_seq,ph_dur,ph_num,note_seq,note_dur\n"
    "one,SP zh uang SP,0.1 0.05 0.5 0.1,2 1 1,rest C4 rest,0.15 0.5 0.1\n"
    "two,SP en/l en/ah en/v AP,0.1 0.05 0.3 0.1 0.1,2 2 1,rest A4 rest,0.15 0.4 0.1\n"
)
TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 1
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "phones"
        xmin = 0
        xmax = 1
        intervals: size = 4
        intervals [1]:
            xmin = 0
            xmax = 0.2
            text = "SP"
        intervals [2]:
            xmin = 0.2
            xmax = 0.3
            text = "n"
        intervals [3]:
            xmin = 0.3
            xmax = 0.8
            text = "i"
        intervals [4]:
            xmin = 0.8
            xmax = 1
            text = "AP"
"""


def lay_opencpop(root):
    text(root / "segments" / "transcriptions.txt", OPENCPOP)
    for name in ("2001000001", "2044000002"):
        tone(root / "segments" / "wavs" / f"{name}.wav", 44_100, 0.85)
    return root


def lay_openvpi(root):
    text(root / "mei" / "transcriptions.csv", OPENVPI)
    for name in ("one", "two"):
        tone(root / "mei" / "wavs" / f"{name}.wav", 44_100, 0.75)
    return root


def lay_popcs(root):
    stem = root / "popcs-歌" / "0001"
    tone(stem.with_name("0001_wf0.wav"), 24_000, 1.0)
    text(stem.with_suffix(".txt"), "你\n")
    text(stem.with_suffix(".TextGrid"), TEXTGRID)
    return root


def lay_recordings(root):
    pytest.importorskip("symusic", reason="MIDI is read with symusic")
    notes = (Note(960, 60, 480), Note(1440, 62, 480), Note(1920, 64, 960))
    words = (Lyric(960, "love"), Lyric(1440, "me"), Lyric(1920, "now"))
    (root / "ann").mkdir(parents=True)
    midi.write(root / "ann" / "song.mid", Score((Track(52, notes),), (Tempo.of(120),), lyrics=words))
    tone(root / "ann" / "song.wav", 16_000, 3.5)
    return root


def rows(adapter, source, out):
    count = adapter.adapt(source, out)
    found = {row.id: row for row in manifest.read(out)}
    assert len(found) == count
    return found


def test_opencpop_has_notes_that_begin_with_vowels_and_its_authors_test_songs(tmp_path):
    found = rows(opencpop, lay_opencpop(tmp_path / "in"), tmp_path / "out")
    first, held = found["2001000001"], found["2044000002"]
    assert (first.split, held.split, first.sung.song, first.speaker) == ("train", "test", "2001", "opencpop")
    assert [phone.symbol for phone in first.phones if phone.symbol != "sil"] == "k a n ʂ oʊ tʰ i ŋ".split()
    vowels = [(p.start_seconds, first.sung.notes[n]) for p, n in zip(first.phones, first.sung.phone_notes, strict=True)]
    starts = {phone.symbol: (start, note) for phone, (start, note) in zip(first.phones, vowels, strict=True)}
    for symbol, pitch in (("a", 60), ("oʊ", 62), ("i", 64)):
        start, note = starts[symbol]
        assert note.pitch == pitch
        assert start == pytest.approx(note.start_seconds, abs=1e-6)
    assert [note.lyric for note in held.sung.notes if note.pitch is not None][1] == "-"


def test_openvpi_s_singers_are_folders_and_languages_stand_before_a_slash(tmp_path):
    found = rows(openvpi, lay_openvpi(tmp_path / "in"), tmp_path / "out")
    chinese, english = found["mei-one"], found["mei-two"]
    assert [phone.symbol for phone in chinese.phones] == ["sil", "ʈʂ", "w", "ɑ", "ŋ", "sil"]
    assert chinese.sung.phone_notes == (0, 1, 1, 1, 1, 2)
    assert [phone.symbol for phone in english.phones][1] == "l"
    assert (chinese.language, english.language, english.speaker) == ("zh", "en", "mei")


def test_popcs_gets_its_notes_from_the_recording(tmp_path):
    pytest.importorskip("pyworld", reason="F0 is measured with WORLD")
    out = tmp_path / "out"
    (row,) = rows(popcs, lay_popcs(tmp_path / "in"), out).values()
    assert ([phone.symbol for phone in row.phones], row.text) == (["sil", "n", "i", "AP"], "你")
    singing.prepare(out, tiny())
    split = next(manifest.read(out)).split
    example = SingingDataset(out, tiny(), split=split)[0]
    assert example.note_pitches.tolist() == [0, 55, 0]  # 200 Hz lies next to G3
    assert example.phone_notes.tolist() == [0, 1, 1, 2]


def test_recordings_with_scores_are_cut_at_rests_and_aligned(tmp_path):
    pytest.importorskip("pyworld", reason="curves are measured with WORLD")
    out = tmp_path / "out"
    (row,) = rows(recordings, lay_recordings(tmp_path / "in"), out).values()
    assert (row.text, row.speaker, row.phones) == ("love me now", "ann", None)
    assert [note.pitch for note in row.sung.notes if note.pitch is not None] == [60, 62, 64]
    singing.prepare(out, tiny(), aligner=by_equal_parts())
    example = SingingDataset(out, tiny(), split=row.split)[0]
    assert example.durations.sum() == example.note_durations.sum() == len(example.f0_hz)
    assert sorted(set(example.note_pitches[example.phone_notes].tolist())) == [0, 60, 62, 64]


def by_equal_parts() -> Aligner:
    def align(audio, sample_rate_hz, phones):
        step = len(audio) / sample_rate_hz / len(phones)
        return [TimedPhone(p.symbol, p.accent, k * step, (k + 1) * step) for k, p in enumerate(phones)]

    return align


@pytest.mark.parametrize(
    ("initial", "final", "symbols"),
    [
        ("zh", "i", "ʈʂ ʐ̩"),
        ("zh", "ir", "ʈʂ ʐ̩"),
        ("z", "i0", "ts z̩"),
        ("x", "iong", "ɕ j ʊ ŋ"),
        ("y", "ue", "ɥ ɛ"),
        ("y", "i", "j i"),
        ("w", "u", "w u"),
        ("", "er", "ɚ"),
    ],
)
def test_pinyin_is_read_by_initial_and_final(initial, final, symbols):
    labels = [Label(initial, 0.0, 0.1, 1)] if initial else []
    found = list(phones_of([*labels, Label(final, 0.1, 0.5, 1)], "zh"))
    assert [phone.symbol for phone, _ in found] == symbols.split()
    assert found[-1][0].end_seconds == 0.5
    assert all(first.end_seconds == pytest.approx(second.start_seconds) for (first, _), (second, _) in pairwise(found))


@pytest.mark.parametrize("adapter", [opencpop, openvpi, popcs, recordings])
def test_another_layout_is_refused_with_what_was_expected(adapter, tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(InvalidInput, match=r"holds no .*: expected"):
        adapter.adapt(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_label_that_means_nothing_is_named_with_its_recording(tmp_path):
    root = lay_opencpop(tmp_path / "in")
    path = root / "segments" / "transcriptions.txt"
    path.write_text(path.read_text().replace("g an", "g xyz"))
    with pytest.raises(InvalidInput, match=r"2001000001\.wav: the phones g xyz"):
        opencpop.adapt(root, tmp_path / "out")


def test_a_score_without_words_is_named(tmp_path):
    root = lay_recordings(tmp_path / "in")
    midi.write(root / "ann" / "song.mid", Score((Track(52, (Note(0, 60, 480),)),)))
    with pytest.raises(InvalidInput, match=r"song\.mid"):
        recordings.adapt(root, tmp_path / "out")
