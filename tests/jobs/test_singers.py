"""DiffSpeech's and DiffSinger's recipes through the verb `train`, and what they leave: loaded, judged, compared."""

import json

import numpy as np
import pytest
import torch
from tests.jobs.corpora import tones
from tests.jobs.sung import PLAN, SMALL_SINGER, SMALL_SPEECH, sung_corpus, vocoder

from octet.audio import spectrogram
from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.data import singing
from octet.data.features import SpeechDataset
from octet.jobs import reproduce_diffsinger
from octet.jobs.bench_diffsinger import denoiser
from octet.jobs.evaluate import evaluate
from octet.jobs.load import load
from octet.jobs.prepare import Making, prepare
from octet.jobs.recipes import recipe_of
from octet.jobs.singer import model_of
from octet.jobs.train import train
from octet.symbolic.song import Phrase, Song, SungNote, SungPhone
from octet.systems.diffsinger.held_out import sung_again


def test_diffspeech_trains_in_three_stages_is_judged_and_speaks(tmp_path):
    corpus = tones(tmp_path / "corpus", spectrogram.tiny())
    last = train("diffspeech-tiny", corpus, tmp_path / "run", overrides=SMALL_SPEECH | PLAN)
    kind, config = artifacts.load_config(last)
    assert kind == "diffspeech"
    assert config["acoustic"]["speakers"] == ["one", "two"]
    log = (tmp_path / "run" / "metrics.jsonl").read_text()
    for name in ("boundary", "denoiser", "sampled_mel_l1", "blurry_mel_l1", "depth_learned", "depth_by_divergence"):
        assert name in log
    speaker = load(last, vocoder=vocoder(tmp_path / "vocoder"))
    first, again = (speaker.generate("안녕하세요.").samples for _ in range(2))
    assert np.array_equal(first, again)
    assert np.isfinite(first).all()


@pytest.mark.parametrize("version", ["tiny", "midi-a", "midi-b", "paper"])
def test_every_version_of_diffsinger_trains(tmp_path, version):
    corpus = sung_corpus(tmp_path / "corpus")
    recipe = recipe_of(f"diffsinger-{version}")
    singing.prepare(corpus, recipe.spec)
    plan = PLAN | {"plan.batch_frames": "1000"}
    last = train(f"diffsinger-{version}", corpus, tmp_path / "run", overrides=SMALL_SINGER | plan)
    kind, config = artifacts.load_config(last)
    assert kind == "diffsinger"
    assert config["singers"] == ["one"]
    log = (tmp_path / "run" / "metrics.jsonl").read_text()
    for name in ("denoiser", "sampled_mel_l1", "f0_cents", "voicing_error", "duration_error_frames"):
        assert name in log
    assert ("evaluation/curves" in log) == (version == "tiny")
    assert ("boundary" in log) == (version != "midi-b")
    if version == "tiny":
        notes = (SungNote(0.3, None), SungNote(0.6, 58.0, "ma"))
        phones = (SungPhone("SP", 0), SungPhone("m", 0, leads=True), SungPhone("a", 1))
        singer = load(last, vocoder=vocoder(tmp_path / "vocoder"))
        audio = singer.generate(Song((Phrase(0.0, notes, phones),)))
        assert audio.duration_seconds == pytest.approx(0.9, abs=0.03)


def test_a_singer_is_evaluated_on_songs_held_out(tmp_path):
    pytest.importorskip("pyworld", reason="curves are measured with WORLD")
    corpus = sung_corpus(tmp_path / "corpus")
    singing.prepare(corpus, spectrogram.tiny())
    plan = PLAN | {"plan.batch_frames": "1000", "model.vocoder": str(vocoder(tmp_path / "vocoder"))}
    last = train("diffsinger-tiny", corpus, tmp_path / "run", overrides=SMALL_SINGER | plan)
    report = evaluate("diffsinger", tmp_path / "report", model=str(last), sentences=1, data=corpus)
    stored = json.loads((tmp_path / "report" / "report.json").read_text())
    assert set(report.results["singing"]) == {"recordings", "model"}
    assert report.results["singing"]["recordings"]["tuning_error_median_cents"] < 20
    assert report.results["boundary"]["steps"] == 10
    assert set(report.results["mel_l1_by_steps"]) == {"ddpm", "ddim", "pndm", "dpm++", "unipc"}
    assert {"auxiliary decoder alone", "shallow diffusion"} == set(stored["results"]["mels"])
    assert len(report.targets) == 8
    assert report.results["singing"]["recordings"]["onsets_in_time_by_warping"] == 1
    assert (tmp_path / "report" / "pitch.png").is_file()
    with pytest.raises(InvalidInput, match="give a prepared corpus of singing with --data"):
        evaluate("diffsinger", tmp_path / "none")


