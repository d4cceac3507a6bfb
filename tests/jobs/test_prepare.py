from __future__ import annotations

import pickle
import shutil

import pytest
from tests.data.corpora import layouts
from tests.data.espoken import corpus
from tests.data.pieces import codec

from octet.audio import spectrogram
from octet.core.errors import InvalidArtifact, InvalidInput, MissingExtra
from octet.data import manifest
from octet.data.features import SpeechDataset
from octet.data.manifest import MusicRow
from octet.jobs.prepare import ADAPTED, ADAPTED_MUSIC, CORPORA, Making, bundled_aligner, prepare
from octet.symbolic.soundfont import default_path
from octet.text.labels import TimedPhone, phone_tier
from octet.text.textgrid import write as write_textgrid

RECORDINGS = {"mina/one.flac": "u1", "mina/two.flac": "u2", "juno/one.flac": "u4"}


@pytest.fixture
def recordings(tmp_path):
    """Recordings of two speakers, each with its text and a TextGrid beside it."""
    pytest.importorskip("pyworld", reason="F0 is measured by pyworld")
    made, source = tmp_path / "made", tmp_path / "recordings"
    rows = {row.id: row for row in corpus(made)}
    for name, identifier in RECORDINGS.items():
        row, path = rows[identifier], source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made / row.audio, path)
        path.with_suffix(".txt").write_text(row.text, encoding="utf-8")
        phones = [TimedPhone(**phone.model_dump()) for phone in row.phones]
        write_textgrid(path.with_suffix(".TextGrid"), phone_tier(phones))
    return source


def examples(folder, spec):
    """Of every split that the corpus has."""
    datasets = [SpeechDataset(folder, spec, split=split) for split in {row.split for row in manifest.read(folder)}]
    return [dataset[index] for dataset in datasets for index in range(len(dataset))]


def test_a_folder_of_recordings_with_textgrids_is_ready_to_train_on(recordings, tmp_path):
    steps = []
    out = tmp_path / "out"
    summary = prepare("folder", out, Making(source=recordings), workers=1, on_progress=steps.append)
    rows = {row.id: row for row in manifest.read(out)}
    assert summary == {"utterances": 3, "hours": pytest.approx(sum(r.duration_seconds for r in rows.values()) / 3600)}
    assert {(row.speaker, row.language) for row in rows.values()} == {("mina", "ko"), ("juno", "en")}
    found = examples(out, spectrogram.tiny())
    assert {example.id for example in found} == set(rows)
    for example in found:
        assert example.durations.sum() == example.mel.shape[1]
    assert steps[-1].done == steps[-1].total == 1


def test_features_alone_for_another_mel_spectrogram(recordings, tmp_path):
    out = tmp_path / "out"
    prepare("folder", out, Making(source=recordings), workers=1)
    assert prepare("features", out, Making(), spec="ljspeech", workers=1)["utterances"] == 3
    assert len(examples(out, spectrogram.ljspeech())) == len(examples(out, spectrogram.tiny())) == 3


@pytest.mark.skipif(shutil.which("flite") is None, reason="English is spoken by the program flite")
def test_voices_are_made_with_their_features(tmp_path):
    pytest.importorskip("pyworld", reason="F0 is measured by pyworld")
    summary = prepare("voices", tmp_path, Making(hours=0.003), workers=1)
    assert summary["utterances"] >= 2
    assert len(list(manifest.read(tmp_path))) == summary["utterances"]
    assert summary["hours"] == pytest.approx(0.003, rel=0.6)


@pytest.mark.parametrize("stems", [False, True])
def test_bands_are_made_with_stems_where_they_are_asked_for(tmp_path, stems):
    if default_path_or_none() is None:
        pytest.skip("there is no SoundFont")
    summary = prepare("bands", tmp_path, Making(hours=0.001, seed=5, stems=stems), workers=1)
    (row,) = manifest.read(tmp_path, MusicRow)
    assert summary == {"pieces": 1, "hours": pytest.approx(row.duration_seconds / 3600)}
    assert (row.stems is not None) == stems
    assert not (tmp_path / "features").exists()


@pytest.mark.parametrize("name", ADAPTED_MUSIC)
def test_music_on_disk_is_adapted_without_features(tmp_path, name):
    source = getattr(layouts, name)(tmp_path / "in")
    summary = prepare(name, tmp_path / "out", Making(source=source))
    rows = list(manifest.read(tmp_path / "out", MusicRow))
    assert summary["pieces"] == len(rows) > 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == [manifest.MANIFEST]


def test_tokens_need_a_codec_and_a_corpus(tmp_path):
    with pytest.raises(InvalidInput, match="no model called 'nothing'"):
        prepare("tokens", tmp_path, Making(codec="nothing"))
    with pytest.raises(InvalidInput, match=r"no manifest\.jsonl in .*octet prepare CORPUS --out"):
        prepare("tokens", tmp_path, Making(codec=str(codec(tmp_path / "codec"))))
    with pytest.raises(InvalidArtifact, match=r"a codec .* is needed"):
        prepare("tokens", tmp_path, Making(codec="vocoder-tiny"))


def default_path_or_none():
    try:
        return default_path()
    except MissingExtra:
        return None


def test_an_unknown_corpus_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(InvalidInput, match=f"^no corpus called 'voice': there are {', '.join(CORPORA)}$"):
        prepare("voice", tmp_path / "out", Making())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", [*ADAPTED, *ADAPTED_MUSIC])
def test_an_adapter_needs_to_know_where_the_corpus_lies(name, tmp_path):
    with pytest.raises(InvalidInput, match=f"^say where {name} lies on your disk: --from FOLDER$"):
        prepare(name, tmp_path / "out", Making())
    with pytest.raises(InvalidInput, match="nowhere"):
        prepare(name, tmp_path / "out", Making(source=tmp_path / "nowhere"))
    assert not (tmp_path / "out").exists()


def test_features_without_a_corpus_and_unknown_mel_spectrograms_are_refused(recordings, tmp_path):
    with pytest.raises(InvalidInput, match=r"no manifest\.jsonl in"):
        prepare("features", tmp_path / "out", Making())
    with pytest.raises(InvalidInput, match="no mel spectrogram called 'huge': there are tiny, ljspeech"):
        prepare("folder", tmp_path / "out", Making(source=recordings), spec="huge")


def test_the_aligner_travels_to_other_processes():
    assert callable(pickle.loads(pickle.dumps(bundled_aligner())))
