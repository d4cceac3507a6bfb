"""What a text for training must not hold: the words of a held-out template, in their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from octet.data.corpora.captions import FIELD, KINDS, lists_of

_WORD = re.compile(r"[^\W_]+")
_TESTS = ("opening.test", "detail.test")


def has_held_out(text: str, language: str) -> bool:
    """Whether the words of a held-out template, two at least, stand in a text in their order."""
    words = plain(text)
    return any(_in_order(runs, words) for runs in _held_out(language))


def plain(text: str) -> str:
    """Lower-case words, a space before, between and after them."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


@cache
def _held_out(language: str) -> tuple[tuple[str, ...], ...]:
    """Of each held-out template, the words between its fields."""
    lists = lists_of(language, *KINDS)
    templates = [line.replace("a(n)", "").replace("A(n)", "") for name in _TESTS for line in lists[name]]
    runs = [tuple(plain(run).strip() for run in FIELD.split(line)[::2] if plain(run).strip()) for line in templates]
    return tuple(one for one in runs if len(" ".join(one).split()) > 1)


def _in_order(runs: Sequence[str], text: str) -> bool:
    start = 0
    for run in runs:
        found = text.find(run, start)
        if found < 0:
            return False
        start = found + len(run)
    return True
