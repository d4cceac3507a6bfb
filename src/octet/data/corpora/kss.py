"""KSS, the Korean Single Speaker dataset (Park 2018): 12 hours in four parts.

`transcript.v.1.4.txt` is part/file|as written|as spoken|decomposed hangul|seconds|English. The text as spoken is taken:
Korean has two words for every number, and only there stands which of them was said.
"""

from __future__ import annotations

from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting

CORPUS = adapting.Corpus(
    "KSS", "ko", "CC BY-NC-SA 4.0", "transcript.v.1.*.txt (1/1_0000.wav|text|...) and the folders 1 to 4"
)


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of KSS in `path` to `folder`; number of utterances.

    Raises:
        InvalidInput: `path` is not laid out as KSS.
    """
    transcripts = sorted(path.glob("transcript.v*.txt"))
    if not transcripts:
        raise InvalidInput(f"{path} holds no KSS: expected {CORPUS.expected}")
    transcript = transcripts[-1]
    lines = (adapting.fields(line, "|", 3, transcript, CORPUS) for line in adapting.read_lines(transcript, CORPUS))
    # Some releases keep the four folders in one named kss.
    audio = path / "kss" if (path / "kss").is_dir() else path
    return adapting.write(folder, CORPUS, path, (adapting.Utterance(audio / line[0], line[2], "kss") for line in lines))
