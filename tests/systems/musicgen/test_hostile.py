"""A MusicGen's `config.json` is a stranger's: it plays, or is refused in one line, without much memory."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.families.token_lm.codecs import SmoothCodec
from tests.jobs.test_hostile_configurations import VALUES, places, replaced
from tests.systems.musicgen.examples import melodic, model
from tests.systems.musicgen.test_style import STYLE

from octet.core import artifacts
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.systems.musicgen.generate import Musician
from octet.systems.musicgen.model import load

KINDS = {"melody": melodic, "style": lambda: melodic(chroma_frames=0, style=STYLE)}


@cache
def made(kind: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    _, config, state = model(KINDS[kind]()).artifact()
    return config, dict(state)


def tried(kind: str, config: Any, folder: Path) -> str:
    """What loading and half a second of music say: nothing, or why they will not."""
    artifacts.save(folder, "musicgen", {}, made(kind)[1])
    (folder / artifacts.CONFIG).write_text(json.dumps({"kind": "musicgen", "format": 1, "config": config}))
    try:
        Musician(load(folder), SmoothCodec()).generate("a", duration_seconds=0.5)
    except (InvalidArtifact, InvalidInput) as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize("kind", KINDS)
def test_the_unchanged_configuration_plays(kind: str, tmp_path: Path) -> None:
    assert tried(kind, made(kind)[0], tmp_path) == ""


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_any_place_plays_or_is_refused_in_one_line(kind: str, tmp_path: Path, data: st.DataObject) -> None:
    config, _ = made(kind)
    place, value = data.draw(st.sampled_from(list(places(config)))), data.draw(VALUES)
    said = tried(kind, replaced(config, place, value), tmp_path)
    assert "\n" not in said
    assert len(said) < 4000


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("decoder", "layers"), 10**9, "decoder.layers"),
        (("decoder", "width"), 16_384, "describes a model of"),
        (("decoder", "vocabulary"), 65_536, "describes a model of"),
        (("decoder", "codebooks"), 10**9, "codebooks"),
        (("pattern", "shifts"), [0] * 1000, "shifts"),
        (("pattern", "shifts"), [0, 10**9], "shifts"),
        (("text", "buckets"), 10**6, "has shape|describes a model of"),
        (("chroma_frames",), 10**9, "chroma_frames"),
        (("segment_seconds",), 1e300, "segment_seconds"),
        (("frame_rate_hz",), 1000.0, "the model speaks"),
        (("stride_seconds",), 0.01, "a stride a tenth"),
    ],
)
def test_what_is_absurd_is_named(place: tuple[str, ...], value: Any, said: str, tmp_path: Path) -> None:
    found = tried("melody", replaced(made("melody")[0], place, value), tmp_path)
    assert any(part in found for part in said.split("|"))
