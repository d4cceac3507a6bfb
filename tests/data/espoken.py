"""A small corpus on disk: espeak's speech in several languages, with its phone times."""

from __future__ import annotations

from pathlib import Path

from octet.audio import files
from octet.data import manifest
from octet.data.corpora.teachers import SAMPLE_RATE_HZ, Utterance, Voice, speak
from octet.data.manifest import Row

SENTENCES = (
    ("en", "Good day."),
    ("ko", "고맙습니다."),
    ("ko", "네, 좋아요."),
    ("de", "Guten Tag."),
    ("en", "See you soon."),
)
VOICE = Voice("espeak", "f2")


def spoken(language: str, text: str) -> Utterance:
    return speak(VOICE, text, language)


def row_of(folder: Path, number: int, language: str, text: str, *, split: str = "train", timed: bool = True) -> Row:
    """Writes the audio of one utterance and describes it."""
    said = spoken(language, text)
    name = f"{number}.flac"
    files.write(folder / name, said.samples, SAMPLE_RATE_HZ)
    return Row(
        id=f"u{number}",
        audio=name,
        sample_rate_hz=SAMPLE_RATE_HZ,
        duration_seconds=said.duration_seconds,
        text=text,
        language=language,
        speaker="one" if number % 2 else "two",
        split=split,
        phones=said.phones if timed else None,
    )


def corpus(folder: Path, *, timed: bool = True) -> list[Row]:
    """The last sentence is for testing."""
    last = len(SENTENCES) - 1
    rows = [
        row_of(folder, number, language, text, split="test" if number == last else "train", timed=timed)
        for number, (language, text) in enumerate(SENTENCES)
    ]
    manifest.write(folder, rows)
    return rows
