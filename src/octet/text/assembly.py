"""Fragments to sentences: where one ends, which pause closes it, and what becomes of parts without a sound.

Every sentence begins with a word, holds at most `MOST_PHONES` phones, and ends with one pause mark. A pause of a given
length (SSML `break`) lengthens the mark that it follows; characters that cannot be said stay with a neighbour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from octet.text import segment
from octet.text.fragments import Boundary, Fragment, Pause, Speech
from octet.text.phonemes import Phone, Sentence, Word

MOST_PHONES = 300
Group = list[Speech | Pause]
_STRENGTH = {",": 0, ".": 1, "!": 2, "?": 3}


def grouped(fragments: Iterable[Fragment], language: str) -> Iterator[Group]:
    """The fragments of one sentence at a time, text cut at the ends of sentences."""
    group: Group = []
    for fragment in fragments:
        if isinstance(fragment, Boundary) or (isinstance(fragment, Speech) and _voice_changes(group, fragment)):
            if group:
                yield group
            group = []
        if isinstance(fragment, Pause):
            group.append(fragment)
        elif isinstance(fragment, Speech):
            for piece, ends in _pieces(fragment, fragment.style.language or language):
                group.append(replace(fragment, text=piece))
                if ends:
                    yield group
                    group = []
    if group:
        yield group


def assembled(groups: Iterable[Group], read: Callable[[Group], list[Word]]) -> Iterator[Sentence]:
    """Read each group and close it; one sentence is held back, because a pause may follow it."""
    held: Sentence | None = None
    carried: list[Word] = []
    for group in groups:
        for words in _within_breath(_tidy(carried + read(group))):
            if not _has_sound(words):
                held, carried = _attached(held, words)
                continue
            pauses = _leading_pauses(words) if held else 0
            held, _ = _attached(held, words[:pauses])
            if held:
                yield held
            held, carried = _closed(words[pauses:], group), []
    if held:
        yield held


def _pieces(speech: Speech, language: str) -> Iterator[tuple[str, bool]]:
    """Parts of a text and whether each ends its sentence. Blanks at the edges stay, as they divide fragments."""
    if speech.phones is not None or speech.style.interpret_as:
        yield speech.text, False
        return
    start = " " if speech.text[:1].isspace() else ""
    waiting: str | None = None
    for piece in segment.sentences(speech.text, language):
        if waiting is not None:
            yield waiting, True
        waiting, start = start + piece, ""
    if waiting is not None:
        trailing = speech.text[len(speech.text.rstrip()) :]
        yield waiting + trailing, segment.ends_sentence(waiting + trailing, language)


def _voice_changes(group: Group, speech: Speech) -> bool:
    return any(isinstance(part, Speech) and part.style.voice != speech.style.voice for part in group)


def _closed(words: Sequence[Word], group: Group) -> Sentence:
    speeches = [part for part in group if isinstance(part, Speech)]
    text = " ".join("".join(speech.text for speech in speeches).split())
    last = _last_mark(words)
    if last is None:
        mark = Word(".", (Phone("."),), words[-1].language, prosody=words[-1].prosody)
        before = list(words)
    else:
        mark = words[last]
        if mark.pause_seconds is not None and mark.text == ",":  # a pause after the last word is no comma
            mark = replace(mark, text=".", phones=(Phone("."),))
        before = [*words[:last], *words[last + 1 :]]
    return Sentence(text, (*before, mark), speeches[0].style.voice if speeches else None)


def _tidy(words: Iterable[Word]) -> list[Word]:
    """One mark at a time, the strongest of neighbours, and none before the first word unless it is a pause."""
    tidy: list[Word] = []
    for word in words:
        last = _last_mark(tidy)
        if not _is_mark(word):
            tidy.append(word)
        elif last is not None:
            tidy[last] = _stronger(tidy[last], word)
        elif _has_sound(tidy) or word.pause_seconds is not None:
            tidy.append(word)
    return tidy


def _stronger(first: Word, second: Word) -> Word:
    pauses = [word.pause_seconds for word in (first, second) if word.pause_seconds is not None]
    mark = first if _STRENGTH[first.phones[0].symbol] >= _STRENGTH[second.phones[0].symbol] else second
    return replace(mark, pause_seconds=sum(pauses) if pauses else None)


def _last_mark(words: Sequence[Word]) -> int | None:
    """Where the mark is that ends `words`, passing over what has no sound."""
    for index in range(len(words) - 1, -1, -1):
        if words[index].phones:
            return index if _is_mark(words[index]) else None
    return None


def _leading_pauses(words: Sequence[Word]) -> int:
    return next((index for index, word in enumerate(words) if not _is_mark(word)), len(words))


def _attached(held: Sentence | None, words: Sequence[Word]) -> tuple[Sentence | None, list[Word]]:
    """Words without sound go into the sentence before, ahead of its last mark, or wait for the next one."""
    if held is None:
        return None, list(words)
    before, mark = list(held.words[:-1]), held.words[-1]
    for word in words:
        if _is_mark(word):
            mark = _stronger(mark, replace(word, text=mark.text, phones=mark.phones))
        else:
            before.append(word)
    return replace(held, words=(*before, mark)), []


def _within_breath(words: list[Word]) -> Iterator[list[Word]]:
    """Cut what is too long to be said in one go: at the last mark that fits, else between words, else in a word."""
    while sum(len(word.phones) for word in words) > MOST_PHONES:
        cut = _cut(words)
        if cut == 0:
            first = words[0]
            yield [replace(first, phones=first.phones[:MOST_PHONES])]
            words = [replace(first, phones=first.phones[MOST_PHONES:]), *words[1:]]
        else:
            yield words[:cut]
            words = words[cut:]
    yield words


def _cut(words: Sequence[Word]) -> int:
    """How many words fit."""
    phones = fitting = at_mark = 0
    for index, word in enumerate(words, start=1):
        phones += len(word.phones)
        if phones > MOST_PHONES:
            break
        fitting = index
        if _is_mark(word) and phones > MOST_PHONES // 2:
            at_mark = index
    return at_mark or fitting


def _is_mark(word: Word) -> bool:
    return len(word.phones) == 1 and word.phones[0].is_pause


def _has_sound(words: Sequence[Word]) -> bool:
    return any(not phone.is_pause for word in words for phone in word.phones)
