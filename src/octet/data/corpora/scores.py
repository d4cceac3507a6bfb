"""The corpus `scores`: pieces that Octet composes, as MIDI files without a sound, of which every attribute is known.

Half of them are by bands as their genre has them, the rest by any instruments in any metre, as long, as dense and as
wide as lots have it, so that whatever may be asked for is met with. Each piece has captions in English and in Korean,
one as people describe music, one as they ask for it, and four texts put together of clauses (see `phrases`).

The corpus is an endless list of pieces in a fixed order, of which a beginning is taken, made in shards of 256. The same
settings give the same bytes. Every fiftieth piece is for testing, with caption templates of its own and no other texts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.data import manifest
from octet.data.corpora import shards
from octet.data.corpora.captions import LANGUAGES, caption
from octet.data.corpora.composer.compose import Piece, compose
from octet.data.corpora.phrases import phrased
from octet.symbolic import midi
from octet.symbolic.attributes import STRONG_BEATS, Attributes
from octet.symbolic.instruments import CLASSES, DRUM

SETTINGS = "scores.json"
RECIPE = 2  # raise it whenever the same settings would give another corpus
MOST_PIECES = 10_000_000
_SHARD = 256
_TEST_EVERY = 50
_CAPTIONS = 2  # in each language, by turns of either kind
_PHRASED = 4  # in each language, for training
_LICENCE = "made by Octet (Apache-2.0)"
_FREE_SHARE = 0.5  # of the pieces, of which lots decide what a genre does else
_LONG_SHARE = 0.1  # of those that are slow and last about a minute, which are rare by themselves
_SIZES = (1, 1, 2, 2, 3, 3, 4, 5)
_METRES = ("4/4", "3/4", "2/4", "6/8", "3/8")
_BARS = (1, 2, 3, 4, 4, 5, 6, 7, 8, 8, 9, 10, 12, 12, 14, 16, 16)


@dataclass(frozen=True)
class _Item:
    index: int
    seed: int

    @property
    def is_test(self) -> bool:
        return self.index % _TEST_EVERY == _TEST_EVERY - 1


def make(folder: Path, *, pieces: int, seed: int = 0, workers: int = 1, on_progress: Progress = silent) -> None:
    """Make the corpus, or what is missing of it, and write its manifest of `ScoreRow`s.

    Raises:
        InvalidInput: the folder holds a corpus with other settings, or nothing is asked for.
        MissingExtra: symusic is not installed.
    """
    if not 0 < pieces <= MOST_PIECES or workers < 1:
        raise InvalidInput(f"pieces must be from 1 to {MOST_PIECES}, workers from 1; given {pieces}, {workers}")
    shards.check_settings(folder / SETTINGS, {"corpus": "scores", "recipe": RECIPE, "seed": seed})
    items = [_Item(index, number) for index, number in enumerate(seeds(pieces, seed))]
    lines = shards.make(
        folder / "midi", items, _SHARD, _fill, workers=workers, phase="making scores", on_progress=on_progress
    )
    manifest.write(folder, (manifest.ScoreRow.model_validate_json(line) for line in lines))


def seeds(pieces: int, seed: int) -> list[int]:
    """Those of the corpus's pieces, in their order."""
    rng = random.Random(f"scores {seed}")
    return [rng.getrandbits(48) for _ in range(pieces)]


def composed(seed: int) -> Piece:
    """The piece of a seed: a wish by lot, or where nothing comes of it as genre and mood have it."""
    rng = random.Random(f"score {seed}")
    try:
        return compose(_wish(rng), seed=seed)
    except InvalidInput:
        return compose(seed=seed)


def _wish(rng: random.Random) -> Attributes:
    lot = rng.random()
    if lot < _LONG_SHARE:
        return Attributes(bars=16, metre="4/4", emotion=rng.choice(("sad", "calm")))
    if lot >= _LONG_SHARE + _FREE_SHARE:
        return Attributes(bars=rng.choice(_BARS))
    names = tuple(rng.sample(CLASSES, rng.choice(_SIZES)))
    metre = rng.choice(_METRES)
    wish: dict[str, Any] = {"instruments": names, "metre": metre, "bars": rng.choice(_BARS)}
    if DRUM not in names and rng.random() < 0.3:
        names = wish["instruments"] = (*names, DRUM)
    if DRUM in names and metre in STRONG_BEATS:
        wish["danceable"] = rng.random() < 0.5
    if names != (DRUM,):
        wish |= {name: value for name, value in _turns(rng) if rng.random() < 0.4}
    return Attributes(**wish)


def _turns(rng: random.Random) -> Iterator[tuple[str, Any]]:
    """What moods and genres settle else."""
    yield "octaves", rng.choice((1, 2, 2, 3, 3, 4, 4, 5, 6))
    yield "intensity", rng.choice(("low", "medium", "high"))
    yield "mode", rng.choice(("major", "minor"))
    yield "tonic", rng.randrange(12)


def _fill(staging: Path, name: str, shard: Sequence[_Item]) -> str:
    rows = (_made(staging, f"midi/{name}", item) for item in shard)
    return "".join(row.model_dump_json(exclude_none=True) + "\n" for row in rows)


def _made(staging: Path, place: str, item: _Item) -> manifest.ScoreRow:
    piece = composed(item.seed)
    identifier = f"{item.index:07d}"
    (staging / f"{identifier}.mid").write_bytes(midi.encode(piece.score))  # the shard appears in one step
    return manifest.ScoreRow(
        id=identifier,
        midi=f"{place}/{identifier}.mid",
        duration_seconds=piece.score.duration_seconds,
        captions=tuple(_captions(piece.attributes, item)),
        split="test" if item.is_test else "train",
        licence=_LICENCE,
        source=f"composer {RECIPE}",
        attributes=piece.attributes,
    )


def _captions(attributes: Attributes, item: _Item) -> Iterator[manifest.Caption]:
    rng = random.Random(f"captions {item.seed}")
    for language in LANGUAGES:
        for number in range(_CAPTIONS):
            yield caption(attributes, language, rng, test=item.is_test, request=number % 2 == 1)
        for _ in range(0 if item.is_test else _PHRASED):
            yield phrased(attributes, language, rng)
