"""What training does to captions (MusicGen, section 3.1): attributes told in words, words left out.

Legend: p probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, Field

ATTRIBUTES = ("key", "bpm", "genre", "moods", "instrument", "keywords")


class CaptionTraining(BaseModel):
    """Probabilities; the defaults are those of the published text models."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    merge: float = Field(default=0.25, ge=0, le=1)  # of telling attributes at all
    keep_attribute: float = Field(default=0.5, ge=0, le=1)  # of each attribute then
    drop_description: float = Field(default=0.5, ge=0, le=1)  # of leaving only the attributes
    drop_word: float = Field(default=0.3, ge=0, le=1)


def augmented(caption: str, attributes: Mapping[str, Any], training: CaptionTraining, rng: torch.Generator) -> str:
    """A caption as a model reads it in training; empty where nothing is left, which is no condition at all."""
    return without_some_words(merged(caption, attributes, training, rng), training.drop_word, rng)


def merged(caption: str, attributes: Mapping[str, Any], training: CaptionTraining, rng: torch.Generator) -> str:
    """Caption and some of its attributes, "field: value", joined with ". "; a caption alone gets its full stop.

    >>> never = CaptionTraining(merge=0)
    >>> merged("warm piano", {"bpm": 90}, never, torch.Generator())
    'warm piano.'
    """
    told = ""
    if _chance(training.merge, rng):
        told = ". ".join(_told(attributes, training.keep_attribute, rng))
        caption = "" if _chance(training.drop_description, rng) else caption
    if not caption:
        return told
    return f"{caption.rstrip('.')}. {told}".strip()


def without_some_words(text: str, p: float, rng: torch.Generator) -> str:
    """The text without words, each left out with probability `p`."""
    words = text.split(" ")
    kept = (torch.rand(len(words), generator=rng) >= p).tolist()
    return " ".join(word for word, keep in zip(words, kept, strict=True) if keep)


def _told(attributes: Mapping[str, Any], keep: float, rng: torch.Generator) -> list[str]:
    known = [(name, attributes[name]) for name in ATTRIBUTES if attributes.get(name) is not None]
    chosen = [f"{name}: {_value(value)}" for name, value in known if _chance(keep, rng)]
    return [chosen[number] for number in torch.randperm(len(chosen), generator=rng).tolist()]


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _chance(p: float, rng: torch.Generator) -> bool:
    return bool(torch.rand((), generator=rng) < p)
