"""A corpus on disk, made in a second: each phone a tone of its own, with exact times."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from octet.audio import files
from octet.data import features, manifest
from octet.data.alignment import written_phones
from octet.data.manifest import PhoneTime, Row

RATE_HZ = 16_000
SENTENCES = (
    "안녕하세요.",
    "좋은 아침입니다.",
    "고맙습니다.",
    "다시 만나요.",
    "비가 옵니다.",
    "책을 읽어요.",
    "물 주세요.",
    "네.",
)


def tones(folder: Path, *specs, splits=("train", "train", "train", "test")) -> Path:
    """Sentences of two speakers, every fourth for testing, with features for each of `specs`."""
    rows = []
    for number, text in enumerate(SENTENCES):
        phones, audio = _spoken(text, 110 if number % 2 else 180)
        files.write(folder / f"{number}.wav", audio, RATE_HZ)
        rows.append(
            Row(
                id=f"{number}",
                audio=f"{number}.wav",
                sample_rate_hz=RATE_HZ,
                duration_seconds=len(audio) / RATE_HZ,
                text=text,
                language="ko",
                speaker="two" if number % 2 else "one",
                split=splits[number % len(splits)],
                phones=phones,
            )
        )
    manifest.write(folder, rows)
    for spec in specs:
        features.prepare(folder, spec)
    return folder


def _spoken(text: str, f0_hz: float) -> tuple[tuple[PhoneTime, ...], np.ndarray]:
    times, pieces = [], []
    for number, (phone, _) in enumerate(written_phones(text, "ko")):
        seconds = 0.1
        start = number * seconds
        times.append(
            PhoneTime(symbol=phone.symbol, accent=phone.accent, start_seconds=start, end_seconds=start + seconds)
        )
        t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ + start
        formant_hz = 300 + 37 * (sum(map(ord, phone.symbol)) % 60)
        loud = 0.0 if phone.is_pause else 0.1
        pieces.append(loud * np.sin(2 * np.pi * f0_hz * t) * (1 + np.sin(2 * np.pi * formant_hz * t)))
    return tuple(times), np.concatenate(pieces).astype(np.float32)
