"""A folder of recordings, each with its text next to it in a file of the same name: `hello.wav` and `hello.txt`.

Folders inside it are speakers; recordings that lie directly in it are all by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from octet.data.corpora import adapting
from octet.text.detect import detect

CORPUS = adapting.Corpus(
    "recordings with texts", "", "", "audio files (wav, flac, mp3, ogg) next to text files of the same name"
)


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of the recordings in `path` to `folder`; number of utterances.

    Raises:
        InvalidInput: no recording has a text next to it.
    """
    return adapting.write(folder, CORPUS, path, _utterances(path))


def _utterances(path: Path) -> Iterator[adapting.Utterance]:
    for audio in sorted(file for file in path.rglob("*") if file.suffix.lower() in adapting.AUDIO_SUFFIXES):
        text_path = audio.with_suffix(".txt")
        if text_path.is_file():
            text = " ".join(adapting.read_lines(text_path, CORPUS))
            parts = audio.relative_to(path).parts
            yield adapting.Utterance(
                audio=audio,
                text=text,
                speaker=parts[0] if len(parts) > 1 else "speaker",
                identifier=str(Path(*parts).with_suffix("")),
                language=detect(text),
            )
