"""A corpus of singing made in a second, and the settings of models small enough to learn from it in one."""

from __future__ import annotations

import numpy as np
import pytest

from octet.audio import files, spectrogram
from octet.core import artifacts
from octet.data import manifest
from octet.data.manifest import PhoneTime, Row, Sung, SungNote
from octet.vocoders.vocos import Vocos, VocosConfig

SMALL_DIFFUSION = {
    "model.diffusion.denoiser.channels": "8",
    "model.diffusion.denoiser.layers": "2",
    "model.diffusion.boundary_channels": "4",
    "model.diffusion.depth": "null",
    "model.diffusion.schedule.steps": "10",
    "model.diffusion.steps": "2",
}
SMALL_SPEECH = SMALL_DIFFUSION | {
    "model.acoustic.width": "16",
    "model.acoustic.inner_width": "16",
    "model.acoustic.predictor_width": "16",
}
SMALL_SINGER = SMALL_DIFFUSION | {
    "model.width": "16",
    "model.inner_width": "16",
    "model.predictor_width": "16",
    "model.flow.channels": "8",
    "model.flow.layers": "2",
}
PLAN = {"plan.steps": "6", "plan.evaluate_every": "6", "plan.checkpoint_every": "3", "plan.batch_frames": "400"}
RATE_HZ = 16_000
PHONES = (("sil", 0.0, 0.25), ("m", 0.25, 0.3), ("a", 0.3, 0.9), ("m", 0.9, 1.0), ("a", 1.0, 1.6), ("sil", 1.6, 1.8))
NOTES = ((0.0, 0.3, None), (0.3, 1.0, 57.0), (1.0, 1.6, 60.0), (1.6, 1.8, None))


def sung_corpus(folder):
    """Three pieces of one singer, the last for testing: a saw on each note."""
    pytest.importorskip("pyworld", reason="curves are measured with WORLD")
    rows = []
    for number in range(3):
        times = np.arange(round(1.8 * RATE_HZ)) / RATE_HZ
        f0_hz = sum(440 * 2 ** ((pitch - 69) / 12) * ((times >= a) & (times < b)) for a, b, pitch in NOTES if pitch)
        audio = 0.2 * (np.cumsum(f0_hz) / RATE_HZ % 1 - 0.5) * (f0_hz > 0)
        noise = 1e-4 * np.random.default_rng(number).normal(size=len(times))
        files.write(folder / f"{number}.wav", (audio + noise).astype(np.float32), RATE_HZ)
        notes = tuple(SungNote(start_seconds=a, end_seconds=b, pitch=pitch) for a, b, pitch in NOTES)
        rows.append(
            Row(
                id=f"{number}",
                audio=f"{number}.wav",
                sample_rate_hz=RATE_HZ,
                duration_seconds=1.8,
                text="ma ma",
                language="en",
                speaker="one",
                split="test" if number == 2 else "train",
                phones=tuple(PhoneTime(symbol=s, start_seconds=a, end_seconds=b) for s, a, b in PHONES),
                sung=Sung(song="a", notes=notes, phone_notes=(0, 1, 1, 2, 2, 3)),
            )
        )
    manifest.write(folder, rows)
    return folder


def vocoder(folder):
    config = VocosConfig(spec=spectrogram.tiny(), channels=8, intermediate_channels=8, layers=1)
    artifacts.save(folder, "vocos", config.model_dump(mode="json"), Vocos(config).state_dict())
    return folder
