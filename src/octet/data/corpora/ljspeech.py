"""LJSpeech 1.1 (Ito and Johnson 2017): one English speaker, 24 hours. `metadata.csv` is id|as written|as spoken.

The text as spoken is taken, where it is there: numbers and abbreviations are in the words that were said.
"""

from __future__ import annotations

from pathlib import Path

from octet.data.corpora import adapting

CORPUS = adapting.Corpus("LJSpeech", "en", "public domain", "metadata.csv (id|text|normalised text) and wavs/<id>.wav")


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of LJSpeech in `path` to `folder`; number of utterances.

    Raises:
        InvalidInput: `path` is not laid out as LJSpeech.
    """
    metadata = path / "metadata.csv"
    lines = (adapting.fields(line, "|", 2, metadata, CORPUS) for line in adapting.read_lines(metadata, CORPUS))
    utterances = (
        adapting.Utterance(path / "wavs" / f"{name}.wav", next(filter(None, spoken), written), "lj")
        for name, written, *spoken in lines
    )
    return adapting.write(folder, CORPUS, path, utterances)
