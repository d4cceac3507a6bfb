"""Texts about a piece put together of clauses: what a reader of texts learns from besides captions of fixed shape.

Some of what is known of a piece is told in one of three shapes: a sentence around a noun with what it is like before
and behind it, a list of bits, or a sentence a fact. Clauses, nouns, verbs, fillers and orders are drawn apart, words
without meaning are dropped and put in, everyday sentences stand between, so that no shape can be learnt by heart.

`templates/phrases.<language>.txt` holds lists as in `captions`, of clauses too:

    pre.emotion, post.emotion     before and behind a noun
    bit.emotion, say.emotion      in a list, and as a sentence
    {mood}                        an entry of the list `mood`
    {emotion}, {feeling}          words for the piece's value, of `emotion.sad`, `feeling.sad`
    a(n), 은(는)                  as in `sentences`

Held-out templates never come out: a text in which the words of one stand in their order is drawn again (see
`held_apart`). The sentences written by hand are read by no maker of texts, and no list has a stretch of one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from octet.core.errors import InvalidInput
from octet.data.corpora import sentences
from octet.data.corpora.asides import everyday, strange
from octet.data.corpora.captions import FIELD, KINDS, SAYS, Lists, lists_of, values
from octet.data.corpora.held_apart import has_held_out, plain
from octet.data.manifest import Caption
from octet.symbolic.attributes import Attributes, tempo_class
from octet.symbolic.instruments import CLASSES

_SHAPES = ("whole", "whole", "whole", "bits", "bits", "clauses", "clauses")
_COUNTS = (1, 1, 2, 2, 3, 3, 4, 4, 5, 6)  # of facts
_MOST_IN_A_SENTENCE = 5
_MOST_INSTRUMENTS = 4
_PLAIN = ("absent", "danceable")  # where every word counts
# What a field's words are for, where its name does not say it.
_OF: Mapping[str, str] = {
    "feeling": "emotion",
    "feelingly": "emotion",
    "speedily": "tempo",
    "notes": "intensity",
    "clear": "intensity",
    "dancing": "danceable",
    "players": "instruments",
}
_VALUES = {*SAYS, *_OF} - {"piece"}


def phrased(attributes: Attributes, language: str, rng: random.Random) -> Caption:
    """One of endlessly many texts that tell one to six facts of a piece, numbers rounded as they are written.

    Raises:
        InvalidInput: no clauses in this language, or nothing is known of the piece.
    """
    lists = lists_of(language, *KINDS)
    rounded = _rounded(attributes)
    facts = _facts(rounded, lists, rng)
    if not facts:
        raise InvalidInput("nothing is known of this piece; name its genre, mood or instruments")
    said, without = _said(rounded, facts, rng)
    teller = _Teller(said, without, language, lists, rng)
    text = teller.text(facts)
    while has_held_out(text, language):
        text = teller.text(facts)
    return Caption(text=text, language=language, says=said, without=without)


@dataclass
class _Teller:
    """What is told of one piece, and whatever makes a text of it."""

    said: Attributes
    without: Sequence[str]
    language: str
    lists: Lists
    rng: random.Random
    kept: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.kept = frozenset(word for entry in self.lists["kept"] for word in entry.split())

    def text(self, facts: Sequence[str]) -> str:
        """All facts in one shape, in any order, perhaps with an everyday sentence between."""
        shape = self.rng.choice(_SHAPES)
        inside = self._sample(facts)[:_MOST_IN_A_SENTENCE] if shape == "whole" else []
        others = [fact for fact in self.rng.sample(facts, len(facts)) if fact not in inside]
        kind = "bit" if shape == "bits" or (inside and self.rng.random() < 0.5) else "say"
        parts = [self._clause(kind, fact) for fact in others]
        if inside:
            parts.insert(self._place(parts, first=0.8), self._sentence(inside))
        if self.rng.random() < 0.35:
            parts.insert(self.rng.randint(0, len(parts)), self._chatter())
        if kind == "bit":
            return sentences.finished(self.rng.choice((", ", " ", ". ")).join(part.rstrip(".") for part in parts))
        return sentences.finished(" ".join(parts))

    def _sample(self, facts: Sequence[str]) -> list[str]:
        return self.rng.sample(facts, self.rng.randint(1, len(facts)))

    def _place(self, parts: Sequence[str], *, first: float) -> int:
        return 0 if self.rng.random() < first else self.rng.randint(0, len(parts))

    def _sentence(self, facts: Sequence[str]) -> str:
        """A noun with facts before and behind it, in a carrier."""
        before: list[str] = []
        behind: list[str] = []
        for fact in facts:
            choices = [place for place in ("pre", "post") if f"{place}.{fact}" in self.lists]
            place = self.rng.choice(choices)
            (before if place == "pre" else behind).append(self._clause(place, fact))
        if self.rng.random() < 0.2:
            before.insert(0, self._worded("{vain}"))
        article = self._worded("{article}") if "article" in self.lists and self.rng.random() < 0.8 else ""
        noun = self._worded("{noun}")
        phrase = " ".join(filter(None, (article, *before, noun, *behind)))
        return self._filled(self._noisy(self._worded("{carrier}"))).replace("{np}", phrase)

    def _clause(self, kind: str, fact: str) -> str:
        clause = self._worded(self.rng.choice(self.lists[f"{kind}.{fact}"]))
        if kind == "bit" and "prefix" in self.lists and self.rng.random() < 0.2:
            clause = f"{self._worded('{prefix}')} {clause}"
        noisy = clause if fact in _PLAIN else self._noisy(clause)
        # Where the word beside it is lost, only such words do as mean the same alone.
        return self._filled(noisy if noisy == clause else noisy.replace("{intensity}", "{clear}"))

    def _worded(self, clause: str) -> str:
        """With lists' entries in their places, and the fields for values left."""

        def entry(match: re.Match[str]) -> str:
            name = match[1]
            return match[0] if name in _VALUES or name not in self.lists else self._worded(self._one(name))

        return FIELD.sub(entry, clause)

    def _one(self, name: str) -> str:
        return self.rng.choice(self.lists[name])

    def _noisy(self, clause: str) -> str:
        """Some words that mean little are dropped, others put in; every third clause."""
        if self.rng.random() < 0.65:
            return clause
        words: list[str] = []
        for word in clause.split(" "):
            free = "{" not in word and plain(word).strip() not in self.kept and not word[:1].isdigit()
            lot = self.rng.random()
            if lot < 0.1:
                words.append(self.rng.choice(strange(self.language)))
            if not free or lot < 0.8:
                words.append(word)
            elif lot < 0.93:
                words.append(self.rng.choice(strange(self.language)))
        return " ".join(words)

    def _filled(self, clause: str) -> str:
        return FIELD.sub(lambda match: self._value(match[1]) if match[1] in _VALUES else match[0], clause)

    def _value(self, name: str) -> str:
        """Words for what a piece is in this respect."""
        match name:
            case "instruments" | "players":
                return self._listed(self.said.instruments or (), bare=name == "players")
            case "absent":
                names = [_bare(self._one(f"instrument.{one}")) for one in self.without]
                return self._joined(names, "joint.absent")
            case "bars" | "octaves" | "seconds" | "bpm":
                return self._number(round(getattr(self.said, name)), counted=name in ("bars", "octaves"))
            case "clear":
                words = self.lists[f"intensity.{self.said.intensity}"]
                return self.rng.choice([word for word in words if word not in self.lists["vague"]])
            case "feeling" | "feelingly" | "notes" | "dancing" | "speedily":
                return self._one(f"{name}.{self._state(_OF[name])}")
        return self.rng.choice(values(name, self.said, self.lists) or [""])

    def _state(self, name: str) -> str:
        return tempo_class(self.said.bpm or 0) if name == "tempo" else str(getattr(self.said, name))

    def _listed(self, instruments: Sequence[str], *, bare: bool) -> str:
        order = self.rng.sample(instruments, len(instruments))
        names = [self._one(f"instrument.{name}") for name in order]
        names = [_bare(name) for name in names] if bare else names
        if self.rng.random() < 0.5 and len(names) > 2:
            return ", ".join([*names[:-2], self._joined(names[-2:], "joint")])
        return self._joined(names, "joint")

    def _joined(self, names: Sequence[str], joints: str) -> str:
        joint = self._one(joints)
        return reduce(lambda a, b: joint.replace("{a}", a).replace("{b}", b), names)

    def _number(self, number: int, *, counted: bool) -> str:
        """In digits, or now and then in words as things are counted."""
        if self.rng.random() < 0.7:
            return str(number)
        small, tens = self.lists["number"], self.lists["tens"]
        if counted and 0 < number < len(small):
            return small[number]
        if not counted and number % 10 == 0 and 0 < number < 100:
            return tens[number // 10]
        return str(number)

    def _chatter(self) -> str:
        if self.rng.random() < 0.4:
            return self._worded("{chatter}")
        return self.rng.choice(everyday(self.language))


def _rounded(attributes: Attributes) -> Attributes:
    """As texts write it."""
    numbers = {name: getattr(attributes, name) for name in ("seconds", "bpm")}
    return attributes.model_copy(
        update={name: float(max(1, round(number))) for name, number in numbers.items() if number is not None}
    )


def _facts(attributes: Attributes, lists: Lists, rng: random.Random) -> list[str]:
    """Some of the fields that are known, no two about the same; what is absent half as often as others."""
    known = [name for name in SAYS if name != "piece" and values(name, attributes, lists) is not None]
    facts: list[str] = []
    about: set[str] = set()
    for name in rng.sample(known, len(known)):
        rare = name == "absent" and rng.random() < 0.5  # or a reader takes strange clauses for refusals
        if not rare and not about & set(SAYS[name]):
            facts.append(name)
            about |= set(SAYS[name])
    return facts[: rng.choice(_COUNTS)]


def _said(attributes: Attributes, facts: Sequence[str], rng: random.Random) -> tuple[Attributes, tuple[str, ...]]:
    """What is said, and the instruments that are said to be absent."""
    said = {name: getattr(attributes, name) for fact in facts for name in SAYS[fact]}
    if "instruments" in said:
        most = min(len(said["instruments"]), _MOST_INSTRUMENTS)
        said["instruments"] = tuple(rng.sample(said["instruments"], rng.randint(1, most)))
    if "genres" in said:
        said["genres"] = said["genres"][:1]  # the one that there are words for
    others = [name for name in CLASSES if name not in (attributes.instruments or ())]
    count = rng.choice((1, 1, 1, 2)) if "absent" in facts else 0
    return Attributes(**said), tuple(rng.sample(others, min(count, len(others))))


def _bare(name: str) -> str:
    return re.sub(r"^(an?|the|some) ", "", name)
