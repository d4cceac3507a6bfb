"""Small models and tunes of tokens."""

from __future__ import annotations

from typing import Any

import torch

from octet.core.training import MusicExample
from octet.encoders.text.tiny import TinyTextConfig
from octet.families.token_lm.patterns import delay
from octet.families.token_lm.transformer import DecoderConfig
from octet.systems.musicgen.captions import CaptionTraining
from octet.systems.musicgen.config import Config, Dropouts
from octet.systems.musicgen.model import MusicGen

VOCABULARY = 16


def small(**changes: Any) -> Config:
    """Ten frames a second, windows of two seconds, 1.2 apart."""
    fields = {
        "decoder": DecoderConfig(codebooks=4, vocabulary=VOCABULARY, width=32, heads=4, layers=2, inner_width=64),
        "pattern": delay(4),
        "text": TinyTextConfig(buckets=256, width=16, heads=2, layers=1),
        "frame_rate_hz": 10.0,
        "segment_seconds": 2.0,
        "stride_seconds": 1.2,
        "captions": CaptionTraining(merge=0, drop_word=0),
        "dropouts": Dropouts(everything=0, text=0, melody=0),
    }
    return Config(**(fields | changes))


def melodic(**changes: Any) -> Config:
    """Text and melody both read first."""
    decoder = small().decoder.model_copy(update={"cross_attention": False})
    return small(**({"decoder": decoder, "fusion": "prefix", "chroma_frames": 6} | changes))


def model(config: Config | None = None, seed: int = 0) -> MusicGen:
    """With weights large enough that conditions are heard."""
    torch.manual_seed(seed)
    made = MusicGen(config or small())
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(torch.randn_like(weight) * 0.15)
    return made


def chroma(*bins: int) -> torch.Tensor:
    """(F, 12), one bin a frame."""
    return torch.nn.functional.one_hot(torch.tensor(bins), 12).float()


def example(number: int, frames: int = 12, caption: str | None = None, melody: bool = False) -> MusicExample:
    """Tokens that climb, each example in its own steps."""
    times = torch.arange(frames)
    codes = torch.stack([(times * (number + 1) + number + k) % VOCABULARY for k in range(4)])
    heard = chroma(*[(number + t) % 12 for t in range(5)]) if melody else None
    return MusicExample(str(number), codes, (caption or f"tune {'abcdefgh'[number]}",), chroma=heard)
