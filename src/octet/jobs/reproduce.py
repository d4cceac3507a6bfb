"""The verb `reproduce`: FastSpeech 2's comparisons (arXiv 2006.04558, section 3.2) on a corpus of ours.

Each variant is trained anew for the same time on the same corpus, then reads the corpus's test sentences with their
true durations, so that contours can be compared with the truth. What the paper found is stated next to what was
found here; a finding counts as reproduced when it points the same way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from octet.audio.pitch import pyin
from octet.audio.spectrogram import MelSpec, energy, tiny
from octet.core.progress import Progress, silent
from octet.core.training import SpeechExample
from octet.data.features import SpeechDataset
from octet.evaluation import pitch, prosody
from octet.evaluation.report import Report, environment, write
from octet.evaluation.speed import measure
from octet.families.acoustic.adaptor import Controls
from octet.families.acoustic.encoder import Phones
from octet.jobs.load import load
from octet.jobs.prepare import load_recogniser
from octet.jobs.train import train
from octet.text.phonemes import ACCENTS, SYMBOLS, Phone

VARIANTS: dict[str, dict[str, str]] = {
    "fastspeech2": {},
    "without CWT": {"model.pitch": "contour"},
    "without pitch": {"model.pitch": "none"},
    "without energy": {"model.energy": "false"},
}
SENTENCES = 40
BUNDLED = ("fastspeech2", "fastspeech2s")

PAPER_ATTENTION_MS = 19.68  # boundary error of FastSpeech's teacher

# The paper's figures, on LJSpeech and a V100, as public notes quote them.
_MOMENTS = ("standard_deviation_hz", "skewness", "excess_kurtosis", "dtw_distance_hz")
PAPER: dict[str, dict[str, dict[str, float]]] = {
    "pitch": {
        f"paper: {name}": dict(zip(_MOMENTS, values, strict=True))
        for name, values in {
            "recordings": (54.4, 0.836, 0.977, 0.0),
            "fastspeech2": (54.1, 0.881, 0.996, 24.39),
            "without CWT": (42.3, 0.771, 1.115, 25.13),
            "fastspeech2s": (53.9, 0.872, 0.998, 24.37),
        }.items()
    },
    "energy": {"paper: fastspeech2": {"energy_mae": 0.131}, "paper: fastspeech2s": {"energy_mae": 0.133}},
    "boundaries": {"paper: Montreal Forced Aligner": {"boundary_mae_ms": 12.47}},
    "speed": {"paper: fastspeech2": {"real_time_factor": 0.0195}, "paper: fastspeech2s": {"real_time_factor": 0.0180}},
}


@dataclass(frozen=True)
class Reading:
    """What a variant made of the test sentences: F0 (T,) and energy (T,) of each."""

    f0_hz: list[NDArray[np.float32]]
    energy: list[NDArray[np.float32]]


_Error = Callable[[Mapping[str, float]], float]
_COMPARISONS: tuple[tuple[str, str, _Error], ...] = (  # what the full model does better, than which, by what error
    (
        "the wavelet spectrogram brings the spread of F0 closer to the recordings'",
        "without CWT",
        lambda row: abs(row["standard_deviation_hz"] - row["reference_standard_deviation_hz"]),
    ),
    ("... and shortens the DTW distance of contours", "without CWT", itemgetter("dtw_distance_hz")),
    ("predicting pitch shortens the DTW distance", "without pitch", itemgetter("dtw_distance_hz")),
    ("predicting energy lowers its error", "without energy", itemgetter("energy_mae")),
)


def reproduce_fastspeech2(
    data: Path,
    out: Path,
    *,
    minutes: float,
    overrides: Mapping[str, str] | None = None,
    on_progress: Progress = silent,
) -> Report:
    """Train the variants for `minutes` each, measure them, and write report.json and report.md to `out`.

    `overrides` are settings of every variant, as of `train`. Trainings that were interrupted continue when the same
    command is given again.

    Raises:
        InvalidInput: a corpus without features or test sentences.
    """
    test = SpeechDataset(data, tiny(), split="test", languages=("en",))
    examples = [test[index] for index in range(min(SENTENCES, len(test)))]
    truth = of_recordings(examples, tiny())
    scores: dict[str, dict[str, float]] = {}
    shared = dict(overrides or {})
    for name, own in VARIANTS.items():
        run = out / "runs" / name.replace(" ", "-")
        train("fastspeech2-tiny", data, run, overrides=shared | own, budget_minutes=minutes, on_progress=on_progress)
        scores[name] = compare(truth, of_model(run, examples))
    bundled = {name: compare(truth, of_model(name, examples)) for name in BUNDLED}
    speed = {name: {"real_time_factor": real_time_factor(name, examples)} for name in BUNDLED}
    aligner = boundaries(examples)
    report = Report(
        title="FastSpeech 2, reproduced on the corpus voices",
        environment=environment(_command(minutes, shared), time.strftime("%Y-%m-%d")),
        results=tables(scores | {f"bundled {name}": row for name, row in bundled.items()}, aligner, speed),
        notes=findings(scores, aligner, speed),
    )
    write(report, out)
    return report


def _command(minutes: float, overrides: Mapping[str, str]) -> str:
    settings = [f"--set {name}={value}" for name, value in overrides.items()]
    return " ".join([f"octet reproduce fastspeech2 --minutes {minutes:g}", *settings])


def of_recordings(examples: Sequence[SpeechExample], spec: MelSpec) -> Reading:
    """The truth: F0 by the tracker that also listens to the models, energy by the paper's definition."""
    return _reading([example.audio for example in examples], spec)


