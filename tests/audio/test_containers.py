"""RIFF comments of every length, and streams that end too early."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octet.audio.containers import is_cut_off, riff_comment, with_riff_comment

WAV = b"RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\2\0\0\0\1\2"


def written(folder: Path, data: bytes) -> Path:
    path = folder / "a"
    path.write_bytes(data)
    return path


@given(comment=st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=300))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_comments_come_back(tmp_path, comment):
    data = with_riff_comment(WAV, comment)
    assert riff_comment(written(tmp_path, data)) == comment
    assert len(data) % 2 == 0
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert data[8 : len(WAV)] == WAV[8:]


def test_chunks_of_odd_length_are_padded(tmp_path):
    odd = WAV[:40] + b"\1\0\0\0\1"
    assert riff_comment(written(tmp_path, with_riff_comment(odd, "말"))) == "말"


def test_no_comment(tmp_path):
    assert riff_comment(written(tmp_path, WAV)) == ""
    listed = WAV + b"LIST\x0e\0\0\0INFOISFT\2\0\0\0a\0"
    assert riff_comment(written(tmp_path, listed)) == ""


def test_other_entries_of_a_list_are_passed_over(tmp_path):
    listed = WAV + b"LIST\x1a\0\0\0INFOISFT\1\0\0\0a\0ICMT\4\0\0\0yes\0"
    assert riff_comment(written(tmp_path, listed)) == "yes"


@pytest.mark.parametrize(
    ("data", "cut_off"),
    [
        (WAV, False),
        (WAV[:-1], True),
        (WAV[:40] + b"\xff\xff\xff\xff\1\2", False),  # from a pipe
        (b"OggS" + bytes(1) + b"\x04" + bytes(20) + b"\1\2ab", False),
        (b"OggS" + bytes(1) + b"\x04" + bytes(20) + b"\1\2a", True),
        (b"OggS" + bytes(1) + b"\x00" + bytes(20) + b"\1\2ab", True),  # not the last page
        (b"OggS" + bytes(3), True),
        (b"fLaC and so on", False),
        (b"", False),
    ],
)
def test_streams_that_end_too_early_are_known(tmp_path, data, cut_off):
    assert is_cut_off(written(tmp_path, data)) == cut_off
