"""A user's own pronunciations: words and phrases with a respelling or with IPA.

The file is UTF-8 text, a line an entry, fields divided by tabs, `#` for comments:

    word or phrase <TAB> respelling or /IPA/ [<TAB> language]

    Octet	/ɒkˈtɛt/
    K팝	케이팝	ko
    SQL	sequel	en

Words match whatever their case, the longest entry first. A language (one of the seven) limits an entry to
text of that language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from octet.core.errors import InvalidInput
from octet.text.espeak_ipa import read_ipa
from octet.text.phonemes import LANGUAGES, Phone

_LARGEST_BYTES = 32 * 2**20
_FORM = "word<TAB>respelling, word<TAB>/IPA/, or either with <TAB>language"


@dataclass(frozen=True)
class Entry:
    """How `word` is said: `respelling` replaces it, or `phones` are its sounds; one of the two is set."""

    word: str
    respelling: str = ""
    phones: tuple[Phone, ...] = ()
    language: str | None = None


class Lexicon:
    """Entries to apply to text; the longest match at each place wins, and among equals the last one given.

    >>> lexicon = parse("SQL\\tsequel\\nlead singer\\t/ˈliːd ˈsɪŋɚ/")
    >>> [piece if isinstance(piece, str) else piece.word for piece in lexicon.apply("A lead singer knows sql.")]
    ['A ', 'lead singer', ' knows sequel.']
    """

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = tuple(entries)
        self._by_key: dict[str, dict[str | None, Entry]] = {}
        for entry in entries:
            self._by_key.setdefault(_key(entry.word), {})[entry.language] = entry
        self._lengths: dict[str, list[int]] = {}
        for key in self._by_key:
            self._lengths.setdefault(key[0], []).append(len(key))
        for first, lengths in self._lengths.items():
            self._lengths[first] = sorted(set(lengths), reverse=True)

    def __len__(self) -> int:
        return len(self.entries)

    def apply(self, text: str, languages: frozenset[str] = frozenset(LANGUAGES)) -> list[str | Entry]:
        """Divide `text` at the words that have phones; respellings are put in their place.

        Args:
            languages: those that `text` is in; entries of other languages are passed over.
        """
        pieces: list[str | Entry] = []
        pending: list[str] = []
        for piece in self._matches(text, languages):
            if isinstance(piece, Entry) and piece.phones:
                pieces += ["".join(pending)] if pending else []
                pieces.append(piece)
                pending = []
            else:
                pending.append(piece.respelling if isinstance(piece, Entry) else piece)
        return pieces + (["".join(pending)] if pending else [])

    def _matches(self, text: str, languages: frozenset[str]) -> Iterator[str | Entry]:
        folded = _key(text)
        start = position = 0
        while position < len(text):
            entry = self._at(folded, position, languages)
            if entry is None:
                position += 1
                continue
            if position > start:
                yield text[start:position]
            yield entry
            start = position = position + len(entry.word)
        if start < len(text):
            yield text[start:]

    def _at(self, folded: str, position: int, languages: frozenset[str]) -> Entry | None:
        for length in self._lengths.get(folded[position], ()):
            readings: Mapping[str | None, Entry] = self._by_key.get(folded[position : position + length], {})
            if readings and _stands_alone(folded, position, position + length):
                for language, entry in readings.items():
                    if language in languages:
                        return entry
                if None in readings:
                    return readings[None]
        return None


def load(path: Path) -> Lexicon:
    """Read a lexicon file.

    Raises:
        InvalidInput: no such file, not UTF-8, over 32 MB, or a line that is no entry (its number is named).
    """
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InvalidInput(f"{path} is larger than 32 MB; a lexicon is a short text file: {_FORM}")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"cannot read the lexicon {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    return parse(text, str(path))


def parse(text: str, source: str = "lexicon") -> Lexicon:
    """Read a lexicon from text; `source` is named in messages.

    Raises:
        InvalidInput: a line that is no entry (its number is named).
    """
    entries = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.strip("\r\n")
        if content.strip() and not content.lstrip().startswith("#"):
            entries.append(_entry(content, f"{source}, line {number}"))
    return Lexicon(entries)


def _entry(line: str, source: str) -> Entry:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) not in (2, 3) or not all(fields):
        raise InvalidInput(f"{source}: {line[:60]!r} is no entry; expected {_FORM}")
    word, said = " ".join(fields[0].split()), fields[1]
    language = fields[2].lower() if len(fields) == 3 else None
    if language is not None and language not in LANGUAGES:
        raise InvalidInput(f"{source}: unknown language {language!r}; use one of {', '.join(LANGUAGES)}")
    if said.startswith("/") and said.endswith("/") and len(said) > 1:
        return Entry(word, phones=read_ipa(said[1:-1], source), language=language)
    return Entry(word, respelling=said, language=language)


def _key(text: str) -> str:
    """Lower case letter by letter, so that places in the key are places in the text; every blank is a space."""
    return "".join(
        " " if letter.isspace() else lower if len(lower := letter.lower()) == 1 else letter for letter in text
    ).replace("’", "'")


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Entries in Latin letters match whole words only; in scripts without blanks they match anywhere."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_is_latin(before) and _is_latin(text[start])) and not (_is_latin(after) and _is_latin(text[end - 1]))


def _is_latin(letter: str) -> bool:
    return letter.isalnum() and ord(letter) < 0x250