def of_model(model: str | Path, examples: Sequence[SpeechExample]) -> Reading:
    """The examples' phones with their true durations, read by a bundled model or a trained run."""
    speaker: Any = load(model)
    chain = speaker.chain
    audios = [chain.render(*_request(example, chain.speakers))[0][0, 0] for example in examples]
    return _reading(audios, chain.spec)


def compare(truth: Reading, made: Reading) -> dict[str, float]:
    """Table 3's pitch moments and DTW, table 4's energy error."""
    return pitch.evaluate(truth.f0_hz, made.f0_hz) | prosody.evaluate_energy(truth.energy, made.energy)


def boundaries(examples: Sequence[SpeechExample]) -> dict[str, float]:
    """Error of the bundled aligner's phone boundaries against the corpus's own (the paper's MFA: 12.47 ms)."""
    from octet.encoders.aligner import align_speech

    recogniser = load_recogniser()
    seconds = 1 / recogniser.config.mel.frame_rate_hz
    errors = []
    for example in examples:
        found = align_speech(recogniser, example.audio.numpy(), tiny().sample_rate_hz, _phones(example))
        true_ends = example.durations.cumsum(0).double().numpy() * seconds
        errors += [abs(phone.end_seconds - end) * 1000 for phone, end in zip(found, true_ends, strict=True)][:-1]
    return {"boundary_mae_ms": float(np.mean(errors)), "boundary_median_ms": float(np.median(errors))}


def real_time_factor(model: str, examples: Sequence[SpeechExample]) -> float:
    """Phones to waveform, batch of one, over all the examples: seconds of work a second of sound."""
    chain: Any = load(model).chain
    requests = [_request(example, chain.speakers) for example in examples]
    seconds = sum(len(example.audio) for example in examples) / chain.spec.sample_rate_hz
    timing = measure(lambda: [chain.render(*request) for request in requests], repeats=3)
    return timing.median_seconds / seconds


def tables(
    scores: Mapping[str, Mapping[str, float]], aligner: Mapping[str, float], speed: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, Mapping[str, float]]]:
    """The paper's figures with ours beside them, a table a topic."""
    recordings = next(iter(scores.values()))
    truth = {name: recordings.get(f"reference_{name}", 0.0) for name in _MOMENTS}
    ours: dict[str, dict[str, Mapping[str, float]]] = {
        "pitch": {"recordings": truth, **{name: {key: row[key] for key in _MOMENTS} for name, row in scores.items()}},
        "energy": {name: {"energy_mae": row["energy_mae"]} for name, row in scores.items()},
        "boundaries": {"octet's aligner": aligner},
        "speed": dict(speed),
    }
    return {topic: {**PAPER[topic], **rows} for topic, rows in ours.items()}


def findings(
    scores: Mapping[str, Mapping[str, float]], aligner: Mapping[str, float], speed: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """The paper's claims, each with the two figures here that decide it: the first must be the lower.

    What compares variants is undecided where one of them has not learned to speak.
    """
    return [
        *(_verdict(scores, *claim) for claim in _COMPARISONS),
        _said(
            "forced alignment finds boundaries better than a teacher's attention (the paper's, in ms)",
            aligner["boundary_mae_ms"],
            PAPER_ATTENTION_MS,
        ),
        _said(
            "2s is faster than FastSpeech 2 with a vocoder",
            *(speed[name]["real_time_factor"] for name in BUNDLED[::-1]),
        ),
    ]


def _verdict(scores: Mapping[str, Mapping[str, float]], claim: str, without: str, error: _Error) -> str:
    pair = scores["fastspeech2"], scores[without]
    if not all(map(_speaks, pair)):
        return f"Undecided: {claim}: after so short a training a variant does not speak yet; give more --minutes."
    return _said(claim, *map(error, pair))


def _speaks(row: Mapping[str, float]) -> bool:
    """Noise has no melody: F0 that moves by less than a fifth of the recordings' is no speech."""
    return row["standard_deviation_hz"] > 0.2 * row["reference_standard_deviation_hz"]


def _said(claim: str, with_it: float, without: float) -> str:
    verdict = "Reproduced" if with_it < without else "Not reproduced"
    return f"{verdict}: {claim} ({with_it:.3g} against {without:.3g})."


def _reading(audios: Sequence[torch.Tensor], spec: MelSpec) -> Reading:
    samples = [audio.float() for audio in audios]
    return Reading(
        [pyin(audio.numpy(), spec.sample_rate_hz, spec.hop_samples) for audio in samples],
        [energy(audio, spec).numpy() for audio in samples],
    )


def _request(example: SpeechExample, speakers: Sequence[str]) -> tuple[Phones, Controls]:
    speaker = torch.tensor([list(speakers).index(example.speaker)])
    phones = Phones(example.symbols[None], example.accents[None], example.languages[None], speaker)
    ones = torch.ones(phones.symbols.shape)
    return phones, Controls(ones, 0 * ones, ones, example.durations[None])


def _phones(example: SpeechExample) -> list[Phone]:
    pairs = zip(example.symbols.tolist(), example.accents.tolist(), strict=True)
    return [Phone(SYMBOLS[symbol], ACCENTS[accent]) for symbol, accent in pairs]
