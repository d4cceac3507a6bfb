"""MusicCaps (Agostinelli et al. 2023): 5,521 clips of ten seconds, each described by a musician in words and aspects.

Google ships `musiccaps-public.csv` alone; audio is found anywhere beside it, in files whose names begin with the clip's
YouTube id. Files that hold more than the ten seconds are used from `start_s` to `end_s`. What is of AudioSet's
evaluation set is the test split, as in the paper.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting

CORPUS = adapting.Corpus(
    "MusicCaps", "en", "captions CC BY-SA 4.0", "musiccaps-public.csv and audio files named by YouTube id"
)
_COLUMNS = ("ytid", "start_s", "end_s", "aspect_list", "caption", "is_audioset_eval")
_ID_LETTERS = 11
_SPARE_SECONDS = 2.0  # a file that is longer than its clip by more is not a cut clip


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of MusicCaps in `path` to `folder`; number of clips.

    Raises:
        InvalidInput: `path` is not laid out as MusicCaps, or a column is missing.
    """
    table = next(iter(sorted(path.rglob("musiccaps*.csv"))), path / "musiccaps-public.csv")
    audio = {
        file.stem.removeprefix("[")[:_ID_LETTERS]: file
        for file in sorted(path.rglob("*"))
        if file.suffix.lower() in adapting.AUDIO_SUFFIXES
    }
    columns, *rows = adapting.read_table(table, CORPUS) or [[]]
    missing = [name for name in _COLUMNS if name not in columns]
    if missing:
        raise InvalidInput(f"{table} has no column {missing[0]}; MusicCaps has {', '.join(_COLUMNS)}")
    clips = (dict(zip(columns, row, strict=False)) for row in rows if len(row) == len(columns))
    pieces = (_piece(clip, audio[clip["ytid"]], table) for clip in clips if clip["ytid"] in audio)
    return adapting.write_music(folder, CORPUS, path, pieces)


def _piece(row: Mapping[str, str], audio: Path, table: Path) -> adapting.Piece:
    try:
        start, end = float(row["start_s"]), float(row["end_s"])
        aspects = ast.literal_eval(row["aspect_list"])
        aspect_text = ", ".join(map(str, aspects))
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        raise InvalidInput(f"{table}: the row of {row['ytid']} has no times or aspects; fetch the file again") from None
    _, seconds = adapting.measured(audio)
    whole = seconds > end - start + _SPARE_SECONDS
    return adapting.Piece(
        audio=audio,
        captions=(row["caption"], aspect_text),
        identifier=f"{row['ytid']}-{start:g}",
        split="test" if row["is_audioset_eval"].strip().lower() == "true" else "train",
        start_seconds=start if whole else 0.0,
        end_seconds=end if whole else None,
    )
