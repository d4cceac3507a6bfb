"""Adapters of public corpora of music, each on a miniature of the real layout."""

from __future__ import annotations

import gzip

import pytest
from tests.data.corpora import layouts

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import audiocraft, fma, musiccaps
from octet.data.manifest import MusicRow
from octet.symbolic.attributes import Attributes

ADAPTERS = pytest.mark.parametrize(
    "adapter", [musiccaps, audiocraft, fma], ids=lambda adapter: adapter.__name__.rpartition(".")[2]
)


def laid_out(adapter, root):
    return getattr(layouts, adapter.__name__.rpartition(".")[2])(root)


def adapted(adapter, path, tmp_path):
    count = adapter.adapt(path, tmp_path / "out")
    rows = list(manifest.read(tmp_path / "out", MusicRow))
    assert len(rows) == count
    return {row.id: row for row in rows}


def texts(row):
    return [caption.text for caption in row.captions]


@ADAPTERS
def test_rows_hold_what_was_measured_and_whose_it_is(adapter, tmp_path):
    for row in adapted(adapter, laid_out(adapter, tmp_path / "in"), tmp_path).values():
        assert row.audio.startswith(str(tmp_path.resolve() / "in"))
        assert row.sample_rate_hz in (8_000, 32_000, 44_100)
        assert row.source == adapter.CORPUS.name
        assert {caption.language for caption in row.captions} <= {"en"}


@ADAPTERS
def test_another_layout_is_refused_in_one_line_that_says_what_was_expected(adapter, tmp_path):
    layouts.tone(tmp_path / "in" / "hello.wav")
    for path in (tmp_path / "in", tmp_path / "nowhere"):
        with pytest.raises(InvalidInput) as error:
            adapter.adapt(path, tmp_path / "out")
        assert adapter.CORPUS.expected in str(error.value)
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


@ADAPTERS
def test_descriptions_without_their_audio_are_refused(adapter, tmp_path):
    path = laid_out(adapter, tmp_path / "in")
    for audio in [*path.rglob("*.wav"), *path.rglob("*.mp3")]:
        audio.unlink()
    with pytest.raises(InvalidInput, match=f"holds no {adapter.CORPUS.name}: expected"):
        adapter.adapt(path, tmp_path / "out")


@ADAPTERS
def test_damaged_audio_is_named(adapter, tmp_path):
    path = laid_out(adapter, tmp_path / "in")
    audio = min([*path.rglob("*.wav"), *path.rglob("*.mp3")])
    audio.write_bytes(b"no audio")
    with pytest.raises(InvalidInput, match="is not readable audio"):
        adapter.adapt(path, tmp_path / "out")


def test_musiccaps_has_words_aspects_and_the_papers_test_set(tmp_path):
    rows = adapted(musiccaps, layouts.musiccaps(tmp_path / "in"), tmp_path)
    assert set(rows) == {"-0Gj8-vB1q4-30", "-0SdAVK79lg-1"}
    cut, whole = rows["-0Gj8-vB1q4-30"], rows["-0SdAVK79lg-1"]
    assert texts(cut) == ["A sad song, softly.", "low quality, sad soft vocals"]
    assert texts(whole)[0] == "This song features an electric guitar."
    assert (cut.split, whole.split) == ("test", "train")
    assert (cut.start_seconds, cut.duration_seconds) == (0, pytest.approx(0.5))
    assert (whole.start_seconds, whole.duration_seconds) == (1, 10)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("aspect_list", "aspects", "has no column aspect_list"),
        (",30,", ",half past,", "the row of -0Gj8-vB1q4 has no times or aspects"),
        ("['guitar song']", "(" * 300, "the row of -0SdAVK79lg has no times or aspects"),
        ("caption,", "c" * 140_000 + ",", "is not a table of comma-separated values"),
        ("['guitar song']", "__import__('os').remove('x')", "the row of -0SdAVK79lg has no times or aspects"),
    ],
)
def test_musiccaps_with_another_table_is_refused(old, new, message, tmp_path):
    path = layouts.musiccaps(tmp_path / "in")
    table = path / "musiccaps-public.csv"
    table.write_text(table.read_text().replace(old, new))
    with pytest.raises(InvalidInput, match=message):
        musiccaps.adapt(path, tmp_path / "out")


def test_audiocraft_has_descriptions_tempo_and_key(tmp_path):
    rows = adapted(audiocraft, layouts.audiocraft(tmp_path / "in"), tmp_path)
    assert texts(rows["night"]) == ["A cold techno track.", "electronic, dark, cold, Mix"]
    assert rows["night"].attributes == Attributes(bpm=120, tonic=1, mode="minor")
    assert (texts(rows["plain"]), rows["plain"].attributes) == ([], None)
    assert (texts(rows["day"]), rows["day"].attributes) == (["A bright song."], None)
    assert {name: row.split for name, row in rows.items()} == {"night": "train", "plain": "train", "day": "test"}


def test_audiocraft_takes_one_list_even_packed(tmp_path):
    path = layouts.audiocraft(tmp_path / "in")
    list_ = path / "egs" / "train" / "data.jsonl"
    lines = list_.read_text().replace("audio/", f"{path}/audio/")
    packed = list_.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(lines.encode()))
    assert set(adapted(audiocraft, packed, tmp_path)) == {"night", "plain"}
    packed.write_bytes(packed.read_bytes()[:30])
    with pytest.raises(InvalidInput, match="is not readable gzip"):
        audiocraft.adapt(packed, tmp_path / "out")


@pytest.mark.parametrize(
    ("written", "tonic", "mode"),
    [
        ("C major", 0, "major"),
        ("Am", 9, "minor"),
        ("Bb", 10, None),
        ("F# min", 6, "minor"),
        ("C flat major", 11, "major"),
        ("H dur", None, None),
        (None, None, None),
    ],
)
def test_keys_are_read_as_people_write_them(written, tonic, mode):
    assert audiocraft._key(written) == (tonic, mode)


@pytest.mark.parametrize("content", ["no json", "[1]"])
def test_what_is_no_json_object_is_named(content, tmp_path):
    path = layouts.audiocraft(tmp_path / "in")
    (path / "audio" / "day.json").write_text(content)
    with pytest.raises(InvalidInput, match=r"day\.json is not a JSON object"):
        audiocraft.adapt(path, tmp_path / "out")
    (path / "egs" / "train" / "data.jsonl").write_text(content)
    with pytest.raises(InvalidInput, match=r"data\.jsonl, line 1 is not a JSON object"):
        audiocraft.adapt(path, tmp_path / "out")


def test_fma_has_genres_licences_and_its_authors_splits(tmp_path):
    rows = adapted(fma, layouts.fma(tmp_path / "in"), tmp_path)
    assert {name: (texts(row), row.split, row.licence) for name, row in rows.items()} == {
        "000002": (["Hip-Hop music"], "train", "CC BY-NC-SA"),
        "000010": (["Pop music"], "test", ""),
        "000020": ([], "test", "CC BY"),
    }


@pytest.mark.parametrize(
    ("content", "message"), [("a,b\n", "lacks its lines"), (",a\n,b\n,\n", "has no column set split")]
)
def test_fma_with_another_table_is_refused(content, message, tmp_path):
    path = layouts.fma(tmp_path / "in")
    (path / "fma_metadata" / "tracks.csv").write_text(content)
    with pytest.raises(InvalidInput, match=message):
        fma.adapt(path, tmp_path / "out")
