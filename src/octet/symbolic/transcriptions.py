"""Label files of singing corpora: openvpi's `transcriptions.csv` and Opencpop's `transcriptions.txt`, a phrase a line.

    transcriptions.csv    name, ph_seq, ph_dur, ph_num, note_seq, note_dur[, note_slur][, note_glide]
    transcriptions.txt    name|text|phones|notes|note durations|phone durations|slurs

Without `note_slur` a note that starts where no word does is held on from the note before.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Final

from octet.core.bounded import decoded, read_bytes
from octet.core.errors import InvalidInput
from octet.symbolic import fields
from octet.symbolic.phone_notes import LabelledPhone, phrase_of
from octet.symbolic.song import Phrase, SungNote, SungPhone

_MOST_BYTES: Final = 64 << 20
_COLUMNS: Final = ("name", "ph_seq", "ph_dur", "ph_num", "note_seq", "note_dur")
_FIELDS: Final = 7  # of a line of Opencpop's


def read(path: Path) -> dict[str, Phrase]:
    """The phrases of either file by their names, in order.

    Raises:
        InvalidInput: missing, over 64 MiB, neither of the two, or a line whose fields do not fit together (it is
            named).
    """
    data = read_bytes(path, _MOST_BYTES, "a list of labels")
    try:
        return parse(decoded(data, ["utf-8"]))
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None


def parse(text: str) -> dict[str, Phrase]:
    """The phrases in the text of either file.

    Raises:
        InvalidInput: as `read`.
    """
    head = text.lstrip().partition("\n")[0]
    if "|" in head:
        return dict(_opencpop(text))
    if "ph_seq" in head:
        return dict(_openvpi(text))
    raise InvalidInput(
        f"{head[:40]!r} heads no list of labels; expected {','.join(_COLUMNS)} or lines with 7 fields by |"
    )


def _opencpop(text: str) -> Iterator[tuple[str, Phrase]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("|")]
        try:
            if len(parts) != _FIELDS:
                raise InvalidInput(f"it has {len(parts)} fields; {_FIELDS} divided by | were expected")
            yield parts[0], _labelled(*parts[1:])
        except InvalidInput as error:
            raise InvalidInput(f"line {number}: {error}") from None


def _labelled(text: str, phones: str, notes: str, note_durs: str, phone_durs: str, slurs: str) -> Phrase:
    symbols, names = phones.split(), notes.split()
    lengths, durations = fields.numbers(note_durs, "note durations"), fields.numbers(phone_durs, "phone durations")
    held = fields.counts(slurs, "slurs")
    fields.require_equal(
        phones=len(symbols),
        notes=len(names),
        note_durations=len(lengths),
        phone_durations=len(durations),
        slurs=len(held),
    )
    rows = zip(symbols, names, lengths, held, durations, strict=True)
    labelled = [
        LabelledPhone(symbol, fields.pitch(name), length, bool(slur), dur) for symbol, name, length, slur, dur in rows
    ]
    lyrics = [letter for letter in text.replace("SP", "").replace("AP", "") if not letter.isspace()]
    return phrase_of(labelled, lyrics=lyrics, text=text, language="zh")


def _openvpi(text: str) -> Iterator[tuple[str, Phrase]]:
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise InvalidInput(f"this is no readable CSV ({error}); export it again") from None
    for number, row in enumerate(rows, start=2):
        missing = [column for column in _COLUMNS if not isinstance(row.get(column), str)]
        if missing:
            raise InvalidInput(f"line {number}: the column {missing[0]} is missing or empty")
        try:
            yield row["name"], _row(row)
        except InvalidInput as error:
            raise InvalidInput(f"line {number}: {error}") from None


def _row(row: Mapping[str, str]) -> Phrase:
    symbols, durations = row["ph_seq"].split(), fields.numbers(row["ph_dur"], "ph_dur")
    sizes = fields.counts(row["ph_num"], "ph_num")
    pitches = [fields.pitch(name) for name in row["note_seq"].split()]
    lengths = fields.numbers(row["note_dur"], "note_dur")
    glides = (row.get("note_glide") or "none " * len(pitches)).split()
    fields.require_equal(ph_seq=len(symbols), ph_dur=len(durations), the_sum_of_ph_num=sum(sizes))
    fields.require_equal(note_seq=len(pitches), note_dur=len(lengths), note_glide=len(glides))
    slurs = _slurs(row, sizes, durations, lengths, pitches)
    heads = [index for index, slur in enumerate(slurs) if not slur]
    fields.require_equal(ph_num=len(sizes), notes_without_slur=len(heads))
    owners = [head for head, size in zip(heads, sizes, strict=True) for _ in range(size)]
    notes = zip(lengths, pitches, slurs, glides, strict=True)
    return Phrase(
        0.0,
        tuple(SungNote(length, pitch, slur=slur, glide=glide) for length, pitch, slur, glide in notes),
        tuple(
            SungPhone(symbol, owner, duration_seconds=duration)
            for symbol, owner, duration in zip(symbols, owners, durations, strict=True)
        ),
    )


def _slurs(
    row: Mapping[str, str],
    sizes: Sequence[int],
    durations: Sequence[float],
    lengths: Sequence[float],
    pitches: Sequence[float | None],
) -> list[bool]:
    """As the file says, or by time: each word begins with the note whose start is nearest to its own."""
    if row.get("note_slur"):
        slurs = fields.counts(row["note_slur"], "note_slur")
        fields.require_equal(note_seq=len(pitches), note_slur=len(slurs))
        return [bool(slur) for slur in slurs]
    edges = [0, *accumulate(sizes)]
    starts = [sum(durations[:edge]) for edge in edges[:-1]]
    onsets = [0.0, *accumulate(lengths)][:-1]
    if len(starts) > len(onsets):
        raise InvalidInput(f"it has {len(starts)} words and {len(onsets)} notes; a word needs at least one note")
    heads = _matched(starts, onsets)
    return [index not in heads and pitch is not None for index, pitch in enumerate(pitches)]


def _matched(starts: Sequence[float], onsets: Sequence[float]) -> set[int]:
    """For each start the nearest onset, in order, each taken once."""
    heads: list[int] = []
    for place, start in enumerate(starts):
        first = heads[-1] + 1 if heads else 0
        last = len(onsets) - (len(starts) - place)
        heads.append(min(range(first, last + 1), key=lambda index: abs(onsets[index] - start)))
    return set(heads)
