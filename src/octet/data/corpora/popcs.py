"""PopCS (Liu et al. 2021, DiffSinger): 117 Mandarin pop songs by one singer in 1,651 pieces, 5.9 hours, without notes.

A folder a song, `popcs-NAME`, and in it for each piece `0001_wf0.wav`, its text `0001.txt`, and `0001.TextGrid` with
initials and finals. Notes are made of the recordings' pitch.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting, sung_labels
from octet.text import textgrid

CORPUS = adapting.Corpus(
    "PopCS", "zh", "CC BY-NC-SA 4.0", "folders popcs-SONG with 0001_wf0.wav, 0001.txt and 0001.TextGrid"
)
_AUDIO = "_wf0.wav"


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of PopCS in `path` to `folder`; number of pieces.

    Raises:
        InvalidInput: `path` is not laid out as PopCS, or a piece has no TextGrid.
    """
    return sung_labels.write(folder, CORPUS, path, _pieces(path))


def _pieces(path: Path) -> Iterator[sung_labels.Piece]:
    for audio in sorted(path.glob(f"*/*{_AUDIO}")):
        stem = audio.name.removesuffix(_AUDIO)
        grid = audio.with_name(f"{stem}.TextGrid")
        if not grid.is_file():
            raise InvalidInput(f"{grid} is missing: {CORPUS.name} needs {CORPUS.expected}")
        tier = textgrid.read(grid).intervals("phones")
        yield sung_labels.Piece(
            audio=audio,
            identifier=f"{audio.parent.name}-{stem}",
            song=audio.parent.name,
            singer="popcs",
            language="zh",
            labels=[
                sung_labels.Label(interval.text.strip(), interval.start_seconds, interval.end_seconds)
                for interval in tier.intervals
            ],
            text=" ".join(adapting.read_lines(audio.with_name(f"{stem}.txt"), CORPUS)),
        )
