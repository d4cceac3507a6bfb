"""AISHELL-3 (Shi et al. 2021): 218 Mandarin speakers. `content.txt` has a character and its pinyin in turns.

Its pinyin is what the speakers were given, not what a phone sequence needs; all but the pinyin is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from octet.data.corpora import adapting

CORPUS = adapting.Corpus(
    "AISHELL-3",
    "zh",
    "Apache-2.0",
    "train/content.txt (file, tab, characters and pinyin) and train/wav/<speaker>/<file>",
)
_PINYIN = re.compile(r"[a-z:]+[1-5]")
_SPEAKER_LETTERS = 7  # SSB0005 of SSB00050001.wav


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of AISHELL-3 in `path` to `folder`, with its `test` part where it is there.

    Raises:
        InvalidInput: `path` is not laid out as AISHELL-3.
    """
    parts = [part for part in ("train", "test") if (path / part).is_dir()] or ["train"]
    return adapting.write(folder, CORPUS, path, (found for part in parts for found in _utterances(path, part)))


def _utterances(path: Path, part: str) -> Iterator[adapting.Utterance]:
    content = path / part / "content.txt"
    for line in adapting.read_lines(content, CORPUS):
        name, said, *_ = adapting.fields(line, "\t", 2, content, CORPUS)
        speaker = name[:_SPEAKER_LETTERS]
        text = "".join(part for part in said.split() if not _PINYIN.fullmatch(part))
        yield adapting.Utterance(path / part / "wav" / speaker / name, text, speaker, split=part)
