"""Which of the seven languages a text is in, and how a mixed text divides into runs of one language.

Script decides between Korean, Chinese, Japanese and the Latin languages. Among English, German, French and Spanish
the caller's default stands unless common words and typical letters speak clearly against it: a name or a borrowed word
must not change the voice.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

LATIN_LANGUAGES = ("en", "de", "fr", "es")
_CJK_WEIGHT = 3  # a Hangul syllable, kana or Han character says about as much as three Latin letters

# Greetings and other words that are said alone, and that a text in another language seldom quotes: two points.
_TELLING_WORDS = {
    "en": "hello hi thanks thank please sorry yes good goodbye welcome happy what's i'm it's don't you're let's",
    "de": "hallo danke bitte guten gute gutes guter tschüss willkommen vielen viel ja nein kein keine keinen nicht "
    "ich wir ihr entschuldigung alles frohe schöne schönen herzlichen",
    "fr": "bonjour bonsoir merci salut oui bon bonne bonnes pardon voilà s'il c'est j'ai n'est qu'il qu'est est-ce "
    "aujourd'hui d'accord très joyeux joyeuse bienvenue",
    "es": "hola gracias adiós buen buena buenas muchas mucho muchos mucha felices feliz hasta perdón "
    "bienvenido bienvenida señor señora",
}
# Function words, numbers and the commonest verbs and adverbs: one point, half of one where several languages have it.
_FUNCTION_WORDS = {
    "en": "the a an and of to in on at by for from with without about into over under after before up down out off is "
    "are was were be been am do does did have has had can could will would should may must not no this that these "
    "those there here it he she they we you i me him her us them my your his its our their who what which when where "
    "why how all some any each more most much many very too also just only now then never always again as if or but "
    "so than because while let get got go come see look know want need like make take give say two three four five "
    "today tomorrow yesterday",
    "de": "der die das den dem des ein eine einen einem einer und oder aber denn weil dass wenn als ob ist sind war "
    "waren bin bist seid sein habe hast hat haben hatte wird werden wurde kann kannst können muss müssen soll will "
    "möchte du er sie es mich dich sich uns euch mir dir ihm ihn ihnen mein meine dein deine unser ihre ihrem seine "
    "auf für von vom zu zum zur mit nach aus bei bis über unter vor in im an am ans um ohne seit durch wo wer wie was "
    "wann warum hier da dort heute morgen gestern jetzt schon noch nur auch sehr so mehr immer wieder ganz mal doch "
    "man eins zwei drei vier fünf geht gibt macht war hinter neben nichts etwas bereits gerade beim",
    "fr": "le la les un une des du de et ou où mais donc car que qui quoi quand comment pourquoi combien dans en sur "
    "sous pour par avec sans chez vers entre avant après ce cet cette ces mon ma mes ton ta tes son sa ses notre nos "
    "votre vos leur leurs je tu il elle on nous vous ils elles me te se lui y ne pas plus jamais rien est sont suis "
    "êtes sommes était ai as a ont avons avez avoir être fait faire va vais vont peut peux veux faut quel quelle quels "
    "quelles tout tous toute toutes bien aussi encore toujours déjà ici là au aux à deux trois quatre cinq demain hier "
    "beaucoup peu trop comme si même moi toi petit petite l'on",
    "es": "el la los las un una unos unas y o u pero porque que qué quien quién cuando cuándo como cómo donde dónde "
    "cuánto cuánta cuántos de del al a en con sin por para sobre entre desde este esta estos estas ese esa eso esto mi "
    "mis tu tus su sus nuestro nuestra yo tú él ella usted nosotros ellos ustedes me te se le les lo nos es son soy "
    "eres era fue está estoy están estás estamos ser estar hay ha he has han tiene tengo tienes tenemos va voy vamos "
    "puede puedo quiero hace no ni sí más menos muy ya también tampoco siempre nunca bien todo toda todos todas otro "
    "otra vez ahora hoy mañana ayer aquí allí buenos días dos tres cuatro cinco si",
}
_POINTS = {language: dict.fromkeys(telling.split(), 2.0) for language, telling in _TELLING_WORDS.items()}
for _language, _words in _FUNCTION_WORDS.items():
    for _word in _words.split():
        _shared = sum(_word in words.split() for words in _FUNCTION_WORDS.values()) > 1
        _POINTS[_language].setdefault(_word, 0.5 if _shared else 1.0)
# Other words have three quarters of a point for letters that the other languages lack, or half of one for groups of
# letters that are common there and rare elsewhere; ^ is a word's beginning and $ its end.
_LETTERS_OF = {"en": "", "de": "äöüß", "fr": "àâçèêëîïôùûœ", "es": "áíóúñ"}
_GROUPS = {
    "en": "th|wh|ight|ough|ee|oo|ow|sh|ck$|ing$|ly$|[^aeo]y$|'s$|n't$|ss$",
    "de": "sch|[^aeiou]ei|cht|ich|tz|pf|^ge[^no]|^ver|ung|keit$|lich|[bdfghklmnprst]en$|eu|au[fs]|ie[rlhb]|^zw",
    "fr": "eau|eux|aux$|oi[^n]|ou[^gn]|ez$|que$|^qu|^[cdjlmnst]'|ille|eur|ai[st]|gn|ée|euse$|ette$|ère|^é|ouv",
    "es": "ción|^ll|lla|[bdlmnrst]os$|[dlmnrt]as$|ad[oa]|id[oa]|amos$|emos$|ue[^n]|ie[nr]|ñ|rr|[aei]r$|ito|[lrnt]o$|"
    "[jrn]a$",
}
_GROUPS_OF = {language: re.compile(groups) for language, groups in _GROUPS.items()}
_SENTENCE_ENDS, _CLOSING_QUOTES = (".", "!", "?", "…"), " \n\"'”»)"
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def detect(text: str, default: str = "en") -> str:
    """The language that most of `text` is in; `default` where nothing tells.

    >>> detect("나는 Python을 좋아해"), detect("東京へ行きます"), detect("我喜欢音乐")
    ('ko', 'ja', 'zh')
    >>> detect("Ich habe heute keine Zeit."), detect("Mr. Müller plays in the band", "en")
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
    words = [word.lower() for word in _LATIN_WORD.findall(text.replace("’", "'"))]
    scores = {language: _score(language, words, text) for language in LATIN_LANGUAGES}
    best = max(scores, key=lambda language: (scores[language], language == default))
    # Enough points, a clear lead, and a fair share of the words: otherwise it is a quotation or a name.
    enough = 1.5 if text.rstrip(_CLOSING_QUOTES).endswith(_SENTENCE_ENDS) else 2
    clear = scores[best] >= max(enough, 1.5 * scores[default], 0.15 * len(words))
    return best if clear else default


def _score(language: str, words: Sequence[str], text: str) -> float:
    inverted = 2.0 * (language == "es" and any(mark in text for mark in "¿¡"))
    return inverted + sum(_points(language, word) for word in words)


def _points(language: str, word: str) -> float:
    """What a word says for a language, in points: 0 to 2."""
    if word in _POINTS[language]:
        return _POINTS[language][word]
    if any(letter in _LETTERS_OF[language] for letter in word):
        return 0.75
    return 0.5 if _GROUPS_OF[language].search(word) else 0.0


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
