"""What is to be sung: a file, which of its parts, its words; and as songs with phones that singers know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from octet.core.bounded import decoded, read_bytes
from octet.core.errors import InvalidInput

if TYPE_CHECKING:
    from octet.symbolic.song import Song

_MOST_LYRICS_BYTES = 1 << 20


@dataclass(frozen=True)
class Sheet:
    """What is sung: a file (see `octet.symbolic.songs`), which of its parts, and its words where they are elsewhere.

    Several parts are sung together; without any, the file must leave no doubt.
    """

    path: Path
    parts: tuple[str, ...] = ()
    verse: int = 1
    lyrics: Path | None = None
    language: str | None = None
    lexicon: Path | None = None
    tempo_bpm: float | None = None  # instead of the first that the file says


def songs_of(sheet: Sheet, *, own_names: bool = False) -> list[Song]:
    """The parts of a sheet, with phones that the singers know: the file's own, or those of its words.

    Args:
        own_names: for singers with a dictionary of their own: phones as the file has them, else pinyin.

    Raises:
        InvalidInput: a file that cannot be read, no such part or verse, words that are missing, do not fit the notes
            or cannot be said, or phones that no dictionary has.
    """
    return [_song(sheet, part, own_names) for part in sheet.parts or (None,)]


def speed_of(sheet: Sheet, song: Song, speed: float) -> float:
    """The speed that the sheet's tempo asks for, or else `speed`.

    Raises:
        InvalidInput: both, or a tempo that is none.
    """
    if sheet.tempo_bpm is None:
        return speed
    if speed != 1.0:
        raise InvalidInput("give a tempo or a speed, not both")
    if not 1 <= sheet.tempo_bpm <= 1000:
        raise InvalidInput(f"a tempo of {sheet.tempo_bpm:g} beats a minute cannot be sung; give 1 to 1000")
    return sheet.tempo_bpm / song.timeline.tempos[0].bpm


def _song(sheet: Sheet, part: str | None, own_names: bool) -> Song:
    from octet.lyrics.names import in_inventory
    from octet.symbolic.songs import read_song

    song = read_song(sheet.path, part=part, verse=sheet.verse, language=sheet.language or "")
    try:
        if sheet.lyrics is None and all(phrase.phones for phrase in song.phrases):
            return song if own_names else in_inventory(song, language=sheet.language)
        return _worded(sheet, song, own_names)
    except InvalidInput as error:
        raise InvalidInput(f"{sheet.path}: {error}") from None


def _worded(sheet: Sheet, song: Song, own_names: bool) -> Song:
    """With the phones of its own words, or of those in a file."""
    from octet.lyrics.laying import laid
    from octet.lyrics.pinyin import in_pinyin
    from octet.lyrics.pronounce import pronounced
    from octet.text import lexicon as lexicons

    lexicon = lexicons.load(sheet.lexicon) if sheet.lexicon else None
    if sheet.lyrics is not None:
        data = read_bytes(sheet.lyrics, _MOST_LYRICS_BYTES, "a song's lyrics")
        song = laid(song, decoded(data, ["utf-8"]), language=sheet.language, lexicon=lexicon)
    return in_pinyin(song) if own_names else pronounced(song, language=sheet.language, lexicon=lexicon)
