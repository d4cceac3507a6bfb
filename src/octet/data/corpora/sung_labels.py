"""What singing corpora share: the phones of their label files in the shared inventory, and rows with scores.

Mandarin is labelled with the initials and finals of pinyin (`zh`, `uang`; `y` and `w` stand as initials), other
languages with ARPAbet or IPA; `SP` is silence and `AP` breath everywhere. A final's time is divided: a glide and a
closing consonant get a part of it each, the vowel the rest. A final that begins with a glide does so where its note
does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.corpora import adapting
from octet.data.manifest import BREATH, PhoneTime, Row, Sung, SungNote
from octet.symbolic.phone_notes import INITIALS
from octet.symbolic.song import Phrase
from octet.text.labels import read_label
from octet.text.languages.mandarin_syllables import phones as pinyin
from octet.text.phonemes import SILENCE, SYMBOL_IDS

_BREATHS = frozenset(("ap", "br", "<ap>"))
_GLIDES = ("j", "w", "ɥ")
_GLIDE_SHARE, _CODA_SHARE = 0.15, 0.25  # of a final
_NEUTRAL = "5"  # sung syllables have no tone
_FINALS = {"i0": "i", "ir": "i", "in0": "in"}


class Label(NamedTuple):
    """A phone by the name in a label file, when it sounds, and its note."""

    symbol: str
    start_seconds: float
    end_seconds: float
    note: int = 0


@dataclass(frozen=True)
class Piece:
    """A recording and what its labels say of it. Without `notes` they are found in the recording."""

    audio: Path
    identifier: str
    song: str
    singer: str
    language: str
    labels: Sequence[Label]
    notes: Sequence[SungNote] = ()
    text: str = ""
    split: str = ""


def labels_of(phrase: Phrase) -> tuple[list[Label], list[SungNote]]:
    """The labels and notes of a phrase from a list of labels.

    Raises:
        InvalidInput: phones without durations.
    """
    labels, time = [], 0.0
    for phone, note in zip(phrase.phones, phrase.phone_notes, strict=True):
        if phone.duration_seconds is None:
            raise InvalidInput(f"its phone {phone.symbol!r} has no duration")
        labels.append(Label(phone.symbol, time, time + phone.duration_seconds, note))
        time = labels[-1].end_seconds
    notes = [
        SungNote(start_seconds=start, end_seconds=start + note.duration_seconds, pitch=note.pitch, lyric=lyric)
        for note, start in zip(phrase.notes, phrase.onsets, strict=True)
        for lyric in ["-" if note.slur else "" if note.pitch is None else note.lyric]
    ]
    return labels, notes


def write(folder: Path, corpus: adapting.Corpus, path: Path, pieces: Iterable[Piece]) -> int:
    """Write the manifest of `pieces` found in `path`; those without audio are left out.

    Raises:
        InvalidInput: there are none, which means that `path` is not laid out as this corpus; or a label that means no
            phone (its recording is named).
    """
    rows = [_row(corpus, piece) for piece in pieces if piece.audio.is_file()]
    if not rows:
        raise InvalidInput(f"{path} holds no {corpus.name}: expected {corpus.expected}")
    manifest.write(folder, rows)
    return len(rows)


def phones_of(labels: Sequence[Label], language: str) -> Iterator[tuple[PhoneTime, int]]:
    """The phones that labels mean, and for each its note.

    >>> [phone.symbol for phone, _ in phones_of([Label("zh", 0, 0.1), Label("uang", 0.1, 0.5)], "zh")]
    ['ʈʂ', 'w', 'ɑ', 'ŋ']

    Raises:
        InvalidInput: a label means no phone in this language, or a Mandarin initial has no final.
    """
    initial: Label | None = None
    for label in labels:
        label = label._replace(symbol=label.symbol.rpartition("/")[2])
        if language == "zh" and label.symbol in INITIALS:
            _require_none(initial)
            initial = label
        elif language == "zh" and not _is_pause(label.symbol):
            yield from _syllable(initial, label)
            initial = None
        else:
            _require_none(initial)
            yield from _evenly(_plain(label.symbol, language), label)
    _require_none(initial)


def _require_none(initial: Label | None) -> None:
    if initial is not None:
        raise InvalidInput(f"the initial {initial.symbol!r} at {initial.start_seconds:g} s has no final behind it")


def _row(corpus: adapting.Corpus, piece: Piece) -> Row:
    sample_rate_hz, seconds = adapting.measured(piece.audio)
    try:
        phones = list(phones_of(piece.labels, piece.language))
    except InvalidInput as error:
        raise InvalidInput(f"{piece.audio.name}: {error}") from None
    return Row(
        id=piece.identifier,
        audio=str(piece.audio.resolve()),
        sample_rate_hz=sample_rate_hz,
        duration_seconds=seconds,
        text=piece.text or " ".join(label.symbol for label in piece.labels),
        language=piece.language,
        speaker=piece.singer,
        split=piece.split or adapting.split_of(piece.song),
        licence=corpus.licence,
        source=corpus.name,
        phones=tuple(phone for phone, _ in phones) or None,
        sung=Sung(
            song=piece.song,
            notes=tuple(piece.notes),
            phone_notes=tuple(note for _, note in phones) if piece.notes else (),
        ),
    )


def _is_pause(symbol: str) -> bool:
    return symbol.lower() in _BREATHS or symbol.lower() in ("", "sp", "sil", "pau", "cl")


def _plain(symbol: str, language: str) -> list[str]:
    if symbol.lower() in _BREATHS:
        return [BREATH]
    if _is_pause(symbol):
        return [SILENCE]
    if symbol in SYMBOL_IDS:
        return [symbol]
    try:
        return [phone.symbol for phone in read_label(symbol.upper(), "arpabet")]
    except InvalidInput:
        return [phone.symbol for phone in read_label(symbol, "ipa", language)]


def _evenly(symbols: Sequence[str], label: Label) -> Iterator[tuple[PhoneTime, int]]:
    step = (label.end_seconds - label.start_seconds) / len(symbols)
    for place, symbol in enumerate(symbols):
        start = label.start_seconds + place * step
        yield _timed(symbol, start, start + step), label.note


def _syllable(initial: Label | None, final: Label) -> Iterator[tuple[PhoneTime, int]]:
    """An initial in its own time, and a final's glide, vowel and coda in theirs."""
    found = _pinyin("" if initial is None else initial.symbol, final.symbol)
    onset = found[: _onset_length(found, initial)]
    if initial is not None:
        yield from ((phone, final.note) for phone, _ in _evenly(onset or found[:1], initial))
    rest = found[len(onset) :] or found[-1:]
    lengths = [_GLIDE_SHARE if symbol in _GLIDES else 0.0 for symbol in rest]
    if len(rest) > 1 and rest[-1] in ("n", "ŋ", "ɹ", "m"):
        lengths[-1] = _CODA_SHARE
    vowels = lengths.count(0.0)
    lengths = [length or (1 - sum(lengths)) / vowels for length in lengths]
    time, whole = final.start_seconds, final.end_seconds - final.start_seconds
    for symbol, share in zip(rest, lengths, strict=True):
        yield _timed(symbol, time, time + share * whole), final.note
        time += share * whole


def _onset_length(found: Sequence[str], initial: Label | None) -> int:
    if initial is None:
        return 0
    return 1 if found[0] in _GLIDES or initial.symbol not in ("y", "w") else 0


def _pinyin(initial: str, final: str) -> list[str]:
    """The symbols of a syllable; y and w that are spelling only are sung as the glides that they were."""
    spelled = initial + _FINALS.get(final, final)
    try:
        found = [phone.symbol for phone in pinyin(spelled + _NEUTRAL)]
    except (KeyError, IndexError):
        raise InvalidInput(f"the phones {initial} {final} are no syllable of pinyin") from None
    if initial in ("y", "w") and found[0] not in _GLIDES:
        return ["ɥ" if found[0] == "y" else "j" if initial == "y" else "w", *found]
    return found


def _timed(symbol: str, start: float, end: float) -> PhoneTime:
    return PhoneTime(symbol=symbol, start_seconds=round(start, 5), end_seconds=round(end, 5))
