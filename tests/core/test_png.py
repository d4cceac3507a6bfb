"""Pictures as PNG files: another program's reader sees the same pixels, and every chunk is as the standard has it."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from octet.core import png
from octet.core.errors import InvalidInput

PIXELS = arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)))


@given(PIXELS)
@settings(max_examples=50)
def test_another_reader_sees_every_pixel(pixels):
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png.encode(pixels)))), pixels)


@given(PIXELS)
@settings(max_examples=25)
def test_chunks_are_the_standards(pixels):
    data, chunks = png.encode(pixels), {}
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place = 8
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        content = data[place + 8 : place + 8 + length]
        assert struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + content)
        chunks[kind], place = content, place + 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    height, width, _ = pixels.shape
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (width, height, 8, 2, 0, 0, 0)


def test_a_file_appears_whole_in_a_folder_made_for_it(tmp_path):
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    png.write(tmp_path / "new" / "picture.png", pixels)
    assert (tmp_path / "new" / "picture.png").read_bytes() == png.encode(pixels)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["picture.png"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InvalidInput, match=r"picture\.png"):
        png.write(tmp_path / "file" / "picture.png", np.zeros((1, 1, 3), dtype=np.uint8))


def test_importing_it_brings_neither_torch_nor_numpy():
    program = "import sys, octet.core.png; print({'torch', 'numpy'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
