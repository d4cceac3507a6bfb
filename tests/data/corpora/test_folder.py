from __future__ import annotations

import pytest
from tests.data.corpora import layouts

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import folder


def adapted(tmp_path):
    count = folder.adapt(tmp_path / "in", tmp_path / "out")
    rows = list(manifest.read(tmp_path / "out"))
    assert len(rows) == count
    return {row.id: row for row in rows}


def test_recordings_of_several_kinds_with_texts_of_the_same_name(tmp_path):
    for name, said in (("a.wav", "Hello there."), ("b.FLAC", "안녕하세요."), ("c.ogg", "Ich habe heute keine Zeit.")):
        layouts.text(layouts.tone(tmp_path / "in" / name).with_suffix(".txt"), said)
    layouts.tone(tmp_path / "in" / "without-text.wav")
    layouts.text(tmp_path / "in" / "without-audio.txt", "Nobody says this.")
    rows = adapted(tmp_path)
    assert {name: (row.text, row.language) for name, row in rows.items()} == {
        "a": ("Hello there.", "en"),
        "b": ("안녕하세요.", "ko"),
        "c": ("Ich habe heute keine Zeit.", "de"),
    }
    assert {row.speaker for row in rows.values()} == {"speaker"}


def test_folders_are_speakers_and_lines_are_joined(tmp_path):
    layouts.text(layouts.tone(tmp_path / "in" / "mina" / "day one" / "a.wav").with_suffix(".txt"), "Good\nday.\n")
    layouts.text(layouts.tone(tmp_path / "in" / "juno" / "a.wav").with_suffix(".txt"), "\ufeffGood night.")
    rows = adapted(tmp_path)
    assert {name: (row.text, row.speaker) for name, row in rows.items()} == {
        "mina/day one/a": ("Good day.", "mina"),
        "juno/a": ("Good night.", "juno"),
    }


def test_recordings_with_an_empty_text_are_left_out(tmp_path):
    for name, said in (("a.wav", "Hello."), ("b.wav", " \n")):
        layouts.text(layouts.tone(tmp_path / "in" / name).with_suffix(".txt"), said)
    assert list(adapted(tmp_path)) == ["a"]


def test_recordings_without_texts_and_folders_that_are_not_there_are_refused(tmp_path):
    layouts.tone(tmp_path / "in" / "a.wav")
    for path in (tmp_path / "in", tmp_path / "nowhere"):
        with pytest.raises(
            InvalidInput, match=r"holds no recordings with texts: expected audio files .* next to text files"
        ) as error:
            folder.adapt(path, tmp_path / "out")
        assert "\n" not in str(error.value)


def test_texts_that_are_not_utf8_and_damaged_audio_are_named(tmp_path):
    audio = layouts.tone(tmp_path / "in" / "a.wav")
    audio.with_suffix(".txt").write_bytes("안녕".encode("cp949"))
    with pytest.raises(InvalidInput, match=r"a\.txt is not UTF-8 text"):
        folder.adapt(tmp_path / "in", tmp_path / "out")
    layouts.text(audio.with_suffix(".txt"), "안녕")
    audio.write_bytes(b"RIFF")
    with pytest.raises(InvalidInput, match=r"a\.wav is not readable audio"):
        folder.adapt(tmp_path / "in", tmp_path / "out")
