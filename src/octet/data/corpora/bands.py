"""The corpus `bands`: music that Octet composes and renders itself, of which everything is known.

Two thirds of the pieces are by bands as their genre has them, the rest by any instruments in any metre, so that all 28
classes are heard. Each piece has a mix, a stem an instrument if asked for, the MIDI file that was rendered, all of its
attributes, and captions in English and Korean that say which of them they mention.

The corpus is an endless list of pieces in a fixed order of which `hours` takes a beginning, made in shards of 32. The
same settings, font and machine give the same bytes. Every fiftieth piece is for testing, with caption templates of its
own.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from octet.audio.loudness import normalise
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.data import manifest
from octet.data.corpora import shards
from octet.data.corpora.captions import LANGUAGES, caption
from octet.data.corpora.composer.compose import Piece, compose
from octet.data.corpora.composer.plan import draw
from octet.symbolic import midi
from octet.symbolic.attributes import Attributes
from octet.symbolic.instruments import CLASSES
from octet.symbolic.sampler import Sampler
from octet.symbolic.soundfont import default_path

SETTINGS = "bands.json"
RECIPE = 2  # raise it whenever the same settings would give another corpus
SAMPLE_RATE_HZ = 16_000
_SHARD = 32
_TEST_EVERY = 50
_FREE_SHARE = 0.35  # of the pieces: instruments and metre by lot
_METRES = ("4/4", "3/4", "2/4", "6/8", "3/8", "5/4")
_CAPTIONS = 6  # in each language
_LOUDNESS_LUFS = -18.0
_SILENCE = 1e-3  # of the peak: what a piece is trimmed to
_LICENCE = "made by Octet (Apache-2.0) with the SoundFont that `source` names"

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class _Item:
    index: int
    seed: int
    wish: Attributes
    sample_rate_hz: int
    stems: bool

    @property
    def is_test(self) -> bool:
        return self.index % _TEST_EVERY == _TEST_EVERY - 1


def make(
    folder: Path,
    *,
    hours: float,
    seed: int = 0,
    sample_rate_hz: int = SAMPLE_RATE_HZ,
    stems: bool = False,
    workers: int = 1,
    on_progress: Progress = silent,
) -> None:
    """Make the corpus, or what is missing of it, and write its manifest of `MusicRow`s.

    Args:
        stems: write each instrument's sound too; together they are the mix.

    Raises:
        InvalidInput: the folder holds a corpus with other settings, or nothing is asked for.
        MissingExtra: symusic or a SoundFont is not installed.
    """
    if hours <= 0 or workers < 1:
        raise InvalidInput(f"hours must be above 0, workers from 1; given {hours}, {workers}")
    font = default_path()
    Sampler(font, sample_rate_hz=sample_rate_hz)  # a font or rate that does not work is found before the work
    settings: dict[str, object] = {"corpus": "bands", "recipe": RECIPE, "seed": seed, "stems": stems}
    settings |= {"sample_rate_hz": sample_rate_hz, "font": f"{font.name} {_digest(font)}"}
    shards.check_settings(folder / SETTINGS, settings)
    items = list(_for_hours(_plan(seed, sample_rate_hz, stems), hours))
    lines = shards.make(
        folder / "audio", items, _SHARD, _fill, workers=workers, phase="making bands", on_progress=on_progress
    )
    manifest.write(folder, (manifest.MusicRow.model_validate_json(line) for line in lines))


@dataclass(frozen=True)
class HeldOut:
    """A piece that is in no corpus, and its sound (N,)."""

    piece: Piece
    mix: Samples


def held_out(count: int, *, sample_rate_hz: int = SAMPLE_RATE_HZ) -> Iterator[HeldOut]:
    """So many pieces for evaluation, always the same; no corpus that Octet makes has them.

    Raises:
        MissingExtra: symusic or a SoundFont is not installed.
    """
    rng = random.Random("bands held out")
    for _ in range(count):
        piece = compose(_wish(rng), seed=rng.getrandbits(48))
        yield HeldOut(piece, _rendered(piece, sample_rate_hz)[0])


def _digest(font: Path) -> str:
    return hashlib.sha256(font.read_bytes()).hexdigest()[:12]


def _plan(seed: int, sample_rate_hz: int, stems: bool) -> Iterator[_Item]:
    rng = random.Random(f"bands {seed}")
    for index in count():
        yield _Item(index, rng.getrandbits(48), _wish(rng), sample_rate_hz, stems)


def _wish(rng: random.Random) -> Attributes:
    """Nothing, so that the genre decides; or any instruments in any metre."""
    if rng.random() >= _FREE_SHARE:
        return Attributes()
    names = tuple(rng.sample(CLASSES, rng.choice((1, 2, 3, 3, 4, 5))))
    return Attributes(instruments=names, metre=rng.choice(_METRES))


def _for_hours(plan: Iterator[_Item], hours: float) -> Iterator[_Item]:
    seconds = 0.0
    for item in plan:
        yield item
        planned = draw(item.wish, random.Random(f"piece {item.seed} 0"))
        seconds += planned.attributes.seconds or 0.0
        if seconds >= hours * 3600:
            return


def _fill(staging: Path, name: str, shard: Sequence[_Item]) -> str:
    return "".join(_made(staging, f"audio/{name}", item).model_dump_json(exclude_none=True) + "\n" for item in shard)


def _made(staging: Path, place: str, item: _Item) -> manifest.MusicRow:
    piece = compose(item.wish, seed=item.seed)
    identifier = f"{item.index:07d}"
    mix, stems = _rendered(piece, item.sample_rate_hz)
    midi.write(staging / f"{identifier}.mid", piece.score)
    _write(staging / f"{identifier}.flac", mix, item.sample_rate_hz)
    files = {}
    for track, stem in zip(piece.score.tracks, stems if item.stems else (), strict=False):
        files[track.name] = f"{place}/{identifier}-{track.name.replace(' ', '-')}.flac"
        _write(staging / Path(files[track.name]).name, stem, item.sample_rate_hz)
    return manifest.MusicRow(
        id=identifier,
        audio=f"{place}/{identifier}.flac",
        sample_rate_hz=item.sample_rate_hz,
        duration_seconds=len(mix) / item.sample_rate_hz,
        captions=_captions(piece.attributes, item),
        split="test" if item.is_test else "train",
        licence=_LICENCE,
        source=f"composer {RECIPE}, {_sampler(item.sample_rate_hz).font.path.name}",
        midi=f"{place}/{identifier}.mid",
        stems=files or None,
        attributes=piece.attributes,
    )


def _captions(attributes: Attributes, item: _Item) -> tuple[manifest.Caption, ...]:
    rng = random.Random(f"captions {item.seed}")
    return tuple(
        caption(attributes, language, rng, test=item.is_test) for language in LANGUAGES for _ in range(_CAPTIONS)
    )


def _rendered(piece: Piece, sample_rate_hz: int) -> tuple[Samples, Samples]:
    """The mix (N,) at the corpus's loudness, and stems (T, N) that add up to it, without silence at the end."""
    rendering = _sampler(sample_rate_hz).render(piece.score)
    mix, stems = rendering.mix[0], rendering.stems[:, 0]
    peak = np.abs(mix).max()
    length = int(np.flatnonzero(np.abs(mix) > _SILENCE * peak)[-1]) + 1
    gain = np.abs(normalise(mix[None, :length], sample_rate_hz, _LOUDNESS_LUFS)).max() / peak
    return mix[:length] * gain, stems[:, :length] * gain


@cache
def _sampler(sample_rate_hz: int) -> Sampler:
    return Sampler(sample_rate_hz=sample_rate_hz)


def _write(path: Path, samples: Samples, sample_rate_hz: int) -> None:
    soundfile.write(path, np.clip(samples, -1.0, 1.0), sample_rate_hz, subtype="PCM_16")
