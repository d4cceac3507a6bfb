"""Captions of music from templates with synonyms, in English and Korean, and what each of them says.

`templates/<language>.txt` holds lists, each a line `@name` followed by its entries. Entries of `opening` and `detail`
are sentences with fields in braces, a line each; `opening.test` and `detail.test` are kept apart for testing. All other
lists are words for a field's value, with " | " between them: `emotion.sad`, `instrument.cello`.

A caption is an opening and up to three details that say something else. `requests.<language>.txt` adds to every list
what people say who ask for music: for captions of requests, both are one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from octet.core.errors import InvalidInput
from octet.data.manifest import Caption
from octet.symbolic.attributes import Attributes, tempo_class
from octet.symbolic.instruments import CLASSES

Lists = Mapping[str, Sequence[str]]

LANGUAGES = ("en", "ko")
KINDS = ("", "requests.", "phrases.")  # of files of lists
FIELD = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa])\(n\) (\w)")
_MOST_DETAILS = 3
_MOST_INSTRUMENTS = 4
_SENTENCES = ("opening", "detail")
# What a field says of a piece, as names of its attributes; those of no attribute are free.
SAYS: Mapping[str, tuple[str, ...]] = {
    "instruments": ("instruments",),
    "absent": (),
    "piece": (),
    "genre": ("genres",),
    "emotion": ("emotion",),
    "tempo": ("bpm",),
    "bpm": ("bpm",),
    "metre": ("metre",),
    "mode": ("mode",),
    "key": ("tonic", "mode"),
    "bars": ("bars",),
    "seconds": ("seconds",),
    "octaves": ("octaves",),
    "intensity": ("intensity",),
    "danceable": ("danceable",),
}


def caption(
    attributes: Attributes, language: str, rng: random.Random, *, test: bool = False, request: bool = False
) -> Caption:
    """One of very many captions of a piece; `test` takes the templates that are kept apart for testing, `request` also
    those of people who ask for it.

    Raises:
        InvalidInput: no templates in this language, or no opening says only what is known of the piece.
    """
    lists = lists_of(language, *(KINDS[:2] if request else KINDS[:1]))
    known = {field for field in SAYS if values(field, attributes, lists) is not None}
    suffix = ".test" if test else ""
    openings = [sentence for sentence in lists[f"opening{suffix}"] if _fields(sentence) <= known]
    if not openings:
        raise InvalidInput("too little is known of this piece for a caption; name its genre, mood or instruments")
    sentences = [rng.choice(openings)]
    for _ in range(rng.randint(0, _MOST_DETAILS)):
        said = _said(sentences)
        fitting = [
            sentence
            for sentence in lists[f"detail{suffix}"]
            if _fields(sentence) <= known and not _said([sentence]) & said
        ]
        sentences += [rng.choice(fitting)] if fitting else []
    says, without, text = _filled(sentences, attributes, lists, rng)
    return Caption(text=text, language=language, says=says, without=without)


@cache
def by_hand() -> tuple[Caption, ...]:
    """A hundred requests written by hand, half of them Korean, with what they say: for evaluation, of no template."""
    file = resources.files("octet.data.corpora") / "held_out" / "music_requests.jsonl"
    return tuple(Caption.model_validate_json(line) for line in file.read_text(encoding="utf-8").splitlines())


def _filled(
    sentences: Sequence[str], attributes: Attributes, lists: Lists, rng: random.Random
) -> tuple[Attributes, tuple[str, ...], str]:
    """Those attributes that a text says, what it says is absent, and the text."""
    chosen = _some(attributes.instruments or (), rng)
    absent = [name for name in CLASSES if name not in (attributes.instruments or ())]
    lacking = rng.choice(absent) if absent else ""
    fields = {field for sentence in sentences for field in _fields(sentence)}

    def word(match: re.Match[str]) -> str:
        if match[1] == "instruments":
            return _listed([rng.choice(lists[f"instrument.{name}"]) for name in chosen], lists["and"])
        if match[1] == "absent":
            return re.sub(r"^an? ", "", rng.choice(lists[f"instrument.{lacking}"]))
        return rng.choice(values(match[1], attributes, lists) or [""])

    text = " ".join(_capitalised(FIELD.sub(word, sentence)) for sentence in sentences)
    names = {name for field in fields for name in SAYS[field]}
    said = {name: getattr(attributes, name) for name in names}
    if "instruments" in said:
        said["instruments"] = chosen
    without = (lacking,) if "absent" in fields else ()
    return Attributes(**said), without, _ARTICLE.sub(_article, text)


def values(field: str, attributes: Attributes, lists: Lists) -> Sequence[str] | None:
    """Words for what a piece is in this respect; None where it is not known or there are no words for it."""
    if any(getattr(attributes, name) in (None, ()) for name in SAYS[field]):
        return None
    match field:
        case "piece":
            return lists["piece"]
        case "instruments" | "absent":
            return () if attributes.instruments else None
        case "genre":
            return lists.get(f"genre.{(attributes.genres or ('',))[0]}")
        case "tempo":
            return lists[f"tempo.{tempo_class(attributes.bpm or 0)}"]
        case "key":
            mode = lists[f"mode.{attributes.mode}"][0]
            tonics = [lists[name][attributes.tonic or 0] for name in ("tonic", "tonic.letters") if name in lists]
            return [f"{tonic} {mode}" if tonic[0].isascii() else f"{tonic}{mode}" for tonic in tonics]
        case "bpm" | "bars" | "seconds" | "octaves":
            return (str(round(getattr(attributes, field))),)
    return lists.get(f"{field}.{getattr(attributes, field)}")


def _some(instruments: Sequence[str], rng: random.Random) -> tuple[str, ...]:
    """All instruments of a small band, some of a large one, in any order."""
    return tuple(rng.sample(instruments, min(len(instruments), _MOST_INSTRUMENTS)))


def _listed(names: Sequence[str], joints: Sequence[str]) -> str:
    """A, B and C; the two joints are the comma and the last one."""
    comma, last = joints
    joint = f" {last} " if last != comma else f"{comma} "
    return joint.join(filter(None, (f"{comma} ".join(names[:-1]), names[-1])))


def _said(sentences: Sequence[str]) -> set[str]:
    """What sentences are about: no two of a caption are about the same."""
    return {
        name for sentence in sentences for field in _fields(sentence) for name in SAYS[field] or {field} - {"piece"}
    }


@cache
def _fields(sentence: str) -> frozenset[str]:
    return frozenset(FIELD.findall(sentence))


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _article(match: re.Match[str]) -> str:
    return f"{match[1]}n {match[2]}" if match[2].lower() in "aeiou" else f"{match[1]} {match[2]}"


@cache
def lists_of(language: str, *kinds: str) -> dict[str, tuple[str, ...]]:
    """The lists of a language's files of these kinds, of `KINDS`, together.

    Raises:
        InvalidInput: there are none in this language.
    """
    if language not in LANGUAGES:
        raise InvalidInput(f"there are captions in {', '.join(LANGUAGES)}; asked for was {language!r}")
    folder = resources.files("octet.data.corpora") / "templates"
    text = "".join((folder / f"{kind}{language}.txt").read_text(encoding="utf-8") for kind in kinds)
    lists: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("@"):
            name = line[1:]
        elif name.split(".")[0] in _SENTENCES:
            lists.setdefault(name, []).append(line)
        else:
            lists.setdefault(name, []).extend(word.strip() for word in line.split("|"))
    return {name: tuple(entries) for name, entries in lists.items()}
