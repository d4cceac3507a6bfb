"""Text, plain or SSML, to sentences of words with phones: the one entrance to the text floor.

    text -> fragments (SSML, pauses) -> sentences -> runs of one language -> lexicon -> normalise -> pronounce

Sentences come one at a time from `sentences`, so that a synthesiser can begin before a long text is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from octet.core.errors import InvalidInput
from octet.text import assembly, detect
from octet.text.fragments import Fragment, Pause, Speech, from_plain
from octet.text.lexicon import Entry, Lexicon
from octet.text.normalization.say_as import say_as
from octet.text.phonemes import LANGUAGES, Phone, Prosody, Sentence, Word
from octet.text.ssml import parse as parse_ssml

_DETECTED_CHARACTERS = 2000
# Their own reading of KBS, 70kg or a web address comes before Latin runs are given to English.
_READ_LATIN_UNITS = ("ko", "zh", "ja")


def analyze(
    text: str, *, language: str | None = None, lexicon: Lexicon | None = None, ssml: bool = False
) -> list[Sentence]:
    """The sentences of a text with their words and phones.

    >>> [sentence.text for sentence in analyze("Hello. How are you?")]
    ['Hello.', 'How are you?']

    Args:
        language: one of the seven; None finds it out. Runs in another script are read in that script's language.
        lexicon: pronunciations that go before all others.
        ssml: read `text` as SSML (see `octet.text.ssml` for the elements).

    Raises:
        InvalidInput: empty text, nothing in it that can be said, an unknown language, or malformed SSML.
    """
    return list(sentences(text, language=language, lexicon=lexicon, ssml=ssml))


def sentences(
    text: str, *, language: str | None = None, lexicon: Lexicon | None = None, ssml: bool = False
) -> Iterator[Sentence]:
    """Like `analyze`, a sentence at a time; errors come at once, before the first sentence is asked for."""
    if language is not None:
        language_module(language)
    fragments = parse_ssml(text) if ssml else list(from_plain(text))
    reader = _Reader(language or _detected(fragments), detects=language is None, lexicon=lexicon)
    spoken = assembly.assembled(assembly.grouped(fragments, reader.language), reader.words)
    first = next(spoken, None)
    if first is None:
        raise InvalidInput(f"nothing in {text[:40]!r} can be said aloud; give a text with words or numbers")
    return _chain(first, spoken)


def language_module(code: str) -> ModuleType:
    """The front end of a language (`normalize`, `pronounce`), imported when first needed.

    Raises:
        InvalidInput: not one of the seven.
    """
    match code:
        case "en":
            from octet.text.languages import english

            return english
        case "ko":
            from octet.text.languages import korean

            return korean
        case "zh":
            from octet.text.languages import mandarin

            return mandarin
        case "ja":
            from octet.text.languages import japanese

            return japanese
        case "de":
            from octet.text.languages import german

            return german
        case "fr":
            from octet.text.languages import french

            return french
        case "es":
            from octet.text.languages import spanish

            return spanish
    raise InvalidInput(f"unknown language {code!r}; Octet speaks {', '.join(LANGUAGES)}")


@dataclass(frozen=True)
class _Reader:
    """Reads the parts of one sentence. `detects`: each sentence may be in a language of its own."""

    language: str
    detects: bool
    lexicon: Lexicon | None

    def words(self, parts: Sequence[Speech | Pause]) -> list[Word]:
        words: list[Word] = []
        for part in parts:
            if isinstance(part, Pause):
                words.append(Word(",", (Phone(","),), self.language, pause_seconds=part.seconds))
            else:
                prosody = part.style.prosody
                read = self._speech(part)
                words += read if prosody == Prosody() else [replace(word, prosody=prosody) for word in read]
        return words

    def _speech(self, speech: Speech) -> list[Word]:
        language = speech.style.language or self.language
        if speech.phones is not None:
            return [Word(speech.text, speech.phones, language)]
        if speech.style.language is None and self.detects:
            language = detect.detect(speech.text, language)
        if speech.style.interpret_as:
            text = say_as(speech.text, speech.style.interpret_as, speech.style.format, language)
            return self._runs(text, language)
        return [word for piece in self._pieces(speech.text, language) for word in self._piece(piece, language)]

    def _pieces(self, text: str, language: str) -> Sequence[str | Entry]:
        if not self.lexicon:
            return [text]
        present = frozenset((language, *(code for code, _ in detect.spans(text, language))))
        return self.lexicon.apply(text, present)

    def _piece(self, piece: str | Entry, language: str) -> list[Word]:
        if isinstance(piece, Entry):
            return [Word(piece.word, piece.phones, piece.language or language)]
        return self._runs(piece, language)

    def _runs(self, text: str, default: str) -> list[Word]:
        if default in _READ_LATIN_UNITS:
            text = language_module(default).normalize(text)
        words: list[Word] = []
        for code, run in detect.spans(text, default):
            module = language_module(code)
            words += module.pronounce(module.normalize(run))
        return words


def _detected(fragments: Sequence[Fragment]) -> str:
    texts = (fragment.text for fragment in fragments if isinstance(fragment, Speech) and fragment.phones is None)
    return detect.detect(" ".join(texts)[:_DETECTED_CHARACTERS])


def _chain(first: Sentence, rest: Iterator[Sentence]) -> Iterator[Sentence]:
    yield first
    yield from rest
