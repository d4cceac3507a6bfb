"""Sound as it lies on the disk: parts of files, stretches, whole frames, splits, corpora together."""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.pieces import RATE_HZ, pieces

from octet.audio import files, spectrogram
from octet.audio.resample import resample
from octet.core.errors import InvalidInput
from octet.data import manifest
from octet.data.manifest import MusicRow, Row
from octet.data.sounds import SoundDataset, Together, stretches

SPEC = spectrogram.tiny().model_copy(update={"sample_rate_hz": RATE_HZ, "hop_samples": 100, "high_hz": 4000.0})


@pytest.fixture
def corpus(tmp_path):
    pieces(tmp_path)
    return tmp_path


def row(seconds, start=0.0, **changes):
    shape = {"id": "a", "audio": "a.wav", "sample_rate_hz": RATE_HZ, "duration_seconds": seconds}
    return MusicRow(**(shape | {"start_seconds": start} | changes))


def ramp(folder, seconds=4.0, rate_hz=RATE_HZ):
    """Two channels, whose mean says at which sample one is."""
    count = round(seconds * rate_hz)
    mean = np.arange(count, dtype=np.float32) / 2**16
    files.write(folder / "a.wav", np.stack([mean + 0.1, mean - 0.1]), rate_hz, bits=32)
    return mean


@settings(max_examples=60)
@given(st.floats(0.01, 1000), st.floats(0, 500), st.floats(0.5, 60))
def test_stretches_are_alike_none_too_long_and_together_the_whole(seconds, start, longest):
    parts = list(stretches(Path("x"), row(seconds, start), longest))
    assert all(part.seconds == parts[0].seconds <= longest * (1 + 1e-9) for part in parts)
    assert parts[0].start_seconds == start
    for before, after in pairwise(parts):
        assert after.start_seconds == pytest.approx(before.start_seconds + before.seconds)
    assert sum(part.seconds for part in parts) == pytest.approx(seconds)
    assert len({part.id for part in parts}) == len(parts)


def test_an_example_is_the_part_of_the_file_that_its_row_names(tmp_path):
    mean = ramp(tmp_path)
    manifest.write(tmp_path, [row(2.0, start=1.5)])
    dataset = SoundDataset(tmp_path, SPEC, longest_seconds=1.0)
    assert dataset.lengths == [80, 80]
    assert [dataset[index].id for index in range(2)] == ["a-0", "a-1"]
    both = torch.cat([dataset[index].audio for index in range(2)]).numpy()
    np.testing.assert_allclose(both, mean[round(1.5 * RATE_HZ) : round(3.5 * RATE_HZ)], atol=1e-6)


def test_speech_is_read_as_well_and_at_another_rate(tmp_path):
    mean = ramp(tmp_path, seconds=1.0, rate_hz=16_000)
    speech = Row(
        id="u", audio="a.wav", sample_rate_hz=16_000, duration_seconds=1, text="Hi.", language="en", speaker="x"
    )
    manifest.write(tmp_path, [speech])
    (example,) = [SoundDataset(tmp_path, SPEC)[0]]
    assert example.id == "u"
    np.testing.assert_allclose(example.audio.numpy(), resample(mean, 16_000, RATE_HZ), atol=1e-6)


def test_frames_are_whole_and_silent_behind_the_end(tmp_path):
    ramp(tmp_path, seconds=0.99)
    manifest.write(tmp_path, [row(1.003)])
    dataset = SoundDataset(tmp_path, SPEC)
    audio = dataset[0].audio
    assert len(audio) == 100 * dataset.lengths[0] == 8000
    assert audio[7919] > 0
    assert not audio[7920:].any()


def test_splits_are_apart_and_an_empty_one_is_refused(corpus):
    train, test = (SoundDataset(corpus, SPEC, split) for split in ("train", "test"))
    assert [train[index].id for index in range(len(train))] == ["p0", "p1", "p3", "p4"]
    assert [test[index].id for index in range(len(test))] == ["p2", "p5"]
    with pytest.raises(InvalidInput, match="has no recordings of split 'other'"):
        SoundDataset(corpus, SPEC, "other")
    with pytest.raises(InvalidInput, match=r"no manifest\.jsonl"):
        SoundDataset(corpus / "none", SPEC)


def test_what_cannot_be_read_is_named(corpus):
    dataset = SoundDataset(corpus, SPEC)
    (corpus / "0.wav").unlink()
    with pytest.raises(InvalidInput, match=r"cannot read .*0\.wav"):
        dataset[0]
    manifest.write(corpus, [row(2.0, start=30.0, audio="1.wav")])
    with pytest.raises(InvalidInput, match=r"1\.wav ends before 30 seconds"):
        SoundDataset(corpus, SPEC)[0]


def test_a_dataset_travels_to_another_process(corpus):
    dataset = SoundDataset(corpus, SPEC)
    assert torch.equal(pickle.loads(pickle.dumps(dataset))[1].audio, dataset[1].audio)


def test_datasets_together_are_one_after_the_other(corpus):
    parts = [SoundDataset(corpus, SPEC, split) for split in ("train", "test", "train")]
    together = Together(parts)
    assert together.lengths == [length for part in parts for length in part.lengths]
    found = [together[index].id for index in range(len(together.lengths))]
    assert found == ["p0", "p1", "p3", "p4", "p2", "p5", "p0", "p1", "p3", "p4"]
