"""The verb `evaluate` for DiffSinger: songs of a corpus's test split sung from their scores, next to the recordings.

F0 is heard by pYIN and phones by the bundled recogniser and its aligner, none of which is part of a singer. The model
is told the score alone; only for the comparison of mels is it told durations, F0 and curves, so that frames meet.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from octet.audio.pitch import pyin
from octet.audio.spectrogram import mel
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.core.training import SungExample
from octet.data.singing import SUNG_IDS, SingingDataset
from octet.encoders.aligner import align_speech
from octet.encoders.recogniser.listen import recognise
from octet.evaluation import fidelity, intelligibility, singing
from octet.evaluation.pictures import pitch_png, spectrogram_png
from octet.evaluation.report import Report, Target, environment, write
from octet.families.diffusion.samplers import SAMPLERS
from octet.jobs.load import load
from octet.jobs.prepare import load_recogniser
from octet.systems.diffsinger.generate import Singer
from octet.systems.diffsinger.held_out import sung_again
from octet.systems.diffsinger.shallow import Sampling
from octet.text.phonemes import ACCENTS, PAUSES, SILENCE, SYMBOLS, VOWELS, Phone
from octet.training.held_out import some

BUNDLED: Final = "diffsinger-tiny"
LOW_HZ, HIGH_HZ = 60.0, 1100.0
STEPS: Final = (4, 8, 16, 32, 64, 100)
SAMPLED_SONGS: Final = 4  # that samplers are compared on
BY_WARPING: Final = "onsets_in_time_by_warping"
NAMES: Final = {number: symbol for symbol, number in SUNG_IDS.items()}


@dataclass
class _Heard:
    """What is heard of songs, and which phones were asked for in each."""

    songs: list[singing.Sung] = field(default_factory=list)
    asked: list[list[str]] = field(default_factory=list)
    phones: list[list[str]] = field(default_factory=list)

    def scores(self, frame_rate_hz: float) -> dict[str, float]:
        """All figures of these songs."""
        sung = singing.evaluate(self.songs, 1 / frame_rate_hz)
        return sung | intelligibility.evaluate_phones(self.asked, self.phones)


def evaluate(
    out: Path, *, data: Path | None, model: str | None = None, songs: int = 40, on_progress: Progress = silent
) -> Report:
    """Measure tune, time, syllables and mels, and write report.json, report.md and pictures to `out`.

    Raises:
        InvalidInput: no corpus, or one without singing for testing; or a model that does not sing.
    """
    if data is None:
        raise InvalidInput("songs to sing are needed: give a prepared corpus of singing with --data")
    singer: Any = load(model or BUNDLED)
    if not isinstance(singer, Singer):
        raise InvalidInput(f"{model} does not sing: give a DiffSinger")
    dataset = SingingDataset(data, singer.model.config.spec, split="test")
    examples = [dataset[index] for index in some(len(dataset), songs)]
    known = [example for example in examples if example.speaker in singer.singers]
    if not known:
        raise InvalidInput(f"{data} has no songs of {', '.join(singer.singers)}")
    results = {"singing": _singing(singer, known, out, on_progress), **_mels(singer, known, on_progress)}
    report = Report(
        title=f"diffsinger: {model or 'bundled'}",
        environment=environment(f"octet evaluate diffsinger --sentences {songs}", time.strftime("%Y-%m-%d")),
        results=results,
        targets=_targets(results),
        pictures=["recording.png", "model.png", "pitch.png"],
        notes=_notes(results),
    )
    write(report, out)
    return report


def _singing(
    singer: Singer, examples: Sequence[SungExample], out: Path, on_progress: Progress
) -> dict[str, dict[str, float]]:
    """The corpus's recordings and the model's songs, heard alike."""
    recogniser = load_recogniser()
    heard = {"recordings": _Heard(), "model": _Heard()}
    seconds = work = 0.0
    for number, example in enumerate(examples):
        started = time.perf_counter()
        made, sung = sung_again(singer.model, example)
        audio = singer.vocoder.sing(made, sung.f0_hz * sung.voiced)[0, 0].clamp(-1, 1).numpy()
        work += time.perf_counter() - started
        seconds += len(audio) / singer.model.config.spec.sample_rate_hz
        _listen(heard["recordings"], singer, recogniser, example, example.audio.numpy())
        _listen(heard["model"], singer, recogniser, example, audio)
        if number == 0:
            spectrogram_png(example.mel.double().numpy(), out / "recording.png")
            spectrogram_png(made[0].double().numpy(), out / "model.png")
            pitch_png({name: found.songs[0].f0_hz for name, found in heard.items()}, out / "pitch.png")
        on_progress(Step("listening to songs", number + 1, len(examples)))
    rate = singer.model.config.spec.frame_rate_hz
    scores = {name: found.scores(rate) for name, found in heard.items()}
    scores["model"]["real_time_factor"] = work / seconds
    return scores


def _listen(heard: _Heard, singer: Singer, recogniser: Any, example: SungExample, audio: NDArray[np.float32]) -> None:
    spec = singer.model.config.spec
    f0_hz = pyin(audio, spec.sample_rate_hz, spec.hop_samples, low_hz=LOW_HZ, high_hz=HIGH_HZ).astype(np.float64)
    beats, onsets = _beats(example, audio, recogniser, spec)
    heard_mel = mel(torch.from_numpy(audio), spec).double().numpy()
    warped = singing.onsets_by_warping(example.mel.double().numpy(), heard_mel, beats, 1 / spec.frame_rate_hz)
    wanted_hz = example.f0_hz.double().numpy()
    heard.songs.append(singing.Sung(f0_hz, _notes_of(example, spec.frame_rate_hz), wanted_hz, beats, onsets, warped))
    heard.asked.append([phone.symbol for phone in _phones(example) if phone.symbol not in PAUSES])
    heard.phones.append(recognise(recogniser, audio, spec.sample_rate_hz))


def _notes_of(example: SungExample, frame_rate_hz: float) -> list[singing.ScoreNote]:
    """Its notes without rests."""
    ends = (example.note_durations.cumsum(0).double() / frame_rate_hz).tolist()
    starts = [0.0, *ends[:-1]]
    pitches = example.note_pitches.double().tolist()
    return [singing.ScoreNote(*note) for note in zip(starts, ends, pitches, strict=True) if note[2] > 0]


def _beats(
    example: SungExample, audio: NDArray[np.float32], recogniser: Any, spec: Any
) -> tuple[list[float], list[float]]:
    """When each syllable's note starts, and when the aligner hears its vowel begin."""
    starts = torch.cat([torch.zeros(1), example.note_durations.cumsum(0).double()])[:-1] / spec.frame_rate_hz
    phones = _phones(example)
    found = align_speech(recogniser, audio, spec.sample_rate_hz, phones)
    pairs = [
        (float(starts[note]), time.start_seconds)
        for phone, note, time in zip(phones, example.phone_notes.tolist(), found, strict=True)
        if phone.symbol in VOWELS
    ]
    return [beat for beat, _ in pairs], [onset for _, onset in pairs]


