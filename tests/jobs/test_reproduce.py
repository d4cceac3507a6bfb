"""The findings of a reproduction follow from its figures."""

import shutil
from pathlib import Path

import pytest
import torch
from tests.systems.examples import utterance

from octet.audio.spectrogram import tiny
from octet.data import features
from octet.data.corpora import voices
from octet.evaluation.report import Report, markdown
from octet.jobs.reproduce import compare, findings, of_recordings, reproduce_fastspeech2, tables


def rows(spread: float, distance: float, error: float) -> dict[str, float]:
    return {
        "standard_deviation_hz": spread,
        "skewness": 0.5,
        "excess_kurtosis": 0.1,
        "reference_standard_deviation_hz": 50.0,
        "reference_skewness": 0.4,
        "reference_excess_kurtosis": 0.2,
        "dtw_distance_hz": distance,
        "energy_mae": error,
    }


SCORES = {
    "fastspeech2": rows(48, 24, 0.13),
    "without CWT": rows(42, 25, 0.13),
    "without pitch": rows(30, 23, 0.13),
    "without energy": rows(48, 24, 0.15),
}
ALIGNER = {"boundary_mae_ms": 11.0, "boundary_median_ms": 4.0}
SPEED = {"fastspeech2": {"real_time_factor": 0.02}, "fastspeech2s": {"real_time_factor": 0.03}}


def test_a_finding_is_reproduced_when_it_points_the_same_way() -> None:
    verdicts = [line.split(":")[0] for line in findings(SCORES, ALIGNER, SPEED)]
    yes, no = "Reproduced", "Not reproduced"
    assert verdicts == [yes, yes, no, yes, yes, no]


def test_nothing_is_concluded_from_a_variant_that_does_not_speak() -> None:
    noise = SCORES | {"without CWT": rows(0.01, 59, 1.2)}
    verdicts = [line.split(":")[0] for line in findings(noise, ALIGNER, SPEED)]
    assert verdicts == ["Undecided", "Undecided", "Not reproduced", "Reproduced", "Reproduced", "Not reproduced"]


def test_the_papers_figures_stand_beside_ours() -> None:
    made = tables(SCORES, ALIGNER, SPEED)
    assert list(made) == ["pitch", "energy", "boundaries", "speed"]
    assert made["pitch"]["paper: without CWT"]["dtw_distance_hz"] == 25.13
    assert made["pitch"]["without CWT"]["dtw_distance_hz"] == 25
    assert made["pitch"]["recordings"]["standard_deviation_hz"] == 50
    assert made["energy"]["without energy"] == {"energy_mae": 0.15}
    assert made["speed"].keys() == {"paper: fastspeech2", "paper: fastspeech2s", "fastspeech2", "fastspeech2s"}
    markdown(Report("", {}, made))


@pytest.mark.slow
def test_the_whole_reproduction_in_small(tmp_path: Path) -> None:
    pytest.importorskip("pyworld", reason="features hold WORLD's F0")
    if shutil.which("flite") is None:
        pytest.skip("English is spoken by the program flite")
    voices.make(tmp_path / "corpus", hours=0.1, seed=2)
    features.prepare(tmp_path / "corpus", tiny())
    report = reproduce_fastspeech2(tmp_path / "corpus", tmp_path / "out", minutes=0.05)
    assert len(report.notes) == 6
    assert (tmp_path / "out" / "report.md").is_file()


def test_a_recording_compared_with_itself() -> None:
    seconds = torch.arange(16000) / 16000
    example = utterance(0)
    tone = type(example)(**{**vars(example), "audio": torch.sin(2 * torch.pi * 200 * seconds) * 0.3})
    truth = of_recordings([tone], tiny())
    scores = compare(truth, truth)
    assert scores["energy_mae"] == 0
    assert scores["dtw_distance_hz"] == 0
    assert scores["median_ratio_semitones"] == 0
