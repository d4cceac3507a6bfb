"""Adapters of public corpora, each on a miniature of the real layout."""

from __future__ import annotations

import shutil

import pytest
from tests.data.corpora import layouts

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import aishell3, kss, libritts, ljspeech, vctk

PUBLIC = (ljspeech, libritts, vctk, aishell3, kss)
ADAPTERS = pytest.mark.parametrize("adapter", PUBLIC, ids=lambda adapter: adapter.__name__.rpartition(".")[2])


def laid_out(adapter, root):
    return getattr(layouts, adapter.__name__.rpartition(".")[2])(root)


def adapted(adapter, path, tmp_path):
    count = adapter.adapt(path, tmp_path / "out")
    rows = list(manifest.read(tmp_path / "out"))
    assert len(rows) == count
    return {row.id: row for row in rows}


@ADAPTERS
def test_rows_hold_what_was_measured_and_whose_it_is(adapter, tmp_path):
    for row in adapted(adapter, laid_out(adapter, tmp_path / "in"), tmp_path).values():
        assert row.audio.startswith(str(tmp_path.resolve() / "in"))
        assert row.duration_seconds == pytest.approx(0.5)
        assert row.sample_rate_hz in (22_050, 24_000, 44_100, 48_000)
        assert (row.source, row.language, row.licence) == (
            adapter.CORPUS.name,
            adapter.CORPUS.language,
            adapter.CORPUS.licence,
        )
        assert row.phones is None


@ADAPTERS
def test_another_layout_is_refused_in_one_line_that_says_what_was_expected(adapter, tmp_path):
    layouts.tone(tmp_path / "in" / "hello.wav")
    for path in (tmp_path / "in", tmp_path / "nowhere", tmp_path / "in" / "hello.wav"):
        with pytest.raises(InvalidInput) as error:
            adapter.adapt(path, tmp_path / "out")
        assert adapter.CORPUS.expected in str(error.value)
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


@ADAPTERS
def test_texts_without_their_audio_are_refused(adapter, tmp_path):
    path = laid_out(adapter, tmp_path / "in")
    for audio in [*path.rglob("*.wav"), *path.rglob("*.flac")]:
        audio.unlink()
    with pytest.raises(InvalidInput, match=f"holds no {adapter.CORPUS.name}: expected"):
        adapter.adapt(path, tmp_path / "out")


@ADAPTERS
@pytest.mark.parametrize(("content", "message"), [(b"no audio", "not readable audio"), (None, "holds no sound")])
def test_damaged_and_empty_audio_is_named(adapter, content, message, tmp_path):
    path = laid_out(adapter, tmp_path / "in")
    audio = next(
        file for pattern in ("*.wav", "*_mic1.flac") for file in sorted(path.rglob(pattern)) if "p315" not in str(file)
    )
    if content is None and audio.suffix == ".wav":
        layouts.tone(audio, seconds=0)
    else:
        audio.write_bytes(content or b"")
        message = "not readable audio"
    with pytest.raises(InvalidInput, match=f"{audio.name} (is )?{message}"):
        adapter.adapt(path, tmp_path / "out")


@pytest.mark.parametrize("adapter", [ljspeech, aishell3, kss])
def test_lines_with_too_few_fields_and_files_that_are_not_utf8_are_named(adapter, tmp_path):
    path = laid_out(adapter, tmp_path / "in")
    listing = next(
        file
        for name in ("metadata.csv", "train/content.txt", "transcript.v.1.4.txt")
        if (file := path / name).is_file()
    )
    listing.write_text("one field\n")
    with pytest.raises(
        InvalidInput, match=rf"{listing.name}: 'one field' has 1 fields, {adapter.CORPUS.name} has at least"
    ):
        adapter.adapt(path, tmp_path / "out")
    listing.write_bytes("그는".encode("cp949"))
    with pytest.raises(InvalidInput, match=rf"{listing.name} is not UTF-8 text"):
        adapter.adapt(path, tmp_path / "out")


def test_ljspeech_takes_the_spoken_text_and_leaves_out_what_has_no_audio(tmp_path):
    rows = adapted(ljspeech, layouts.ljspeech(tmp_path / "in"), tmp_path)
    assert {name: row.text for name, row in rows.items()} == {
        "LJ001-0001": "Two hundred and five pounds.",
        "LJ001-0002": 'in being "comparatively" modern.',
    }
    assert {row.speaker for row in rows.values()} == {"lj"}


def test_libritts_has_its_authors_splits_and_normalised_texts(tmp_path):
    rows = adapted(libritts, layouts.libritts(tmp_path / "in"), tmp_path)
    assert {(row.speaker, row.split) for row in rows.values()} == {("103", "train"), ("84", "test"), ("61", "test")}
    assert {row.text for row in rows.values()} == {"It was mister Lynde."}


def test_one_part_of_libritts_will_do_even_from_inside_it(tmp_path, monkeypatch):
    part = layouts.libritts(tmp_path / "in") / "test-clean"
    from_outside = adapted(libritts, part, tmp_path)
    monkeypatch.chdir(part)
    assert adapted(libritts, type(part)("."), tmp_path) == from_outside
    assert [row.split for row in from_outside.values()] == ["test"]


def test_vctk_takes_the_first_microphone_and_speakers_with_texts(tmp_path):
    (row,) = adapted(vctk, layouts.vctk(tmp_path / "in"), tmp_path).values()
    assert (row.id, row.speaker, row.text) == ("p225_001", "p225", "Please call Stella.")
    assert row.audio.endswith("p225_001_mic1.flac")


def test_aishell3_takes_the_characters_and_its_authors_splits(tmp_path):
    rows = adapted(aishell3, layouts.aishell3(tmp_path / "in"), tmp_path)
    assert {(row.speaker, row.text, row.split) for row in rows.values()} == {
        ("SSB0005", "广州女大", "train"),
        ("SSB0073", "你好吗", "test"),
    }


def test_aishell3_characters_without_pinyin_do_not_shift_the_others(tmp_path):
    path = layouts.aishell3(tmp_path / "in")
    layouts.text(path / "train" / "content.txt", "SSB00050001.wav\t玩 wanr2 儿 吧 ba5\n")
    assert "玩儿吧" in {row.text for row in adapted(aishell3, path, tmp_path).values()}


def test_aishell3_without_its_test_part(tmp_path):
    path = layouts.aishell3(tmp_path / "in")
    shutil.rmtree(path / "test")
    assert [row.split for row in adapted(aishell3, path, tmp_path).values()] == ["train"]


@pytest.mark.parametrize("inner", ["", "kss"])
def test_kss_takes_the_spoken_text_from_either_layout(inner, tmp_path):
    rows = adapted(kss, layouts.kss(tmp_path / "in", inner), tmp_path)
    assert {name: row.text for name, row in rows.items()} == {"1_0000": "그는 두 시에 왔다.", "2_0001": "좋아요."}


def test_kss_newest_transcript_is_taken(tmp_path):
    path = layouts.kss(tmp_path / "in")
    layouts.text(path / "transcript.v.1.2.txt", "1/1_0000.wav|낡은|낡은|낡은|1|old\n")
    assert len(adapted(kss, path, tmp_path)) == 2
