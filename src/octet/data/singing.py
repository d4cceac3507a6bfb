"""Features of a corpus of singing, computed once: mel, F0, curves, phones, notes, and the audio itself as int16.

They are kept as `octet.data.features` keeps those of speech, in `features/sung-<key>/`. F0 and curves are the corpus's
own where it knows them, else they are measured with WORLD. Vowels begin in the frame in which their notes do, since the
ends of both are rounded alike.

Legend: N samples, M mel bins, T frames, P phones, K notes, S = 4 curves; N = T * hop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from octet.audio import files, world
from octet.audio.curves import CURVES, FLOOR_DB, curves
from octet.audio.resample import resample
from octet.audio.spectrogram import MelSpec
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.core.training import SungExample
from octet.data import manifest
from octet.data.alignment import Aligner, frame_durations
from octet.data.computed import Entry, OpenFiles, compute, entries, require_all, store, stored_digest
from octet.data.features import SpeechDataset, key_of, naming, whole_frames
from octet.data.manifest import BREATH, Row
from octet.data.sung_phones import SungPhones, sung_phones
from octet.text.phonemes import ACCENT_IDS, LANGUAGE_IDS, SYMBOL_IDS, SYMBOLS

VERSION = 1  # raise it whenever the same input would give other features
SUNG_IDS = {**SYMBOL_IDS, BREATH: len(SYMBOLS)}
_SHARD = 256
_LOW_HZ, _HIGH_HZ = 65.0, 1100.0  # where F0 is looked for
_FRAMES = ("audio", "mel", "f0_hz", "curves")
_PHONES = ("symbols", "accents", "languages", "durations", "phone_notes")
_NOTES = ("note_pitches", "note_durations")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Job:
    folder: Path
    spec: MelSpec
    aligner: Aligner | None


def prepare(
    folder: Path, spec: MelSpec, *, workers: int = 1, aligner: Aligner | None = None, on_progress: Progress = silent
) -> Path:
    """Compute what is missing of a singing corpus's features and return the folder they lie in.

    Args:
        aligner: for rows whose phone times nobody knows; must be picklable where `workers` is above 1.

    Raises:
        InvalidInput: a row without a score or one that cannot be used (which one is named), or an empty corpus.
        MissingExtra: pyworld, which measures what the corpus does not know, is not installed.
    """
    rows = list(manifest.read(folder))
    if not rows:
        raise InvalidInput(f"the corpus in {folder} has no songs")
    target = _target(folder, spec)
    work = partial(_make_shard, _Job(folder, spec, aligner))
    compute(target, rows, _SHARD, work, workers=workers, phase="computing features", on_progress=on_progress)
    return target


class SingingDataset:
    """The pieces of one split of a singing corpus, read from the disk one by one as they are asked for.

    `lengths` are in frames, `places` indices by id. Every process opens the files for itself.

    Raises:
        InvalidInput: features for this MelSpec are missing, all or some, or the split has no pieces.
    """

    def __init__(self, folder: Path, spec: MelSpec, *, split: str = "train") -> None:
        found = entries(_target(folder, spec))
        expected = sum(1 for _ in manifest.read(folder)) if found else 0
        remedy = f"compute them with  octet prepare features --out {folder}"
        require_all(len(found), expected, "features for this MelSpec", "pieces", folder, remedy)
        self._entries = [(path, entry) for path, entry in found if entry["split"] == split]
        if not self._entries:
            raise InvalidInput(f"{folder} has no pieces of split {split!r}")
        self.lengths: list[int] = [entry["frames"] for _, entry in self._entries]
        self.places: dict[str, int] = {entry["id"]: place for place, (_, entry) in enumerate(self._entries)}
        self.speakers: list[str] = sorted({entry["speaker"] for _, entry in self._entries})
        self._files = OpenFiles()

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> SungExample:
        path, entry = self._entries[index]
        read = partial(_piece, self._files, path, entry)
        return SungExample(
            **{name: entry[name] for name in ("id", "text", "language", "speaker")},
            audio=read("audio").float() / 32768,
            mel=read("mel").float(),
            f0_hz=read("f0_hz"),
            curves=read("curves").float(),
            note_pitches=read("note_pitches"),
            note_durations=read("note_durations").long(),
            **{name: read(name).long() for name in _PHONES},
        )


def is_sung(folder: Path) -> bool:
    """Whether a corpus has scores.

    Raises:
        InvalidInput: it has no manifest.
    """
    first = next(manifest.read(folder), None)
    return first is not None and first.sung is not None


def voice_of(folder: Path, spec: MelSpec, split: str) -> SingingDataset | SpeechDataset:
    """One split of a corpus, whether it speaks or sings: mel, F0 and audio are the same of both.

    Raises:
        InvalidInput: as the dataset.
    """
    return (SingingDataset if is_sung(folder) else SpeechDataset)(folder, spec, split=split)


def features_of_voice(folder: Path, spec: MelSpec) -> Path:
    """Where the features of a corpus lie, whether it speaks or sings.

    Raises:
        InvalidInput: it has no manifest.
    """
    return _target(folder, spec) if is_sung(folder) else folder / "features" / key_of(spec)


def _target(folder: Path, spec: MelSpec) -> Path:
    return folder / "features" / f"sung-{key_of(spec)}"


def _make_shard(job: _Job, path: Path, rows: Sequence[Row]) -> None:
    digest = _digest(job, rows)
    if stored_digest(path) == digest:
        return
    made = [_example(job, row) for row in rows]
    names = (*_FRAMES, *_PHONES, *_NOTES)
    tensors = {name: torch.cat([example[name] for example in made], dim=-1).contiguous() for name in names}
    store(path, tensors, digest, list(_offsets(rows, made)))


def _digest(job: _Job, rows: Sequence[Row]) -> str:
    content = hashlib.sha256(f"{VERSION} {job.spec.model_dump_json()}".encode())
    for row in rows:
        content.update(f"{row.model_dump_json()}\n".encode())
    return content.hexdigest()


def _example(job: _Job, row: Row) -> dict[str, torch.Tensor]:
    with naming(row):
        samples, rate_hz = files.read(job.folder / row.audio)
        sound = samples.mean(axis=0)
        sung = sung_phones(row, job.folder, sound, rate_hz, job.aligner)
        audio, mel = whole_frames(resample(sound, rate_hz, job.spec.sample_rate_hz), job.spec)
        known = _sampled(_curves(job.folder, row, sound, rate_hz), job.spec, mel.shape[1])
    return {
        "audio": (audio * 32768).round().clamp(-32768, 32767).to(torch.int16),
        "mel": mel.half(),
        "f0_hz": torch.from_numpy(np.where(known["voiced"] > 0.5, known["f0_hz"], 0.0)).float(),
        "curves": torch.from_numpy(np.stack([known[name] for name in CURVES])).half(),
        **_score(row, sung, job.spec, mel.shape[1]),
    }


def _score(row: Row, sung: SungPhones, spec: MelSpec, frames: int) -> dict[str, torch.Tensor]:
    rate = spec.frame_rate_hz
    phones, notes = sung.phones, sung.notes
    return {
        "symbols": torch.tensor([SUNG_IDS[phone.symbol] for phone in phones], dtype=torch.uint8),
        "accents": torch.tensor([ACCENT_IDS[phone.accent] for phone in phones], dtype=torch.uint8),
        "languages": torch.full((len(phones),), LANGUAGE_IDS[row.language], dtype=torch.uint8),
        "durations": torch.tensor(frame_durations(phones, rate, frames), dtype=torch.int16),
        "phone_notes": torch.tensor(sung.phone_notes, dtype=torch.int16),
        "note_pitches": torch.tensor([note.pitch or 0.0 for note in notes], dtype=torch.float32),
        "note_durations": torch.tensor(frame_durations(notes, rate, frames), dtype=torch.int16),
    }


def _curves(folder: Path, row: Row, sound: NDArray[np.float32], rate_hz: int) -> dict[str, Floats]:
    """F0 without gaps, voicing and curves, at frames of 5 ms: the corpus's own, or measured."""
    if row.sung is not None and row.sung.curves:
        return _read_curves(folder / row.sung.curves)
    f0_hz, times = world.f0(sound, rate_hz, manifest.CURVE_STEP_SECONDS, _LOW_HZ, _HIGH_HZ)
    measured = curves(world.analyse_at(sound, rate_hz, f0_hz, times), rate_hz)._asdict()
    voiced = f0_hz > 0
    whole = np.interp(times, times[voiced], f0_hz[voiced]) if voiced.any() else np.full(len(times), 200.0)
    return {**measured, "f0_hz": whole, "voiced": voiced.astype(np.float64)}


