"""Lines that are sung by arithmetic: their mels follow from phones and pitch, with detail that a mean would smear."""

from __future__ import annotations

import math

import torch

from octet.core.training import SungExample
from octet.systems.diffsinger import recipe
from octet.systems.diffsinger.config import Config, Statistics
from octet.systems.diffsinger.encoder import SUNG_IDS
from octet.systems.diffsinger.pitch import to_hz

SYLLABLES = ("sa", "mi", "no", "tu")


def line(number: int, syllables: int = 4) -> SungExample:
    """A rest, then syllables of a consonant and a vowel, each on a note; consonants sound before their notes."""
    rng = torch.Generator().manual_seed(number)
    symbols, phone_notes, durations, pitches, note_frames = ["sil"], [0], [12], [0.0], [16]
    for note in range(1, syllables + 1):
        consonant, vowel = SYLLABLES[(number + note) % len(SYLLABLES)]
        symbols += [consonant, vowel]
        phone_notes += [note, note]
        length = int(torch.randint(16, 32, (), generator=rng))
        durations += [4, length - 4 if note < syllables else length]
        pitches.append(57.0 + int(torch.randint(0, 12, (), generator=rng)))
        note_frames.append(length)
    frames = sum(durations)
    notes = torch.repeat_interleave(torch.tensor(pitches), torch.tensor(note_frames))
    vibrato = 0.4 * torch.sin(2 * math.pi * 5.5 * torch.arange(frames) / 80 + number)
    phone = torch.repeat_interleave(torch.tensor([SUNG_IDS[symbol] for symbol in symbols]), torch.tensor(durations))
    voiced = (phone != SUNG_IDS["sil"]) & (phone != SUNG_IDS["s"]) & (phone != SUNG_IDS["t"])
    f0_hz = to_hz(notes + vibrato) * voiced
    curves = torch.stack([torch.where(phone == SUNG_IDS["sil"], -60.0, -20.0)] * 3 + [voiced.float()])
    return SungExample(
        id=f"line-{number}",
        text="",
        language="en",
        speaker="one",
        audio=torch.zeros(frames * 200),
        mel=_mel(phone, f0_hz),
        f0_hz=f0_hz,
        curves=curves,
        symbols=torch.tensor([SUNG_IDS[symbol] for symbol in symbols]),
        accents=torch.zeros(len(symbols), dtype=torch.long),
        languages=torch.zeros(len(symbols), dtype=torch.long),
        durations=torch.tensor(durations),
        phone_notes=torch.tensor(phone_notes),
        note_pitches=torch.tensor(pitches),
        note_durations=torch.tensor(note_frames),
    )


def _mel(phone: torch.Tensor, f0_hz: torch.Tensor) -> torch.Tensor:
    """(80, T): a ripple over the bins that phone and pitch decide on."""
    bins = torch.arange(80)[:, None]
    return -5 + 3 * torch.sin(bins * (0.2 + 0.01 * (phone % 17))[None] + f0_hz[None] / 100)


LINES = [line(number) for number in range(4)]


def statistics() -> Statistics:
    return recipe.measure(LINES)


def small(**changes: object) -> Config:
    """A tiny singer of small lines."""
    config, _ = recipe.tiny(("one", "two"), statistics())
    sizes = {"width": 32, "inner_width": 64, "predictor_width": 32, "encoder_layers": 1, "decoder_layers": 1}
    flow = {"channels": 16, "layers": 3, "dilation_cycle": 3}
    diffusion = config.diffusion.model_dump() | {
        "denoiser": {"channels": 32, "layers": 4, "dilation_cycle": 2},
        "boundary_channels": 16,
    }
    made = config.model_dump() | sizes | {"flow": flow, "diffusion": diffusion}
    nested = {name: made[name] | value for name, value in changes.items() if isinstance(value, dict)}
    return Config.model_validate(made | changes | nested)
