"""The verb `speak`: word times, files that appear together, long texts in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.running import ENVIRONMENT

from octet.core.errors import InvalidInput
from octet.core.progress import Step
from octet.jobs.speak import Model, speak, speak_to_file, stream, subtitles, times_json
from octet.systems.fastspeech2.generate import WordTime

TINY = Model("fastspeech2")


def test_progress_counts_sentences():
    steps: list[Step] = []
    report = speak(TINY, {"text": "One. Two. Three."}, steps.append)
    assert [step.done for step in steps] == [1, 2, 3]
    assert [word.text for word in report.words] == ["One", "Two", "Three"]
    assert all(one.end_seconds <= other.start_seconds for one, other in pairwise(report.words))


def test_sound_is_not_left_without_its_timestamps(tmp_path: Path):
    with pytest.raises(InvalidInput, match=r"\.json or \.srt, not without a suffix"):
        speak_to_file(TINY, {"text": "One."}, tmp_path / "one.wav", tmp_path / "times")
    assert list(tmp_path.iterdir()) == []
    speak_to_file(TINY, {"text": "One."}, tmp_path / "one.wav", tmp_path / "times.JSON")
    assert {path.name for path in tmp_path.iterdir()} == {"one.wav", "times.JSON"}


def test_an_error_comes_before_the_first_sentence_is_asked_for():
    with pytest.raises(InvalidInput, match="unknown voice"):
        stream(TINY, {"text": "One.", "voice": "nobody"})


def test_the_first_sentence_comes_before_the_rest_is_made():
    sentences = stream(TINY, {"text": '<speak>One.<voice name="nobody">Two.</voice></speak>', "ssml": True})
    assert next(sentences).text == "One."
    with pytest.raises(InvalidInput, match="nobody"):
        next(sentences)


@given(st.floats(0, 36_000), st.floats(0, 5))
def test_subtitles_count_hours_and_milliseconds(start: float, length: float):
    arrow = subtitles((WordTime("word", start, start + length),)).splitlines()[1]
    times = [clock.replace(",", ":").split(":") for clock in arrow.split(" --> ")]
    seconds = [int(h) * 3600 + int(m) * 60 + int(s) + int(ms) / 1000 for h, m, s, ms in times]
    assert seconds == pytest.approx([start, start + length], abs=6e-4)


def test_times_as_json_keep_korean():
    assert '"text": "안녕"' in times_json((WordTime("안녕", 0.0, 0.5),))


LONG = """
import resource
from octet.jobs.speak import Model, stream
text = "".join(f"This is sentence number {number} of a long text. " for number in range(230))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
assert len(text) > 10_000
for said, spoken in enumerate(stream(Model("fastspeech2"), {"text": text, "speed": 2.0})):
    assert spoken.text == f"This is sentence number {said} of a long text.", spoken.text
    early = peak() if said == 20 else 0 if said < 20 else early
print(said + 1, peak() - early)
"""


@pytest.mark.slow
def test_a_long_text_loses_no_sentence_and_needs_no_more_memory():
    done = subprocess.run([sys.executable, "-c", LONG], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    sentences, growth_mebibytes = done.stdout.split()
    assert int(sentences) == 230
    assert float(growth_mebibytes) < 20
