"""Presets and training plans of MuseCoco: functions that return complete configurations.

`medium` and `large` are the two of arXiv 2306.00110, 200 million and 1.2 billion parameters, with the published code's
widths and optimiser; `reader` is BERT-large with a classifier a key. `tiny` and `tiny_reader` are the bundled sizes.

Departures: batches of so many tokens, where the published script has sequences; gradients of the small models are
clipped.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from octet.core.training import Plan
from octet.data.corpora.captions import LANGUAGES, caption
from octet.data.corpora.composer.compose import compose
from octet.encoders.text.tiny import TinyTextConfig
from octet.symbolic.attributes import Attributes
from octet.systems.musecoco.config import Config, ReaderConfig, WordPieceConfig
from octet.systems.musecoco.examples import MuseCocoExample, TextExample, pieces, said_by


def tiny() -> tuple[Config, Plan]:
    """3.8 M parameters, for pieces of up to 16 bars of `scores`, of which half an hour of a core reads most."""
    config = Config(layers=4, width=256, heads=4, inner_width=1024, dropout=0.0, longest_tokens=4096)
    plan = Plan(
        steps=1800,
        batch_frames=6144,
        learning_rate=1e-3,
        betas=(0.9, 0.95),
        weight_decay=0.01,
        warmup_steps=150,
        ema_decay=0.995,
        precision="bf16",
        evaluate_every=600,
    )
    return config, plan


def medium() -> tuple[Config, Plan]:
    """203,845,440 parameters ("200M", `linear_transformer_lm_xl`)."""
    return Config(layers=16, width=1024, heads=12, inner_width=4096), _plan()


def large() -> tuple[Config, Plan]:
    """1,212,161,472 parameters ("1.2B", `linear_transformer_lm_1billion`)."""
    return Config(layers=24, width=2048, heads=24, inner_width=8192), _plan()


def tiny_reader() -> tuple[ReaderConfig, Plan]:
    """5.4 M parameters, for English and Korean."""
    config = ReaderConfig(
        text=TinyTextConfig(buckets=8192, width=256, layers=0), layers=4, heads=4, inner_width=1024, tonic=True
    )
    plan = Plan(
        steps=2000,
        batch_frames=6_000,
        learning_rate=6e-4,
        weight_decay=0.01,
        warmup_steps=150,
        ema_decay=0.995,
        precision="bf16",
        evaluate_every=500,
    )
    return config, plan


def large_reader() -> tuple[ReaderConfig, Plan]:
    """BERT-large's size over hashed words, for English and Korean."""
    text = TinyTextConfig(buckets=65_536, width=1024, layers=0)
    return ReaderConfig(text=text, layers=24, heads=16, inner_width=4096, tonic=True), _reader_plan()


def reader(vocabulary: tuple[str, ...]) -> tuple[ReaderConfig, Plan]:
    """BERT-large-uncased's size (section 4.1) over its vocabulary, for English."""
    config = ReaderConfig(text=WordPieceConfig(vocabulary=vocabulary))
    return config, _reader_plan()


PRESETS = {"tiny": tiny, "200m": medium, "1b": large}


def composed(count: int, *, seed: int = 0, wish: Attributes | None = None) -> Iterator[MuseCocoExample]:
    """Pieces of the procedural composer, of which every attribute is known."""
    for number in range(count):
        piece = compose(wish, seed=random.Random(f"musecoco {seed} {number}").getrandbits(48))
        yield from pieces(f"{seed}-{number}", piece.score, piece.attributes)


def described(count: int, *, seed: int = 0, test: bool = False) -> Iterator[TextExample]:
    """Captions of such pieces, by turns in English and Korean; `test` takes templates that are kept apart."""
    for number in range(count):
        rng = random.Random(f"musecoco texts {seed} {number}")
        piece = compose(seed=rng.getrandbits(48))
        language = LANGUAGES[number % len(LANGUAGES)]
        yield said_by(f"{seed}-{number}", caption(piece.attributes, language, rng, test=test))


def _reader_plan() -> Plan:
    return Plan(
        steps=100_000, batch_frames=64 * 256, learning_rate=1e-5, betas=(0.9, 0.999), warmup_steps=0, ema_decay=0.0
    )


def _plan() -> Plan:
    return Plan(
        steps=280_000,
        batch_frames=16 * 5120,
        learning_rate=2e-4,
        betas=(0.9, 0.98),
        weight_decay=0.01,
        warmup_steps=16_000,
        schedule="inverse_sqrt",
        clip_norm=0.0,
        ema_decay=0.0,
    )
