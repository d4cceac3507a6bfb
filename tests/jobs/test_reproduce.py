"""The findings of a reproduction follow from its figures."""

import torch
from tests.systems.examples import utterance

from octet.audio.spectrogram import tiny
from octet.jobs.reproduce import compare, findings, of_recordings


def rows(spread: float, distance: float, error: float) -> dict[str, float]:
    return {
        "standard_deviation_hz": spread,
        "reference_standard_deviation_hz": 50.0,
        "dtw_distance_hz": distance,
        "energy_mae": error,
    }


def test_a_finding_is_reproduced_when_it_points_the_same_way() -> None:
    results = {
        "fastspeech2": rows(48, 24, 0.13),
        "without CWT": rows(42, 25, 0.13),
        "without pitch": rows(30, 23, 0.13),
        "without energy": rows(48, 24, 0.15),
    }
    verdicts = [line.split(":")[0] for line in findings(results)]
    assert verdicts == ["Reproduced", "Reproduced", "Not reproduced", "Reproduced"]


def test_a_recording_compared_with_itself() -> None:
    seconds = torch.arange(16000) / 16000
    example = utterance(0)
    tone = type(example)(**{**vars(example), "audio": torch.sin(2 * torch.pi * 200 * seconds) * 0.3})
    truth = of_recordings([tone], tiny())
    scores = compare(truth, truth)
    assert scores["energy_mae"] == 0
    assert scores["dtw_distance_hz"] == 0
    assert scores["median_ratio_semitones"] == 0
