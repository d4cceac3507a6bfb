"""VCTK 0.92 (Yamagishi et al. 2019): 110 English speakers, two microphones, of which the first is taken.

Speakers p280 and p315 have no second microphone or no texts; what lacks a text is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from octet.data.corpora import adapting

CORPUS = adapting.Corpus(
    "VCTK", "en", "CC BY 4.0", "wav48_silence_trimmed/<speaker>/<id>_mic1.flac and txt/<speaker>/<id>.txt"
)


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of VCTK in `path` to `folder`; number of utterances.

    Raises:
        InvalidInput: `path` is not laid out as VCTK.
    """
    return adapting.write(folder, CORPUS, path, _utterances(path))


def _utterances(path: Path) -> Iterator[adapting.Utterance]:
    for audio in sorted((path / "wav48_silence_trimmed").glob("*/*_mic1.flac")):
        speaker, identifier = audio.parent.name, audio.stem.removesuffix("_mic1")
        text = path / "txt" / speaker / f"{identifier}.txt"
        if text.is_file():
            yield adapting.Utterance(audio, " ".join(adapting.read_lines(text, CORPUS)), speaker, identifier)
