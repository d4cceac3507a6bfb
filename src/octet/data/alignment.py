"""Which phone sounds in which frame of an utterance, on the phones that the front end gives its text.

Times come from the manifest where the corpus knows them, from a Praat TextGrid next to the audio, or from an aligner;
in this order. Teachers and TextGrids have phones of their own, so their times are transferred (`octet.data.transfer`).

Legend: P phones, T frames.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from octet.core.errors import InvalidInput
from octet.data.manifest import PhoneTime, Row
from octet.data.transfer import transfer
from octet.text import frontend, labels, textgrid
from octet.text.phonemes import PAUSES, SILENCE, Phone

Samples = NDArray[np.float32]

# Samples (N,), their rate, and the phones to find in them; the answer has these phones and no others.
Aligner = Callable[[Samples, int, Sequence[Phone]], Sequence[labels.TimedPhone]]


def written_phones(text: str, language: str) -> list[tuple[Phone, str]]:
    """The phones of a text and the language of each, as a model is given them: `sil` at both edges.

    Raises:
        InvalidInput: nothing in the text can be said.
    """
    words = [word for sentence in frontend.analyze(text, language=language) for word in sentence.words]
    inner = [(phone, word.language) for word in words for phone in word.phones]
    if all(phone.is_pause for phone, _ in inner):
        raise InvalidInput(f"nothing in {text[:40]!r} can be said aloud; give a text with words or numbers")
    return [(Phone(SILENCE), language), *inner, (Phone(SILENCE), language)]


def timed_phones(
    row: Row,
    folder: Path,
    audio: Samples,
    sample_rate_hz: int,
    written: Sequence[Phone],
    aligner: Aligner | None = None,
) -> list[PhoneTime]:
    """The written phones (perhaps with inserted `sil`) with times from 0 to the end of `audio`.

    Raises:
        InvalidInput: no times are known and no aligner was given, or a TextGrid cannot be used.
    """
    duration_seconds = len(audio) / sample_rate_hz
    known = row.phones or _from_textgrid(row, folder)
    if known:
        return transfer(known, written, duration_seconds)
    if aligner is None:
        raise InvalidInput(
            f"its phone times are not known: put a TextGrid with a tier 'phones' next to {row.audio}, or use an aligner"
        )
    return transfer([_time(phone) for phone in aligner(audio, sample_rate_hz, written)], written, duration_seconds)


def languages_of(timed: Sequence[PhoneTime], written: Sequence[tuple[Phone, str]], language: str) -> list[str]:
    """A language for each timed phone; pauses have that of the utterance."""
    spoken = iter([of for phone, of in written if not phone.is_pause])
    return [language if phone.symbol in PAUSES else next(spoken) for phone in timed]


def frame_durations(timed: Sequence[PhoneTime], frame_rate_hz: float, frames: int) -> list[int]:
    """Frames of each phone: differences of rounded ends, so that errors do not add up; the sum is `frames`.

    >>> ends = [PhoneTime(symbol="a", start_seconds=0, end_seconds=end) for end in (0.13, 0.26, 0.26, 0.5)]
    >>> frame_durations(ends, 10, 5)
    [1, 2, 0, 2]
    """
    edges = [0, *(min(round(phone.end_seconds * frame_rate_hz), frames) for phone in timed)]
    edges[-1] = frames
    return [end - start for start, end in pairwise(edges)]


def textgrid_path(row: Row, folder: Path) -> Path:
    """Where the TextGrid of an utterance lies if there is one: next to its audio, under its name."""
    return (folder / row.audio).with_suffix(".TextGrid")


def _from_textgrid(row: Row, folder: Path) -> list[PhoneTime]:
    path = textgrid_path(row, folder)
    if not path.is_file():
        return []
    tier = textgrid.read(path).intervals("phones")
    try:
        phones = labels.timed_phones(tier, "arpabet", row.language)
    except InvalidInput:
        phones = labels.timed_phones(tier, "ipa", row.language)
    return [_time(phone) for phone in phones]


def _time(phone: labels.TimedPhone) -> PhoneTime:
    return PhoneTime(
        symbol=phone.symbol, accent=phone.accent, start_seconds=phone.start_seconds, end_seconds=phone.end_seconds
    )
