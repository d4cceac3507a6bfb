"""A small corpus with known phone times: flite's speech of thirty sentences."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import torch

from octet.audio import files, spectrogram
from octet.audio.resample import resample
from octet.core.training import SpeechExample
from octet.text.labels import TimedPhone, timed_phones
from octet.text.phonemes import SYMBOL_IDS
from octet.text.textgrid import Interval, IntervalTier

SPEC = spectrogram.tiny()
AVAILABLE = shutil.which("flite") is not None
SENTENCES = tuple(
    f"{who} {does} {what}."
    for who, does, what in zip(
        ("The old captain", "A young girl", "My brother", "Nobody", "Each of them", "Our neighbour") * 5,
        ("found", "carries", "would never sell", "is watching", "has painted") * 6,
        (
            *("the yellow boat", "seven heavy books", "a pair of shoes", "cold water", "the church by the river"),
            *("fresh cheese", "an open window", "the long journey home", "good advice", "those garden chairs"),
            *("the measure of pleasure", "what he thought", "a quiet evening", "jam and toast", "the south wind"),
        )
        * 2,
        strict=True,
    )
)


def speak(text: str, folder: Path) -> tuple[np.ndarray, list[TimedPhone]]:
    """Audio (N,) at 16 kHz, a whole number of frames, and its phones."""
    path = folder / "speech.wav"
    command = ["flite", "-voice", "rms", "-t", text, "-o", str(path), "-psdur"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    names, ends = zip(*(entry.split(":") for entry in said.split()), strict=True)
    samples, rate_hz = files.read(path)
    audio = resample(samples[0], rate_hz, SPEC.sample_rate_hz)
    audio = audio[: len(audio) // SPEC.hop_samples * SPEC.hop_samples]
    times = [0.0, *map(float, ends)]
    intervals = tuple(map(Interval, times[:-1], times[1:], names))
    return audio, timed_phones(IntervalTier("phones", 0.0, times[-1], intervals), "arpabet")


def example(name: str, audio: np.ndarray, phones: list[TimedPhone]) -> SpeechExample:
    """What training takes; the phones' times are rounded to frames."""
    frames = len(audio) // SPEC.hop_samples
    ends = [round(phone.end_seconds * SPEC.frame_rate_hz) for phone in phones[:-1]]
    samples = torch.from_numpy(audio)
    symbols = torch.tensor([SYMBOL_IDS[phone.symbol] for phone in phones])
    zeros = torch.zeros(frames)
    return SpeechExample(
        id=name,
        text="",
        language="en",
        speaker="rms",
        audio=samples,
        mel=spectrogram.mel(samples, SPEC),
        f0_hz=zeros,
        energy=zeros,
        symbols=symbols,
        accents=torch.zeros_like(symbols),
        languages=torch.zeros_like(symbols),
        durations=torch.tensor(np.diff([0, *ends, frames])),
    )
