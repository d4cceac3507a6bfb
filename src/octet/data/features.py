"""Features of a corpus, computed once: mel, F0, energy, phones and their frames, and the audio itself as int16.

They lie in `features/<key>/`, one file (see `octet.data.computed`) for 256 utterances, where the key stands for the
MelSpec. A file holds each tensor of all its utterances end to end. What goes into it are rows, MelSpec, phones that the
front end gives, TextGrids and this code's version. Audio is known by its row alone: a recording exchanged for another
of the same length goes unnoticed.

Legend: N samples, M mel bins, T frames, P phones; N = T * hop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from octet.audio import files, pitch
from octet.audio.resample import resample
from octet.audio.spectrogram import MelSpec, energy, mel
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.core.training import SpeechExample
from octet.data import manifest
from octet.data.alignment import Aligner, frame_durations, languages_of, textgrid_path, timed_phones, written_phones
from octet.data.computed import Entry, OpenFiles, compute, entries, require_all, store, stored_digest
from octet.data.manifest import Row
from octet.text.phonemes import ACCENT_IDS, LANGUAGE_IDS, SYMBOL_IDS, Phone

VERSION = 1  # raise it whenever the same input would give other features
_SHARD = 256
_TENSORS = ("audio", "mel", "f0_hz", "energy", "symbols", "accents", "languages", "durations")
_Written = list[tuple[Phone, str]]


@dataclass(frozen=True)
class _Job:
    folder: Path
    spec: MelSpec
    aligner: Aligner | None


def prepare(
    folder: Path, spec: MelSpec, *, workers: int = 1, aligner: Aligner | None = None, on_progress: Progress = silent
) -> Path:
    """Compute what is missing of a corpus's features and return the folder they lie in.

    Args:
        aligner: for rows whose phone times nobody knows; must be picklable where `workers` is above 1.

    Raises:
        InvalidInput: an utterance cannot be used (which one is named), or the corpus is empty.
    """
    rows = list(manifest.read(folder))
    if not rows:
        raise InvalidInput(f"the corpus in {folder} has no utterances")
    target = folder / "features" / key_of(spec)
    work = partial(_make_shard, _Job(folder, spec, aligner))
    compute(target, rows, _SHARD, work, workers=workers, phase="computing features", on_progress=on_progress)
    return target


class SpeechDataset:
    """The utterances of one split of a corpus, read from the disk one by one as they are asked for.

    `lengths` are in frames, `places` indices by id. Every process opens the files for itself.

    Raises:
        InvalidInput: features for this MelSpec are missing, all or some, or the split has no utterances.
    """

    def __init__(self, folder: Path, spec: MelSpec, *, split: str = "train", languages: Sequence[str] = ()) -> None:
        found = entries(folder / "features" / key_of(spec))
        _require_all(len(found), folder)
        self._entries = [
            (path, entry)
            for path, entry in found
            if entry["split"] == split and (not languages or entry["language"] in languages)
        ]
        if not self._entries:
            raise InvalidInput(f"{folder} has no utterances of split {split!r} in {list(languages) or 'any language'}")
        self.lengths: list[int] = [entry["frames"] for _, entry in self._entries]
        self.places: dict[str, int] = {entry["id"]: place for place, (_, entry) in enumerate(self._entries)}
        self.speakers: list[str] = sorted({entry["speaker"] for _, entry in self._entries})
        self._files = OpenFiles()

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> SpeechExample:
        path, entry = self._entries[index]
        read = partial(_piece, self._files, path, entry)
        return SpeechExample(
            id=entry["id"],
            text=entry["text"],
            language=entry["language"],
            speaker=entry["speaker"],
            audio=read("audio").float() / 32768,
            mel=read("mel").float(),
            f0_hz=read("f0_hz"),
            energy=read("energy"),
            **{name: read(name).long() for name in ("symbols", "accents", "languages", "durations")},
        )


def features_of(samples: NDArray[np.float32], spec: MelSpec) -> dict[str, torch.Tensor]:
    """Audio (N,) cut or filled to whole frames, mel (M, T), F0 (T,) and energy (T,) of mono audio at the spec's rate.

    Raises:
        MissingExtra: pyworld, which measures F0, is not installed.
    """
    audio, frames = whole_frames(samples, spec)
    f0_hz = pitch.world(audio.numpy(), spec.sample_rate_hz, spec.hop_samples)
    return {
        "audio": audio,
        "mel": frames,
        "f0_hz": torch.from_numpy(f0_hz),
        "energy": energy(audio, spec)[: frames.shape[1]],
    }


def whole_frames(samples: NDArray[np.float32], spec: MelSpec) -> tuple[torch.Tensor, torch.Tensor]:
    """Audio (N,) cut or filled to whole frames, and its mel (M, T), of mono audio at the spec's rate."""
    frames = max(1, round(len(samples) / spec.hop_samples))
    audio = torch.from_numpy(np.pad(samples, (0, spec.hop_samples))[: frames * spec.hop_samples])
    return audio, mel(audio, spec)[:, :frames]


