"""Sentences for the corpus `voices`: made from one small grammar a language, `grammars/<language>.txt`.

A grammar is a list of rules, each a line `@name` followed by its alternatives. In the rule `S` an alternative is a
whole line, elsewhere alternatives are separated by " | " or by lines.

    {noun}      an alternative of the rule `noun`
    {noun.2}    its second form: forms are separated by "/"; "+s" adds to the first form, "~ies" also drops its end
    {&animal}   (alone) all alternatives of the rule `animal`, forms included
    {#2-99}     a number
    a(n)        "a" or "an", by the letter that follows
    은(는)      the Korean particle that fits the syllable before it: 은(는) 이(가) 을(를) 과(와) 으(로) 이(야)
    @noun = +s  the forms of alternatives that give none themselves

Sentences written by hand in `held_out/<language>.txt` are for evaluation and never come out of a grammar.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources

from octet.core.errors import InvalidInput
from octet.text.phonemes import LANGUAGES

Grammar = dict[str, list[tuple[str, ...]]]

_REFERENCE = re.compile(r"\{([^\W\d]+[0-9]?)(?:\.(\d+))?\}")
_NUMBER = re.compile(r"\{#(\d+)-(\d+)\}")
_INCLUDE = re.compile(r"\{&([^\W\d]+)\}")
_INDEFINITE = re.compile(r"\b(a|A)\(n\) (\w)")
_PARTICLE = re.compile(r"(.)(은\(는\)|이\(가\)|을\(를\)|과\(와\)|으\(로\)|이\(야\))")
_PATIENCE = 2000  # draws without a new sentence after which a grammar counts as exhausted


def sentences(language: str, seed: int) -> Iterator[str]:
    """Different sentences, the same ones for the same seed, none of them held out; ends when nothing new comes.

    Raises:
        InvalidInput: no grammar for this language.
    """
    grammar = _grammar(language)
    rng = random.Random(f"{language} {seed}")
    seen = {normal_form(line) for line in held_out(language)}
    failures = 0
    while failures < _PATIENCE:
        sentence = finished(_expand(grammar, "S", 1, rng))
        key = normal_form(sentence)
        if key in seen:
            failures += 1
            continue
        failures = 0
        seen.add(key)
        yield sentence


@cache
def held_out(language: str) -> tuple[str, ...]:
    """Everyday sentences written by hand for evaluation; no corpus that Octet makes contains them.

    Raises:
        InvalidInput: none for this language.
    """
    return tuple(_lines("held_out", language))


def normal_form(sentence: str) -> str:
    """Letters and digits in lower case: two sentences with the same normal form count as one."""
    return "".join(character for character in sentence.casefold() if character.isalnum())


@cache
def _grammar(language: str) -> Grammar:
    rules: Grammar = {}
    alternatives: list[tuple[str, ...]] = []
    separator, endings = None, ""
    for line in _lines("grammars", language):
        if line.startswith("@"):
            name, _, endings = line[1:].partition("=")
            alternatives = rules.setdefault(name.strip(), [])
            separator = None if name.strip() in ("S", "saying") else "|"
            continue
        parts = line.split(separator) if separator else [line]
        alternatives += [_forms(part.strip(), endings) for part in parts if part.strip()]
    return {name: list(_included(rules, name)) for name in rules}


def _forms(alternative: str, endings: str) -> tuple[str, ...]:
    base, *others = alternative.split("/")
    if not others and not _INCLUDE.fullmatch(base):
        others = endings.split()
    return (base, *(_form(base, other) for other in others))


def _form(base: str, form: str) -> str:
    if form.startswith("+"):
        return base + form[1:]
    return base[:-1] + form[1:] if form.startswith("~") else form


def _included(rules: Grammar, name: str) -> Iterator[tuple[str, ...]]:
    for forms in rules[name]:
        include = _INCLUDE.fullmatch(forms[0])
        if include:
            yield from _included(rules, include[1])
        else:
            yield forms


def _expand(grammar: Grammar, rule: str, form: int, rng: random.Random) -> str:
    forms = rng.choice(grammar[rule])
    text = forms[min(form, len(forms)) - 1]
    text = _NUMBER.sub(lambda match: str(rng.randint(int(match[1]), int(match[2]))), text)
    return _REFERENCE.sub(lambda match: _expand(grammar, match[1], int(match[2] or 1), rng), text)


def finished(sentence: str) -> str:
    """With articles and particles that fit, and a capital at the beginning."""
    sentence = _INDEFINITE.sub(lambda match: f"{match[1]}{'n' if match[2] in 'aeiouAEIO' else ''} {match[2]}", sentence)
    sentence = _PARTICLE.sub(lambda match: match[1] + _particle(match[1], match[2]), sentence)
    first = next((index for index, character in enumerate(sentence) if character.isalnum()), 0)
    return sentence[:first] + sentence[first].upper() + sentence[first + 1 :]


def _particle(syllable: str, particle: str) -> str:
    """The form after a closed syllable stands first, the one after an open syllable in brackets."""
    coda = (ord(syllable) - 0xAC00) % 28 if "가" <= syllable <= "힣" else 0
    closed, opened = particle[0], particle[2]
    if closed == "으":  # 으로 after a consonant other than ㄹ
        return "으로" if coda not in (0, 8) else "로"
    return closed if coda else opened


def _lines(folder: str, language: str) -> list[str]:
    if language not in LANGUAGES:
        raise InvalidInput(f"no sentences for language {language!r}; there are {', '.join(LANGUAGES)}")
    text = (resources.files(__package__) / folder / f"{language}.txt").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
