"""EMOPIA (Hung et al. 2021): 1,078 clips of pop piano with an emotion each, as `midis/Q1_<song>_<clip>.mid`.

Q1 to Q4 are the quadrants of valence and arousal. Clips of one song are of one split. They were transcribed from
recordings, so that their bars and beats mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from octet.data.corpora import adapting
from octet.data.corpora.score_adapting import Piece, midi_files, write
from octet.symbolic.attributes import EMOTIONS, Attributes

CORPUS = adapting.Corpus("EMOPIA", "en", "CC BY-NC-SA 4.0", "clips named by quadrant, as midis/Q1_..._0.mid")
_NAME = re.compile(r"^Q([1-4])_(.+)_\d+$")


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of EMOPIA in `path` to `folder`; number of clips.

    Raises:
        InvalidInput: `path` is not laid out as EMOPIA.
        MissingExtra: symusic is not installed.
    """
    return write(folder, CORPUS, path, _pieces(path))


def _pieces(path: Path) -> Iterator[Piece]:
    for file in midi_files(path):
        found = _NAME.match(file.stem)
        if found:
            labels = Attributes(emotion=EMOTIONS[int(found[1]) - 1])
            yield Piece(file, file.stem, together=found[2], attributes=labels, performed=True)
