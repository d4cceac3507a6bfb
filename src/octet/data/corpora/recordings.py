"""Recordings of singing, each with its score under the same name: `song.wav` and `song.mid` (or MusicXML, UST, `.ds`).

The score says when which note is sung to which syllable; the phones are found by aligning when features are computed.
Folders inside are singers. Recordings are cut at the rests of their scores into phrases, which are written as FLAC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import soundfile

from octet.audio import files
from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import adapting
from octet.data.manifest import Row, Sung
from octet.data.manifest import SungNote as Timed
from octet.symbolic.song import NEXT_SYLLABLE, Phrase, SungNote
from octet.symbolic.songs import read_song
from octet.text.detect import detect

CORPUS = adapting.Corpus(
    "recordings with scores", "", "", "audio files next to scores of the same name with lyrics (.mid, .musicxml, .ust)"
)
_SCORES = (".mid", ".midi", ".musicxml", ".xml", ".mxl", ".ust", ".ustx", ".ds")


def adapt(path: Path, folder: Path) -> int:
    """Cut the recordings in `path` and write their manifest to `folder`; number of phrases.

    Raises:
        InvalidInput: no recording has a score next to it, or a score has no lyrics (it is named).
    """
    rows = [row for audio in _recordings(path) for row in _rows(path, folder, audio)]
    if not rows:
        raise InvalidInput(f"{path} holds no {CORPUS.name}: expected {CORPUS.expected}")
    manifest.write(folder, rows)
    return len(rows)


def _recordings(path: Path) -> Iterator[Path]:
    yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in adapting.AUDIO_SUFFIXES)


def _rows(path: Path, folder: Path, audio: Path) -> Iterator[Row]:
    score = next((file for suffix in _SCORES if (file := audio.with_suffix(suffix)).is_file()), None)
    if score is None:
        return
    song = read_song(score)
    parts = audio.relative_to(path).parts
    name = "-".join(Path(*parts).with_suffix("").parts)
    samples, rate_hz = files.read(audio)
    language = song.language or detect(" ".join(text_of(phrase.notes) for phrase in song.phrases) or "?")
    for number, phrase in enumerate(song.phrases):
        text = text_of(phrase.notes)
        if not text:
            raise InvalidInput(f"{score} has notes without lyrics in phrase {number + 1}; write the syllables there")
        first = round(max(0.0, phrase.start_seconds) * rate_hz)
        cut = samples[:, first : round(phrase.end_seconds * rate_hz)].mean(axis=0)
        if not cut.size:
            raise InvalidInput(f"{audio} ends before phrase {number + 1} of its score begins; do they belong together?")
        place = folder / "audio" / f"{name}-{number}.flac"
        place.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(place, cut, rate_hz, subtype="PCM_16")
        yield Row(
            id=place.stem,
            audio=f"audio/{place.name}",
            sample_rate_hz=rate_hz,
            duration_seconds=cut.size / rate_hz,
            text=text,
            language=phrase.language or language,
            speaker=parts[0] if len(parts) > 1 else "singer",
            split=adapting.split_of(name),
            source=CORPUS.name,
            sung=Sung(song=name, notes=_timed(phrase, cut.size / rate_hz)),
        )


def text_of(notes: Sequence[SungNote]) -> str:
    """The words that notes sing.

    >>> text_of((SungNote(1, 60.0, "Tw", "begin"), SungNote(1, 60.0, "inkle", "end"), SungNote(1, 67.0, "star")))
    'Twinkle star'
    """
    text = ""
    for note in notes:
        if note.pitch is None or note.slur or note.lyric in ("", NEXT_SYLLABLE):
            continue
        text += ("" if not text or note.syllabic in ("middle", "end") else " ") + note.lyric
    return text


def _timed(phrase: Phrase, seconds: float) -> tuple[Timed, ...]:
    """The notes of a phrase from the start of its recording, which ends the last one."""
    lost = min(0.0, phrase.start_seconds)  # before the recording
    starts = [max(0.0, onset - phrase.start_seconds + lost) for onset in phrase.onsets]
    ends = [*starts[1:], seconds]
    return tuple(
        Timed(
            start_seconds=min(start, seconds),
            end_seconds=min(end, seconds),
            pitch=note.pitch,
            lyric="-" if note.slur else "" if note.pitch is None else note.lyric,
        )
        for note, start, end in zip(phrase.notes, starts, ends, strict=True)
    )
