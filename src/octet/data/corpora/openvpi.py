"""Data sets as openvpi's tools make them: folders of `transcriptions.csv` and `wavs`, one a singer.

Phones are Mandarin's initials and finals, unless a name before a slash says another language (`en/ah`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.data.corpora import adapting, sung_labels
from octet.symbolic import transcriptions
from octet.symbolic.song import Phrase
from octet.text.phonemes import LANGUAGES

CORPUS = adapting.Corpus(
    "openvpi data set", "zh", "", "transcriptions.csv beside a folder wavs, or folders of them, one a singer"
)
_LABELS = "transcriptions.csv"


def adapt(path: Path, folder: Path) -> int:
    """Write the manifest of the data sets in `path` to `folder`; number of recordings.

    Raises:
        InvalidInput: `path` is not laid out as such data sets are.
    """
    found = sorted(path.rglob(_LABELS))
    if not found:
        raise InvalidInput(f"{path} holds no {CORPUS.name}: expected {CORPUS.expected}")
    return sung_labels.write(folder, CORPUS, path, (piece for labels in found for piece in _pieces(labels.parent)))


def _pieces(root: Path) -> Iterator[sung_labels.Piece]:
    for name, phrase in transcriptions.read(root / _LABELS).items():
        labels, notes = sung_labels.labels_of(phrase)
        audio = root / "wavs" / f"{name}.wav"
        yield sung_labels.Piece(
            audio=audio if audio.is_file() else root / "raw" / "wavs" / f"{name}.wav",
            identifier=f"{root.name}-{name}",
            song=name,
            singer=root.name,
            language=_language(phrase),
            labels=labels,
            notes=notes,
        )


def _language(phrase: Phrase) -> str:
    """The one that most phones name, or Mandarin."""
    named = [phone.symbol.partition("/")[0] for phone in phrase.phones if "/" in phone.symbol]
    known = [language for language in named if language in LANGUAGES]
    return max(known, key=known.count, default=CORPUS.language)
