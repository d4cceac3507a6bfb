"""Tokens of a corpus: what is computed, what of it again, and what is read."""

from __future__ import annotations

import pickle

import pytest
import torch
from tests.data.pieces import RATE_HZ, SEMITONES, codec, pieces

from octet.audio import files
from octet.audio.resample import resample
from octet.codecs import contract
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.data import manifest, tokens
from octet.data.tokens import TokenDataset

A = 9  # its pitch class
TOLD = {"key": "A minor", "bpm": 90.0, "genre": ["Jazz"], "moods": ["sad"], "instrument": ["piano"]}


@pytest.fixture(scope="module")
def small_codec(tmp_path_factory):
    return codec(tmp_path_factory.mktemp("codec"))


@pytest.fixture
def corpus(tmp_path, small_codec):
    pieces(tmp_path)
    tokens.prepare(tmp_path, small_codec, "key")
    return tmp_path


def written(corpus):
    """When each file was written, by name."""
    return {path.name: path.stat().st_mtime_ns for path in (corpus / "tokens").rglob("*.safetensors")}


def examples(dataset):
    return [dataset[index] for index in range(len(dataset))]


def test_tokens_are_the_codecs_and_chroma_the_tones(corpus, small_codec):
    heard = contract.load(small_codec)
    found = examples(TokenDataset(corpus, "key")) + examples(TokenDataset(corpus, "key", "test"))
    assert [example.id for example in found] == ["p0", "p1", "p3", "p4", "p2", "p5"]
    for example in found:
        number = int(example.id[1:])
        samples, _ = files.read(corpus / f"{number}.wav")
        audio = torch.from_numpy(resample(samples, RATE_HZ, 4000))
        assert torch.equal(example.codes, heard.encode(audio[None])[0])
        assert example.codes.shape == (4, 100)
        assert set(example.chroma.argmax(dim=1).tolist()) == {(A + SEMITONES[number]) % 12}
        assert example.chroma.sum(dim=1).eq(1).all()
        assert example.captions == (f"tone {number}", f"소리 {number}")
        assert example.attributes == TOLD


def test_forty_chroma_frames_are_ten_seconds_at_16_khz():
    spec = tokens._chroma_spec(16_000)
    assert 1 + 10 * spec.sample_rate_hz // spec.hop_samples == 40
    with pytest.raises(InvalidInput, match="a codec of 100 Hz hears no melodies"):
        tokens._chroma_spec(100)


def test_lengths_are_what_a_model_takes_of_each(corpus):
    assert TokenDataset(corpus, "key").lengths == [100] * 4
    cut = TokenDataset(corpus, "key", segment_frames=30)
    assert cut.lengths == [30] * 4
    assert cut[0].codes.shape == (4, 100)


def test_long_pieces_come_in_stretches(tmp_path, small_codec, monkeypatch):
    monkeypatch.setattr(tokens, "LONGEST_SECONDS", 0.75)
    pieces(tmp_path)
    tokens.prepare(tmp_path, small_codec, "key")
    found = examples(TokenDataset(tmp_path, "key"))
    assert [example.id for example in found[:3]] == ["p0-0", "p0-1", "p0-2"]
    assert all(example.codes.shape[1] in (33, 34) for example in found)


def test_preparing_again_computes_nothing_and_a_changed_row_its_file_alone(corpus, small_codec, monkeypatch):
    monkeypatch.setattr(tokens, "_SHARD", 2)
    tokens.prepare(corpus, small_codec, "key")
    before, steps = written(corpus), []
    tokens.prepare(corpus, small_codec, "key", on_progress=steps.append)
    assert written(corpus) == before
    assert [(step.phase, step.done, step.total) for step in steps] == [("computing tokens", n, 3) for n in (1, 2, 3)]
    rows = list(manifest.read(corpus, manifest.MusicRow))
    manifest.write(corpus, [*rows[:3], rows[3].model_copy(update={"captions": ()})])
    tokens.prepare(corpus, small_codec, "key")
    after = written(corpus)
    assert {name for name in before if after.get(name) != before[name]} == {"00001.safetensors", "00002.safetensors"}
    assert set(after) == {"00000.safetensors", "00001.safetensors"}
    assert examples(TokenDataset(corpus, "key"))[2].captions == ()


def test_each_codec_has_tokens_of_its_own(corpus, tmp_path_factory):
    with pytest.raises(InvalidInput, match=r"no tokens of this codec in .*octet prepare tokens --out .* --codec CODEC"):
        TokenDataset(corpus, "other")
    tokens.prepare(corpus, codec(tmp_path_factory.mktemp("other"), seed=1), "other")
    assert not torch.equal(TokenDataset(corpus, "other")[0].codes, TokenDataset(corpus, "key")[0].codes)


def test_tokens_of_a_part_of_the_corpus_and_empty_splits_are_refused(corpus):
    rows = list(manifest.read(corpus, manifest.MusicRow))
    manifest.write(corpus, [*rows, rows[0].model_copy(update={"id": "new"})])
    with pytest.raises(InvalidInput, match=r"tokens of 6 stretches in .*, its manifest has 7: compute them"):
        TokenDataset(corpus, "key")
    manifest.write(corpus, rows)
    with pytest.raises(InvalidInput, match="has no pieces of split 'other'"):
        TokenDataset(corpus, "key", "other")


def test_a_damaged_file_is_named_and_made_again(corpus, small_codec):
    (path,) = (corpus / "tokens").rglob("*.safetensors")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InvalidArtifact, match=r"00000\.safetensors holds no tokens"):
        TokenDataset(corpus, "key")
    tokens.prepare(corpus, small_codec, "key")
    assert len(TokenDataset(corpus, "key")) == 4


def test_what_cannot_be_heard_is_named_and_leaves_nothing(tmp_path, small_codec):
    pieces(tmp_path)
    (tmp_path / "3.wav").unlink()
    with pytest.raises(InvalidInput, match=r"^piece p3: cannot read .*3\.wav"):
        tokens.prepare(tmp_path, small_codec, "key")
    assert not (tmp_path / "tokens").exists()
    manifest.write(tmp_path, [])
    with pytest.raises(InvalidInput, match="has no pieces"):
        tokens.prepare(tmp_path, small_codec, "key")


def test_a_dataset_travels_to_another_process_after_it_was_read(corpus):
    dataset = TokenDataset(corpus, "key")
    first = dataset[0]
    assert torch.equal(pickle.loads(pickle.dumps(dataset))[0].codes, first.codes)


@pytest.mark.slow
def test_processes_compute_the_same(corpus, small_codec, monkeypatch):
    monkeypatch.setattr(tokens, "_SHARD", 2)
    tokens.prepare(corpus, small_codec, "two", workers=2)
    for one, two in zip(*(examples(TokenDataset(corpus, key)) for key in ("key", "two")), strict=True):
        assert torch.equal(one.codes, two.codes)
        assert torch.equal(one.chroma, two.chroma)
