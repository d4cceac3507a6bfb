"""Which of the seven languages a text is in, and how a mixed text divides into runs of one language.

Script decides between Korean, Chinese, Japanese and the Latin languages. Among English, German, French and Spanish
the caller's default stands unless function words and diacritics speak clearly against it: a name or a borrowed word
must not change the voice.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from itertools import groupby

LATIN_LANGUAGES = ("en", "de", "fr", "es")
_CJK_WEIGHT = 3  # a Hangul syllable, kana or Han character says about as much as three Latin letters

_FUNCTION_WORDS = {
    "en": "the and of to is was are were with that this for you they have has not from his her will would there their "
    "what which when been it he she we at by be i my your hello thank how about into can could should",
    "de": "der die das und ist nicht ich du er sie wir ihr ein eine einen einem einer mit auf für von zu den dem des "
    "im am auch sich wie aber oder wenn dass noch nur bei nach aus hat haben wird werden war sind kann guten danke "
    "bitte heute geht ihnen mein dein kein keine schon sehr über vor",
    "fr": "le la les des et est une un dans que qui ne pas pour sur avec vous nous je tu il elle ils ce cette sont "
    "du au aux mais ou où par plus être avoir fait bonjour merci bien très tout mon son ses leur suis êtes c'est j'ai "
    "n'est qu'il d'un d'une l'on aujourd'hui à",
    "es": "el la los las de que y en un una por con no se su para es del al lo como más pero sus le ya este sí porque "
    "esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos hola gracias buenos buenas está "
    "estoy usted yo qué cómo eres soy son fue",
}
_WORDS_OF = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_LETTERS_OF = {"de": frozenset("äöüß"), "fr": frozenset("àâçèêëîïôùûœ"), "es": frozenset("áíóúñ¿¡")}
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def detect(text: str, default: str = "en") -> str:
    """The language that most of `text` is in; `default` where nothing tells.

    >>> detect("나는 Python을 좋아해"), detect("東京へ行きます"), detect("我喜欢音乐")
    ('ko', 'ja', 'zh')
    >>> detect("Ich habe heute keine Zeit."), detect("The Führer of the band", "en")
    ('de', 'en')
    """
    scripts = Counter(script for script in map(_script, text) if script)
    weights = Counter({script: count * (1 if script == "latin" else _CJK_WEIGHT) for script, count in scripts.items()})
    if not weights:
        return default
    if weights["han"] + weights["kana"] > max(weights["ko"], weights["latin"]):
        return _han_language(text, default)
    if weights["ko"] >= weights["latin"]:
        return "ko"
    return _latin_language(text, default if default in LATIN_LANGUAGES else "en")


def spans(text: str, default: str = "en") -> list[tuple[str, str]]:
    """Divide `text` into runs of one language; the runs join to `text`.

    Digits, punctuation and blanks go with the letters that they touch, else with `default`, else with what precedes.
    Latin letters are in `default` if that is written in them, else in English unless they are clearly not.

    >>> spans("나는 Python을 좋아해", "ko")
    [('ko', '나는 '), ('en', 'Python'), ('ko', '을 좋아해')]
    """
    han = _han_language(text, default)
    runs: list[tuple[str | None, str]] = []
    for kind, letters in groupby(text, key=lambda letter: _run_kind(letter, han)):
        run = "".join(letters)
        runs.append((_latin_run_language(run, default) if kind == "latin" else kind, run))
    given = [piece for index in range(len(runs)) for piece in _with_owner(runs, index, default) if piece[1]]
    return [(language, "".join(run for _, run in same)) for language, same in groupby(given, key=lambda run: run[0])]


def _latin_run_language(run: str, default: str) -> str:
    return default if default in LATIN_LANGUAGES else _latin_language(run, "en")


def _with_owner(runs: list[tuple[str | None, str]], index: int, default: str) -> list[tuple[str, str]]:
    language, run = runs[index]
    if language is not None:
        return [(language, run)]
    before = runs[index - 1][0] if index else None
    after = runs[index + 1][0] if index + 1 < len(runs) else None
    return _divided(run, before, after, default)


def _divided(run: str, before: str | None, after: str | None, default: str) -> list[tuple[str, str]]:
    """The neutral characters between two runs: each end goes with the side that it touches without a blank."""
    if before is None or after is None or before == after:
        return [(before or after or default, run)]
    end = _END_NUMBER.search(run)
    tail = len(end.group()) if end else 0
    if tail == len(run):  # a number without a blank on either side, as in "Python3을"
        return [(before, run)]
    head = min(len(run) - len(run.lstrip(_CLOSERS + _DIGITS)), len(run) - tail)
    middle = run[head : len(run) - tail]
    owner = default if default in (before, after) else before
    # A blank alone belongs to what precedes it, so that runs begin with a word.
    owner = owner if middle.strip() else before
    return [(before, run[:head]), (owner, middle), (after, run[len(run) - tail :])]


_DIGITS = "0123456789"
_OPENERS = "([{«„“‘「『《〈（【$€£¥₩#@+-−~"
_END_NUMBER = re.compile(rf"[{re.escape(_OPENERS)}]*(?:\d+(?:[.,:/-]\d+)*)?$")
_CLOSERS = ")]}»”’」』》〉）】.,!?;:。、！？…%°'\"-"


def _run_kind(letter: str, han: str) -> str | None:
    script = _script(letter)
    return {"han": han, "kana": "ja", "": None}.get(script, script)


def _han_language(text: str, default: str) -> str:
    """Han characters are Japanese wherever the text has kana or the caller says so, else Chinese."""
    return "ja" if default == "ja" or any(_script(letter) == "kana" for letter in text) else "zh"


def _latin_language(text: str, default: str) -> str:
    words = [word.lower().replace("’", "'") for word in _LATIN_WORD.findall(text.replace("’", "'"))]
    scores = {language: float(sum(word in known for word in words)) for language, known in _WORDS_OF.items()}
    for language, letters in _LETTERS_OF.items():
        scores[language] += 0.75 * sum(letter in letters for letter in set(text.lower()))
    scores["es"] += 2 * any(mark in text for mark in "¿¡")
    best = max(scores, key=lambda language: scores[language])
    # Two pieces of evidence, a clear lead, and a fair share of the words: otherwise it is a quotation or a name.
    clear = scores[best] >= 2 and scores[best] >= 1.5 * scores[default] and scores[best] >= 0.15 * len(words)
    return best if clear else default


@lru_cache(maxsize=20_000)
def _script(letter: str) -> str:
    """ "ko", "kana", "han", "latin", or nothing for whatever belongs to no language."""
    code = ord(letter)
    if 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF or 0x3130 <= code <= 0x318F:
        return "ko"
    if 0x3041 <= code <= 0x30FA or 0x30FC <= code <= 0x30FF or 0x31F0 <= code <= 0x31FF or 0xFF66 <= code <= 0xFF9F:
        return "kana"
    if 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x3FFFF or code in (0x3005, 0x3007):
        return "han"
    if letter.isalpha() and unicodedata.name(letter, "").startswith(("LATIN", "FULLWIDTH LATIN")):
        return "latin"
    return ""