def key_of(spec: MelSpec) -> str:
    """What stands for a MelSpec in the names of folders."""
    return hashlib.sha256(spec.model_dump_json().encode()).hexdigest()[:12]


def _make_shard(job: _Job, path: Path, rows: Sequence[Row]) -> None:
    written = [_written(row) for row in rows]
    digest = _digest(job, rows, written)
    if stored_digest(path) == digest:
        return
    made = [_example(job, row, phones) for row, phones in zip(rows, written, strict=True)]
    tensors = {name: torch.cat([example[name] for example in made], dim=-1).contiguous() for name in _TENSORS}
    store(path, tensors, digest, list(_offsets(rows, made)))


@contextmanager
def naming(row: Row) -> Iterator[None]:
    """Say of which utterance an `InvalidInput` is."""
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"utterance {row.id}: {error}") from None


def _written(row: Row) -> _Written:
    with naming(row):
        return written_phones(row.text, row.language)


def _example(job: _Job, row: Row, written: _Written) -> dict[str, torch.Tensor]:
    phones = [phone for phone, _ in written]
    with naming(row):
        samples, rate_hz = files.read(job.folder / row.audio)
        audio = resample(samples.mean(axis=0), rate_hz, job.spec.sample_rate_hz)
        timed = timed_phones(row, job.folder, audio, job.spec.sample_rate_hz, phones, job.aligner)
        made = features_of(audio, job.spec)
    frames = made["f0_hz"].shape[0]
    languages = languages_of(timed, written, row.language)
    return {
        **made,
        "audio": (made["audio"] * 32768).round().clamp(-32768, 32767).to(torch.int16),
        "mel": made["mel"].half(),
        "symbols": torch.tensor([SYMBOL_IDS[phone.symbol] for phone in timed], dtype=torch.uint8),
        "accents": torch.tensor([ACCENT_IDS[phone.accent] for phone in timed], dtype=torch.uint8),
        "languages": torch.tensor([LANGUAGE_IDS[language] for language in languages], dtype=torch.uint8),
        "durations": torch.tensor(frame_durations(timed, job.spec.frame_rate_hz, frames), dtype=torch.int16),
    }


def _offsets(rows: Sequence[Row], made: Sequence[dict[str, torch.Tensor]]) -> Iterator[Entry]:
    frames = [0, *accumulate(example["f0_hz"].shape[0] for example in made)]
    phones = [0, *accumulate(example["symbols"].shape[0] for example in made)]
    for number, row in enumerate(rows):
        yield {
            **row.model_dump(include={"id", "text", "language", "speaker", "split"}),
            "first_frame": frames[number],
            "frames": frames[number + 1] - frames[number],
            "first_phone": phones[number],
            "phones": phones[number + 1] - phones[number],
            "hop_samples": made[number]["audio"].shape[0] // (frames[number + 1] - frames[number]),
        }


def _piece(files: OpenFiles, path: Path, entry: Entry, name: str) -> torch.Tensor:
    unit = "phone" if name in ("symbols", "accents", "languages", "durations") else "frame"
    scale = entry["hop_samples"] if name == "audio" else 1
    return files.piece(path, name, entry[f"first_{unit}"] * scale, entry[f"{unit}s"] * scale)


def _digest(job: _Job, rows: Sequence[Row], written: Sequence[_Written]) -> str:
    content = hashlib.sha256(f"{VERSION} {job.spec.model_dump_json()}".encode())
    for row, phones in zip(rows, written, strict=True):
        said = " ".join(f"{phone.symbol}{phone.accent}{language}" for phone, language in phones)
        told = row.model_dump_json(exclude={"sung"})  # of which no feature of speech is made
        content.update(f"{told}\n{said}\n".encode())
        textgrid = textgrid_path(row, job.folder)
        if not row.phones and textgrid.is_file():
            content.update(textgrid.read_bytes())
    return content.hexdigest()


def _require_all(found: int, folder: Path) -> None:
    expected = sum(1 for _ in manifest.read(folder)) if found else 0
    remedy = f"compute them with  octet prepare features --out {folder}"
    require_all(found, expected, "features for this MelSpec", "utterances", folder, remedy)
