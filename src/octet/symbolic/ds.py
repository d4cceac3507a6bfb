"""openvpi's `.ds` in and out: a JSON list of segments, whose lists of numbers are strings with blanks.

A segment is a phrase. Read and written are phones (`lang/ph` too) and their durations, words (`ph_num`), notes with
slurs and glides, curves (F0, energy, breathiness, voicing, tension, gender, velocity, expr), mixtures of singers,
language, text and seed. Older files with notes a phone (`note_dur_seq`, `is_slur_seq`) are read as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from octet.core.bounded import decoded, read_bytes
from octet.core.errors import InvalidInput
from octet.core.files import write_text
from octet.symbolic import fields
from octet.symbolic.phone_notes import LabelledPhone, phrase_of
from octet.symbolic.song import BREATH, CURVES, F0, SILENCE, Curve, Phrase, Song, SungNote, SungPhone

_MOST_BYTES: Final = 64 << 20
_F0_KEYS = ("f0_seq", "f0_timestep")
_GLOBAL = (SILENCE, BREATH)


def read(path: Path) -> Song:
    """The song in a `.ds` file.

    Raises:
        InvalidInput: missing, over 64 MiB, no JSON, or a segment whose fields do not fit together (it is named).
    """
    try:
        return parse(decoded(read_bytes(path, _MOST_BYTES, "a song"), ["utf-8"]))
    except InvalidInput as error:
        raise InvalidInput(str(error) if str(path) in str(error) else f"{path}: {error}") from None


def write(path: Path, song: Song) -> None:
    """Write a `.ds` file atomically.

    Raises:
        InvalidInput: a phrase has no phones, or the folder cannot be written.
    """
    write_text(path, render(song))


def parse(text: str) -> Song:
    """The song in the text of a `.ds` file.

    Raises:
        InvalidInput: as `read`.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput("this is no JSON, which a .ds file is; export it again") from None
    segments = content if isinstance(content, list) else [content]
    phrases = []
    for place, segment in enumerate(segments):
        try:
            phrases.append(_phrase(_Segment(segment)))
        except InvalidInput as error:
            raise InvalidInput(f"segment {place}: {error}") from None
    return Song(tuple(phrases))


def render(song: Song) -> str:
    """A song as the text of a `.ds` file.

    Raises:
        InvalidInput: a phrase has no phones.
    """
    return json.dumps([_segment(phrase) for phrase in song.phrases], ensure_ascii=False, indent=2) + "\n"


class _Segment:
    """The fields of a segment, each of the kind that it must be."""

    def __init__(self, content: Any) -> None:
        if not isinstance(content, dict):
            raise InvalidInput(f"it is {str(content)[:20]!r}; an object with fields was expected")
        self._content: Mapping[str, Any] = {key: value for key, value in content.items() if value is not None}

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def text(self, key: str, default: str | None = None) -> str:
        value = self._content.get(key, default)
        if value is None:
            raise InvalidInput(f"it has no {key}; export it with notes and phones")
        if isinstance(value, list):
            return " ".join(map(str, value))
        return str(value)

    def number(self, key: str, default: str) -> float:
        return fields.number(self.text(key, default), key)

    def numbers(self, key: str) -> tuple[float, ...]:
        return fields.numbers(self.text(key), key)

    def words(self, key: str) -> list[str]:
        return self.text(key).split()

    def shares(self) -> Mapping[str, Any]:
        value = self._content.get("spk_mix", {})
        if not isinstance(value, dict):
            raise InvalidInput(f"spk_mix is {str(value)[:20]!r}; names with shares were expected")
        return value


def _phrase(segment: _Segment) -> Phrase:
    told: dict[str, Any] = {
        "curves": _curves(segment),
        "constants": {name: segment.number(name, "0") for name in CURVES if _is_constant(segment, name)},
        "singers": _singers(segment),
        "text": segment.text("text", ""),
        "language": segment.text("lang", ""),
        "seed": int(segment.number("seed", "0")) if "seed" in segment else None,
    }
    offset = segment.number("offset", "0")
    if "note_dur_seq" in segment and "note_dur" not in segment:
        return phrase_of(_labelled(segment), start_seconds=offset, **told)
    notes = _notes(segment)
    return Phrase(offset, notes, _phones(segment, notes), **told)


def _notes(segment: _Segment) -> tuple[SungNote, ...]:
    pitches = [fields.pitch(name) for name in segment.words("note_seq")]
    durations = segment.numbers("note_dur")
    slurs = segment.numbers("note_slur") if "note_slur" in segment else (0.0,) * len(pitches)
    glides = segment.words("note_glide") if "note_glide" in segment else ["none"] * len(pitches)
    fields.require_equal(note_seq=len(pitches), note_dur=len(durations), note_slur=len(slurs), note_glide=len(glides))
    words = segment.text("text", "").split()
    told = iter(words if len(words) == sum(slur == 0 for slur in slurs) else ())
    return tuple(
        SungNote(duration, pitch, "" if slur else next(told, ""), slur=bool(slur), glide=glide)
        for duration, pitch, slur, glide in zip(durations, pitches, slurs, glides, strict=True)
    )


