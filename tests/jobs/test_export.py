"""A model as an artifact of its own: what comes out plays the same, or nearly, and nothing else is overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.cli.running import installed, refused

from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.jobs.export import export
from octet.jobs.load import load_vocoder, resolve

VOCODER = "vocoder-tiny"


@pytest.mark.parametrize(("bits", "share", "error"), [(32, 2.0, 0.0), (16, 1.0, 0.0), (8, 0.52, 0.1)])
def test_fewer_bits_are_fewer_bytes_and_nearly_the_same_sound(
    tmp_path: Path, bits: artifacts.Bits, share: float, error: float
) -> None:
    whole = resolve(VOCODER)
    written = export(VOCODER, tmp_path / "copy", bits=bits)
    assert artifacts.load_config(written) == artifacts.load_config(whole)
    assert (written / artifacts.CARD).read_text() == (whole / artifacts.CARD).read_text()
    sizes = [(folder / artifacts.WEIGHTS).stat().st_size for folder in (written, whole)]
    assert sizes[0] == pytest.approx(share * sizes[1], rel=0.05)  # the bundled one has 16 bits
    mel = torch.randn(1, 80, 40, generator=torch.Generator().manual_seed(0)) - 4
    copy, original = (load_vocoder(path).decode(mel) for path in (written, whole))
    assert float((copy - original).norm() / original.norm()) <= error


def test_what_it_would_overwrite_is_kept(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for folder in (tmp_path, resolve(VOCODER), export(VOCODER, tmp_path / "copy")):
        held = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        with pytest.raises(InvalidInput, match="is not empty: give another folder"):
            export("codec-tiny", folder, bits=8)
        assert held == {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert {path.name for path in tmp_path.iterdir()} == {"notes.txt", "copy"}


def test_what_is_no_artifact_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no model called 'nothing'"):
        export("nothing", tmp_path / "copy", offline=True)
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(InvalidInput, match="no artifact of Octet's"):
        export(tmp_path, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_the_command(tmp_path: Path) -> None:
    assert "MiB" in installed("export", VOCODER, "--out", str(tmp_path / "copy"), "--bits", "8").text
    refused(installed("export", VOCODER, "--out", str(tmp_path / "other"), "--bits", "7"), "give 8, 16 or 32")
    assert not (tmp_path / "other").exists()
