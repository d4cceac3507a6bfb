"""Sentences of a text in the seven languages, as long as one breath of the synthesiser at most.

No character is lost: the sentences joined are the text, up to white space. Splitting comes before normalisation, since
it needs line breaks, quotes and the full stops of abbreviations as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSERS = "\"'»”’)]}」』》〉）】*_"
_END = re.compile(
    rf"(?P<mark>[.?!…]+[{re.escape(_CLOSERS)}]*)(?=\s)|[。！？｡]+[{re.escape(_CLOSERS)}]*|(?<=[가-힣])[.?!]+(?=[가-힣])|(?P<line>\n)"
)
_NOT_BLANK = re.compile(r"\S")
_NEXT_WORD = re.compile(r"\S\w{0,20}")
_LAST_WORD = re.compile(r"(\S+?)[.…]+$")
_INITIAL = re.compile(r"(?:^|[\s(.'\"-])[A-ZÀ-Ý]\.$")

# Characters that a sentence may have: ten to fifteen seconds of speech.
LIMIT_CHARACTERS = {"en": 240, "de": 240, "fr": 240, "es": 240, "ko": 100, "zh": 70, "ja": 80}

# Abbreviations after which a sentence goes on, and those that may also end one (before a capital letter they do).
_GO_ON = {
    "en": "mr mrs ms dr prof st vs no nos vol fig figs eq dept approx est gen col sgt capt lt cmdr rev hon gov sen rep "
    "e.g i.e cf al viz mt ft pp p ed eds jan feb mar apr jun jul aug sep sept oct nov dec ave blvd rd messrs",
    "de": "dr prof nr hr fr hrn str st ca bzw vgl z b d h u a i o s v n sog evtl ggf inkl exkl max min mio mrd tel abs "
    "art bd hrsg jh geb gest jan feb apr jun jul aug sept okt nov dez dipl ing z.b d.h u.a i.d.r o.ä s.o bspw allg",
    "fr": "m mm dr pr me p pp ex cf vol art chap av apr env fig no st ste bd tél janv févr juil sept oct nov déc p.ex "
    "c.-à-d j.-c mgr",
    "es": "sr sra srta sres dr dra ud uds vd vds d dña p pp pág págs ej núm n tel av avda c cap art vol fig ing lic "
    "prof profa p.ej s.a aprox máx mín gral ee ene feb abr jun jul ago sept oct nov dic",
}
_MAY_END = {
    "en": "etc a.m p.m inc ltd co corp jr sr ph.d b.c a.d",
    "de": "usw etc chr u.s.w",
    "fr": "etc",
    "es": "etc uu a.c d.c",
}
# After "U.S." and the like a capital letter tells nothing, but these words do.
_OPENING_WORDS = frozenset("The This That It He She We They I You But And In On At If When There His Her A An".split())
_DOTTED = re.compile(r"(?:[A-Z]\.){2,}$")
_GO_ON_WORDS = {language: frozenset(words.split()) for language, words in _GO_ON.items()}
_MAY_END_WORDS = {language: frozenset(words.split()) for language, words in _MAY_END.items()}


def split(text: str, language: str = "en") -> list[str]:
    """The sentences of `text`, each with the white space that follows it removed.

    >>> split("Dr. Smith paid $3.50. Why? Nobody knows!")
    ['Dr. Smith paid $3.50.', 'Why?', 'Nobody knows!']
    >>> split("안녕하세요. 반갑습니다!", "ko")
    ['안녕하세요.', '반갑습니다!']
    """
    return list(sentences(text, language))


def sentences(text: str, language: str = "en") -> Iterator[str]:
    """Like `split`, one at a time."""
    start = 0
    for end in _ends(text, language):
        yield from _within_limit(text[start:end].strip(), LIMIT_CHARACTERS[language])
        start = end
    yield from _within_limit(text[start:].strip(), LIMIT_CHARACTERS[language])


def ends_sentence(text: str, language: str = "en") -> bool:
    """Whether `text`, taken alone, reaches the end of a sentence, so that what follows begins a new one.

    >>> ends_sentence("He left."), ends_sentence("He saw Dr."), ends_sentence("and then")
    (True, False, False)
    """
    stripped = text.rstrip()
    if "\n" in text[len(stripped) :]:
        return True
    bare = stripped.rstrip(_CLOSERS)
    if not bare.endswith((".", "?", "!", "…", "。", "！", "？", "｡")):
        return False
    return not _is_abbreviated(bare, "", language)


def _ends(text: str, language: str) -> Iterator[int]:
    for match in _END.finditer(text):
        following_word = _NEXT_WORD.search(text, match.end())
        after = following_word.group() if following_word else ""
        if match["line"] is not None:
            following = text[match.end() : match.end() + 1]
            if following == "\n" or not after[:1].islower():
                yield match.end()
        elif match["mark"] is None or not (
            after[:1].islower() or _is_abbreviated(text[max(0, match.start() - 30) : match.end()], after, language)
        ):
            yield match.end()


def _is_abbreviated(before: str, after: str, language: str) -> bool:
    """Whether the full stop at the end of `before` belongs to an abbreviation, an initial or an ordinal."""
    last = _LAST_WORD.search(before)
    if last is None or language not in _GO_ON_WORDS:
        return False
    word = last[1].lstrip("(\"'«„“‘¿¡[").lower()
    if word in _GO_ON_WORDS[language]:
        return True
    if word in _MAY_END_WORDS[language]:
        return bool(after) and not after[:1].isupper()
    if _DOTTED.search(before):
        return bool(after) and after not in _OPENING_WORDS
    if language == "de" and re.fullmatch(r"\d{1,2}|\w+str", word):
        return bool(after)
    return bool(_INITIAL.search(before)) and bool(after)


def _within_limit(sentence: str, limit: int) -> Iterator[str]:
    start = 0
    while len(sentence) - start > limit:
        end = start + _cut(sentence[start : start + limit + 1], limit)
        yield sentence[start:end].rstrip()
        following = _NOT_BLANK.search(sentence, end)
        start = following.start() if following else len(sentence)
    if start < len(sentence):
        yield sentence[start:]


def _cut(sentence: str, limit: int) -> int:
    """The best place to breathe: after the last mark in the second half, else at a blank, else anywhere."""
    for pattern in (r"[,;:،、，；：—–](?=\s)|[、，；：]", r"\s"):
        places = [match.end() for match in re.finditer(pattern, sentence[: limit + 1]) if match.end() <= limit]
        if places and places[-1] > limit // (3 if pattern == r"\s" else 2):
            return places[-1]
    return limit
