"""What a MusicGen hears of a caption: how much less likely held-out music is to it when something else is told.

A judge hears what is played; likelihoods also show what is heard and not played yet. Each piece of a corpus's test
split is told by its attributes in words; then one of them is exchanged. A model that hears it loses nats.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch

from octet.audio.chroma import CLASSES
from octet.core.progress import Progress, Step, silent
from octet.core.training import MusicExample
from octet.data.tokens import NOTES
from octet.evaluation.arrays import mean
from octet.jobs.recipes import recipe_of
from octet.jobs.train import split_of
from octet.systems.musicgen.captions import CaptionTraining, merged
from octet.systems.musicgen.config import Config
from octet.systems.musicgen.model import MusicGen
from octet.training.held_out import some

RECIPE: Final = "musicgen-tiny"  # it says how a corpus of tokens is read
PIECES: Final = 40
_SLOW_BPM, _FAST_BPM, _BETWEEN_BPM = 65, 140, 100
_ALL: Final = CaptionTraining(merge=1, keep_attribute=1, drop_description=1, drop_word=0)

Attributes = Mapping[str, Any]


def held_out_pieces(config: Config, data: Path) -> list[MusicExample]:
    """Of the test split of a corpus with tokens of the codec that a model's configuration names.

    Raises:
        InvalidInput: no such tokens, or no test pieces.
    """
    dataset = split_of(recipe_of(RECIPE), [data], config, "test")
    return [dataset[index] for index in some(len(dataset.lengths), PIECES)]


def hearing(
    model: MusicGen, pieces: Sequence[MusicExample], *, on_progress: Progress = silent
) -> dict[str, dict[str, float]]:
    """For each exchange, the nats that a segment loses on average, and the share of pieces that lose any."""
    losses: dict[str, list[float]] = {}
    for number, piece in enumerate(pieces):
        other = pieces[(number + 1) % len(pieces)].attributes
        own = _nats(model, piece, piece.attributes)
        for name, attributes in _exchanged(piece.attributes, other).items():
            losses.setdefault(name, []).append(_nats(model, piece, attributes) - own)
        on_progress(Step("telling something else", number + 1, len(pieces)))
    return {name: {"nats": mean(lost), "pieces": mean([loss > 0 for loss in lost])} for name, lost in losses.items()}


@torch.no_grad()
def _nats(model: MusicGen, piece: MusicExample, told: Attributes) -> float:
    """Of the first segment, all codebooks, told no melody; the order of attributes is always the same."""
    text = merged("", told, _ALL, torch.Generator().manual_seed(0))
    frames = min(piece.codes.shape[1], model.config.segment_frames)
    start = replace(piece, codes=piece.codes[:, :frames], captions=(text,), chroma=None)
    parts = model.loss(model.collate([start], torch.Generator().manual_seed(0)), step=0).parts
    return frames * sum(float(part) for part in parts.values())


def _exchanged(own: Attributes, other: Attributes) -> dict[str, Attributes]:
    """What is told instead, by what is exchanged: attributes that a piece has, in the spelling that is known here."""
    changes: Sequence[tuple[str, str, Callable[[Any], Any]]] = (
        ("the other mode", "key", _other_mode),
        ("a tonic six semitones away", "key", _far_tonic),
        ("a slow or a fast tempo", "bpm", lambda bpm: _FAST_BPM if float(bpm) < _BETWEEN_BPM else _SLOW_BPM),
    )
    changed = [(name, field, change(own[field])) for name, field, change in changes if field in own]
    return {"another piece's": other, "nothing": {}} | {
        name: {**own, field: value} for name, field, value in changed if value is not None
    }


def _other_mode(key: str) -> str:
    tonic, _, mode = key.partition(" ")
    return f"{tonic} {'minor' if mode == 'major' else 'major'}"


def _far_tonic(key: str) -> str | None:
    tonic, _, mode = key.partition(" ")
    if tonic not in NOTES:
        return None
    return f"{NOTES[(NOTES.index(tonic) + CLASSES // 2) % CLASSES]} {mode}".strip()
