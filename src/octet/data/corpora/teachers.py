"""The voices that corpora are made with: flite's recorded speakers and espeak's synthetic ones, both with phone times.

flite (Black and Lenzo 2001) is a program: its `slt`, `rms` and `awb` are statistical voices built from recordings of
people, `kal16` is diphone synthesis. espeak speaks all seven languages by formant synthesis.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from octet.audio.resample import resample
from octet.core.errors import MissingExtra, OctetError
from octet.data.corpora import teacher_phones
from octet.data.manifest import PhoneTime
from octet.text import espeak
from octet.text.phonemes import SILENCE, Phone

SAMPLE_RATE_HZ = 16000
_EDGE_SECONDS = 0.15  # silence kept before and after speech
_DITHER = 1e-4  # -80 dB of noise, so that silence has a finite logarithm
_ESPEAK_WPM = 165

ESPEAK_VOICES = {"en": "en-us", "ko": "ko", "zh": "cmn-latn-pinyin", "ja": "ja", "de": "de", "fr": "fr-fr", "es": "es"}


@dataclass(frozen=True)
class Voice:
    """A teacher's voice. `pitch` and `pitch_range` are espeak's own scales; flite's voices have theirs built in."""

    teacher: Literal["flite", "espeak"]
    name: str  # of the flite voice, or of the espeak variant
    pitch: int = 50
    pitch_range: int = 50


@dataclass(frozen=True)
class Utterance:
    """16 kHz mono `samples` in [-1, 1] and their phones in order, with gaps where a teacher names no phone."""

    samples: NDArray[np.float32]
    phones: tuple[PhoneTime, ...]

    @property
    def duration_seconds(self) -> float:
        return self.samples.size / SAMPLE_RATE_HZ


def speak(voice: Voice, text: str, language: str, *, speed: float = 1.0) -> Utterance:
    """Say `text`, spelled as the teacher reads it, with short silences at the edges.

    `kal16` does not change its speed.

    Raises:
        MissingExtra: flite or espeak-ng is not there.
        OctetError: the teacher fails on this text.
    """
    if voice.teacher == "flite":
        samples, rate_hz, phones = _flite(voice.name, text, speed)
    else:
        samples, rate_hz, phones = _espeak(voice, text, language, speed)
    utterance = Utterance(resample(samples, rate_hz, SAMPLE_RATE_HZ), tuple(phones))
    return _at_same_loudness(_trimmed(utterance), voice, language)


def require_flite() -> str:
    """Path of the flite program.

    Raises:
        MissingExtra: it is not on the PATH.
    """
    path = shutil.which("flite")
    if path is None:
        raise MissingExtra(
            "English voices are made with the program flite: install it (apt install flite, brew install flite)"
        )
    return path