def test_copies_have_the_singers_mels_and_the_corpus_otherwise(tmp_path):
    """Of the same frames, made again for another model only, and enough for a vocoder to train on."""
    corpus, copied = sung_corpus(tmp_path / "corpus"), tmp_path / "copied"
    singing.prepare(corpus, spectrogram.tiny())
    plan = PLAN | {"plan.batch_frames": "1000"}
    run = train("diffsinger-tiny", corpus, tmp_path / "run", overrides=SMALL_SINGER | plan)
    making = Making(source=corpus, model=str(run), hours=0.001)
    summary = prepare("copies", copied, making, workers=1)
    assert summary["utterances"] == 3  # a file is copied as a whole, however little was asked for
    true, made = (singing.SingingDataset(folder, spectrogram.tiny()) for folder in (corpus, copied))
    example, copy = true[0], made[0]
    assert copy.id == example.id
    assert torch.equal(copy.audio, example.audio)
    assert torch.equal(copy.f0_hz, example.f0_hz)
    assert torch.equal(copy.mel, sung_again(model_of(run), example, told_all=True)[0][0].half().float())
    path = next(copied.rglob("*.safetensors"))
    written = path.stat().st_mtime_ns
    prepare("copies", copied, making, workers=1)
    assert path.stat().st_mtime_ns == written
    with pytest.raises(InvalidInput, match="is sung, and fastspeech2-tiny is a fastspeech2"):
        prepare("copies", tmp_path / "other", Making(source=corpus, model="fastspeech2-tiny"))
    with pytest.raises(InvalidInput, match="is a recogniser; mels are made by fastspeech2, diffspeech, diffsinger"):
        prepare("copies", tmp_path / "other", Making(source=corpus, model="recogniser-tiny"))
    with pytest.raises(InvalidInput, match="say which corpus is to be copied: --from FOLDER"):
        prepare("copies", tmp_path / "other", Making(model=str(run)))
    with pytest.raises(InvalidInput, match="give another folder with --out"):
        prepare("copies", corpus, Making(source=corpus, model=str(run)))


@pytest.mark.parametrize("system", ["fastspeech2", "diffspeech"])
def test_speech_is_copied_too(tmp_path, system):
    corpus, small = tones(tmp_path / "corpus", spectrogram.tiny()), SMALL_SPEECH
    if system == "fastspeech2":
        small = {"model.width": "16", "model.inner_width": "16", "model.predictor_width": "16"}
    run = train(f"{system}-tiny", corpus, tmp_path / "run", overrides=small | PLAN)
    prepare("copies", tmp_path / "copied", Making(source=corpus, model=str(run)), workers=1)
    true, made = (SpeechDataset(folder, spectrogram.tiny()) for folder in (corpus, tmp_path / "copied"))
    assert made[0].id == true[0].id
    assert made[0].mel.shape == true[0].mel.shape
    assert not torch.equal(made[0].mel, true[0].mel)
    assert torch.equal(made[0].audio, true[0].audio)


@pytest.mark.slow
def test_the_papers_ablations_are_trained_and_compared(tmp_path, monkeypatch):
    corpus = sung_corpus(tmp_path / "corpus")
    singing.prepare(corpus, spectrogram.tiny())
    monkeypatch.setattr(reproduce_diffsinger, "VARIANTS", {"from noise": reproduce_diffsinger.VARIANTS["from noise"]})
    plan = SMALL_SINGER | PLAN | {"plan.batch_frames": "1000"}
    report = reproduce_diffsinger.reproduce_diffsinger(corpus, tmp_path / "out", minutes=1, overrides=plan)
    assert set(report.results["variants"]) == {"shallow diffusion", "from noise"}
    blurry = [row["auxiliary_mel_l1"] for row in report.results["variants"].values()]
    assert blurry[0] == pytest.approx(blurry[1], abs=1e-3)  # one warm-up for both
    assert all(note.startswith("Undecided") for note in report.notes[:2])  # after six steps nothing sings
    assert report.notes[2].startswith(("Reproduced", "Not reproduced"))  # of speed
    begun = str(tmp_path / "out" / "runs" / "warm-up")
    again = reproduce_diffsinger.reproduce_diffsinger(
        corpus, tmp_path / "again", minutes=1, init_from=begun, overrides=plan
    )
    assert again.environment["command"].startswith(f"octet reproduce diffsinger --minutes 1 --init-from {begun}")
    assert [row["auxiliary_mel_l1"] for row in again.results["variants"].values()] != blurry


@pytest.mark.parametrize(
    ("errors", "verdict"),
    [((0.3, 0.4), "Reproduced"), ((0.1, 0.15), "Not reproduced"), ((0.1, 0.4), "Undecided"), ((1.2, 1.3), "Undecided")],
)
def test_findings_are_decided_by_songs_that_agree_on_variants_that_sing(errors, verdict):
    row = {"mel_l1": 0.2, "still_mel_l1": 1.0, "auxiliary_mel_l1": 0.3, "every_step_real_time_factor": 0.1}
    songs = {"shallow diffusion": [row, row], "from noise": [row | {"mel_l1": error} for error in errors]}
    assert reproduce_diffsinger.findings(songs)[0].split(":")[0] == verdict


def test_a_denoisers_step_is_measured_against_the_public_order_of_work(monkeypatch):
    monkeypatch.setattr("octet.jobs.bench_diffsinger.FRAMES", 4)
    assert set(denoiser()) == {
        "denoiser at the paper's shape: seconds a step of 1000 frames",
        "the same, condition projected at every step: seconds",
        "ours / that",
    }
