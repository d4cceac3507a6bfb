"""What MuseCoco is trained on: pieces as tokens with their attributes, texts with what they say.

Attributes need no listener: the objective ones are read off the tokens themselves, the others are labels.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

import torch

from octet.data.manifest import Caption
from octet.symbolic import remigen
from octet.symbolic.attributes import GENRES, Attributes, extract
from octet.symbolic.instruments import CLASSES
from octet.symbolic.remigen import END, IDS
from octet.symbolic.score import Score
from octet.systems.musecoco.config import READABLE
from octet.systems.musecoco.wishes import PREFIX_TOKENS, Told, prefix, told_by

WINDOW_BARS = 16
WINDOWS = 3  # of a longer piece
LONGEST_TOKENS = 5120
_METRICAL = ("danceable", "intensity", "bars", "metre", "bpm")  # what bars and beats tell
# What may be told of a piece, all instruments together and all genres together (section 3.2).
_KINDS = (
    *("instruments", "danceable", "intensity", "artist", "genres", "bars"),
    *("metre", "mode", "bpm", "octaves", "emotion", "seconds"),
)


@dataclass(frozen=True)
class MuseCocoExample:
    """A piece in C major or A minor; `tokens` are numbers of the published dictionary, of music only."""

    id: str
    tokens: tuple[int, ...]
    attributes: Attributes

    @property
    def length(self) -> int:
        """Tokens, with prefix and end."""
        return PREFIX_TOKENS + len(self.tokens) + 1


@dataclass(frozen=True)
class TextExample:
    """A text, and the values of those keys that it says something about."""

    id: str
    text: str
    told: Told

    @property
    def length(self) -> int:
        """Positions of a reader, about: its queries and the words."""
        return len(READABLE) + 1 + len(self.text.split())


def pieces(
    identifier: str,
    score: Score,
    labels: Attributes | None = None,
    rng: random.Random | None = None,
    *,
    performed: bool = False,
) -> Iterator[MuseCocoExample]:
    """The examples that a score makes: itself, or if it is longer than 16 bars three windows of it.

    Those without a note or of more than 5,120 tokens are left out, as in the published code.

    Args:
        labels: emotion, genres and artist are taken over, of the whole for each part.
        rng: chooses the windows; needed for long scores only.
        performed: it was played freely, so nothing is told of its bars and beats.

    Raises:
        InvalidInput: the score has no notes.
    """
    unknown = dict.fromkeys(_METRICAL if performed else ())
    bars = _bars(remigen.encode(score))
    rng = rng or random.Random(identifier)
    spare = len(bars) - WINDOW_BARS
    starts = [0] if spare <= 0 else sorted(rng.randint(0, spare) for _ in range(WINDOWS))
    for number, start in enumerate(starts):
        part = remigen.decode([token for bar in bars[start : start + WINDOW_BARS] for token in bar])
        if part.tracks:
            example = _example(f"{identifier}-{number}", part, labels or Attributes())
            if len(example.tokens) <= LONGEST_TOKENS:
                yield replace(example, attributes=example.attributes.model_copy(update=unknown))


def said_by(identifier: str, caption: Caption) -> TextExample:
    """A caption as an example; one that does not know what it says teaches that nothing is said."""
    return TextExample(identifier, caption.text, told_by(caption.says or Attributes(), without=caption.without))


class _Measured(Protocol):
    @property
    def length(self) -> int: ...


Item = TypeVar("Item", bound=_Measured)


@dataclass(frozen=True)
class Examples(Generic[Item]):
    """Examples of either stage as the training loop asks for them."""

    items: Sequence[Item]

    @property
    def lengths(self) -> list[int]:
        """Of each."""
        return [item.length for item in self.items]

    def __getitem__(self, index: int) -> Item:
        return self.items[index]


def sequence(item: MuseCocoExample, rng: torch.Generator | None) -> list[int]:
    """Prefix, music and its end; with `rng`, only a random few of the attributes are told."""
    told = some(item.attributes, rng) if rng is not None else told_by(item.attributes)
    return [*prefix(told), *item.tokens, IDS[END]]


def some(attributes: Attributes, rng: torch.Generator) -> dict[str, int]:
    """What training tells of a piece: mostly one to four of its attributes, sometimes nearly all.

    Of instruments and genres, some that are there are named, and some that are not.
    """
    known = [name for name in _KINDS if getattr(attributes, name) not in (None, ())]
    counts = [1, 2, 3, 4] * 5 + [6, 7, 8] * 3 + list(range(9, len(known))) * 2
    count = counts[int(torch.randint(len(counts), (), generator=rng))]
    kept = [known[index] for index in torch.randperm(len(known), generator=rng)[:count].tolist()]
    told: dict[str, Any] = {name: getattr(attributes, name) for name in kept}
    absent = {}
    for name, every in (("instruments", CLASSES), ("genres", GENRES)):
        if name in told:
            absent[name] = _few([other for other in every if other not in told[name]], rng)
            told[name] = _few(told[name], rng)
    return told_by(Attributes(**told), without=absent.get("instruments", ()), other_genres=absent.get("genres", ()))


def _few(names: Sequence[str], rng: torch.Generator) -> tuple[str, ...]:
    """One of them at least, if there is one."""
    count = 1 + int(torch.randint(max(len(names), 1), (), generator=rng))
    return tuple(names[index] for index in torch.randperm(len(names), generator=rng)[:count].tolist())


def _example(identifier: str, score: Score, labels: Attributes) -> MuseCocoExample:
    tokens = remigen.to_ids(remigen.encode(remigen.in_c(score)))
    subjective = {name: getattr(labels, name) for name in ("emotion", "genres", "artist")}
    return MuseCocoExample(identifier, tuple(tokens), extract(score).model_copy(update=subjective))


def _bars(tokens: Sequence[str]) -> list[list[str]]:
    bars: list[list[str]] = []
    for token in tokens:
        if token.startswith("s-"):
            bars.append([])
        bars[-1].append(token)
    return bars
