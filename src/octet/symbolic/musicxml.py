"""MusicXML in and out: `.musicxml`, `.xml` and the packed `.mxl`, told apart by their content.

Read are ties, slurs, words with all their verses, repeats and endings (played out), one D.C. or D.S., tempos, metres
with pickups, keys, transposing instruments, drums and strength; grace notes are left out. Strangers' files are read
within bounds: no entities, nothing fetched, nothing beyond 32 MiB unpacked.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import indent, tostring

from octet.core.bounded import Archive, read_bytes
from octet.core.errors import InvalidInput
from octet.core.files import atomic_path
from octet.symbolic import xml_tree
from octet.symbolic.musicxml_read import score_of
from octet.symbolic.musicxml_write import document
from octet.symbolic.score import Score

MOST_BYTES = 32 << 20
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 '
    'Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_CONTAINER = "META-INF/container.xml"
_ROOT_FILE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<container><rootfiles><rootfile full-path="score.musicxml" '
    'media-type="application/vnd.recordare.musicxml+xml"/></rootfiles></container>\n'
)


def read_musicxml(path: Path) -> Score:
    """The score in a MusicXML file, packed or not.

    Raises:
        InvalidInput: missing, over 32 MiB, damaged, not MusicXML, declaring entities, or with numbers that are none.
    """
    data = read_bytes(path, MOST_BYTES, "a score")
    try:
        return decode(data)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None


def write_musicxml(score: Score, path: Path) -> None:
    """Write a MusicXML file atomically, packed where its name ends in `.mxl`.

    Raises:
        InvalidInput: the folder cannot be written.
    """
    data = encode(score)
    with atomic_path(path) as temporary:
        temporary.write_bytes(_packed(data) if path.suffix.lower() == ".mxl" else data)


def decode(data: bytes) -> Score:
    """The score in the bytes of a MusicXML file, packed or not.

    Raises:
        InvalidInput: as `read_musicxml`.
    """
    return score_of(xml_tree.parse(_unpacked(data) if data.startswith(b"PK") else data))


def encode(score: Score) -> bytes:
    """The bytes of a MusicXML file, not packed."""
    root = document(score)
    indent(root)
    return (_HEAD + tostring(root, encoding="unicode") + "\n").encode()


def _unpacked(data: bytes) -> bytes:
    """The document that the container names."""
    archive = Archive(data)
    container = xml_tree.parse(archive.read(_CONTAINER, 1 << 20))
    root = next(container.iter("rootfile"), None)
    if root is None:
        raise InvalidInput(f"the zip file's {_CONTAINER} names no score; export MusicXML again")
    return archive.read(root.get("full-path", ""), MOST_BYTES)


def _packed(data: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_CONTAINER, _ROOT_FILE)
        archive.writestr("score.musicxml", data)
    return buffer.getvalue()