def _phones(example: SungExample) -> list[Phone]:
    """Its phones, breath being a silence to a recogniser that knows none."""
    names = [NAMES[number] for number in example.symbols.tolist()]
    accents = [ACCENTS[number] for number in example.accents.tolist()]
    return [Phone(name if name in SYMBOLS else SILENCE, accent) for name, accent in zip(names, accents, strict=True)]


def _mels(singer: Singer, examples: Sequence[SungExample], on_progress: Progress) -> dict[str, dict[str, Any]]:
    """The auxiliary decoder alone against shallow diffusion, both boundaries, and error against steps."""
    rows: dict[str, list[dict[str, float]]] = {"auxiliary decoder alone": [], "shallow diffusion": []}
    for number, example in enumerate(examples, start=1):
        sharp, sung = sung_again(singer.model, example, told_all=True)
        true = example.mel.double().numpy()
        for name, made in (("auxiliary decoder alone", sung.blurry), ("shallow diffusion", sharp)):
            rows[name].append(fidelity.evaluate(true, made[0].double().numpy()))
        on_progress(Step("comparing mels", number, len(examples)))
    diffusion = singer.model.diffusion
    return {
        "mels": {
            name: {key: float(np.mean([row[key] for row in found])) for key in found[0]} for name, found in rows.items()
        },
        "boundary": {
            "steps": float(diffusion.schedule.steps),
            "k_of_the_network": float(diffusion.learned_depth),
            "k_by_divergence": float(diffusion.divergence_depth),
            "k_used": float(diffusion.depth),
        },
        "mel_l1_by_steps": _by_steps(singer, examples[:SAMPLED_SONGS], on_progress),
    }


def _means(rows: Sequence[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}


def _by_steps(singer: Singer, examples: Sequence[SungExample], on_progress: Progress) -> dict[str, dict[str, float]]:
    depth = singer.model.diffusion.depth
    counts = sorted({min(count, depth) for count in STEPS})
    table: dict[str, dict[str, float]] = {}
    for number, name in enumerate(SAMPLERS, start=1):
        table[name] = {}
        for count in counts:
            made = [sung_again(singer.model, e, told_all=True, how=Sampling(name, count))[0] for e in examples]  # type: ignore[arg-type]
            errors = [float((one[0].cpu() - e.mel).abs().mean()) for one, e in zip(made, examples, strict=True)]
            table[name][f"{count} steps"] = float(np.mean(errors))
        on_progress(Step("comparing samplers", number, len(SAMPLERS)))
    return table


def _targets(results: dict[str, Any]) -> list[Target]:
    model, recordings = results["singing"]["model"], results["singing"]["recordings"]
    mels = results["mels"]
    limit = recordings["phoneme_error_rate"] + 0.08
    return [
        Target("F0 error on steady notes, median", 20, model["tuning_error_median_cents"], "cents"),
        Target("F0 error on steady notes, 95th percentile", 60, model["tuning_error_95_cents"], "cents"),
        Target("voicing error", 0.05, model["voicing_error"]),
        Target("vowels within 30 ms of the beat, by warping", 0.95, model[BY_WARPING], direction="at least"),
        Target("vowels within 30 ms of the beat, by the aligner", 0.95, model["onsets_in_time"], direction="at least"),
        Target("phoneme error rate, 0.08 above the recordings'", limit, model["phoneme_error_rate"]),
        Target(
            "mel L1 of shallow diffusion against the auxiliary decoder alone",
            mels["auxiliary decoder alone"]["mel_l1"],
            mels["shallow diffusion"]["mel_l1"],
        ),
        Target("real-time factor", 0.3, model["real_time_factor"]),
    ]


def _notes(results: dict[str, Any]) -> list[str]:
    """Where each sampler's error stops falling: the fewest steps within 2 % of its best."""
    notes = []
    for name, row in results["mel_l1_by_steps"].items():
        best = min(row.values())
        enough = next(count for count, error in row.items() if error <= 1.02 * best)
        notes.append(f"{name} saturates at {enough} (mel L1 {row[enough]:.3g}, at best {best:.3g}).")
    return notes
