"""LibriTTS (Zen et al. 2019) and LibriTTS-R: many English speakers, `<part>/<speaker>/<chapter>/<id>.wav` with texts.

The parts (`train-clean-100`, `dev-clean`, `test-other`, ...) may lie in `path`, or `path` may be one of them. Parts
whose names begin with `test` or `dev` are the test split, as their authors meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from octet.data.corpora import adapting

CORPUS = adapting.Corpus(
    "LibriTTS", "en", "CC BY 4.0", "<part>/<speaker>/<chapter>/<id>.wav next to <id>.normalized.txt"
)
_TEXT = ".normalized.txt"


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of LibriTTS in `path` to `folder`; number of utterances.

    Raises:
        InvalidInput: `path` is not laid out as LibriTTS.
    """
    return adapting.write(folder, CORPUS, path, _utterances(path))


def _utterances(path: Path) -> Iterator[adapting.Utterance]:
    for text_path in sorted(path.resolve().rglob(f"*{_TEXT}")):
        chapter = text_path.parent
        part = chapter.parent.parent.name
        yield adapting.Utterance(
            audio=chapter / text_path.name.replace(_TEXT, ".wav"),
            text=" ".join(adapting.read_lines(text_path, CORPUS)),
            speaker=chapter.parent.name,
            split="test" if part.startswith(("test", "dev")) else "train",
        )
