"""The adapter of Open JTalk (package pyopenjtalk): readings, morae and pitch accent of Japanese with kanji.

Pitch follows Tokyo: with the accent on mora n, the first is low unless n is 1, up to n is high, then low.
Open JTalk's full-context labels give each phone's mora in its accent phrase (A: second number) and the phrase's
accent (F: second number).
"""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from types import ModuleType

from octet.core.errors import require
from octet.text.languages.japanese_kana import LONG
from octet.text.phonemes import Phone

_LABEL = re.compile(r"-(?P<phone>[^+]+)\+.*/A:[^+]+\+(?P<mora>\d+)\+.*/F:\d+_(?P<accent>\d+)#")
NUCLEI = {"a": "a", "i": "i", "u": "ɯ", "e": "e", "o": "o", "n": "ɴ", "cl": "ʔ"}  # capitals are devoiced vowels and N
CONSONANTS = {
    **{
        "k": "k",
        "ky": "k j",
        "kw": "k w",
        "g": "ɡ",
        "gy": "ɡ j",
        "gw": "ɡ w",
        "s": "s",
        "sh": "ɕ",
        "z": "z",
        "j": "dʑ",
    },
    **{
        "t": "t",
        "ty": "t j",
        "ch": "tɕ",
        "ts": "ts",
        "d": "d",
        "dy": "d j",
        "n": "n",
        "ny": "ɲ",
        "h": "h",
        "hy": "ç",
        "f": "ɸ",
        "fy": "ɸ j",
    },
    **{
        "b": "b",
        "by": "b j",
        "p": "p",
        "py": "p j",
        "m": "m",
        "my": "m j",
        "y": "j",
        "r": "ɾ",
        "ry": "ɾ j",
        "w": "w",
        "v": "v",
        "vy": "v j",
    },
}


@dataclass(frozen=True)
class Phrase:
    """An accent phrase: as written, in katakana as pronounced, its phones, and what of it has no reading."""

    text: str
    kana: str
    phones: tuple[Phone, ...]
    unknown: str = ""


@dataclass(frozen=True)
class _Morpheme:
    text: str
    kana: str
    morae: int
    chains: bool  # to the morpheme before, in one accent phrase


@dataclass(frozen=True)
class _Mora:
    consonants: tuple[str, ...]
    nucleus: str  # a vowel, ɴ or ʔ
    accent: str


@cache
def _engine() -> ModuleType:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):  # it talks on import
        return require("pyopenjtalk", extra="japanese")


def phrases(text: str) -> list[Phrase]:
    """The accent phrases of a stretch without punctuation.

    Raises:
        MissingExtra: pyopenjtalk is not installed.
    """
    engine = _engine()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of its own dictionary package
        features = engine.run_frontend(text)
    morphemes = [
        _Morpheme(entry["string"], entry["pron"].replace("’", ""), entry["mora_size"], entry["chain_flag"] == 1)
        for entry in features
    ]
    spoken = any(morpheme.morae for morpheme in morphemes)  # labels of nothing would be complained about on stderr
    morae = iter(_morae(engine.make_label(features)) if spoken else ())
    return [
        _phrase(group, list(islice(morae, sum(morpheme.morae for morpheme in group)))) for group in _grouped(morphemes)
    ]


def _grouped(morphemes: list[_Morpheme]) -> list[list[_Morpheme]]:
    """Morphemes of one accent phrase together; what has no sound stands alone."""
    groups: list[list[_Morpheme]] = []
    for morpheme in morphemes:
        if morpheme.chains and morpheme.morae and groups and groups[-1][-1].morae:
            groups[-1].append(morpheme)
        else:
            groups.append([morpheme])
    return groups


def _phrase(group: list[_Morpheme], morae: list[_Mora]) -> Phrase:
    text = "".join(morpheme.text for morpheme in group)
    if not morae:
        return Phrase(text, "", (), unknown=text)
    return Phrase(text, "".join(morpheme.kana for morpheme in group), tuple(_phones(morae)))


def _morae(labels: list[str]) -> Iterator[_Mora]:
    consonants: tuple[str, ...] = ()
    for label in labels:
        match = _LABEL.search(label)
        if match is None:  # silence and pauses have no mora
            continue
        phone = match["phone"]
        if phone in CONSONANTS:
            consonants = tuple(CONSONANTS[phone].split())
            continue
        if consonants == ("h",) and phone in "iI":
            consonants = ("ç",)
        position, accent = int(match["mora"]), int(match["accent"])
        high = position == 1 if accent == 1 else 1 < position <= accent
        yield _Mora(consonants, NUCLEI[phone.lower()], "H" if high else "L")
        consonants = ()


def _phones(morae: list[_Mora]) -> list[Phone]:
    """A vowel that only lengthens the one before makes one long symbol with it, high if either is."""
    phones: list[Phone] = []
    for mora in morae:
        last = phones[-1] if phones else Phone("ʔ")
        if not mora.consonants and last.symbol == mora.nucleus and mora.nucleus in LONG:
            phones[-1] = Phone(LONG[mora.nucleus], "H" if "H" in (last.accent, mora.accent) else "L")
        else:
            phones += map(Phone, mora.consonants)
            phones.append(Phone(mora.nucleus, "" if mora.nucleus == "ʔ" else mora.accent))
    return phones
