from __future__ import annotations

import pickle
import shutil

import numpy as np
import pytest
import torch
from tests.data.espoken import SENTENCES, corpus

from octet.audio import files, spectrogram
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.data import features, manifest
from octet.data.alignment import written_phones
from octet.data.features import SpeechDataset
from octet.text.labels import TimedPhone, phone_tier
from octet.text.phonemes import LANGUAGE_IDS, PAUSES, SYMBOL_IDS, SYMBOLS
from octet.text.textgrid import write as write_textgrid

pytest.importorskip("pyworld", reason="F0 is measured by pyworld")
SPEC = spectrogram.tiny()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    corpus(folder)
    features.prepare(folder, SPEC)
    return folder


@pytest.fixture
def copy(prepared, tmp_path):
    return shutil.copytree(prepared, tmp_path / "corpus")


def examples(folder, **chosen):
    dataset = SpeechDataset(folder, SPEC, **chosen)
    return [dataset[index] for index in range(len(dataset))]


def shards(folder):
    """When each file of features was written, by name."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "features").rglob("*.safetensors")}


def without_times(folder):
    manifest.write(folder, [row.model_copy(update={"phones": None}) for row in manifest.read(folder)])


def put_textgrids(folder):
    """Next to the audio what the manifest knows, and the manifest without it."""
    for row in manifest.read(folder):
        phones = [TimedPhone(**phone.model_dump()) for phone in row.phones]
        write_textgrid((folder / row.audio).with_suffix(".TextGrid"), phone_tier(phones))
    without_times(folder)


def test_shapes_agree_and_durations_fill_the_frames(prepared):
    rows = {row.id: row for row in manifest.read(prepared)}
    found = examples(prepared) + examples(prepared, split="test")
    assert [example.id for example in found] == list(rows)
    for example in found:
        frames = example.mel.shape[1]
        assert example.mel.shape == (SPEC.mel_bins, frames)
        assert example.f0_hz.shape == example.energy.shape == (frames,)
        assert example.audio.shape == (frames * SPEC.hop_samples,)
        assert frames == round(rows[example.id].duration_seconds * SPEC.frame_rate_hz)
        phones = example.symbols.shape
        assert example.durations.shape == example.accents.shape == example.languages.shape == phones
        assert example.durations.sum() == frames
        assert example.durations.min() >= 0


def test_an_example_is_the_utterance_itself(prepared):
    for example, row in zip(examples(prepared), manifest.read(prepared), strict=False):
        assert (example.text, example.language, example.speaker) == (row.text, row.language, row.speaker)
        samples, _ = files.read(prepared / row.audio)
        length = min(samples.shape[1], len(example.audio))
        assert np.abs(example.audio.numpy()[:length] - samples[0, :length]).max() <= 1 / 32768
        torch.testing.assert_close(
            example.mel, spectrogram.mel(example.audio, SPEC)[:, : example.mel.shape[1]], atol=0.05, rtol=0.01
        )
        said = [SYMBOLS[symbol] for symbol in example.symbols if SYMBOLS[symbol] not in PAUSES]
        written = [phone.symbol for phone, _ in written_phones(row.text, row.language) if not phone.is_pause]
        assert said == written
        assert set(example.languages.tolist()) == {LANGUAGE_IDS[row.language]}


def test_frames_of_speech_are_voiced_and_frames_of_silence_are_not(prepared):
    for example in examples(prepared):
        symbol = torch.repeat_interleave(example.symbols, example.durations)
        silent = symbol == SYMBOL_IDS["sil"]
        assert (example.f0_hz[silent] > 0).float().mean() < 0.1
        assert (example.f0_hz[~silent] > 0).float().mean() > 0.4
        assert example.energy[~silent].mean() > 5 * example.energy[silent].mean()


def test_splits_and_languages_are_chosen(prepared):
    assert len(SpeechDataset(prepared, SPEC)) == len(SENTENCES) - 1
    assert [example.language for example in examples(prepared, languages=["ko"])] == ["ko", "ko"]
    assert SpeechDataset(prepared, SPEC).speakers == ["one", "two"]
    with pytest.raises(InvalidInput, match=r"no utterances of split 'test' in \['ko'\]"):
        SpeechDataset(prepared, SPEC, split="test", languages=["ko"])


def test_a_dataset_travels_to_another_process_after_it_was_read(prepared):
    dataset = SpeechDataset(prepared, SPEC)
    first = dataset[0]
    assert torch.equal(pickle.loads(pickle.dumps(dataset))[0].mel, first.mel)


def test_preparing_again_computes_nothing(copy):
    before = shards(copy)
    steps = []
    features.prepare(copy, SPEC, on_progress=steps.append)
    assert shards(copy) == before
    assert [(step.done, step.total) for step in steps] == [(1, 1)]


def test_only_the_shard_of_a_changed_row_is_computed_again(copy, monkeypatch):
    monkeypatch.setattr(features, "_SHARD", 2)
    features.prepare(copy, SPEC)
    before = shards(copy)
    assert sorted(before) == ["00000.safetensors", "00001.safetensors", "00002.safetensors"]
    rows = list(manifest.read(copy))
    rows[3] = rows[3].model_copy(update={"speaker": "three"})
    manifest.write(copy, rows)
    features.prepare(copy, SPEC)
    after = shards(copy)
    assert {name for name in after if after[name] != before[name]} == {"00001.safetensors"}
    assert "three" in SpeechDataset(copy, SPEC).speakers


def test_features_of_rows_that_are_gone_are_removed(copy, monkeypatch):
    monkeypatch.setattr(features, "_SHARD", 2)
    features.prepare(copy, SPEC)
    manifest.write(copy, list(manifest.read(copy))[:2])
    features.prepare(copy, SPEC)
    assert list(shards(copy)) == ["00000.safetensors"]


def test_each_mel_spec_has_features_of_its_own(copy):
    other = SPEC.model_copy(update={"mel_bins": 40})
    with pytest.raises(InvalidInput, match=r"no features for this MelSpec in .*octet prepare features --out"):
        SpeechDataset(copy, other)
    features.prepare(copy, other)
    assert SpeechDataset(copy, other)[0].mel.shape[0] == 40
    assert SpeechDataset(copy, SPEC)[0].mel.shape[0] == SPEC.mel_bins


def test_features_of_a_part_of_the_corpus_are_refused(copy):
    rows = list(manifest.read(copy))
    manifest.write(copy, [*rows, rows[0].model_copy(update={"id": "new"})])
    with pytest.raises(InvalidInput, match=r"features of 5 utterances in .*, its manifest has 6: compute them"):
        SpeechDataset(copy, SPEC)


def test_a_half_written_file_of_a_killed_run_is_passed_over_and_then_removed(copy):
    (path,) = (copy / "features").rglob("*.safetensors")
    leftover = path.with_name(f".{path.stem}-abc.safetensors")
    leftover.write_bytes(path.read_bytes()[:100])
    assert len(SpeechDataset(copy, SPEC)) == len(SENTENCES) - 1
    features.prepare(copy, SPEC)
    assert not leftover.exists()


def test_a_damaged_file_is_named_and_made_again(copy):
    (path,) = (copy / "features").rglob("*.safetensors")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InvalidArtifact, match=r"00000\.safetensors holds no features"):
        SpeechDataset(copy, SPEC)
    features.prepare(copy, SPEC)
    assert len(SpeechDataset(copy, SPEC)) == len(SENTENCES) - 1


def test_rows_without_phone_times_need_an_aligner(copy):
    without_times(copy)
    with pytest.raises(InvalidInput, match=r"^utterance u0: its phone times are not known: put a TextGrid .* 0\.flac"):
        features.prepare(copy, SPEC)


def test_an_aligner_gives_the_times_that_are_missing(copy):
    def evenly(audio, sample_rate_hz, phones):
        edges = np.linspace(0, len(audio) / sample_rate_hz, len(phones) + 1).tolist()
        return [
            TimedPhone(p.symbol, p.accent, start, end) for p, start, end in zip(phones, edges, edges[1:], strict=False)
        ]

    without_times(copy)
    features.prepare(copy, SPEC, aligner=evenly)
    for example in examples(copy):
        pause = torch.tensor([SYMBOLS[symbol] in PAUSES for symbol in example.symbols])
        sounding = example.durations[~pause]
        assert sounding.max() - sounding.min() <= 1


def test_textgrids_beside_the_audio_give_the_same_as_the_manifest(copy):
    before = examples(copy)
    put_textgrids(copy)
    features.prepare(copy, SPEC)
    for example, known in zip(examples(copy), before, strict=True):
        assert torch.equal(example.symbols, known.symbols)
        assert (example.durations - known.durations).abs().max() <= 1


def test_a_changed_textgrid_is_computed_again(copy):
    put_textgrids(copy)
    features.prepare(copy, SPEC)
    before = examples(copy)[0].durations
    grid = copy / "0.TextGrid"
    end = before.sum().item() / SPEC.frame_rate_hz
    write_textgrid(grid, phone_tier([TimedPhone("a", "", 0.0, end)]))
    features.prepare(copy, SPEC)
    assert not torch.equal(examples(copy)[0].durations, before)


def test_an_unusable_textgrid_is_named(copy):
    put_textgrids(copy)
    (copy / "0.TextGrid").write_text("nothing")
    with pytest.raises(InvalidInput, match=r"^utterance u0: .*0\.TextGrid"):
        features.prepare(copy, SPEC)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"text": "..."}, "said aloud"), ({"audio": "none.wav"}, "cannot read"), ({"language": "xx"}, "xx")],
)
def test_an_utterance_that_cannot_be_used_is_named(copy, change, message):
    rows = list(manifest.read(copy))
    manifest.write(copy, [rows[0].model_copy(update=change), *rows[1:]])
    with pytest.raises(InvalidInput, match=f"^utterance u0: .*{message}"):
        features.prepare(copy, SPEC)


def test_an_empty_or_absent_corpus_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match=r"no manifest\.jsonl"):
        features.prepare(tmp_path, SPEC)
    manifest.write(tmp_path, [])
    with pytest.raises(InvalidInput, match="has no utterances"):
        features.prepare(tmp_path, SPEC)


@pytest.mark.slow
def test_processes_compute_the_same(copy, prepared, monkeypatch):
    monkeypatch.setattr(features, "_SHARD", 2)
    shutil.rmtree(copy / "features")
    features.prepare(copy, SPEC, workers=2)
    for example, known in zip(examples(copy), examples(prepared), strict=True):
        assert torch.equal(example.mel, known.mel)
        assert torch.equal(example.durations, known.durations)
