"""Writing a picture as PNG with zlib alone, so that reports and logs need no plotting package.

Source: ISO/IEC 15948 (PNG): truecolour, 8 bits a channel, no filter, one IDAT chunk.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from octet.core.files import atomic_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NO_FILTER = b"\x00"  # stands before every row


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """The PNG file of an image (height, width, 3), red, green, blue, top row first."""
    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = b"".join(_NO_FILTER + row.tobytes() for row in pixels)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def write(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write an image (height, width, 3) atomically.

    Raises:
        InvalidInput: the folder cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(encode(pixels))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
