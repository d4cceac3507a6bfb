"""Songs from whatever file they come in, told apart by content first and by name where content does not tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from octet.core.bounded import read_bytes
from octet.core.errors import InvalidInput
from octet.symbolic import ds, midi, midi_words, musicxml, transcriptions, ust, ustx, ustx_write
from octet.symbolic.song import Song
from octet.symbolic.song_score import score_of, song_from

_MOST_BYTES = 64 << 20
_READ = ".ds, .musicxml, .xml, .mxl, .mid, .kar, .ust, .ustx, transcriptions.csv or Opencpop's transcriptions.txt"
_WRITTEN = ".ds, .mid, .musicxml, .xml, .mxl, .ust or .ustx"


def read_song(path: Path, *, part: str | int | None = None, verse: int = 1, language: str = "") -> Song:
    """The song in a file.

    Args:
        part: which part, track or line of a list is sung, by its name or by its number from 1; None where one is clear.
        verse: which verse of a MusicXML file.
        language: of the lyrics, where the file does not say.

    Raises:
        InvalidInput: missing, of no known kind, damaged, or without telling which part is sung.
        MissingExtra: a MIDI file, and symusic is not installed.
    """
    kind = _kind(path, read_bytes(path, _MOST_BYTES, "a song"))
    try:
        song = _read(path, kind, part, verse, language)
    except InvalidInput as error:
        raise InvalidInput(str(error) if str(path) in str(error) else f"{path}: {error}") from None
    return song if song.language or not language else replace(song, language=language)


def write_song(path: Path, song: Song) -> None:
    """Write a song atomically, in the kind of file that its name ends in.

    Raises:
        InvalidInput: no such kind, phones missing where the kind needs them, or the folder cannot be written.
        MissingExtra: a MIDI file, and symusic is not installed.
    """
    match path.suffix.lower():
        case ".ds":
            ds.write(path, song)
        case ".mid" | ".midi":
            midi.write(path, score_of(song, marks_held=True))
        case ".musicxml" | ".xml" | ".mxl":
            musicxml.write_musicxml(score_of(song), path)
        case ".ust":
            ust.write(path, song)
        case ".ustx":
            ustx_write.write(path, song)
        case _:
            raise InvalidInput(f"songs are not written as {path.name!r}; the name must end in {_WRITTEN}")


def _read(path: Path, kind: str, part: str | int | None, verse: int, language: str) -> Song:
    match kind:
        case "ds":
            return ds.read(path)
        case "midi":
            score = midi.read(path)
            words = tuple(midi_words.lyrics(path.read_bytes()))
            return song_from(replace(score, lyrics=words), part=part, verse=verse, language=language)
        case "musicxml":
            return song_from(musicxml.read_musicxml(path), part=part, verse=verse, language=language)
        case "ust":
            return ust.read(path, language=language)
        case "ustx":
            return ustx.read(path, part=part, language=language)
    return _listed(path, part)


def _kind(path: Path, data: bytes) -> str:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    suffix = path.suffix.lower()
    if data.startswith(b"MThd") or suffix in (".mid", ".midi", ".kar"):
        return "midi"
    if data.startswith(b"PK") or head.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\0<")) or suffix == ".musicxml":
        return "musicxml"
    if head.startswith(b"[#") or suffix == ".ust":
        return "ust"
    if suffix == ".ds" or (suffix == ".json" and head.startswith((b"[", b"{"))):
        return "ds"
    if suffix == ".ustx" or b"ustx_version" in head:
        return "ustx"
    if suffix in (".csv", ".txt"):
        return "list"
    raise InvalidInput(f"{path} is no song that can be read; expected {_READ}")


def _listed(path: Path, part: str | int | None) -> Song:
    """One phrase of a list of labels."""
    phrases = transcriptions.read(path)
    names = list(phrases)
    said = str(part).strip() if part is not None else ""
    if said in phrases:
        name = said
    elif said.isdigit() and len(said) < 7 and 1 <= int(said) <= len(names):
        name = names[int(said) - 1]
    elif part is None and len(names) == 1:
        name = names[0]
    else:
        shown = ", ".join(names[:5]) + (" ..." if len(names) > 5 else "")
        raise InvalidInput(f"which of {len(names)} lines is sung? Name one as the part: {shown or 'there is none'}")
    return Song((phrases[name],), language=phrases[name].language, title=name)