def _flite(name: str, text: str, speed: float) -> tuple[NDArray[np.float32], int, list[PhoneTime]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        command = [require_flite(), "-voice", name, "--setf", f"duration_stretch={1 / speed:.4f}", "-psdur"]
        done = subprocess.run(
            [*command, "-t", f" {text}", "-o", str(path)], capture_output=True, text=True, check=False
        )
        if done.returncode or not path.is_file():
            raise OctetError(f"flite failed on {text[:60]!r}: {done.stderr.strip()[:200]}")
        samples, rate_hz = soundfile.read(path, dtype="float32")
    return samples, rate_hz, list(_segments(done.stdout))


def _segments(printed: str) -> list[PhoneTime]:
    """flite prints `name:end` for every segment, in seconds."""
    phones: list[PhoneTime] = []
    start = 0.0
    for segment in printed.split():
        name, _, end = segment.rpartition(":")
        phones += _timed(teacher_phones.from_flite(name), start, float(end))
        start = float(end)
    return phones


def _espeak(voice: Voice, text: str, language: str, speed: float) -> tuple[NDArray[np.float32], int, list[PhoneTime]]:
    speech = espeak.synthesize(
        text,
        ESPEAK_VOICES[language],
        rate_wpm=round(_ESPEAK_WPM * speed),
        pitch=voice.pitch,
        pitch_range=voice.pitch_range,
        variant=voice.name,
    )
    phones: list[PhoneTime] = []
    for name, start, end in speech.phones:
        meant = teacher_phones.from_espeak(name, language)
        if end > start and meant:
            phones += _timed(meant, start, end)
    return speech.samples, speech.sample_rate_hz, _without_word_gaps(phones)


def _timed(phones: Sequence[Phone], start: float, end: float) -> list[PhoneTime]:
    step = (end - start) / len(phones)
    return [
        PhoneTime(
            symbol=phone.symbol,
            accent=phone.accent,
            start_seconds=start + index * step,
            end_seconds=start + (index + 1) * step,
        )
        for index, phone in enumerate(phones)
    ]


_SHORTEST_PAUSE_SECONDS = 0.07


def _without_word_gaps(phones: Sequence[PhoneTime]) -> list[PhoneTime]:
    """Without the short gaps before words and stops that espeak names pauses; pauses in a row become one.

    A gap belongs to the sound before it.
    """
    merged: list[PhoneTime] = []
    for phone in phones:
        if merged and phone.symbol == SILENCE == merged[-1].symbol:
            merged[-1] = _until(merged[-1], phone.end_seconds)
        else:
            merged.append(phone)
    result: list[PhoneTime] = []
    for phone in merged:
        short = phone.symbol == SILENCE and phone.end_seconds - phone.start_seconds < _SHORTEST_PAUSE_SECONDS
        if result and short:
            result[-1] = _until(result[-1], phone.end_seconds)
        else:
            result.append(phone)
    return result


def _until(phone: PhoneTime, end_seconds: float) -> PhoneTime:
    return phone.model_copy(update={"end_seconds": end_seconds})


def _trimmed(utterance: Utterance) -> Utterance:
    """Exactly `_EDGE_SECONDS` of silence at both edges, the phones moved along."""
    sounds = [phone for phone in utterance.phones if phone.symbol != SILENCE]
    if not sounds:
        raise OctetError("the teacher said nothing; give it words")
    start = sounds[0].start_seconds - _EDGE_SECONDS
    length = sounds[-1].end_seconds + _EDGE_SECONDS - start
    padded = _cut(utterance.samples, round(start * SAMPLE_RATE_HZ), round(length * SAMPLE_RATE_HZ))
    inner = utterance.phones[utterance.phones.index(sounds[0]) : len(utterance.phones)]
    moved = [
        phone.model_copy(
            update={"start_seconds": phone.start_seconds - start, "end_seconds": phone.end_seconds - start}
        )
        for phone in inner
        if phone.start_seconds < sounds[-1].end_seconds
    ]
    edge = PhoneTime(symbol=SILENCE, start_seconds=0.0, end_seconds=_EDGE_SECONDS)
    tail = PhoneTime(symbol=SILENCE, start_seconds=length - _EDGE_SECONDS, end_seconds=length)
    return Utterance(padded, tuple(_rounded([edge, *moved, tail])))


def _cut(samples: NDArray[np.float32], start: int, length: int) -> NDArray[np.float32]:
    """`length` samples from `start`, which may be negative, with faint noise under them."""
    noise = np.random.default_rng(samples.size).normal(0, _DITHER, length).astype(np.float32)
    piece = samples[max(start, 0) : max(start + length, 0)]
    offset = max(-start, 0)
    noise[offset : offset + piece.size] += piece[: length - offset]
    return noise


def _rounded(phones: Sequence[PhoneTime]) -> list[PhoneTime]:
    """Tenths of a millisecond are exact enough and make the manifest readable."""
    return [
        phone.model_copy(
            update={"start_seconds": round(phone.start_seconds, 4), "end_seconds": round(phone.end_seconds, 4)}
        )
        for phone in phones
    ]


_LOUDNESS = 0.08  # root mean square of speech
_PEAK = 0.95
_CALIBRATION = {
    "en": "The quick brown fox jumps over the lazy dog.",
    "ko": "다람쥐 헌 쳇바퀴에 타고파.",
    "zh": "jin1 tian1 tian1 qi4 hen3 hao3.",
    "ja": "いろはにほへと ちりぬるを。",
    "de": "Zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich.",
    "fr": "Portez ce vieux whisky au juge blond qui fume.",
    "es": "El veloz murciélago hindú comía feliz cardillo y kiwi.",
}


def _at_same_loudness(utterance: Utterance, voice: Voice, language: str) -> Utterance:
    """One gain for all that a voice says in a language keeps loud and soft apart; only peaks are held below 0.95."""
    samples = utterance.samples * _gain(voice, language)
    return replace(utterance, samples=limited(samples))


def limited(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turned down as a whole where the peak would exceed 0.95."""
    return (samples * min(1.0, _PEAK / max(float(np.abs(samples).max()), 1e-9))).astype(np.float32)


@cache
def _gain(voice: Voice, language: str) -> float:
    text = _CALIBRATION[language]
    samples = _flite(voice.name, text, 1.0)[0] if voice.teacher == "flite" else _espeak(voice, text, language, 1.0)[0]
    active = samples[np.abs(samples) > 0.01 * np.abs(samples).max()]
    return float(_LOUDNESS / np.sqrt(np.mean(active.astype(np.float64) ** 2)))
