"""How the words of a phrase are sung: syllables for each of a word's notes, by the front end of its language.

A word is the pieces that stand under its notes; "+" is a note of a word that is spelled out with its first piece.
Korean is pronounced across all words of a phrase by the standard's rules, Mandarin after tone sandhi, the Latin
languages in the context of their clause. Korean and Chinese words in Latin letters are English or pinyin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from octet.core.errors import InvalidInput
from octet.lyrics import east_asian
from octet.lyrics.syllables import Syllable, even, spread, syllables
from octet.symbolic.song import NEXT_SYLLABLE
from octet.text.detect import LATIN_LANGUAGES
from octet.text.frontend import language_module
from octet.text.lexicon import Entry, Lexicon, parse
from octet.text.phonemes import Phone

Pieces = tuple[str, ...]
OnNotes = list[list[Syllable]]
_MARKS = re.compile(r"[\s,.;:!?¡¿\"“”„«»()\[\]…、。，！？；：「」『』（）~*|/\\-]+|(?<!\w)['’]|['’](?!\w)")
_VOCABLES = parse("\n".join(f"{onset}a\t/{onset}ˈɑː/\ten" for onset in "lndbhfmts"))  # la la la
_LATIN = re.compile(r"[^\W\d_]+", re.ASCII)


def clean(text: str) -> str:
    """A syllable without punctuation; apostrophes within it stay.

    >>> clean("o'er,"), clean("(la)"), clean("'tis")
    ("o'er", 'la', 'tis')
    """
    return text if text == NEXT_SYLLABLE else _MARKS.sub("", text)


def syllables_of_words(words: Sequence[Pieces], language: str, lexicon: Lexicon | None = None) -> list[OnNotes]:
    """For each word, and each of its notes, the syllables that are sung on it; none where one is held on.

    Raises:
        InvalidInput: an unknown language, or a word without a pronunciation.
    """
    language_module(language)
    runs = groupby(words, key=lambda word: _kind("".join(word), language))
    return [on_notes for kind, run in runs for on_notes in _run(list(run), kind, lexicon)]


def _kind(text: str, language: str) -> str:
    """Which reader takes a word."""
    if language in LATIN_LANGUAGES or not _LATIN.search(text):
        return language
    if language == "zh" and east_asian.is_pinyin(text.replace(NEXT_SYLLABLE, "")):
        return language
    return language if language == "ja" and east_asian.is_romaji(text.replace(NEXT_SYLLABLE, "")) else "en"


def _run(words: Sequence[Pieces], language: str, lexicon: Lexicon | None) -> Iterator[OnNotes]:
    """Words of one language; those in the lexicon stand alone, the others are read together."""
    known = [_from_lexicon(word, language, lexicon) for word in words]
    for has_phones, run in groupby(zip(words, known, strict=True), key=lambda pair: isinstance(pair[1], list)):
        if has_phones:
            for word, found in run:
                assert isinstance(found, list)
                yield _over(word, found)
        else:
            yield from _READERS.get(language, _latin)([found for _, found in run if isinstance(found, tuple)], language)


def _from_lexicon(word: Pieces, language: str, lexicon: Lexicon | None) -> list[Syllable] | Pieces:
    """The syllables of an entry with phones, or the word, respelled where an entry says so."""
    text = _spelled(word)
    pieces = lexicon.apply(text, frozenset((language,))) if lexicon else [text]
    if pieces == [text]:
        pieces = _VOCABLES.apply(text, frozenset((language,)))
    if len(pieces) == 1 and isinstance(pieces[0], Entry):
        return syllables(pieces[0].phones)
    respelled = "".join(piece for piece in pieces if isinstance(piece, str))
    if all(isinstance(piece, str) for piece in pieces) and respelled != text:
        return (respelled, *(NEXT_SYLLABLE for _ in word[1:]))
    return word


def _spelled(word: Pieces) -> str:
    return "".join(piece for piece in word if piece != NEXT_SYLLABLE)


def _over(word: Pieces, found: Sequence[Syllable]) -> OnNotes:
    """A word's syllables over its notes, by its spelling in pieces or one by one."""
    return spread(found, len(word)) if NEXT_SYLLABLE in word else even(found, len(word))


def _latin(words: Sequence[Pieces], language: str) -> Iterator[OnNotes]:
    texts = [_spelled(word) for word in words]
    for word, text, phones in zip(words, texts, _in_context(texts, language), strict=True):
        found = syllables(phones)
        if not found:
            raise InvalidInput(f"nothing says how {text!r} is sung; add it to a lexicon")
        yield _over(word, found)


def _in_context(texts: Sequence[str], language: str) -> list[tuple[Phone, ...]]:
    """The phones of words as they follow each other; word by word where reading them together changes their number."""
    module = language_module(language)
    together = [word for word in module.pronounce(module.normalize(" ".join(texts))) if not _is_mark(word.phones)]
    if [word.text for word in together] == list(texts):
        return [word.phones for word in together]
    alone = (module.pronounce(module.normalize(text)) for text in texts)
    return [tuple(phone for word in words for phone in word.phones) for words in alone]


def _is_mark(phones: Sequence[Phone]) -> bool:
    return len(phones) == 1 and phones[0].is_pause


def _pieced(word: Pieces, found: OnNotes) -> OnNotes:
    """With the syllables of a piece passed on to the "+" that follow it."""
    shared: OnNotes = []
    for index, syllables_here in enumerate(found):
        if word[index] != NEXT_SYLLABLE:
            following = next((i for i in range(index + 1, len(word)) if word[i] != NEXT_SYLLABLE), len(word))
            shared += spread(syllables_here, following - index)
    return shared


def _korean(words: Sequence[Pieces], _language: str) -> Iterator[OnNotes]:
    for word, found in zip(words, east_asian.korean_words([_spelled(word) for word in words]), strict=True):
        remaining = iter(found)
        yield _pieced(word, [[next(remaining) for _ in piece] if piece != NEXT_SYLLABLE else [] for piece in word])


def _mandarin(words: Sequence[Pieces], _language: str) -> Iterator[OnNotes]:
    written = [piece for word in words for piece in word if piece != NEXT_SYLLABLE]
    remaining = iter(east_asian.mandarin_pieces(written))
    for word in words:
        yield _pieced(word, [next(remaining) if piece != NEXT_SYLLABLE else [] for piece in word])


def _japanese(words: Sequence[Pieces], _language: str) -> Iterator[OnNotes]:
    """A piece is sung on its note; with "+" behind it, one mora a note."""
    for word in words:
        if NEXT_SYLLABLE not in word:
            yield [east_asian.japanese_piece(piece) for piece in word]
        else:
            morae = [east_asian.japanese_morae(piece) if piece != NEXT_SYLLABLE else [] for piece in word]
            yield _pieced(word, [[s for mora in piece for s in syllables(mora)] for piece in morae])


_READERS: Mapping[str, Callable[[Sequence[Pieces], str], Iterator[OnNotes]]] = {
    "ko": _korean,
    "zh": _mandarin,
    "ja": _japanese,
}
