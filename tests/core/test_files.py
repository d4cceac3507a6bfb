"""Files appear whole or not at all."""

import os
import stat

import pytest

from octet.core.errors import InvalidInput
from octet.core.files import atomic_path, require_writable, write_text


def test_a_file_appears_when_the_block_ends_and_folders_are_made(tmp_path):
    path = tmp_path / "new" / "folder" / "a.json"
    with atomic_path(path) as temporary:
        temporary.write_text("{}")
        assert temporary.suffix == ".json"
        assert temporary.parent == path.parent
        assert not path.exists()
    assert path.read_text() == "{}"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_no_trace(tmp_path, error):
    write_text(tmp_path / "a.txt", "old")

    def fail() -> None:
        with atomic_path(tmp_path / "a.txt") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        fail()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_text_is_utf8(tmp_path):
    write_text(tmp_path / "a.txt", "안녕, Füße\n")
    assert (tmp_path / "a.txt").read_bytes() == "안녕, Füße\n".encode()


def test_results_are_as_readable_as_any_file(tmp_path):
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_place_that_cannot_be_written_is_said_in_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match=r"cannot write .*file/a\.txt: .*choose another place") as caught:
        write_text(tmp_path / "file" / "a.txt", "")
    assert "\n" not in str(caught.value)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InvalidInput, match=r"cannot write .*folder: Is a directory"):
        write_text(tmp_path / "folder", "")


def test_folders_made_for_a_file_that_failed_are_removed_again(tmp_path):
    (tmp_path / "kept").mkdir()

    def fail(path) -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    for path in (tmp_path / "new" / "deep" / "a.txt", tmp_path / "kept" / "new" / "a.txt"):
        with pytest.raises(KeyboardInterrupt):
            fail(path)
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "kept"]
    with pytest.raises(InvalidInput, match="cannot write"):
        write_text(tmp_path / "new" / ("x" * 300) / "a.txt", "")
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "kept"]


def test_folders_that_others_wrote_to_meanwhile_stay(tmp_path):
    def fail() -> None:
        with atomic_path(tmp_path / "new" / "deep" / "a.txt"):
            (tmp_path / "new" / "other.txt").touch()
            raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        fail()
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "new", tmp_path / "new" / "other.txt"]


def test_trying_whether_a_file_can_be_written_leaves_nothing(tmp_path):
    require_writable(tmp_path / "a.txt")
    require_writable(tmp_path / "new" / "deep" / "a.txt")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to(tmp_path / "absent")
    for path, said in (
        (tmp_path, "is a folder"),
        (tmp_path / "file" / "deep" / "a.txt", "cannot write"),
        (tmp_path / "nowhere" / "a.txt", "cannot write"),
        (tmp_path / ("x" * 300) / "a.txt", "cannot write"),
    ):
        with pytest.raises(InvalidInput, match=said):
            require_writable(path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "nowhere"]
