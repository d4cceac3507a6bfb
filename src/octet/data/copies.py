"""Corpora whose mels a model made: what a vocoder is trained on to mend what models blur.

HiFi-GAN is adapted so to a text-to-speech model (arXiv 2010.05646, section 4.4). Audio, F0 and everything else stay as
they are in the corpus; a model that is told durations, F0 and the like makes a mel of as many frames.

Legend: M mel bins, T frames.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from octet.audio.spectrogram import MelSpec
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, Step, silent
from octet.data import manifest
from octet.data.computed import Entry, entries, store, stored_digest
from octet.data.singing import features_of_voice, voice_of

Copy = Callable[[Any], torch.Tensor]  # an example to its mel (M, T)


def write(
    source: Path, out: Path, spec: MelSpec, copy: Copy, model: str, *, hours: float, on_progress: Progress = silent
) -> None:
    """Write to `out` the beginning of a corpus with features, at least so many hours, with mels by `copy`.

    Features lie in files of 256 examples, and each file is copied as a whole. What was stopped is continued by starting
    it again; copies by another `model` are made anew.

    Raises:
        InvalidInput: the corpus has no features for this MelSpec, or `out` is the corpus itself.
    """
    if out.resolve() == source.resolve():
        raise InvalidInput(f"copies of {source} cannot lie in it: give another folder with --out")
    folder = features_of_voice(source, spec)
    chosen = _beginning(entries(folder), hours * 3600 * spec.frame_rate_hz)
    for number, (path, examples) in enumerate(chosen.items(), start=1):
        target = out / path.relative_to(source)
        digest = hashlib.sha256(f"{stored_digest(path)} {model}".encode()).hexdigest()
        if stored_digest(target) != digest:
            mels = _mels(source, spec, examples, copy)
            store(target, load_file(path) | {"mel": torch.cat(list(mels), dim=1)}, digest, examples)
        on_progress(Step("copying", number, len(chosen)))
    kept = {entry["id"] for examples in chosen.values() for entry in examples}
    rows = (row for row in manifest.read(source) if row.id in kept)
    manifest.write(out, (row.model_copy(update={"audio": str((source / row.audio).resolve())}) for row in rows))


def _beginning(found: list[tuple[Path, Entry]], frames: float) -> dict[Path, list[Entry]]:
    """The examples of each file, file by file until there are so many frames."""
    chosen: dict[Path, list[Entry]] = {}
    for path, entry in found:
        if path not in chosen and sum(each["frames"] for examples in chosen.values() for each in examples) >= frames:
            break
        chosen.setdefault(path, []).append(entry)
    return chosen


def _mels(source: Path, spec: MelSpec, examples: list[Entry], copy: Copy) -> Iterator[torch.Tensor]:
    datasets = {split: voice_of(source, spec, split) for split in {entry["split"] for entry in examples}}
    for entry in examples:
        dataset = datasets[entry["split"]]
        mel = copy(dataset[dataset.places[entry["id"]]])
        if mel.shape[1] != entry["frames"]:
            raise ValueError(f"a copy of {entry['id']} has {mel.shape[1]} frames and not {entry['frames']}")
        yield mel.cpu().half()