def _read_curves(path: Path) -> dict[str, Floats]:
    wanted = (*CURVES, "f0_hz", "voiced")
    try:
        found = load_file(path)
    except (OSError, SafetensorError):
        raise InvalidInput(f"{path} cannot be read; make the corpus again") from None
    lengths = {found[name].shape for name in wanted if name in found}
    if not set(wanted) <= set(found) or len(lengths) != 1 or len(next(iter(lengths))) != 1:
        raise InvalidInput(f"{path} does not hold {', '.join(wanted)} of one length; make the corpus again")
    return {name: found[name].astype(np.float64) for name in wanted}


def _sampled(known: dict[str, Floats], spec: MelSpec, frames: int) -> dict[str, Floats]:
    """Curves at the centres of a MelSpec's frames: (T,) each."""
    centres = (np.arange(frames) + (0.5 if spec.padding == "hop" else 0.0)) / spec.frame_rate_hz
    times = np.arange(len(known["f0_hz"])) * manifest.CURVE_STEP_SECONDS
    sampled = {name: np.interp(centres, times, values) for name, values in known.items()}
    return {name: np.maximum(values, FLOOR_DB) if name.endswith("_db") else values for name, values in sampled.items()}


def _offsets(rows: Sequence[Row], made: Sequence[dict[str, torch.Tensor]]) -> Iterator[Entry]:
    units = {"frame": "f0_hz", "phone": "symbols", "note": "note_pitches"}
    edges = {unit: [0, *accumulate(len(example[name]) for example in made)] for unit, name in units.items()}
    for number, row in enumerate(rows):
        entry: dict[str, Any] = row.model_dump(include={"id", "text", "language", "speaker", "split"})
        for unit, places in edges.items():
            first, end = list(pairwise(places))[number]
            entry |= {f"first_{unit}": first, f"{unit}s": end - first}
        entry["hop_samples"] = len(made[number]["audio"]) // entry["frames"]
        yield entry


def _piece(opened: OpenFiles, path: Path, entry: Entry, name: str) -> torch.Tensor:
    unit = "phone" if name in _PHONES else "note" if name in _NOTES else "frame"
    scale = entry["hop_samples"] if name == "audio" else 1
    return opened.piece(path, name, entry[f"first_{unit}"] * scale, entry[f"{unit}s"] * scale)
