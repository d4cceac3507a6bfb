"""The verb `replay`: what can be known to fail is found out first."""

from __future__ import annotations

from pathlib import Path

import pytest

from octet.audio.waveform import Waveform
from octet.core.errors import InvalidInput
from octet.jobs.replay import replay
from octet.jobs.speak import Model, speak_to_file


def test_a_place_to_write_is_needed_before_the_work(tmp_path: Path):
    speak_to_file(Model("fastspeech2"), {"text": "One."}, tmp_path / "one.wav")
    with pytest.raises(InvalidInput, match=r"cannot write \.aiff"):
        replay(tmp_path / "one.wav", tmp_path / "again.aiff")


@pytest.mark.parametrize("metadata", [{}, {"verb": "cook", "request": {}}, {"verb": "speak"}])
def test_only_what_says_how_it_was_made_is_made_again(tmp_path: Path, metadata: dict[str, object]):
    Waveform([0.0] * 100, 8000, metadata).save(tmp_path / "given.wav")
    with pytest.raises(InvalidInput, match="octet speak or octet music"):
        replay(tmp_path / "given.wav", tmp_path / "again.wav")
    assert not (tmp_path / "again.wav").exists()