def _phones(segment: _Segment, notes: tuple[SungNote, ...]) -> tuple[SungPhone, ...]:
    symbols = segment.words("ph_seq")
    sizes = fields.counts(segment.text("ph_num"), "ph_num")
    durations: tuple[float | None, ...] = segment.numbers("ph_dur") if "ph_dur" in segment else (None,) * len(symbols)
    heads = [index for index, note in enumerate(notes) if not note.slur]
    fields.require_equal(ph_seq=len(symbols), ph_dur=len(durations), the_sum_of_ph_num=sum(sizes))
    fields.require_equal(ph_num=len(sizes), notes_without_slur=len(heads))
    owners = [head for head, size in zip(heads, sizes, strict=True) for _ in range(size)]
    return tuple(
        SungPhone(name, owner, duration_seconds=duration, language=language)
        for (language, name), owner, duration in zip(map(_named, symbols), owners, durations, strict=True)
    )


def _named(symbol: str) -> tuple[str, str]:
    """Language and name: zh/ang."""
    language, slash, name = symbol.partition("/")
    return (language, name) if slash and language and name else ("", symbol)


def _labelled(segment: _Segment) -> list[LabelledPhone]:
    """Of an older file, in which each phone has its note."""
    symbols, notes = segment.words("ph_seq"), segment.words("note_seq")
    lengths, slurs = segment.numbers("note_dur_seq"), segment.numbers("is_slur_seq")
    durations = segment.numbers("ph_dur") if "ph_dur" in segment else (None,) * len(symbols)
    fields.require_equal(
        ph_seq=len(symbols),
        note_seq=len(notes),
        note_dur_seq=len(lengths),
        is_slur_seq=len(slurs),
        ph_dur=len(durations),
    )
    rows = zip(symbols, notes, lengths, slurs, durations, strict=True)
    return [
        LabelledPhone(symbol, fields.pitch(note), length, bool(slur), dur) for symbol, note, length, slur, dur in rows
    ]


def _curves(segment: _Segment) -> dict[str, Curve]:
    found = {}
    for name in CURVES:
        key, step = _F0_KEYS if name == F0 else (name, f"{name}_timestep")
        if key in segment and not _is_constant(segment, name):
            found[name] = Curve(segment.number(step, "0"), segment.numbers(key))
    return found


def _is_constant(segment: _Segment, name: str) -> bool:
    """One number without a step of time."""
    return name != F0 and name in segment and f"{name}_timestep" not in segment


def _singers(segment: _Segment) -> dict[str, float | Curve]:
    found: dict[str, float | Curve] = {}
    for name, share in segment.shares().items():
        values = fields.numbers(str(share), "spk_mix")
        if "spk_mix_timestep" in segment and isinstance(share, str):
            found[name] = Curve(segment.number("spk_mix_timestep", "0"), values)
        elif len(values) == 1:
            found[name] = values[0]
        else:
            raise InvalidInput(f"spk_mix has {len(values)} shares of {name!r} and no spk_mix_timestep")
    return found


def _segment(phrase: Phrase) -> dict[str, Any]:
    """A phrase as the fields of a segment."""
    if not phrase.phones:
        raise InvalidInput("a .ds file holds phones, and this song has none yet; its lyrics must be pronounced first")
    written: dict[str, Any] = {"offset": phrase.start_seconds, "text": phrase.text or _text(phrase)}
    written["ph_seq"] = " ".join(_symbol(phone) for phone in phrase.phones)
    durations = [phone.duration_seconds for phone in phrase.phones if phone.duration_seconds is not None]
    if len(durations) == len(phrase.phones):
        written["ph_dur"] = fields.joined(durations)
    sizes = [sum(phone.note == head for phone in phrase.phones) for head in phrase.heads]
    written["ph_num"] = " ".join(map(str, sizes))
    written["note_seq"] = " ".join(fields.name(note.pitch) for note in phrase.notes)
    written["note_dur"] = fields.joined([note.duration_seconds for note in phrase.notes])
    written["note_slur"] = " ".join(str(int(note.slur)) for note in phrase.notes)
    if any(note.glide != "none" for note in phrase.notes):
        written["note_glide"] = " ".join(note.glide for note in phrase.notes)
    return written | _written_curves(phrase) | _written_singers(phrase) | _written_rest(phrase)


def _text(phrase: Phrase) -> str:
    return " ".join(phrase.notes[head].lyric or SILENCE for head in phrase.heads)


def _symbol(phone: SungPhone) -> str:
    name = phone.symbol + phone.accent
    return f"{phone.language}/{name}" if phone.language and phone.symbol not in _GLOBAL else name


def _written_curves(phrase: Phrase) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for name, curve in phrase.curves.items():
        key, step = _F0_KEYS if name == F0 else (name, f"{name}_timestep")
        written |= {key: fields.joined(curve.values), step: repr(curve.step_seconds)}
    return written | dict(phrase.constants)


def _written_singers(phrase: Phrase) -> dict[str, Any]:
    steps = {repr(share.step_seconds) for share in phrase.singers.values() if isinstance(share, Curve)}
    if len(steps) > 1:
        raise InvalidInput("the shares of a phrase's singers have several steps of time; a .ds file has one")
    shares = {
        name: fields.joined(share.values) if isinstance(share, Curve) else share
        for name, share in phrase.singers.items()
    }
    return ({"spk_mix": shares} if shares else {}) | ({"spk_mix_timestep": steps.pop()} if steps else {})


def _written_rest(phrase: Phrase) -> dict[str, Any]:
    language = {"lang": phrase.language} if phrase.language else {}
    return language | ({} if phrase.seed is None else {"seed": phrase.seed})
