"""Reading and writing sound files: WAV, FLAC, Ogg Vorbis, Opus and MP3 through libsndfile, with provenance inside.

Provenance is a JSON object in the comment of the file (RIFF ICMT, Vorbis comment, ID3v2 COMM). It is written in ASCII,
Korean as \\u escapes, because libsndfile reads ID3 text as Latin-1. Every format returns it as it was given; Opus has
room for 50 kB of it (libsndfile cannot open an Opus file with more), the others for more than 5 MB.

Legend: C channels, N samples.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from octet.audio.containers import is_cut_off, riff_comment, with_riff_comment
from octet.core.errors import InvalidInput
from octet.core.files import atomic_path

Samples = NDArray[np.float32]
Bits = Literal[16, 24, 32]


@dataclass(frozen=True)
class _Format:
    container: str
    subtypes: Mapping[int, str]  # by bits a sample; lossy formats have none and stand under 16
    rates_hz: tuple[int, ...] = ()  # none: any
    most_channels: int = 255
    holds_nothing: bool = False
    comment_bytes: int = 5_000_000


_MPEG_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_FORMATS = {
    ".wav": _Format("WAV", {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}, holds_nothing=True),
    ".flac": _Format("FLAC", {16: "PCM_16", 24: "PCM_24"}, most_channels=8),
    ".ogg": _Format("OGG", {16: "VORBIS"}),
    ".opus": _Format("OGG", {16: "OPUS"}, rates_hz=(8000, 12000, 16000, 24000, 48000), comment_bytes=50_000),
    ".mp3": _Format("MP3", {16: "MPEG_LAYER_III"}, rates_hz=_MPEG_RATES_HZ, most_channels=2),
}
_BLOCK = 1 << 16  # libsndfile's MP3 and Vorbis encoders overflow their stack when given minutes at once
_READABLE = "WAV, FLAC, Ogg (Vorbis, Opus), MP3 or AIFF"


def read(path: Path, *, start_seconds: float = 0.0, seconds: float | None = None) -> tuple[Samples, int]:
    """Samples (C, N), float32 in [-1, 1], and sample rate of a sound file, or of a part of it.

    A part takes no more time and memory than it is long; fewer samples come where the file ends within it.

    Raises:
        InvalidInput: missing, empty, cut off, damaged, of a format libsndfile does not read, or the part begins behind
            its end.
    """
    _require_file(path)
    try:
        with soundfile.SoundFile(path) as file:
            first = round(start_seconds * file.samplerate)
            if first and first >= file.frames:
                raise InvalidInput(f"{path} ends before {start_seconds:g} seconds; fetch it again")
            rest, rate = file.frames - first, file.samplerate
            expected = rest if seconds is None else min(rest, round(seconds * rate))
            if first:
                file.seek(first)
            samples = file.read(expected, dtype="float32", always_2d=True).T
    except (soundfile.LibsndfileError, OSError, MemoryError) as error:  # a damaged header may promise terabytes
        raise _unreadable(path, error) from None
    if samples.shape[1] != expected or is_cut_off(path):
        raise InvalidInput(f"{path} is cut off: it ends before its header says; fetch or export it again")
    if not np.isfinite(samples).all():
        raise InvalidInput(f"{path} holds samples that are not numbers; export it again")
    return np.ascontiguousarray(samples), rate


def read_metadata(path: Path) -> dict[str, Any]:
    """The provenance that `write` put into a file; empty where there is none.

    Raises:
        InvalidInput: missing, empty, damaged, or of a format libsndfile does not read.
    """
    _require_file(path)
    try:
        with soundfile.SoundFile(path) as file:
            comment = riff_comment(path) if file.format in {"WAV", "WAVEX"} else file.comment
    except (soundfile.LibsndfileError, OSError) as error:
        raise _unreadable(path, error) from None
    try:
        metadata = json.loads(comment)
    except ValueError:
        return {}  # a comment of another program
    return metadata if isinstance(metadata, dict) else {}


def write(
    path: Path,
    samples: Samples,
    sample_rate_hz: int,
    metadata: Mapping[str, Any] | None = None,
    *,
    bits: Bits = 16,
) -> None:
    """Write samples (C, N) or (N,) atomically, in the format of the path's suffix. What exceeds [-1, 1] is clipped.

    `bits` holds for WAV (32 is floating point, which keeps every sample as it is) and FLAC (16 or 24).

    Raises:
        InvalidInput: an unknown suffix, samples or a rate the format cannot hold, or no room to write.
    """
    data = encode(samples, sample_rate_hz, path.suffix, metadata, bits=bits)
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def require_format(path: Path) -> None:
    """Find out before the work, not after it, that a path's suffix names no format that can be written.

    Raises:
        InvalidInput: it does not; the formats are named.
    """
    _format_of(path.suffix)


def encode(
    samples: Samples,
    sample_rate_hz: int,
    suffix: str = ".wav",
    metadata: Mapping[str, Any] | None = None,
    *,
    bits: Bits = 16,
) -> bytes:
    """The bytes that `write` would put into a file with this suffix.

    Raises:
        InvalidInput: an unknown suffix, or samples or a rate the format cannot hold.
    """
    form = _format_of(suffix)
    channels_first = np.atleast_2d(samples)
    comment = json.dumps(metadata) if metadata else ""
    _require_room(form, suffix, channels_first, sample_rate_hz, bits, comment)
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", sample_rate_hz, len(channels_first), form.subtypes[bits], format=form.container
    ) as file:
        if comment and form.container != "WAV":
            file.comment = comment
        frames = _quantised(channels_first.T, form.subtypes[bits])
        for start in range(0, len(frames), _BLOCK):
            file.write(frames[start : start + _BLOCK])
    data = buffer.getvalue()
    return with_riff_comment(data, comment) if comment and form.container == "WAV" else data


def _format_of(suffix: str) -> _Format:
    form = _FORMATS.get(suffix.lower())
    if form is None:
        raise InvalidInput(f"cannot write {suffix or 'a file without suffix'}: choose one of {', '.join(_FORMATS)}")
    return form


def _quantised(frames: NDArray[Any], subtype: str) -> NDArray[Any]:
    """Integers for integer formats: libsndfile scales by 32767 to write and by 32768 to read, which loses bits."""
    if not subtype.startswith("PCM"):
        return np.ascontiguousarray(frames, dtype=np.float32)
    top = 2 ** (int(subtype[4:]) - 1)
    whole: NDArray[np.float64] = np.clip(np.rint(frames.astype(np.float64) * top), -top, top - 1)
    return whole.astype(np.int16) if top == 1 << 15 else (whole * 256).astype(np.int32)


def _require_file(path: Path) -> None:
    try:
        empty = path.stat().st_size == 0
    except OSError as error:
        raise InvalidInput(f"cannot read {path}: {error.strerror}") from None
    if path.is_dir():
        raise InvalidInput(f"{path} is a folder; a sound file was expected")
    if empty:
        raise InvalidInput(f"{path} is empty; fetch or export it again")


def _unreadable(path: Path, error: Exception) -> InvalidInput:
    reason = getattr(error, "error_string", str(error)).rstrip(".")
    return InvalidInput(f"cannot read {path}: {reason}; expected {_READABLE} (convert others: ffmpeg -i IN out.wav)")


def _require_room(
    form: _Format, suffix: str, samples: NDArray[Any], sample_rate_hz: int, bits: int, comment: str
) -> None:
    channels, length = samples.shape
    allowed = ", ".join(map(str, form.rates_hz))
    problems = {
        f"{suffix} has no {bits}-bit form": bits not in form.subtypes,
        f"{suffix} cannot hold {channels} channels, at most {form.most_channels}": not 1
        <= channels
        <= form.most_channels,
        f"{suffix} cannot hold {sample_rate_hz} Hz, only {allowed or 'positive rates'}; resample first": (
            sample_rate_hz not in form.rates_hz if form.rates_hz else sample_rate_hz < 1
        ),
        f"{suffix} cannot hold a sound of no samples; use .wav": length == 0 and not form.holds_nothing,
        f"{suffix} has room for {form.comment_bytes} bytes of metadata, given {len(comment)}; use .flac": (
            len(comment) > form.comment_bytes
        ),
        "the samples hold values that are not numbers": not np.isfinite(samples).all(),
    }
    for problem, given in problems.items():
        if given:
            raise InvalidInput(problem)
