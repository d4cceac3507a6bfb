"""Features of a corpus, computed once: mel, F0, energy, phones and their frames, and the audio itself as int16.

They lie in `features/<key>/`, one safetensors file for 256 utterances, where the key stands for the MelSpec. A file
holds each tensor of all its utterances end to end, and in its metadata the index and a hash of what went into it (rows,
MelSpec, phones that the front end gives, TextGrids, this code's version): whatever changes is computed again, nothing
else. Audio is known by its row alone: a recording exchanged for another of the same length goes unnoticed.

Legend: N samples, M mel bins, T frames, P phones; N = T * hop.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from octet.audio import files, pitch
from octet.audio.resample import resample
from octet.audio.spectrogram import MelSpec, energy, mel
from octet.core.errors import InvalidArtifact, InvalidInput
from octet.core.files import atomic_path
from octet.core.progress import Progress, Step, silent
from octet.core.training import SpeechExample
from octet.data import manifest
from octet.data.alignment import Aligner, frame_durations, languages_of, textgrid_path, timed_phones, written_phones
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
    target = folder / "features" / _key(spec)
    tasks = [
        (target / f"{number:05d}.safetensors", rows[start : start + _SHARD])
        for number, start in enumerate(range(0, len(rows), _SHARD))
    ]
    work = partial(_make_shard, _Job(folder, spec, aligner))
    for done, _ in enumerate(_in_processes(work, tasks, workers), start=1):
        on_progress(Step("computing features", done, len(tasks)))
    for path in set(target.glob("*.safetensors")) - {path for path, _ in tasks}:
        path.unlink()  # of a longer corpus that was here before
    return target


class SpeechDataset:
    """The utterances of one split of a corpus, read from the disk one by one as they are asked for.

    `lengths` are in frames. Every process opens the files for itself.

    Raises:
        InvalidInput: features for this MelSpec are missing, all or some, or the split has no utterances.
    """

    def __init__(self, folder: Path, spec: MelSpec, *, split: str = "train", languages: Sequence[str] = ()) -> None:
        paths = sorted((folder / "features" / _key(spec)).glob("[!.]*.safetensors"))  # without half-written ones
        entries = [(path, entry) for path in paths for entry in _index(path)]
        _require_all(entries, folder)
        self._entries = [
            (path, entry)
            for path, entry in entries
            if entry["split"] == split and (not languages or entry["language"] in languages)
        ]
        if not self._entries:
            raise InvalidInput(f"{folder} has no utterances of split {split!r} in {list(languages) or 'any language'}")
        self.lengths: list[int] = [entry["frames"] for _, entry in self._entries]
        self.speakers: list[str] = sorted({entry["speaker"] for _, entry in self._entries})
        self._open: dict[Path, Any] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> SpeechExample:
        path, entry = self._entries[index]
        if path not in self._open:
            self._open[path] = safe_open(path, framework="pt")
        read = partial(_piece, self._open[path], entry)
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

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_open": {}}


def features_of(samples: NDArray[np.float32], spec: MelSpec) -> dict[str, torch.Tensor]:
    """Audio (N,) cut or filled to whole frames, mel (M, T), F0 (T,) and energy (T,) of mono audio at the spec's rate.

    Raises:
        MissingExtra: pyworld, which measures F0, is not installed.
    """
    frames = max(1, round(len(samples) / spec.hop_samples))
    audio = np.pad(samples, (0, spec.hop_samples))[: frames * spec.hop_samples]
    tensor = torch.from_numpy(audio)
    f0_hz = pitch.world(audio, spec.sample_rate_hz, spec.hop_samples)
    return {
        "audio": tensor,
        "mel": mel(tensor, spec)[:, :frames],
        "f0_hz": torch.from_numpy(f0_hz),
        "energy": energy(tensor, spec)[:frames],
    }


def _key(spec: MelSpec) -> str:
    return hashlib.sha256(spec.model_dump_json().encode()).hexdigest()[:12]


def _in_processes(work: Any, tasks: Sequence[tuple[Path, list[Row]]], workers: int) -> Iterator[None]:
    if workers == 1:
        for task in tasks:
            yield work(task)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_one_thread) as pool:
        futures = [pool.submit(work, task) for task in tasks]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _one_thread() -> None:
    torch.set_num_threads(1)


def _make_shard(job: _Job, task: tuple[Path, list[Row]]) -> None:
    path, rows = task
    written = [_written(row) for row in rows]
    digest = _digest(job, rows, written)
    if _stored_digest(path) == digest:
        return
    made = [_example(job, row, phones) for row, phones in zip(rows, written, strict=True)]
    tensors = {name: torch.cat([example[name] for example in made], dim=-1).contiguous() for name in _TENSORS}
    index = list(_offsets(rows, made))
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, {"digest": digest, "index": json.dumps(index, ensure_ascii=False)})


@contextmanager
def _naming(row: Row) -> Iterator[None]:
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(f"utterance {row.id}: {error}") from None


def _written(row: Row) -> _Written:
    with _naming(row):
        return written_phones(row.text, row.language)


def _example(job: _Job, row: Row, written: _Written) -> dict[str, torch.Tensor]:
    phones = [phone for phone, _ in written]
    with _naming(row):
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


def _offsets(rows: Sequence[Row], made: Sequence[dict[str, torch.Tensor]]) -> Iterator[dict[str, Any]]:
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


def _piece(tensors: Any, entry: dict[str, Any], name: str) -> torch.Tensor:
    unit = "phone" if name in ("symbols", "accents", "languages", "durations") else "frame"
    first, length = entry[f"first_{unit}"], entry[f"{unit}s"]
    scale = entry["hop_samples"] if name == "audio" else 1
    piece: torch.Tensor = tensors.get_slice(name)[..., first * scale : (first + length) * scale]
    return piece


def _digest(job: _Job, rows: Sequence[Row], written: Sequence[_Written]) -> str:
    content = hashlib.sha256(f"{VERSION} {job.spec.model_dump_json()}".encode())
    for row, phones in zip(rows, written, strict=True):
        said = " ".join(f"{phone.symbol}{phone.accent}{language}" for phone, language in phones)
        content.update(f"{row.model_dump_json()}\n{said}\n".encode())
        textgrid = textgrid_path(row, job.folder)
        if not row.phones and textgrid.is_file():
            content.update(textgrid.read_bytes())
    return content.hexdigest()


def _stored_digest(path: Path) -> str:
    return _metadata(path).get("digest", "") if path.is_file() else ""


def _require_all(entries: Sequence[tuple[Path, dict[str, Any]]], folder: Path) -> None:
    remedy = f"compute them with  octet prepare features --out {folder}"
    if not entries:
        raise InvalidInput(f"no features for this MelSpec in {folder}: {remedy}")
    expected = sum(1 for _ in manifest.read(folder))
    if len(entries) != expected:
        raise InvalidInput(f"features of {len(entries)} utterances in {folder}, its manifest has {expected}: {remedy}")


def _index(path: Path) -> list[dict[str, Any]]:
    metadata = _metadata(path)
    if "index" not in metadata:
        raise InvalidArtifact(f"{path} holds no features; delete it and compute them again")
    index: list[dict[str, Any]] = json.loads(metadata["index"])
    return index


def _metadata(path: Path) -> dict[str, str]:
    try:
        with safe_open(path, framework="pt") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError):
        return {}
