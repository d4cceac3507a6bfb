"""The verb `reproduce`: FastSpeech 2's comparisons (arXiv 2006.04558, section 3.2) on a corpus of ours.

Each variant is trained anew for the same time on the same corpus, then reads the corpus's test sentences with their
true durations, so that contours can be compared with the truth. What the paper found is stated next to what was
found here; a finding counts as reproduced when it points the same way.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from octet.audio.pitch import pyin
from octet.audio.spectrogram import MelSpec, energy, tiny
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.core.training import SpeechExample
from octet.data.features import SpeechDataset
from octet.evaluation import pitch, prosody
from octet.evaluation.report import Report, environment, write
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


@dataclass(frozen=True)
class Reading:
    """What a variant made of the test sentences: F0 (T,) and energy (T,) of each."""

    f0_hz: list[NDArray[np.float32]]
    energy: list[NDArray[np.float32]]


def reproduce(paper: str, data: Path, out: Path, *, minutes: float, on_progress: Progress = silent) -> Report:
    """Train the variants for `minutes` each, measure them, and write report.json and report.md to `out`.

    Trainings that were interrupted continue when the same command is given again.

    Raises:
        InvalidInput: another paper, or a corpus without features or test sentences.
    """
    if paper != "fastspeech2":
        raise InvalidInput(f"no reproduction called {paper!r}: there is fastspeech2")
    test = SpeechDataset(data, tiny(), split="test", languages=("en",))
    examples = [test[index] for index in range(min(SENTENCES, len(test)))]
    truth = of_recordings(examples, tiny())
    results: dict[str, Any] = {}
    for name, overrides in VARIANTS.items():
        run = out / "runs" / name.replace(" ", "-")
        train("fastspeech2-tiny", data, run, overrides=overrides, budget_minutes=minutes, on_progress=on_progress)
        results[name] = compare(truth, of_model(run, examples))
    results["aligner"] = boundaries(examples)
    report = Report(
        title="FastSpeech 2, reproduced on the corpus voices",
        environment=environment(f"octet reproduce fastspeech2 --minutes {minutes:g}", time.strftime("%Y-%m-%d")),
        results=results,
        notes=findings(results),
    )
    write(report, out)
    return report


def of_recordings(examples: Sequence[SpeechExample], spec: MelSpec) -> Reading:
    """The truth: F0 by the tracker that also listens to the models, energy by the paper's definition."""
    return _reading([example.audio for example in examples], spec)


def of_model(run: Path, examples: Sequence[SpeechExample]) -> Reading:
    """The examples' phones with their true durations, read by a trained run."""
    speaker: Any = load(run)
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


def findings(results: dict[str, dict[str, float]]) -> list[str]:
    """The paper's claims, each with the figures that decide it here."""
    full, plain = results["fastspeech2"], results["without CWT"]
    spread = [abs(row["standard_deviation_hz"] - row["reference_standard_deviation_hz"]) for row in (full, plain)]
    claims = [
        ("the wavelet spectrogram brings the spread of F0 closer to the recordings'", spread),
        ("... and shortens the DTW distance of contours", [row["dtw_distance_hz"] for row in (full, plain)]),
        (
            "predicting pitch shortens the DTW distance",
            [results[name]["dtw_distance_hz"] for name in ("fastspeech2", "without pitch")],
        ),
        (
            "predicting energy lowers its error",
            [results[name]["energy_mae"] for name in ("fastspeech2", "without energy")],
        ),
    ]
    return [
        f"{'Reproduced' if with_it < without else 'Not reproduced'}: {claim} ({with_it:.3g} against {without:.3g})."
        for claim, (with_it, without) in claims
    ]


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
