"""A corpus of music as a codec's tokens, with what is heard of its melodies, computed once for each codec.

They lie in `tokens/<key>/`, one file (see `octet.data.computed`) for 64 stretches of pieces, where the key stands for
the codec. A file holds the tokens and the strongest pitch class of each chroma frame of all its stretches end to end.

Legend: K codebooks, T frames, F chroma frames.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from pydantic import ValidationError
from torch import Tensor

from octet.audio.chroma import CLASSES, ChromaSpec, chroma, strongest
from octet.audio.waveform import Waveform
from octet.codecs import contract, published
from octet.codecs.contract import Codec
from octet.core import artifacts
from octet.core.errors import InvalidInput
from octet.core.progress import Progress, silent
from octet.core.training import MusicExample
from octet.data import manifest
from octet.data.computed import Entry, OpenFiles, compute, entries, require_all, store, stored_digest
from octet.data.manifest import MusicRow
from octet.data.sounds import Stretch, stretches
from octet.families.token_lm.sound import tokens_of
from octet.symbolic.attributes import Attributes

VERSION = 1  # raise it whenever the same input would give other tokens
LONGEST_SECONDS = 60.0  # of a stretch; a codec holds all of one in memory
_SHARD = 64
NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True)
class _Job:
    codec: Path
    key: str
    hears: ChromaSpec


@dataclass(frozen=True)
class _Part:
    row: MusicRow
    stretch: Stretch


def prepare(folder: Path, codec: Path, key: str, *, workers: int = 1, on_progress: Progress = silent) -> Path:
    """Compute what is missing of a corpus's tokens and return the folder they lie in.

    Args:
        codec: an artifact, or public weights.
        key: stands for the codec's weights, as their hash does.

    Raises:
        InvalidInput: the corpus is empty or not of music, a piece cannot be read, or a codec's rate has no chroma.
        InvalidArtifact: no codec there.
    """
    hears = _chroma_spec(_codec_at(codec).sample_rate_hz)
    parts = list(_parts(folder))
    if not parts:
        raise InvalidInput(f"the corpus in {folder} has no pieces")
    target = folder / "tokens" / key
    work = partial(_make_shard, _Job(codec, key, hears))
    compute(target, parts, _SHARD, work, workers=workers, phase="computing tokens", on_progress=on_progress)
    return target


class TokenDataset:
    """The pieces of one split of a corpus as tokens, those longer than a minute in stretches.

    `lengths` are what a batch holds of each: `segment_frames` at most, for a model cuts what is longer at random.

    Raises:
        InvalidInput: tokens of this codec are missing, all or some, or the split has no pieces.
    """

    def __init__(self, folder: Path, key: str, split: str = "train", *, segment_frames: int = 1 << 30) -> None:
        found = entries(folder / "tokens" / key)
        expected = sum(1 for _ in _parts(folder))
        remedy = f"compute them with  octet prepare tokens --out {folder} --codec CODEC"
        require_all(len(found), expected, "tokens of this codec", "stretches", folder, remedy)
        self._entries = [(path, entry) for path, entry in found if entry["split"] == split]
        if not self._entries:
            raise InvalidInput(f"{folder} has no pieces of split {split!r}")
        self.lengths: list[int] = [min(entry["frames"], segment_frames) for _, entry in self._entries]
        self._files = OpenFiles()

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> MusicExample:
        path, entry = self._entries[index]
        classes = self._files.piece(path, "chroma", entry["first_class"], entry["classes"])
        return MusicExample(
            id=entry["id"],
            codes=self._files.piece(path, "codes", entry["first_frame"], entry["frames"]).long(),
            captions=tuple(entry["captions"]),
            attributes=entry["attributes"],
            chroma=F.one_hot(classes.long(), CLASSES).float(),
        )


def told(attributes: Attributes | None) -> dict[str, Any]:
    """Attributes by the names and in the words of MusicGen's captions; what is not known is left out.

    >>> told(Attributes(tonic=9, mode="minor", bpm=90, instruments=("piano",)))
    {'key': 'A minor', 'bpm': 90.0, 'instrument': ['piano']}
    """
    if attributes is None:
        return {}
    key = None if attributes.tonic is None else " ".join(filter(None, (NOTES[attributes.tonic], attributes.mode)))
    known = {
        "key": key,
        "bpm": attributes.bpm,
        "genre": attributes.genres and list(attributes.genres),
        "moods": attributes.emotion and [attributes.emotion],
        "instrument": attributes.instruments and list(attributes.instruments),
    }
    return {name: value for name, value in known.items() if value}


def _parts(folder: Path) -> Iterator[_Part]:
    for row in manifest.read(folder, MusicRow):
        for stretch in stretches(folder, row, LONGEST_SECONDS):
            yield _Part(row, stretch)


def _chroma_spec(sample_rate_hz: int) -> ChromaSpec:
    """MusicGen's window and hop in samples, whatever the rate: 40 frames are ten seconds at 16 kHz."""
    try:
        return ChromaSpec(sample_rate_hz=sample_rate_hz)
    except ValidationError:
        raise InvalidInput(f"a codec of {sample_rate_hz} Hz hears no melodies: take one of 4000 Hz or more") from None


@cache
def _codec_at(path: Path) -> Codec:
    """Once a process."""
    return contract.load(path) if artifacts.is_artifact(path) else published.load(path)


def _make_shard(job: _Job, path: Path, parts: Sequence[_Part]) -> None:
    digest = _digest(job, parts)
    if stored_digest(path) == digest:
        return
    made = [_heard(job, part) for part in parts]
    codes, classes = ([pair[which] for pair in made] for which in (0, 1))
    tensors = {"codes": torch.cat(codes, dim=-1), "chroma": torch.cat(classes)}
    store(path, tensors, digest, list(_index(parts, codes, classes)))


def _heard(job: _Job, part: _Part) -> tuple[Tensor, Tensor]:
    """Codes (K, T) and the strongest pitch class of each chroma frame (F,)."""
    codec = _codec_at(job.codec)
    try:
        samples = part.stretch.heard(codec.sample_rate_hz)
        codes = tokens_of(Waveform(samples, codec.sample_rate_hz), codec)[0]
    except InvalidInput as error:
        raise InvalidInput(f"piece {part.row.id}: {error}") from None
    classes = strongest(chroma(torch.from_numpy(samples), job.hears)).argmax(dim=0)
    return codes.to(torch.int32), classes.to(torch.uint8)


def _index(parts: Sequence[_Part], codes: Sequence[Tensor], classes: Sequence[Tensor]) -> Iterator[Entry]:
    frames = [0, *accumulate(tokens.shape[-1] for tokens in codes)]
    heard = [0, *accumulate(len(found) for found in classes)]
    for number, part in enumerate(parts):
        yield {
            "id": part.stretch.id,
            "split": part.row.split,
            "captions": [caption.text for caption in part.row.captions],
            "attributes": told(part.row.attributes),
            "first_frame": frames[number],
            "frames": frames[number + 1] - frames[number],
            "first_class": heard[number],
            "classes": heard[number + 1] - heard[number],
        }


def _digest(job: _Job, parts: Sequence[_Part]) -> str:
    content = hashlib.sha256(f"{VERSION} {job.key} {job.hears.model_dump_json()}".encode())
    for part in parts:
        content.update(f"{part.stretch.id}\n{part.row.model_dump_json()}\n".encode())
    return content.hexdigest()
