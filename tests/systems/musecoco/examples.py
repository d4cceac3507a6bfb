"""Small models and pieces for the tests of MuseCoco."""

from __future__ import annotations

import torch

from octet.data.corpora.composer.compose import compose
from octet.encoders.text.tiny import TinyTextConfig
from octet.symbolic.attributes import Attributes
from octet.symbolic.remigen import IDS
from octet.symbolic.score import Note, Score, Track
from octet.systems.musecoco.config import Config, ReaderConfig
from octet.systems.musecoco.examples import MuseCocoExample, pieces
from octet.systems.musecoco.model import MuseCoco
from octet.systems.musecoco.text import AttributeReader


def small(**changes) -> Config:
    """Of a width that its heads do not divide, like the published ones."""
    sizes = {"layers": 2, "width": 18, "heads": 4, "inner_width": 24, "dropout": 0.0, "longest_tokens": 900}
    return Config(**(sizes | changes))


def model(**changes) -> MuseCoco:
    torch.manual_seed(0)
    return MuseCoco(small(**changes)).eval()


def player(**changes) -> MuseCoco:
    """An untrained model that likes bars to end, so that its pieces are short."""
    made = model(**changes)
    with torch.no_grad():
        made.norm.bias += 1.0  # what is normalised adds up to nothing, so this is all that the next line sees
        made.head.weight[IDS["b-1"]] += 4.0 / made.config.width
    return made


def small_reader(**changes) -> ReaderConfig:
    sizes = {"layers": 1, "heads": 2, "inner_width": 16, "dropout": 0.0, "tonic": True}
    return ReaderConfig(**({"text": TinyTextConfig(buckets=64, width=16, layers=0)} | sizes | changes))


def reader(**changes) -> AttributeReader:
    torch.manual_seed(0)
    return AttributeReader(small_reader(**changes)).eval()


def song(*pitches: int) -> Score:
    """Quarter notes, one after the other."""
    notes = tuple(Note(number * 480, pitch, 480) for number, pitch in enumerate(pitches))
    return Score((Track(0, notes),))


def example(seed: int = 0, **wish) -> MuseCocoExample:
    """A composed piece of two bars."""
    piece = compose(Attributes(**({"bars": 2, "intensity": "low"} | wish)), seed=seed)
    return next(pieces(str(seed), piece.score, piece.attributes))
