from __future__ import annotations

import pytest

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.manifest import Caption, MusicRow, Row
from octet.symbolic.attributes import Attributes

PIECE = MusicRow(
    id="1",
    audio="a.flac",
    sample_rate_hz=16_000,
    duration_seconds=2.5,
    captions=(Caption(text="슬픈 곡", language="ko", says=Attributes(emotion="sad"), without=("drum",)),),
    midi="a.mid",
    stems={"piano": "b.flac"},
    attributes=Attributes(instruments=("piano",), bars=2),
)
UTTERANCE = Row(
    id="1", audio="a.flac", sample_rate_hz=16_000, duration_seconds=1, text="Hello.", language="en", speaker="a"
)


@pytest.mark.parametrize("row", [PIECE, UTTERANCE], ids=["music", "speech"])
def test_rows_come_back_as_they_were_written(row, tmp_path):
    manifest.write(tmp_path, [row, row])
    assert list(manifest.read(tmp_path, type(row))) == [row, row]


def test_without_a_kind_rows_are_of_speech(tmp_path):
    manifest.write(tmp_path, [UTTERANCE])
    assert list(manifest.read(tmp_path)) == [UTTERANCE]
    manifest.write(tmp_path, [PIECE])
    with pytest.raises(InvalidInput, match=r"manifest\.jsonl, line 1: speech was expected, this is music"):
        list(manifest.read(tmp_path))


def test_a_corpus_of_the_other_kind_is_told_and_any_kind_can_be_read(tmp_path):
    for row, other in ((PIECE, Row), (UTTERANCE, MusicRow)):
        manifest.write(tmp_path, [row, row])
        assert list(manifest.read_any(tmp_path)) == [row, row]
        with pytest.raises(InvalidInput, match=r"line 1: (speech|music) was expected, this is (music|speech)"):
            list(manifest.read(tmp_path, other))
    manifest.write(tmp_path, [])
    assert list(manifest.read_any(tmp_path)) == []


def test_a_corpus_of_neither_kind_is_told_by_its_line(tmp_path):
    (tmp_path / manifest.MANIFEST).write_text('{"id": "1"}\n')
    with pytest.raises(InvalidInput, match=r"manifest\.jsonl, line 1: Field required"):
        list(manifest.read_any(tmp_path))


@pytest.mark.parametrize("line", ["", "nonsense", '{"id": "1"}', PIECE.model_dump_json()[:-1] + ', "more": 1}'])
def test_lines_that_are_no_rows_are_named(line, tmp_path):
    (tmp_path / manifest.MANIFEST).write_text(f"{PIECE.model_dump_json()}\n{line}\n")
    with pytest.raises(InvalidInput, match=r"manifest\.jsonl, line 2: "):
        list(manifest.read(tmp_path, MusicRow))


def test_a_folder_without_manifest_says_how_to_make_one(tmp_path):
    with pytest.raises(InvalidInput, match="octet prepare CORPUS --out"):
        list(manifest.read(tmp_path, MusicRow))
